/**
 * Reset of a disk that Slipway laid down: active and passive anew from the recovery image, COS_PERSISTENT made anew, COS_OEM kept or
 * made anew, for a reinstall with another configuration. Until the last step the node starts into recovery, so that a power cut in between is mended by repeating it.
 */
import { createHash } from 'node:crypto';
import { assessmentBlock, assessmentFile, marksBoots } from '../../engine/builtin/boot-assessment.ts';
import { keptConfigName } from '../../model/labels.ts';
import { freeMemory } from '../memory.ts';
import { labelOf } from '../node.ts';
import type { NodePartition } from '../node.ts';
import { printGrubEnvironment } from '../../engine/grubenv.ts';
import { openStore } from '../store.ts';
import type { Store } from '../store.ts';
import { resetVariable, systemOf } from '../status.ts';
import { suffixes } from '../system-names.ts';
import { bytesInWords } from '../words.ts';
import { bootConfigFor, bootUuids } from './boot-config.ts';
import type { NodeUuids } from './boot-config.ts';
import { changeGrubEnvironment } from './boot-choice.ts';
import { givenConfig } from './config-files.ts';
import { mustHave, mustOpen, nodeError, stepsOf, touch } from './context.ts';
import type { ActionContext, ActionResult } from './context.ts';
import { detached, makeAnew, repair, unmounted } from './file-systems.ts';
import { passes, progressOf } from './progress.ts';
import { checkRoom, dropFresh, forgetExchange, putFresh, sizeOfSystem, swapIn } from './system-files.ts';
import type { SystemParts } from './system-files.ts';

/** GRUB variables while it runs: back to recovery, whatever happens. */
const underWay = { [resetVariable]: 'running', saved_entry: 'recovery', next_entry: null } as const;
const over = { [resetVariable]: null, saved_entry: null, next_entry: null } as const;

const takeRecovery = async (context: ActionContext, recovery: Store): Promise<SystemParts> => {
  const bytes = await sizeOfSystem(recovery, 'recovery');
  const mounted = mustHave(context, 'recovery').mountpoint !== null;
  const free = await freeMemory(context.system);
  // A copy in memory is what lets it be read in one go; where it is mounted there is no need of one.
  if (!mounted && free !== null && free < bytes * 1.2) throw nodeError('no-memory', `the recovery system (${bytesInWords(bytes)}) does not fit into memory (${bytesInWords(free)} free)`, 'memory', 'start the node\'s own recovery and reset it there');
  const scratch = await context.system.memoryDirectory('reset');
  const onBytes = progressOf(context, bytes);
  const parts: Partial<Record<(typeof suffixes)[number], string>> = {};
  for (const suffix of suffixes) parts[suffix] = (await recovery.take(`/cOS/recovery.${suffix}`, scratch, onBytes)).file;
  return parts as SystemParts;
};

const complete = (uuids: NodeUuids): Readonly<Record<keyof NodeUuids, string>> => {
  const missing = Object.entries(uuids).find(([, value]) => value === null);
  if (missing !== undefined) throw nodeError('node-uuid', 'the UUID that the node boots by is not known', missing[0], 'install again: slipway install');
  return uuids as Readonly<Record<keyof NodeUuids, string>>;
};

/** COS_STATE, repaired where it can be, else made anew with its boot configuration. */
const readyState = async (context: ActionContext, state: NodePartition, uuids: Readonly<Record<keyof NodeUuids, string>>): Promise<Store> => {
  const { system, files, status } = context;
  const repaired = state.fstype === null ? 'failed' : await repair(context, state, true);
  const store = repaired === 'failed' ? null : openStore(system, state);
  const config = store === null ? null : await store.readText('/grub2/grub.cfg');
  if (store !== null && config !== null && config === files.grubConfig && state.uuid === uuids.state) return store;
  context.emit({ event: 'log', level: 'warn', text: 'COS_STATE cannot be mended: it is made anew with its boot configuration' });
  const tree = `${await system.memoryDirectory('state')}/tree`;
  await system.makeDirectory(`${tree}/grub2`, 0o755);
  await system.makeDirectory(`${tree}/cOS`, 0o755);
  await system.writeFile(`${tree}/grub2/grub.cfg`, config ?? bootConfigFor(uuids, systemOf(status, 'recovery').version ?? 'Kairos'), { mode: 0o644 });
  await makeAnew(context, state, uuids.state, tree);
  const made = openStore(system, { ...state, fstype: 'ext4', uuid: uuids.state });
  if (made === null) throw nodeError('node-file-system', 'it cannot be read after it was made', labelOf.state, 'the disk may be failing');
  return made;
};

/** COS_OEM with nothing on it but the environment block, the folder that keeps data volumes out, and `config` where one is given. */
const emptyOem = async (context: ActionContext, uuid: string, config: string | null): Promise<void> => {
  const { system } = context;
  const tree = `${await system.memoryDirectory('oem')}/tree`;
  await system.makeDirectory(`${tree}/95_userdata`, 0o755);
  await system.writeFile(`${tree}/grubenv`, printGrubEnvironment(new Map([[resetVariable, 'running'], ['saved_entry', 'recovery']])) ?? '', { mode: 0o644 });
  if (config !== null) await system.writeFile(`${tree}/${keptConfigName}`, config, { mode: 0o640 });
  await unmounted(context, mustHave(context, 'oem'), (partition) => makeAnew(context, partition, uuid, tree));
};

