/** What the recovery menu can set in motion. */
import type { Problem } from '../../model/problem.ts';
import { SlipwayError } from '../../model/problem.ts';
import { keptConfigName } from '../../model/labels.ts';
import type { ActionId } from '../../recovery/actions.ts';
import { actionsFor, consentWordFor } from '../../recovery/actions.ts';
import type { RecoveryEvent } from '../../recovery/events.ts';
import { partitionOf } from '../../recovery/node.ts';
import { openStore } from '../../recovery/store.ts';
import { readKeptConfig } from '../../recovery/run/config-files.ts';
import { lookAtNode } from '../../recovery/index.ts';
import type { LookedAt } from '../../recovery/index.ts';
import type { NodeCandidate, NodeWish } from '../../recovery/find-node.ts';
import { runAction } from '../../recovery/run-action.ts';
import { machineActions } from '../../recovery/without-node.ts';
import type { ActionOptions } from '../../recovery/run/context.ts';
import { readConfigText } from '../../sources/read-config.ts';
import type { System } from '../../system/port.ts';
import type { AnsweredOptions } from './inputs.ts';
import { unitIn } from '../console/state-line.ts';
import type { Looked } from './state.ts';

export interface RecoveryEffects {
  /** Reads only. `device` is the one of the candidates that was picked. */
  look(signal: AbortSignal, device?: string): Promise<{ readonly looked: Looked } | { readonly problem: Problem; readonly candidates: readonly NodeCandidate[]; readonly machine?: Looked | null }>;
  /** The kept configuration as it is on the node; the bare header where there is none. Reads only; throws SlipwayError. */
  readConfig(): Promise<{ readonly name: string; readonly text: string }>;
  /** Ends with exactly one `done` event; never throws. Acts on what the last look found. */
  run(action: ActionId, answered: AnsweredOptions, signal: AbortSignal, emit: (event: RecoveryEvent) => void): Promise<void>;
}

const serialOf = (looked: LookedAt): string => {
  const { target } = looked.node;
  if (target === null) return looked.node.path;
  return target.kind === 'device' ? (target.identity.serial ?? target.path) : target.path;
};

/** Where logs can go: what is attached and is no part of the node. */
const volumesOf = ({ facts, node }: LookedAt): Looked['volumes'] =>
  (facts?.volumes ?? []).filter(({ path, fstype }) => fstype !== 'iso9660' && !path.startsWith(node.path)).map(({ path, label }) => ({ path, label: label ?? path }));

const unitNamed = ({ facts }: LookedAt): string | undefined => (facts === null ? undefined : (unitIn(facts) ?? undefined));

const withFile = async (system: System, action: ActionId, answered: AnsweredOptions, signal: AbortSignal): Promise<ActionOptions> => {
  if (answered.file === null) return answered.options;
  const read = await readConfigText(system, answered.file, signal);
  const wrong = read.problems[0];
  if (read.text === undefined) throw new SlipwayError(wrong ?? { id: 'config-unreadable', severity: 'error', what: 'cannot be read', where: answered.file, hint: 'check the path' });
  const document = { name: read.name, text: read.text };
  return action === 'audit' ? { ...answered.options, searchFor: document } : { ...answered.options, config: document };
};

export const createRecoveryEffects = (system: System, wish: NodeWish): RecoveryEffects => {
  let last: LookedAt | null = null;
  return {
    async look(signal, device) {
      const looked = await lookAtNode(system, device === undefined ? wish : { device }, signal);
      await system.cleanup.run();
      if ('problem' in looked) {
        last = looked.machine;
        const machine = last === null ? null : { status: last.status, actions: machineActions(last.status, last.means), consentWord: '', volumes: volumesOf(last), unit: unitNamed(last) };
        return { problem: looked.problem, candidates: looked.candidates, machine };
      }
      last = looked;
      return { looked: { status: looked.status, actions: actionsFor(looked.status, looked.means), consentWord: consentWordFor(serialOf(looked)), volumes: volumesOf(looked), unit: unitNamed(looked) } };
    },
    async readConfig() {
      const oem = last === null ? null : partitionOf(last.node, 'oem');
      const store = oem === null ? null : openStore(system, oem);
      if (store === null) throw new SlipwayError({ id: 'node-file-system', severity: 'error', what: 'its file system cannot be read', where: 'COS_OEM', hint: 'check it: slipway recovery fsck' });
      return (await readKeptConfig(store)) ?? { name: keptConfigName, text: '#cloud-config\n' };
    },
    async run(action, answered, signal, emit) {
      const fail = (problem: Problem): void => {
        emit({ event: 'problem', ...problem });
        emit({ event: 'done', action, exitCode: 3, ok: false, result: 'failed', diskTouched: false, text: `${action} was not begun: ${problem.what} (${problem.where}); ${problem.hint}`, written: [] });
      };
      if (last === null) return fail({ id: 'node-missing', severity: 'error', what: 'nothing is known of the node', where: action, hint: 'look at it again' });
      try {
        const options = await withFile(system, action, answered, signal);
        await runAction({ system, ...last, action, options, signal, emit });
      } catch (error) {
        if (!(error instanceof SlipwayError)) throw error;
        fail(error.problem);
      }
    },
  };
};
