/** The configuration on offer, once it was read and split: what `src/sources` gives and the planner takes. */
import type { MaterialItem } from './audit.ts';
import type { Problem } from './problem.ts';
import type { SettingLayer } from './settings.ts';
import type { StageStep } from './stages.ts';

/** What one configuration document contributes once it was read and cut. */
export interface ReadDocument {
  /** `user-data`, `installer-data`, a path, a URL or `preset:NAME`: for messages. */
  readonly name: string;
  readonly kind: 'user-data' | 'installer-data';
  /** The whole document as read. Secret-bearing: never printed unredacted. */
  readonly text: string;
  /** Made of answers: put into the other documents with as few changed bytes as possible. */
  readonly answers?: boolean;
}

/** The configuration on offer, read and split, with everything that is wrong with it. */
export interface ConfigSources {
  readonly documents: readonly ReadDocument[];
  /** The data volume that was used: `cidata on /dev/sdb (iso9660)`; null without one. */
  readonly dataVolume: { readonly path: string; readonly label: string; readonly fstype: string; readonly writable: boolean } | null;
  /** The kept configuration before answers are put in; null when there is no user-data at all. */
  readonly keptText: string | null;
  /** `meta-data`'s `local-hostname`, used where nothing else names the host. */
  readonly metaHostname: string | null;
  /** Key paths of what was cut, per document: `installer-data: stages.before-install[0]`. */
  readonly removed: readonly string[];
  readonly items: readonly MaterialItem[];
  readonly steps: readonly StageStep[];
  /** The `install:` maps of all documents merged: user-data's, and installer-data's over them. */
  readonly install: Readonly<Record<string, unknown>>;
  readonly userInstall: Readonly<Record<string, unknown>>;
  readonly installerInstall: Readonly<Record<string, unknown>>;
  /** The `slipway:` map of installer-data. */
  readonly settings: SettingLayer;
  /** The `slipway:` map of user-data. */
  readonly userSettings: SettingLayer;
  readonly strict: boolean;
  readonly receiptKey: string | null;
  /** A document could not be read: what is merged is not the whole, and nothing can be said to be missing in it. */
  readonly incomplete?: boolean;
  readonly problems: readonly Problem[];
}
