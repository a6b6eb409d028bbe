/** What shall be done, decided before anything is done. Data only: printable, hashable, no secrets. */
import type { AuditMode, MaterialItem } from './audit.ts';
import type { ImageFileFacts, Reason, SourceFacts } from './facts.ts';
import type { Answers } from './settings.ts';
import type { StageStep } from './stages.ts';

/** What a disk is known by; compared again on the opened device right before the first write. */
export interface DiskIdentity {
  readonly kname: string;
  readonly serial: string | null;
  readonly wwn: string | null;
  /** bytes */
  readonly size: number;
  readonly diskseq: number | null;
  readonly byId: readonly string[];
}

declare const plannerMade: unique symbol;

/**
 * The only thing a destructive call takes. Made by the planner alone (`src/plan/target.ts`); the brand keeps
 * everybody else from writing one by hand.
 */
export type DiskTarget = (
  | { readonly kind: 'device'; readonly path: string; readonly identity: DiskIdentity }
  | { readonly kind: 'image'; readonly path: string; /** bytes */ readonly size: number }
) & { readonly [plannerMade]: true };

/** Another disk whose signatures are wiped before the install: the names on it would be mixed up with the target's. */
export interface PlannedWipe {
  readonly target: DiskTarget & { readonly kind: 'device' };
  /** Path, model, size, serial number and what is on it. */
  readonly text: string;
  /** Kairos's names that were found on it. */
  readonly names: readonly string[];
}

export type FileSystem = 'none' | 'vfat' | 'ext2' | 'ext3' | 'ext4' | 'xfs';

export interface PlannedPartition {
  /** GPT number, from 1 */
  readonly number: number;
  /** GPT name as Kairos gives it: `oem` */
  readonly name: string;
  /** File system label, empty for the BIOS boot partition. */
  readonly label: string;
  readonly fs: FileSystem;
  /** bytes from the start of the disk */
  readonly start: number;
  /** bytes */
  readonly size: number;
  readonly encrypted: boolean;
}

export interface KeptFile {
  /** Name on COS_OEM: `90_custom.yaml` */
  readonly name: string;
  /** octal, 0o640 */
  readonly mode: number;
  readonly bytes: number;
  /** hex */
  readonly sha256: string;
}

/** One step the person sees and the engine executes. */
export interface PlanStep {
  readonly id: string;
  readonly text: string;
}

export interface InstallPlan {
  readonly slipwayPlan: 1;
  readonly engine: 'builtin' | 'kairos-agent';
  readonly target: DiskTarget;
  readonly targetText: string;
  /** What is there now and will be lost, on the target and on the disks that are wiped; empty for a blank disk. */
  readonly lost: readonly string[];
  /** Other disks that lose their signatures. */
  readonly wipes: readonly PlannedWipe[];
  /** Cautions that were accepted, with who accepted them. */
  readonly cautions: readonly Reason[];
  readonly source: SourceFacts;
  readonly layout: readonly PlannedPartition[];
  readonly kept: readonly KeptFile[];
  /** Paths of what is install-only; never values. */
  readonly installOnly: readonly string[];
  /** Install stages that will run: `before-install: 2 steps (installer-data)`. */
  readonly stages: readonly string[];
  readonly steps: readonly PlanStep[];
  readonly finish: 'reboot' | 'poweroff' | 'shell' | 'none';
  readonly audit: AuditMode;
  /** Directories and URLs. */
  readonly receipts: readonly string[];
  /** A writable data volume that gets one too. */
  readonly receiptVolume: { readonly path: string; readonly fstype: string } | null;
  readonly answers: Answers;
  /** SHA-256 over all of the above and over digests of the kept and the install-only documents. hex */
  readonly hash: string;
}

/**
 * What the run needs besides the plan and what must never be printed: held in memory only.
 */
export interface InstallMaterial {
  /** Content of each kept file, by its name. */
  readonly keptFiles: Readonly<Record<string, string>>;
  readonly stages: readonly StageStep[];
  /** `strict: true` in the configuration: a failing stage fails the install (yip's meaning). */
  readonly strictStages: boolean;
  readonly items: readonly MaterialItem[];
  /** The merged `install:` map, as data; an engine that has its own words for things reads it. */
  readonly install?: Readonly<Record<string, unknown>>;
  /** COS_PERSISTENT has a size of its own; absent: it takes the rest of the disk. */
  readonly fixedPersistent?: boolean;
  /** `install.grub_options`: variables of grubenv. */
  readonly grubOptions: Readonly<Record<string, string>>;
  /** Title of the boot entry: `install.grub-entry-name`, else the image's name. */
  readonly bootEntryName: string;
  /** `slipway.receipt_key` of installer-data, PEM or base64 of an ed25519 private key. */
  readonly receiptKey: string | null;
}

/** A plan and its material. What `plan` prints is the plan; what `install` executes is both. */
export interface PlannedInstall {
  readonly plan: InstallPlan;
  readonly material: InstallMaterial;
  /** A finished install with the same kept configuration is there already: nothing to do. */
  readonly already: boolean;
  readonly image: ImageFileFacts | null;
  /** Device of the data volume that was read: ejected at the end. */
  readonly dataVolume?: string | null;
}
