/** Events as plain lines, one a change of state, for people and logs; and as JSON, one a line. Pure. */
import type { InstallEvent } from '../model/events.ts';
import type { InstallPlan } from '../model/plan.ts';
import { formatProblem } from '../model/problem.ts';

const mib = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;

/** How far a phase must get before progress is worth another line. */
const progressStep = 0.25;

/** Makes a function that turns events into lines; it remembers what it said last. */
export const createLineReporter = (): ((event: InstallEvent) => readonly string[]) => {
  let said = { phase: '', step: 0 };
  return (event) => {
    switch (event.event) {
      case 'phase':
        said = { phase: event.phase, step: 0 };
        return [`[${event.index}/${event.of}] ${event.phase}`];
      case 'plan': {
        const { plan } = event;
        return [`plan ${event.hash.slice(0, 16)}`, ...describePlan(plan)];
      }
      case 'progress': {
        const step = event.fraction === null ? 0 : Math.floor(event.fraction / progressStep);
        if (step <= said.step || event.phase !== said.phase) return [];
        said = { ...said, step };
        return [`  ${event.phase} ${step * progressStep * 100} % (${mib(event.bytes)}${event.total === null ? '' : ` of ${mib(event.total)}`})`];
      }
      case 'log':
        return event.level === 'debug' ? [] : [`  ${event.text}`];
      case 'problem':
        return [`${event.severity}: ${formatProblem(event)}`];
      case 'scrub':
        return [`  never written: ${event.removed.length} install-only parts`, ...event.notes.map((note) => `  ${note}`)];
      case 'audit':
        return [
          `  audit (${event.mode}): ${event.patterns} patterns, ${mib(event.bytesRead)} read back, ${event.hits.length} hits, ${event.notSearchable.length} not searchable`,
          ...event.hits.slice(0, 20).map((hit) => `  found: ${hit.place} at byte ${hit.offset} (${hit.encoding}): ${hit.from}`),
        ];
      case 'receipt':
        return event.written.map((path) => `  receipt: ${path}`);
      case 'done':
        return [`${event.ok ? 'done' : 'failed'} (exit code ${event.exitCode}): ${event.text}`];
    }
  };
};

/** What a person wants to know of a plan before it runs. */
export const describePlan = (plan: unknown): readonly string[] => {
  const { targetText, engine, source, lost, layout, installOnly, stages, finish, audit } = plan as InstallPlan;
  return [
    `  target      ${targetText}`,
    `  engine      ${engine}`,
    `  source      ${source.uri}`,
    `  lost        ${lost.length === 0 ? 'nothing' : lost.join(', ')}`,
    ...layout.map((partition, index) => `  ${index === 0 ? 'layout' : '      '}      ${partition.number} ${(partition.label || partition.name).padEnd(16)} ${partition.fs.padEnd(5)} ${mib(partition.size).padStart(10)}`),
    `  install-only ${installOnly.length} parts, taken out before anything is written`,
    ...stages.map((stage) => `              ${stage}`),
    `  audit       ${audit}`,
    `  then        ${finish}`,
  ];
};

/** One event as one JSON line. `time` is ms since the epoch; `simulated`: it happened on a recorded machine only. */
export const jsonLine = (event: InstallEvent, time: number, simulated: boolean): string => JSON.stringify({ time: new Date(time).toISOString(), ...(simulated ? { simulated } : {}), ...event });
