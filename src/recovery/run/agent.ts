/** Actions that kairos-agent has itself, on the running system that it belongs to. Its success is checked, not believed. */
import { stripVTControlCharacters } from 'node:util';
import { agentEnvironment } from '../../engine/kairos-agent/agent-environment.ts';
import { cleanText } from '../../model/foreign-text.ts';
import type { ActionId } from '../actions.ts';
import { gatherNode } from '../gather.ts';
import { bootEnvironmentOn } from '../status.ts';
import type { SystemName } from '../system-names.ts';
import { compareImages, imageTrace, persistentTrace, wasEmptied } from './agent-traces.ts';
import type { ImageTrace, PersistentTrace } from './agent-traces.ts';
import { readBootChoice } from './boot-choice.ts';
import { closeAgain } from './close-again.ts';
import { nodeError, stepsOf, touch } from './context.ts';
import type { ActionContext, ActionOptions, ActionResult } from './context.ts';

/** The command line after the agent's path; flags stand before words. Pure. */
export const agentArguments = (action: ActionId, options: ActionOptions): readonly string[] => {
  switch (action) {
    case 'reset':
      return ['reset', '--unattended'];
    case 'reset-oem':
      return ['reset', '--unattended', '--reset-oem'];
    case 'upgrade':
      return ['upgrade', '--source', options.source ?? ''];
    case 'upgrade-recovery':
      return ['upgrade', '--recovery', '--source', options.source ?? ''];
    case 'boot':
      return ['bootentry', '--select', options.word ?? ''];
    case 'remote':
      return ['recovery'];
    default:
      throw new Error(`the agent has no ${action}`);
  }
};

const checkOptions = (context: ActionContext): ActionOptions => {
  const { action, options, status, files } = context;
  if ((action === 'upgrade' || action === 'upgrade-recovery') && !/^(?:oci|dir|file|ocifile):./.test(options.source ?? '')) {
    throw nodeError('source-missing', 'kairos-agent takes oci:, dir:, file: and ocifile: images', `--source ${options.source ?? ''}`.trim(), 'give --source oci:registry.example/kairos/…');
  }
  if (action !== 'boot') return options;
  const choice = readBootChoice(options.word, status, files.grubConfig);
  if ('wrong' in choice) throw nodeError('boot-choice', choice.wrong, 'boot', choice.hint);
  return { ...options, word: choice.id };
};

interface Traces {
  readonly image: ImageTrace | null;
  readonly persistent: PersistentTrace;
}

const isReset = (action: ActionId): boolean => action === 'reset' || action === 'reset-oem';

const replaced = (action: ActionId): SystemName => (action === 'upgrade-recovery' ? 'recovery' : 'active');

const tracesOf = async ({ system, node, action }: ActionContext): Promise<Traces> => ({ image: await imageTrace(system, node, replaced(action)), persistent: await persistentTrace(system, node) });

const wrong = (what: string): Error => nodeError('verify-failed', what, 'kairos-agent', 'see its log: /var/log/kairos/agent.log');

const verifyBoot = async (context: ActionContext, word: string | undefined): Promise<void> => {
  if (context.status.boot.uki) return;
  const { files } = await gatherNode(context.system, context.node, null);
  const place = bootEnvironmentOn(context.status.partitions) === 'state' ? 'COS_STATE (COS_OEM is encrypted)' : 'COS_OEM';
  if (files.grubenv === null) throw wrong(`the boot entry cannot be read back from grubenv on ${place}`);
  if (files.grubenv.get('next_entry') !== word) throw wrong(`the boot entry is not the one that was chosen, in grubenv on ${place}`);
};

