/** What `/sys/block` says about a disk beyond lsblk: text in, typed value out. */

export interface SysfsDisk {
  readonly kname: string;
  readonly diskseq: number | null;
  /** knames of what sits on the whole disk; null when unreadable */
  readonly holders: readonly string[] | null;
  /** null: the file is missing or isn't 0 or 1 */
  readonly removable: boolean | null;
  readonly readOnly: boolean | null;
  /** The kernel hides it: one path of an NVMe disk with several. */
  readonly hidden: boolean;
  /** bytes; null when unreadable */
  readonly size: number | null;
  /** `/sys/block/loopN/loop/backing_file` */
  readonly backingFile: string | null;
  /** `tcp`, `rdma`, `fc`, `loop`, `pcie`: how an NVMe controller is attached */
  readonly nvmeTransport: string | null;
  /** `SD` or `MMC` */
  readonly cardType: string | null;
  /** `external:imsm` for a firmware RAID container, `external:/md127/0` for a volume in one */
  readonly raidMetadata: string | null;
}

/** The files that are read, relative to `/sys/block/NAME`. */
export type SysfsText = Readonly<
  Partial<Record<'diskseq' | 'removable' | 'ro' | 'hidden' | 'size' | 'backingFile' | 'nvmeTransport' | 'cardType' | 'raidMetadata', string | null>>
> & { readonly holders: readonly string[] | null };

const flag = (text: string | null | undefined): boolean | null => {
  const word = text?.trim();
  return word === '1' ? true : word === '0' ? false : null;
};

const count = (text: string | null | undefined): number | null => {
  const word = text?.trim() ?? '';
  const number = /^\d{1,20}$/.test(word) ? Number(word) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
};

const word = (text: string | null | undefined): string | null => {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
};

export const readSysfsDisk = (kname: string, text: SysfsText): SysfsDisk => {
  const sectors = count(text.size);
  return {
    kname,
    diskseq: count(text.diskseq),
    holders: text.holders,
    removable: flag(text.removable),
    readOnly: flag(text.ro),
    hidden: flag(text.hidden) ?? false,
    // The kernel counts in 512-byte units here, whatever the disk's sector size.
    size: sectors === null ? null : sectors * 512,
    backingFile: text.backingFile?.replace(/\n$/, '').replace(/ \(deleted\)$/, '') || null,
    nvmeTransport: word(text.nvmeTransport),
    cardType: word(text.cardType),
    raidMetadata: word(text.raidMetadata),
  };
};