/** All of it goes, also what is mounted. */
const emptyPersistent = (context: ActionContext, uuid: string): Promise<void> => unmounted(context, mustHave(context, 'persistent'), (partition) => makeAnew(context, partition, uuid, null));

const verify = async (context: ActionContext, withOem: boolean, config: string | null): Promise<void> => {
  const oem = openStore(context.system, { ...mustHave(context, 'oem'), fstype: 'ext4' });
  const persistent = openStore(context.system, { ...mustHave(context, 'persistent'), fstype: 'ext4' });
  if (oem === null || persistent === null) throw nodeError('verify-failed', 'a partition cannot be read after it was made', 'COS_OEM, COS_PERSISTENT', 'repeat the reset');
  if ((await oem.stat('/95_userdata'))?.kind !== 'directory') throw nodeError('verify-failed', '/oem/95_userdata is not there', 'COS_OEM', 'repeat the reset');
  const names = ((await oem.list('/')) ?? []).map(({ name }) => name).filter((name) => !['lost+found', 'grubenv', '95_userdata', ...(config === null ? [] : [keptConfigName])].includes(name));
  if (config !== null && (await oem.readText(`/${keptConfigName}`)) !== config) throw nodeError('verify-failed', `${keptConfigName} does not read back as it was written`, 'COS_OEM', 'repeat it');
  if (withOem && names.length > 0) throw nodeError('verify-failed', `COS_OEM still holds ${names.join(', ')}`, 'COS_OEM', 'repeat the reset');
  const left = ((await persistent.list('/')) ?? []).filter(({ name }) => name !== 'lost+found');
  if (left.length > 0) throw nodeError('verify-failed', 'COS_PERSISTENT is not empty', 'COS_PERSISTENT', 'repeat the reset');
};

export const runReset = async (context: ActionContext): Promise<ActionResult> => {
  const { system, node, files, status } = context;
  const config = context.action === 'reinstall' ? givenConfig(context) : null;
  const withOem = context.action !== 'reset';
  const step = stepsOf(context, [
    'read the recovery system',
    'lead the next boot into recovery until it is done',
    'mend COS_STATE',
    'write the new active and passive system beside the old ones',
    'make COS_PERSISTENT anew',
    ...(withOem ? ['make COS_OEM anew'] : []),
    'put the new systems in place',
    'read it all back',
    'choose the active system for the next boot',
  ]);
  step();
  // All of them, before the next boot is led into recovery: a reset that cannot be done must not be begun.
  for (const name of ['oem', 'recovery', 'state', 'persistent'] as const) mustHave(context, name);
  const recovery = mustOpen(context, 'recovery');
  const parts = await takeRecovery(context, recovery);
  const uuids = complete(await bootUuids(system, node, files.grubConfig, (await system.readText('/proc/cmdline')) ?? ''));
  const bytes = await sizeOfSystem(recovery, 'recovery');

  await touch(context);
  step();
  // A COS_OEM that cannot be read is about to be made anew; then there is nothing to write this into yet.
  const oemBefore = openStore(system, mustHave(context, 'oem'));
  const readable = oemBefore !== null && (status.config !== null || !withOem);
  if (readable && oemBefore !== null) {
    const oem = mustHave(context, 'oem');
    if (oem.mountpoint === null) await repair(context, oem, false);
    await changeGrubEnvironment(oemBefore, underWay);
    if (!withOem) await oemBefore.makeDirectory('/95_userdata');
  }

  step();
  const state = await readyState(context, await detached(context, mustHave(context, 'state')), uuids);
  step();
  for (const name of ['active', 'passive'] as const) await dropFresh(state, name);
  const free = await state.freeSpace();
  if (free < bytes * 2) {
    // No room for both beside the old ones. The node starts into recovery, so the old ones may go first.
    for (const name of ['active', 'passive'] as const) for (const suffix of suffixes) await state.remove(`/cOS/${name}.${suffix}`);
  }
  await checkRoom(state, labelOf.state, bytes, 2);
  const onBytes = progressOf(context, bytes * 2 * passes);
  for (const name of ['active', 'passive'] as const) await putFresh(context, state, name, parts, onBytes);

  step();
  await emptyPersistent(context, uuids.persistent);
  if (withOem) {
    step();
    await emptyOem(context, uuids.oem, config);
  }
  step();
  for (const name of ['passive', 'active'] as const) await swapIn(state, name);
  await state.writeText(`/${assessmentFile}`, assessmentBlock(await marksBoots(system, parts.img, context.signal), false), { mode: 0o644 });
  await forgetExchange(state);
  step();
  await verify(context, withOem, config);
  step();
  const oem = openStore(system, { ...mustHave(context, 'oem'), fstype: 'ext4' });
  if (oem === null) throw nodeError('verify-failed', 'COS_OEM cannot be read', 'COS_OEM', 'repeat the reset');
  await changeGrubEnvironment(oem, over);
  if (config !== null) return { text: `reinstalled from recovery: the node starts with the new configuration, SHA-256 ${createHash('sha256').update(config).digest('hex')}` };
  return { text: withOem ? 'reset, with OEM: the node starts as after an install without configuration' : 'reset: the node starts anew with its configuration' };
};