/** What must be different afterwards. Returns what could not be shown, in words. Throws SlipwayError. */
const verify = async (context: ActionContext, options: ActionOptions, before: Traces | null): Promise<string> => {
  const { action, status } = context;
  if (action === 'boot') await verifyBoot(context, options.word);
  if (before === null) return '';
  const after = await tracesOf(context);
  const doubts: string[] = [];
  if (!status.boot.uki) {
    const name = replaced(action);
    if (after.image === null) throw wrong(`there is no ${name} system afterwards`);
    const compared = compareImages(before.image, after.image);
    if (compared === 'same') throw wrong(`the image of the ${name} system is as it was before: nothing was written`);
    if (compared === 'rewritten') doubts.push(`the new ${name} image reads like the one before: whether it is another cannot be told`);
  }
  if (isReset(action)) {
    const emptied = wasEmptied(before.persistent, after.persistent);
    if (emptied === false) throw wrong('COS_PERSISTENT still holds what it held before');
    if (emptied === null) doubts.push('COS_PERSISTENT cannot be read: that it was emptied is not shown');
  }
  return doubts.map((doubt) => `; ${doubt}`).join('');
};

const done: Readonly<Partial<Record<ActionId, string>>> = {
  reset: 'kairos-agent has reset the node',
  'reset-oem': 'kairos-agent has reset the node, with OEM',
  upgrade: 'kairos-agent has upgraded the active system; it counts from the next boot on',
  'upgrade-recovery': 'kairos-agent has upgraded the recovery system',
  boot: 'the next boot is chosen, once',
  remote: 'remote recovery has ended',
};

const comparesImages: ReadonlySet<ActionId> = new Set(['reset', 'reset-oem', 'upgrade', 'upgrade-recovery']);
const writes: ReadonlySet<ActionId> = new Set([...comparesImages, 'boot']);

/** ms for the agent to close what it opened, before it is ended. */
const patience = 15_000;

/**
 * Remote recovery lasts until Enter, and ends at once where nobody could type one: standard input is a pipe that stays open, and a stop
 * is the Enter, so that the agent has its provider close the tunnel.
 */
const untilEnter = async ({ system, signal }: ActionContext, command: readonly string[], onLine: (line: string) => void): Promise<{ readonly exitCode: number | null }> => {
  const input = `${await system.memoryDirectory('remote')}/input`;
  const ends = new AbortController();
  const stop = (): void => {
    void system.run(['/bin/sh', '-c', 'echo >>"$1"', 'sh', input], { timeout: 5000 });
    void system.sleep(patience, ends.signal).then(() => ends.abort(new Error('it did not end')), () => undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    // Opened for reading and writing: it waits neither for a writer now nor ends with one later.
    return await system.stream(['/bin/sh', '-c', 'mkfifo -m 0600 "$1" && input=$1 && shift && exec "$@" <>"$input"', 'sh', input, ...command], { timeout: 0, signal: ends.signal, environment: await agentEnvironment(system), onLine });
  } finally {
    signal.removeEventListener('abort', stop);
    ends.abort(new Error('over'));
  }
};

export const runWithAgent = async (context: ActionContext): Promise<ActionResult> => {
  const { action, means, system, signal } = context;
  const options = checkOptions(context);
  const command = [means.agent ?? 'kairos-agent', ...agentArguments(action, options)];
  const step = stepsOf(context, [command.slice(1).join(' '), 'check the result']);
  const before = comparesImages.has(action) ? await tracesOf(context) : null;
  if (writes.has(action)) await touch(context);
  step();
  let last = '';
  const onLine = (line: string): void => {
    // The picture of a remote recovery's code lives by its blanks: kept, printable characters only.
    const text = action === 'remote' ? stripVTControlCharacters(line).replaceAll(/\p{Cc}/gu, '') : cleanText(line, 300);
    if (text.trim() === '') return;
    last = text;
    context.emit({ event: 'log', level: 'info', text });
  };
  const { exitCode } = action === 'remote' ? await untilEnter(context, command, onLine) : await system.stream(command, { timeout: 0, signal, environment: await agentEnvironment(system), onLine });
  signal.throwIfAborted();
  if (exitCode !== 0) throw nodeError('agent-failed', `kairos-agent ended with ${exitCode ?? 'a signal'}: ${last}`, command.slice(1, 3).join(' '), 'see its log: /var/log/kairos/agent.log');
  step();
  const doubt = await verify(context, options, before);
  if (isReset(action)) await closeAgain(context);
  return { text: `${done[action] ?? 'done'}${doubt}` };
};
