/**
 * GRUB for BIOS and UEFI without grub-install, which needs mounted partitions and a kernel that knows them.
 * The offsets are those that grub-install patches (GRUB 2.06/2.12 `util/setup.c`, `include/grub/i386/pc/boot.h`).
 */
import { assessmentConfig } from './boot-assessment.ts';
import { uuidFor } from './uuids.ts';

const SECTOR = 512;

/** Modules are built into the core: nothing is loaded from disk later. */
const modules = [
  'normal', 'configfile', 'part_gpt', 'ext2', 'fat', 'search', 'search_fs_uuid', 'search_label', 'search_fs_file',
  'linux', 'echo', 'test', 'true', 'loadenv', 'sleep', 'reboot', 'halt', 'ls', 'cat', 'minicmd', 'gzio',
] as const;

export const biosModules: readonly string[] = ['biosdisk', 'serial', 'terminal', ...modules];
export const uefiModules: readonly string[] = ['serial', 'terminal', 'all_video', 'efi_gop', 'efi_uga', ...modules];

/** Where the early configuration looks; by UUID, so that another Kairos disk can't answer. */
export const earlyConfig = (planHash: string): string =>
  [
    `search --no-floppy --fs-uuid --set=root ${uuidFor(planHash, 'COS_STATE')}`,
    'set prefix=($root)/grub2',
    'configfile ($root)/grub2/grub.cfg',
    '',
  ].join('\n');

/** Text in a menu title: GRUB's own quoting knows no escapes inside double quotes worth relying on. */
const title = (text: string): string => text.replace(/[^\w .,:()+-]/g, '').slice(0, 60) || 'Kairos';

/**
 * `grub2/grub.cfg` of COS_STATE: Kairos's entry ids (`cos`, `fallback`, `recovery`) and variables
 * (`next_entry`, `saved_entry`, `extra_cmdline`, …) read from `grubenv` on COS_OEM, those of the boot assessment on COS_STATE.
 */
export const grubConfig = (planHash: string, name: string): string => {
  const uuid = (label: string): string => uuidFor(planHash, label);
  const common = `rd.slipway.oem-uuid=${uuid('COS_OEM')} rd.slipway.persistent-uuid=${uuid('COS_PERSISTENT')} console=tty1 console=ttyS0,115200 panic=10 systemd.crash_reboot=yes`;
  const entry = (id: string, text: string, holder: string, label: string, file: string, words: string): string =>
    [
      `menuentry "${text}" --id ${id} {`,
      `  search --no-floppy --fs-uuid --set=root ${uuid(holder)}`,
      `  linux /cOS/${file}.vmlinuz root=LABEL=${label} cos-img/filename=/cOS/${file}.img rd.slipway.image-uuid=${uuid(holder)} ${common} ${words}`,
      `  initrd /cOS/${file}.initrd`,
      '}',
    ].join('\n');
  return `# Written by Slipway. Variables come from grubenv on COS_OEM.
set timeout=2
set default=cos
set fallback="1 2"
if [ "$grub_platform" = pc ]; then
  if serial --unit=0 --speed=115200; then
    terminal_input console serial
    terminal_output console serial
  fi
fi
search --no-floppy --fs-uuid --set=oem ${uuid('COS_OEM')}
if [ -n "$oem" -a -f "($oem)/grubenv" ]; then
  load_env --file "($oem)/grubenv"
  if [ -n "$saved_entry" ]; then set default="$saved_entry"; fi
  if [ -n "$next_entry" ]; then
    set default="$next_entry"
    set selected_entry="$next_entry"
    set next_entry=
    save_env --file "($oem)/grubenv" next_entry
  fi
fi
${assessmentConfig}${entry('cos', title(name), 'COS_STATE', 'COS_ACTIVE', 'active', '$extra_cmdline $extra_active_cmdline')}
${entry('fallback', `${title(name)} (fallback)`, 'COS_STATE', 'COS_PASSIVE', 'passive', '$extra_cmdline $extra_passive_cmdline')}
${entry('recovery', `${title(name)} recovery`, 'COS_RECOVERY', 'COS_SYSTEM', 'recovery', 'recovery-mode $extra_recovery_cmdline')}
`;
};

/**
 * The 440 bytes of boot code for the MBR. `bootImage` is GRUB's boot.img; `start` is the byte offset of the BIOS boot partition.
 * The rest of the sector is the protective MBR's and is not ours to write.
 */
export const mbrBootCode = (bootImage: Uint8Array, start: number): Uint8Array => {
  const code = Buffer.from(bootImage.subarray(0, 440));
  code.writeBigUInt64LE(BigInt(start / SECTOR), 0x5c);
  // Two no-ops in place of a jump that would trust the drive number of the BIOS only for floppies.
  code[0x66] = 0x90;
  code[0x67] = 0x90;
  return code;
};

/** core.img with its own place written into its block list, padded to whole sectors. */
export const placedCore = (core: Uint8Array, start: number): Uint8Array => {
  const sectors = Math.ceil(core.length / SECTOR);
  const placed = Buffer.alloc(sectors * SECTOR);
  placed.set(core);
  placed.writeBigUInt64LE(BigInt(start / SECTOR + 1), 0x1f4);
  placed.writeUInt16LE(sectors - 1, 0x1fc);
  return placed;
};
