/** All that the planner looks at. Gathered by `src/app/gather.ts`; the planner itself reads nothing. */
import type { MaterialItem } from '../model/audit.ts';
import type { Facts, ImageFileFacts, SourceFacts } from '../model/facts.ts';
import type { PlannedInstall } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { SettingLayer, SettingLayers } from '../model/settings.ts';
import type { StageStep } from '../model/stages.ts';

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

/** How an image wants the console to look: its branding files, cleaned and brought down to 16 colours. */
export interface Branding {
  /** Lines in place of the title; none: the usual one. */
  readonly text: readonly string[];
  /** SGR colour codes for headings and keys, and for bars; null: the usual ones. */
  readonly highlight: string | null;
  readonly accent: string | null;
  /** Questions beyond the necessary ones are not offered. */
  readonly advancedDisabled: boolean;
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
  readonly problems: readonly Problem[];
}

/** An engine that could do the job, and what it lacks. */
export interface EngineFacts {
  readonly name: 'builtin' | 'kairos-agent';
  readonly available: boolean;
  readonly version: string;
  /** For builtin: programs that are not installed, each with its Debian package. */
  readonly missing: readonly { readonly program: string; readonly package: string }[];
  /** Install-only stages can be run in namespaces of their own here. */
  readonly canIsolateStages: boolean;
  readonly path: string | null;
}

export interface PlanInput {
  readonly facts: Facts;
  readonly sources: ConfigSources;
  readonly source: SourceFacts | null;
  readonly engines: readonly EngineFacts[];
  /** Facts on `--target-image`, when it was given. */
  readonly image: ImageFileFacts | null;
  /** Every place's answers; the planner applies the precedence. */
  readonly layers: SettingLayers;
  /** SHA-512 crypt hash of the password of `user`, when one was given. */
  readonly passwordHash: string | null;
  /** What `script:///…` of `device` printed, resolved beforehand. */
  readonly resolvedDevice: string | null;
  /** What runs here, for the welcome screen: `Debian GNU/Linux 12 (bookworm), Linux 6.1`. Decides nothing; absent where it isn't known. */
  readonly running?: string;
  /** ms since the epoch, for the check of the clock only: it is not part of the plan. */
  readonly now: number;
  /** Problems met while gathering. */
  readonly problems: readonly Problem[];
  /** For the console only: it is not part of the plan. */
  readonly branding?: Branding;
}

/** Either a plan (problems are then warnings at most) or every error at once. */
export interface PlanOutcome {
  readonly planned: PlannedInstall | null;
  readonly problems: readonly Problem[];
}
