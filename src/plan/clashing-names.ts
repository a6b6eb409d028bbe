/** Which names on another disk the install would take for the target's. Pure. */
import type { Disk } from '../model/facts.ts';

/** An installer medium, the one that runs or another. */
export const isMedium = (disk: Disk): boolean => disk.reasons.some(({ id }) => id === 'live-medium');

/**
 * Names that kairos-agent looks up on all disks: GPT names when it makes file systems, labels when it mounts (agent `elemental.go`).
 * `bios` is never looked up. The EFI partition of every Kairos medium is labelled COS_GRUB: that alone is no other install.
 */
export const clashingNames = (disk: Disk): readonly string[] =>
  disk.kairosLabels.filter((name) => name !== 'bios' && !(isMedium(disk) && (name === 'COS_GRUB' || name === 'efi')));
