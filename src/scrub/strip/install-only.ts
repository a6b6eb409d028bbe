/** Which keys are install-only (contract: "Install-only material"). One place, read by the cut and by the checks. */
import { isInstallStage } from '../../model/stages.ts';
import { effectStaysInstallKeys, installOnlyTopLevelKeys } from '../../sources/vocabulary.ts';

const topLevel: ReadonlySet<string> = new Set(installOnlyTopLevelKeys);
const effectStays: ReadonlySet<string> = new Set(effectStaysInstallKeys);

/** True for a top-level key that goes whole. */
export const isInstallOnlyTopLevel = (key: string): boolean => topLevel.has(key);

/** True for a stage that runs only while installing, `.before` and `.after` included. */
export const isInstallOnlyStage = isInstallStage;

const names = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** True for a key of `install:` that an installed node may read, depending on what it says. */
export const mayBeKeptInstallKey = (key: string): boolean => key === 'nousers' || key === 'encrypted_partitions';

/**
 * True for a key of `install:` that an installed node reads: `nousers` (the user check of upgrade and reset) and
 * `encrypted_partitions` when it names COS_OEM (where the boot selection is written).
 */
export const isKeptInstallKey = (key: string, value: unknown): boolean =>
  mayBeKeptInstallKey(key) && (key !== 'encrypted_partitions' || names(value).includes('COS_OEM'));

/** False for a key of `install:` whose effect is meant to stay on the target: it is cut, not searched for. */
export const isSearchedInstallKey = (key: string): boolean => !effectStays.has(key);
