/** A text for whoever helps: what happened, the configuration with its secrets blanked out, the plan, the log. It holds no secret. */
import type { ConsoleState } from '../src/app/state.ts';
import { problemsOf } from '../src/app/state.ts';
import { formatProblem } from '../src/model/problem.ts';
import type { Volume } from '../src/model/facts.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { formatDuration } from '../src/ui/format.ts';
import { redactYaml } from './redact.ts';

/** Volumes that a report can be written to. */
export const reportPlaces = (state: ConsoleState): readonly Volume[] => (state.input?.facts.volumes ?? []).filter(({ kind, fstype }) => kind !== 'live-medium' && fstype !== null && fstype !== 'iso9660');

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
    '# Configuration',
    ...(input?.sources.documents ?? []).flatMap(({ name, kind, text }) => [`## ${kind}: ${cleanText(name, 200)}`, ...redactYaml(text, kind === 'installer-data' ? 'everything' : 'secrets'), '']),
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
