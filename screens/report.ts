/** A text for whoever helps: what happened, the plan, the log. It holds no configuration and no secret. */
import type { ConsoleState } from '../src/app/state.ts';
import { problemsOf } from '../src/app/state.ts';
import { formatProblem } from '../src/model/problem.ts';
import { formatDuration } from '../src/ui/format.ts';

export const reportOf = (state: ConsoleState): string => {
  const { run, input } = state;
  const plan = run?.plan ?? state.outcome?.planned?.plan ?? null;
  const facts = input?.facts;
  return [
    `Slipway ${state.version}`,
    '',
    '# Machine',
    JSON.stringify({ system: facts?.system, firmware: facts?.firmware, tpm: facts?.tpm, boot: facts?.boot, disks: facts?.disks }, null, 2),
    '',
    '# Problems',
    ...[...problemsOf(state), ...(run?.problems ?? [])].map(formatProblem),
    '',
    '# Plan',
    // Answers may name people and keys; their names and origins are enough.
    plan === null ? 'none' : JSON.stringify({ ...plan, answers: Object.fromEntries(Object.entries(plan.answers).map(([name, answer]) => [name, answer?.origin])) }, null, 2),
    '',
    '# Result',
    run?.done == null ? 'none' : JSON.stringify(run.done, null, 2),
    ...(run?.audit == null ? [] : [JSON.stringify(run.audit, null, 2)]),
    '',
    '# Log',
    ...(run?.log ?? []).map((line) => `${formatDuration(line.at)} ${line.level} ${line.text}`),
    '',
  ].join('\n');
};
