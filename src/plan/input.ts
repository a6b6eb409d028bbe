/** All that the planner looks at. Gathered by `src/app/gather.ts`; the planner itself reads nothing. */
import type { ConfigSources } from '../model/config-sources.ts';
import type { Facts, ImageFileFacts, SourceFacts } from '../model/facts.ts';
import type { PlannedInstall } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { SettingLayers } from '../model/settings.ts';

export type { ConfigSources, ReadDocument } from '../model/config-sources.ts';

/** How an image wants the console to look: its branding files, cleaned and brought down to 16 colours. */
export interface Branding {
  /** Lines in place of the title; none: the usual one. */
  readonly text: readonly string[];
  /** SGR colour codes for headings and keys, and for bars; null: the usual ones. */
  readonly highlight: string | null;
  readonly accent: string | null;
  /** SGR colour codes of the background and of plain text; none where they could not be told apart. */
  readonly background?: string | null;
  readonly foreground?: string | null;
  /** SGR colour code of lines, and the character they are drawn with; a blank: no lines. */
  readonly border?: string | null;
  readonly line?: string | null;
  /** Marks what is done. */
  readonly checkMark?: string | null;
  /** Questions beyond the necessary ones are not offered. */
  readonly advancedDisabled: boolean;
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
  /** False: it may be planned with, but not run. */
  readonly root?: boolean;
  /** Another install by the same program that runs or waits for somebody, in words. */
  readonly busy?: string | null;
  /** A plugin by which the agent asks key servers is here. */
  readonly keyServerPlugin?: boolean;
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
  /** What the kernel is made for, as `uname -m` prints it; null or absent where it isn't known. */
  readonly architecture?: string | null;
  /** SHA-512 crypt hash of the password of `user`, when one was given. */
  readonly passwordHash: string | null;
  /** What `script:///…` of `device` printed, resolved beforehand. */
  readonly resolvedDevice: string | null;
  /** What runs here, for the welcome screen: `Debian GNU/Linux 12 (bookworm), Linux 6.1`. Decides nothing; absent where it isn't known. */
  readonly running?: string;
  /** ms since the epoch of the day that this program was built from; absent where that isn't known. Not part of the plan. */
  readonly builtAt?: number;
  /** ms since the epoch when the facts began to be read: what the watch tells later is newer. Not part of the plan. */
  readonly probedAt?: number;
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
  /** The key server that the node would ask for encrypted partitions, wherever it was named; null for the TPM. */
  readonly keyServer?: string | null;
}
