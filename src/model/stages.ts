/**
 * Stage names of Kairos (agent and yip). The install stages run while installing only; everything in
 * them is install-only material. The boot stages run on every boot of an installed node.
 */
export const installStageNames = [
  'kairos-install.pre',
  'kairos-install.after',
  'kairos-uki-install.pre',
  'kairos-uki-install.after',
  'before-install',
  'after-install',
  'after-install-chroot',
] as const;
export type InstallStageName = (typeof installStageNames)[number];

export const bootStageNames = ['rootfs', 'initramfs', 'boot', 'fs', 'network', 'reconcile'] as const;

const withNeighbours = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.flatMap((name) => [`${name}.before`, name, `${name}.after`]));

const installStages = withNeighbours(installStageNames);
const bootStages = withNeighbours(bootStageNames);

/** True for an install stage, also in its `.before` and `.after` form. */
export const isInstallStage = (name: string): boolean => installStages.has(name);

/** True for a stage that an installed node runs at boot, also in its `.before` and `.after` form. */
export const isBootStage = (name: string): boolean => bootStages.has(name);

/** One entry of a stage's list, as read from a configuration: what yip would execute. */
export interface StageStep {
  /** The stage as written, `.before`/`.after` included. */
  readonly stage: string;
  /** Which document it comes from, for messages: `installer-data`. */
  readonly file: string;
  /** Position in the stage's list, from 0. */
  readonly index: number;
  /** The step's own value, as plain data. May hold secrets: never printed. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** Names of the steps that a step asks to run after, as written; empty texts for entries that name none. */
export const namesAfter = (step: Readonly<Record<string, unknown>>): readonly string[] => {
  const { after } = step;
  return Array.isArray(after) ? (after as readonly unknown[]).map((entry) => String((entry as { name?: unknown } | null)?.name ?? '')) : [];
};
