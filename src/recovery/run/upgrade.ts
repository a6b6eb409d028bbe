/** Upgrade of a disk that Slipway laid down: a new system from an image; the old active one becomes the passive one where it is known to work. */
import { assessmentBlock, assessmentFile, marksBoots } from '../../engine/builtin/boot-assessment.ts';
import { makeSystemImage } from '../../engine/builtin/images.ts';
import { SlipwayError, isError } from '../../model/problem.ts';
import { probeSource } from '../../probe/source.ts';
import { releaseTitle } from '../../probe/release.ts';
import type { SourceFacts } from '../../model/facts.ts';
import { labelOf } from '../node.ts';
import { passiveAfterUpgrade } from '../passive-choice.ts';
import { bootEnvironmentOn } from '../status.ts';
import type { Store } from '../store.ts';
import { countingReads } from '../store/counted.ts';
import { readSwapMark } from '../swap-mark.ts';
import { suffixes } from '../system-names.ts';
import { changedGrubEnvironment, changeGrubEnvironment } from './boot-choice.ts';
import { mustHave, mustOpen, nodeError, stepsOf, touch } from './context.ts';
import type { ActionContext, ActionResult } from './context.ts';
import { repair } from './file-systems.ts';
import { passes, progressOf, watchGrowth } from './progress.ts';
import { checkRoom, dropFresh, finishExchange, forgetExchange, noteExchange, putFresh, sizeOfLeftOver } from './system-files.ts';

/** The source, when Slipway can make a system of it. Throws SlipwayError. */
const readSource = async (context: ActionContext): Promise<SourceFacts> => {
  const { source: uri } = context.options;
  if (uri === undefined || uri === '') throw nodeError('source-missing', 'there is no image to upgrade from', '--source', 'give --source dir:PATH (a root tree) or file:PATH (a squashfs or tar)');
  const { source, problems } = await probeSource(context.system, uri);
  const wrong = problems.find(isError);
  if (wrong !== undefined) throw new SlipwayError(wrong);
  for (const problem of problems) context.emit({ event: 'problem', ...problem });
  if (source === null) throw nodeError('source-unusable', 'cannot be read', uri, 'give --source dir:PATH or file:PATH');
  if (source.kind !== 'dir' && source.kind !== 'file') throw nodeError('source-unsupported', `${source.kind}: sources need kairos-agent`, uri, 'use dir: (a root tree) or file: (a squashfs or tar)');
  if (source.kernel === null || source.initrd === null) throw nodeError('source-no-kernel', `has no ${source.kernel === null ? '/boot/vmlinuz*' : '/boot/initrd*'}`, uri, 'the node boots a kernel and an initrd from the image');
  return source;
};

/** Shows that COS_OEM takes a file of the boot environment's size, before a system is replaced whose boot depends on it. */
const tryEnvironment = async (context: ActionContext, store: Store): Promise<void> => {
  const partition = mustHave(context, bootEnvironmentOn(context.status.partitions));
  if (partition.mountpoint === null && (await repair(context, partition, false)) === 'failed') throw nodeError('node-file-system', 'its file system has errors', labelOf[partition.name], 'check it first: slipway recovery fsck');
  await store.writeText('/grubenv.slipway-try', '#'.repeat(1024), { mode: 0o600 });
  await store.remove('/grubenv.slipway-try');
};

const chooseActive = { saved_entry: null, next_entry: null } as const;

export const runUpgrade = async (context: ActionContext): Promise<ActionResult> => {
  const { system, signal, status } = context;
  const ofRecovery = context.action === 'upgrade-recovery';
  const name = ofRecovery ? 'recovery' : 'active';
  const place = ofRecovery ? 'recovery' : 'state';
  const store = mustOpen(context, place);
  const environment = ofRecovery ? null : mustOpen(context, bootEnvironmentOn(status.partitions));
  // What an upgrade that was cut off left behind is put in order first; what ran before it stays as it is.
  const cutOff = await readSwapMark(store);
  const keepsOld = !ofRecovery && cutOff === null && passiveAfterUpgrade(status).keeps === 'active';
  const step = stepsOf(context, [
    'make the system image',
    `check ${labelOf[place]}`,
    ...(cutOff === null ? [] : ['put in order what the upgrade before left']),
    `write the new ${name} system beside the old one`,
    keepsOld ? 'the active system becomes the passive one; the new one takes its place' : 'the new system takes its place',
    ...(ofRecovery ? [] : ['choose the active system for the next boot']),
  ]);
  step();
  const source = await readSource(context);
  const scratch = await system.memoryDirectory('upgrade');
  const onBytes = progressOf(context, null);
  const image = await watchGrowth(context, `${scratch}/system.squashfs`, onBytes, () => makeSystemImage(countingReads(system, onBytes), source, scratch, signal, (text) => context.emit({ event: 'log', level: 'debug', text })));
  await checkRoom(store, labelOf[place], image.bytes, 1, await sizeOfLeftOver(store, name));
  if (environment !== null) await changedGrubEnvironment(environment, chooseActive);

  step();
  await touch(context);
  const partition = mustHave(context, place);
  if (partition.mountpoint === null && (await repair(context, partition, false)) === 'failed') throw nodeError('node-file-system', 'its file system has errors', labelOf[place], 'check it first: slipway recovery fsck');
  if (environment !== null) await tryEnvironment(context, environment);
  if (cutOff !== null) {
    step();
    if (cutOff.whole) await finishExchange(store, cutOff);
    // From here on the files beside are half-written again; the active system is still one that was never started.
    await noteExchange(store, { system: name, keepsOld: false, whole: false });
  }
  await dropFresh(store, name);
  step();
  await putFresh(context, store, name, { img: image.image, vmlinuz: image.kernel, initrd: image.initrd }, progressOf(context, image.bytes * passes));
  step();
  const exchange = { system: name, keepsOld, whole: true } as const;
  await noteExchange(store, exchange);
  await finishExchange(store, exchange);
  // A new system has one try; one that does not say when it is up is not judged by that.
  if (!ofRecovery) await store.writeText(`/${assessmentFile}`, assessmentBlock(await marksBoots(system, image.image, signal), true), { mode: 0o644 });
  await store.flush();
  for (const suffix of suffixes) {
    if ((await store.stat(`/cOS/${name}.${suffix}`)) === null) throw nodeError('verify-failed', `/cOS/${name}.${suffix} is not there`, labelOf[place], 'repeat the upgrade');
  }
  if (environment !== null) {
    step();
    // Last: until here a system that was chosen in place of the active one is still what starts.
    await changeGrubEnvironment(environment, chooseActive);
  }
  await forgetExchange(store);
  const version = releaseTitle(source.release) ?? source.uri;
  return { text: ofRecovery ? `the recovery system is ${version} now` : `the active system is ${version} from the next boot on; ${keepsOld ? 'the one before it is the passive one' : 'the passive one is as it was'}` };
};
