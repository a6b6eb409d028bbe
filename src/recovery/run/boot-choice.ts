/** Which system starts: once (`next_entry`) or always (`saved_entry`), in GRUB's environment block on COS_OEM, or on COS_STATE where COS_OEM is encrypted. */
import { parseGrubEnvironment, printGrubEnvironment, withVariables } from '../../engine/grubenv.ts';
import { bootEnvironmentOn, entryIdOf, systemOf } from '../status.ts';
import type { NodeStatus } from '../status.ts';
import type { Store } from '../store.ts';
import { mustOpen, nodeError, stepsOf, touch } from './context.ts';
import type { ActionContext, ActionResult } from './context.ts';

/** Ids of the entries in a GRUB configuration. */
export const entryIds = (grubConfig: string): readonly string[] =>
  [...grubConfig.matchAll(/^\s*menuentry\s.*?--id[ =]["']?([\w.-]+)/gm)].map((match) => match[1] ?? '');

export type BootChoice = { readonly id: string } | { readonly wrong: string; readonly hint: string };

/** The entry that a word means, and whether it would start. */
export const readBootChoice = (word: string | undefined, status: NodeStatus, grubConfig: string | null): BootChoice => {
  const names = 'active, passive, recovery' + (status.made === 'slipway' ? '' : ', reset');
  if (word === undefined || word === '') return { wrong: 'no system was named', hint: `name one of ${names}` };
  const known = grubConfig === null ? [] : entryIds(grubConfig);
  const id = entryIdOf(word) ?? (known.includes(word) ? word : null);
  if (id === null) return { wrong: `${word} is no boot entry`, hint: `name one of ${[...new Set([names, ...known])].join(', ')}` };
  const name = ({ cos: 'active', fallback: 'passive', recovery: 'recovery', statereset: 'recovery' } as const)[id];
  const damage = name === undefined ? null : systemOf(status, name).damage;
  if (damage !== null) return { wrong: `the ${name ?? id} system would not start: ${damage}`, hint: 'choose another one' };
  return { id };
};

/** The block as it is after the changes; one that is missing or broken is made anew. Throws SlipwayError when it would not fit. Writes nothing. */
export const changedGrubEnvironment = async (store: Store, changes: Readonly<Record<string, string | null>>): Promise<string> => {
  const before = parseGrubEnvironment((await store.readText('/grubenv')) ?? '') ?? new Map<string, string>();
  const text = printGrubEnvironment(withVariables(before, changes));
  if (text === null) throw nodeError('grubenv-full', 'GRUB\'s environment block has no room left', '/grubenv', 'take boot options out of it: grub-editenv /oem/grubenv list');
  return text;
};

/** Changes variables of grubenv and reads them back. */
export const changeGrubEnvironment = async (store: Store, changes: Readonly<Record<string, string | null>>): Promise<void> => {
  await store.writeText('/grubenv', await changedGrubEnvironment(store, changes), { mode: 0o644 });
  await store.flush();
};

export const runBoot = async (context: ActionContext): Promise<ActionResult> => {
  const choice = readBootChoice(context.options.word, context.status, context.files.grubConfig);
  if ('wrong' in choice) throw nodeError('boot-choice', choice.wrong, 'boot', choice.hint);
  const step = stepsOf(context, [`choose ${context.options.word ?? ''} for the next boot`]);
  const environment = mustOpen(context, bootEnvironmentOn(context.status.partitions));
  await touch(context);
  step();
  await changeGrubEnvironment(environment, { next_entry: choice.id });
  return { text: `the next boot starts ${context.options.word ?? ''}, once; later ones as before` };
};

export const runRollback = async (context: ActionContext): Promise<ActionResult> => {
  const undo = context.options.undo === true;
  const before = context.files.grubenv?.get('saved_entry') ?? '';
  if (undo && before !== 'fallback') return { text: 'it was not rolled back: nothing to take back' };
  if (!undo && before === 'fallback') return { text: 'it is rolled back already: the passive system starts at every boot' };
  const step = stepsOf(context, [undo ? 'choose the active system for every boot' : 'choose the passive system for every boot']);
  const environment = mustOpen(context, bootEnvironmentOn(context.status.partitions));
  await touch(context);
  step();
  await changeGrubEnvironment(environment, { saved_entry: undo ? null : 'fallback', next_entry: null });
  return { text: undo ? 'the active system starts at every boot again' : 'the passive system starts at every boot; --undo, an upgrade or a reset takes that back' };
};
