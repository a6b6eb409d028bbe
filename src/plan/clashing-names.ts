/** Which names on another disk the install would take for the target's. Pure. */
import type { Disk } from '../model/facts.ts';
import type { Problem } from '../model/problem.ts';

/** An installer medium, the one that runs or another. */
export const isMedium = (disk: Disk): boolean => disk.reasons.some(({ id }) => id === 'live-medium');

/**
 * Names that kairos-agent looks up on all disks: GPT names when it makes file systems, labels when it mounts (agent `elemental.go`).
 * `bios` is never looked up. The EFI partition of every Kairos medium is labelled COS_GRUB: that alone is no other install.
 */
export const clashingNames = (disk: Disk): readonly string[] =>
  disk.kairosLabels.filter((name) => name !== 'bios' && !(isMedium(disk) && (name === 'COS_GRUB' || name === 'efi')));

export interface ClashInput {
  readonly disks: readonly Disk[];
  readonly uefi: boolean;
  /** The disk that is installed to; null for a disk image file. */
  readonly disk: Disk | null;
  /** Paths of the disks that the plan wipes. */
  readonly wiped: readonly string[];
}

/** A path to a multipath disk that is on the list: what is on it is told of that one. A path without one is seen by the agent like any disk. */
const isToldElsewhere = (disk: Disk, disks: readonly Disk[]): boolean => disk.legOf !== undefined && disks.some(({ path }) => path === disk.legOf);

/**
 * kairos-agent finds partitions by name on all disks: a second disk with the same names may be formatted or mounted instead. Detached
 * or wiped, it is out of the way; a refused disk counts too, because the agent looks at it all the same.
 */
const secondInstalls = ({ disks, disk, wiped }: ClashInput): readonly Problem[] =>
  disks
    .filter((other) => other.path !== disk?.path && !wiped.includes(other.path) && clashingNames(other).length > 0 && !isToldElsewhere(other, disks))
    .map((other) => ({
      id: 'kairos-disk-second',
      severity: 'error',
      what: `it carries names that the install would look for (${clashingNames(other).join(', ')}) and could be overwritten or mixed up`,
      where: other.path,
      hint: other.verdict === 'refused' ? `detach it: it cannot be wiped (${other.reasons[0]?.what ?? 'it is refused'})` : `detach it, or agree to wipe its signatures: --wipe-other ${other.path}`,
    }));

/**
 * On UEFI the agent mounts the first EFI partition labelled COS_GRUB, by the kernel names of the disks (agent `GetDeviceByLabel`, sdk
 * `ghw.GetDisks`): where the medium's comes first, the boot loader would be written onto the medium.
 */
const mediaBefore = ({ disks, disk, uefi }: ClashInput): readonly Problem[] =>
  disk === null || !uefi
    ? []
    : disks
        .filter((other) => other.path !== disk.path && isMedium(other) && other.partitions.some(({ label }) => label === 'COS_GRUB') && other.kname < disk.kname)
        .map((medium) => ({
          id: 'kairos-disk-medium',
          severity: 'error',
          what: `kairos-agent would take the EFI partition of this medium for that of ${disk.path}, because its name comes first`,
          where: medium.path,
          hint: 'attach the medium as a CD, or use --engine builtin',
        }));

/** What on other disks kairos-agent would take for the target's. Asked when the plan is made, and again right before it partitions. */
export const clashProblems = (input: ClashInput): readonly Problem[] => [...secondInstalls(input), ...mediaBefore(input)];
