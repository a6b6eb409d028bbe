/** The security chip: `/sys/class/tpm`. */
import type { Facts } from '../model/facts.ts';

export interface TpmText {
  /** Names in `/sys/class/tpm`; null when it isn't there. */
  readonly names: readonly string[] | null;
  /** `/sys/class/tpm/tpm0/tpm_version_major` (kernel 5.6 and newer) */
  readonly versionMajor: string | null;
  /** `/dev/tpmrm0` exists: only a TPM 2 has one. */
  readonly hasResourceManager: boolean;
}

export const readTpm = ({ names, versionMajor, hasResourceManager }: TpmText): Facts['tpm'] => {
  if (names === null || !names.some((name) => /^tpm\d+$/.test(name))) return { present: false, version: null, device: null };
  const major = versionMajor?.trim();
  const version = major === '2' || (major === undefined && hasResourceManager) ? '2.0' : major === '1' ? '1.2' : null;
  return { present: true, version, device: hasResourceManager ? '/dev/tpmrm0' : '/dev/tpm0' };
};
