/**
 * The note that systems change places (`/cOS/slipway-swap` on their partition). A system is three files, and three renames are not one
 * step: without the note a power cut between them would leave the kernel of one version with the image of another, both whole to look at.
 */
import type { Store } from './store.ts';
import { suffixes, systemNames } from './system-names.ts';
import type { SystemName } from './system-names.ts';

export const swapMarkPath = '/cOS/slipway-swap';

export interface SwapMark {
  /** Which system is replaced. */
  readonly system: SystemName;
  /** What is replaced becomes the passive system. */
  readonly keepsOld: boolean;
  /** The new files beside the old ones are whole: the exchange can be gone on with. Else they are to be written anew. */
  readonly whole: boolean;
}

export const printSwapMark = (mark: SwapMark): string => `${JSON.stringify({ slipwaySwap: 1, ...mark })}\n`;

/** null: it is no such note. Pure. */
export const parseSwapMark = (text: string): SwapMark | null => {
  try {
    const { system, keepsOld, whole } = (JSON.parse(text) ?? {}) as Record<string, unknown>;
    const name = systemNames.find((known) => known === system);
    return name === undefined ? null : { system: name, keepsOld: keepsOld === true, whole: whole === true };
  } catch {
    return null;
  }
};

/** The note of an exchange that did not end; null: there was none. */
export const readSwapMark = async (store: Store): Promise<SwapMark | null> => parseSwapMark((await store.readText(swapMarkPath, 4096)) ?? '');

/** Systems that have parts of two versions now, by the names in `/cOS`. Pure. */
export const tornBy = (mark: SwapMark, names: readonly string[]): readonly SystemName[] => {
  if (!mark.whole) return [];
  const waiting = suffixes.map((suffix) => names.includes(`${mark.system}.${suffix}.new`));
  const untouched = suffixes.map((suffix, index) => waiting[index] === true && names.includes(`${mark.system}.${suffix}`));
  const mixed = (rows: readonly boolean[]): boolean => rows.includes(true) && rows.includes(false);
  return [...(mixed(waiting) || (waiting.includes(true) && untouched.includes(false)) ? [mark.system] : []), ...(mark.keepsOld && mixed(untouched) ? ['passive' as const] : [])];
};
