/** UEFI or BIOS, and Secure Boot: `/sys/firmware/efi` and the `SecureBoot` variable. */
export const efiFolder = '/sys/firmware/efi';
export const secureBootVariable = `${efiFolder}/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c`;

/** `variable`: four bytes of attributes, then the value. `secureBoot` is null when the firmware doesn't say. */
export const readFirmware = (hasEfi: boolean, variable: Uint8Array | null): { readonly uefi: boolean; readonly secureBoot: boolean | null } => {
  if (!hasEfi) return { uefi: false, secureBoot: false };
  const value = variable?.length === 5 ? variable[4] : undefined;
  return { uefi: true, secureBoot: value === undefined || value > 1 ? null : value === 1 };
};
