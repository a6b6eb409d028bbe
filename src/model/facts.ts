/** What was found on this machine. The shape is that of `slipway probe --json`; sizes are bytes. */
import type { Problem } from './problem.ts';

export type Verdict = 'eligible' | 'caution' | 'refused';

export const refusedReasons = [
  'live-medium',
  'data-volume',
  'mounted',
  'swap',
  'raid-member',
  'lvm-member',
  'crypt-open',
  'multipath-leg',
  'read-only',
  'no-medium',
  'not-a-disk',
  'too-small',
  'not-understood',
] as const;
export const cautionReasons = ['has-data', 'kairos-install', 'removable', 'network-disk', 'no-serial'] as const;
export type RefusedReasonId = (typeof refusedReasons)[number];
export type CautionReasonId = (typeof cautionReasons)[number];
export type ReasonId = RefusedReasonId | CautionReasonId;

/** Why a disk got its verdict. */
export interface Reason {
  readonly id: ReasonId;
  readonly what: string;
  readonly hint: string;
}

export interface Partition {
  readonly path: string;
  readonly label: string | null;
  readonly partlabel: string | null;
  readonly fstype: string | null;
  /** bytes */
  readonly size: number;
  readonly mountpoints: readonly string[];
}

/** Something of the running system that is on a disk and keeps it from being a target. */
export interface DiskUse {
  readonly kind: 'mount' | 'swap';
  readonly device: string;
  /** Mount point; empty for swap. */
  readonly point: string;
}

export interface Disk {
  readonly path: string;
  readonly kname: string;
  /** bytes; 0 when there is no medium */
  readonly size: number;
  readonly model: string | null;
  readonly serial: string | null;
  readonly wwn: string | null;
  readonly transport: string | null;
  readonly removable: boolean;
  readonly rotational: boolean;
  readonly readOnly: boolean;
  /** bytes */
  readonly logicalSectorSize: number;
  /** The kernel's disk sequence number: changes whenever another medium takes the name. */
  readonly diskseq: number | null;
  readonly partitions: readonly Partition[];
  /** What is on it, in a few words: `Kairos v3.5.0`, `ext4 "data"`, `empty`. */
  readonly contents: string;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  /** Mounts and swap on it, in the kernel's order; absent when there are none. */
  readonly uses?: readonly DiskUse[];
  /** Path of the multipath disk that this is one path to; absent for everything else. */
  readonly legOf?: string;
  /** `/dev/disk/by-*` links that lead here. */
  readonly links: readonly string[];
  /** Kairos's labels were found on it. */
  readonly kairos: boolean;
  /** Kairos's file system labels and partition names on it: what kairos-agent would find by name on the wrong disk. */
  readonly kairosLabels: readonly string[];
  /** The unfinished mark of an interrupted Slipway install was found on it. */
  readonly unfinished: boolean;
  /** SHA-256 (hex) of the kept configuration of a finished install on it, where that was looked at. */
  readonly installedConfigSha256?: string | null;
}

export type VolumeKind = 'data-volume' | 'live-medium' | 'other';

/** A readable file system that is not a target: a data volume, a stick with files. */
export interface Volume {
  readonly path: string;
  readonly label: string | null;
  readonly fstype: string | null;
  readonly size: number;
  readonly kind: VolumeKind;
}

export interface Nic {
  readonly name: string;
  readonly mac: string | null;
  readonly carrier: boolean | null;
  readonly addresses: readonly string[];
  /** Mbit/s, where the driver says */
  readonly speed: number | null;
}

export type BootState = 'live' | 'active' | 'passive' | 'recovery' | 'reset' | 'unknown';

export interface Facts {
  readonly disks: readonly Disk[];
  readonly volumes: readonly Volume[];
  readonly firmware: { readonly uefi: boolean; readonly secureBoot: boolean | null };
  readonly tpm: { readonly present: boolean; readonly version: string | null; readonly device: string | null };
  readonly nics: readonly Nic[];
  /** bytes */
  readonly memory: number;
  readonly cpu: { readonly model: string; readonly cores: number };
  readonly system: {
    readonly vendor: string | null;
    readonly product: string | null;
    readonly serial: string | null;
    readonly uuid: string | null;
  };
  readonly boot: { readonly state: BootState; readonly uki: boolean; readonly liveMedium: string | null };
  /** `/etc/kairos-release` of the running system; empty elsewhere. */
  readonly kairos: Readonly<Record<string, string>>;
  readonly kernelLine: string;
  readonly problems: readonly Problem[];
}

/** What is known of a disk image file named by `--target-image`, before anything is done to it. */
export interface ImageFileFacts {
  readonly path: string;
  readonly exists: boolean;
  /** bytes; 0 when it does not exist */
  readonly size: number;
  /** A regular file (or nothing yet). Anything else is refused. */
  readonly regular: boolean;
  /** Something with a partition table or file system signature is in it. */
  readonly hasData: boolean;
  readonly unfinished: boolean;
  readonly partitions: readonly Pick<Partition, 'label' | 'partlabel' | 'fstype' | 'size'>[];
  /** SHA-256 (hex) of the kept configuration of a finished Slipway or Kairos install, if there is one. */
  readonly installedConfigSha256: string | null;
  /** Free space of the file system that holds it, bytes. */
  readonly freeSpace: number;
}

export type SourceKind = 'oci' | 'docker' | 'dir' | 'file' | 'ocifile';

/** What is known of the image to install, read before anything is written. */
export interface SourceFacts {
  /** As given: `dir:/path`. */
  readonly uri: string;
  readonly kind: SourceKind;
  /** bytes of the unpacked tree, or of the image where it can't be unpacked cheaply */
  readonly size: number;
  /** Path inside the tree; null when there is none. */
  readonly kernel: string | null;
  readonly initrd: string | null;
  /** `/etc/kairos-release`, else `/etc/os-release`, as key to value. */
  readonly release: Readonly<Record<string, string>>;
  /** What an image archive says of itself, as Go writes it: `amd64`. */
  readonly architecture?: string;
  /** Programs (and Debian packages of the same name) without which the builtin engine cannot unpack it. */
  readonly missingTools?: readonly string[];
}
