/** One run of the agent: in a session and a mount namespace of its own, with its lines turned into events, and its gates served. */
import type { InstallEvent } from '../../model/events.ts';
import { phases } from '../../model/events.ts';
import { SlipwayError } from '../../model/problem.ts';
import type { System } from '../../system/port.ts';
import { agentEnvironment } from './agent-environment.ts';
import { canBeRead } from './find.ts';
import type { AgentNamespace } from './namespace.ts';
import { serveGates } from './gates.ts';
import type { GateHandlers } from './gates.ts';
import type { GateName } from './stage-files.ts';
import { addLine, emptyTranscript, readAgentLine, stepText } from './progress.ts';
import type { AgentStep, AgentTranscript } from './progress.ts';
import type { AgentExit } from './outcome.ts';
import { endProcesses } from './stop.ts';
import type { ProgressWatch } from './byte-progress.ts';

export interface AgentRun {
  readonly system: System;
  readonly namespace: AgentNamespace;
  /** The agent with its arguments; never a secret. */
  readonly command: readonly string[];
  /** The agent's folder for temporary files: what it merges is there for a while. */
  readonly temporary: string;
  readonly gateDirectory: string;
  readonly handlers: GateHandlers;
  readonly signal: AbortSignal;
  readonly watch: (step: () => string) => ProgressWatch;
  emit(event: InstallEvent): void;
  /** Told of processes that would not end, whatever way the run ends: the disk may still be written by them. */
  readonly onStuck: (text: string) => void;
  /** Called every now and then while it runs. */
  readonly tick: () => Promise<void>;
}

export interface AgentEnd {
  readonly transcript: AgentTranscript;
  readonly exit: AgentExit;
  readonly gates: ReadonlySet<GateName>;
  /** Processes that would not end, in words; null when all have. */
  readonly stuck: string | null;
}

/** ms between two ticks: shorter while a boot loader is written, so that it is seen before it could be booted */
const tickPeriod = (step: AgentStep | null): number => (step === 'bootloader' ? 20 : 250);

/** ms that what the agent left behind may go on after it */
const afterlife = 2000;

/** Steps at which the disk was written for sure. */
const writes = (step: AgentStep | null): boolean => step !== null && step !== 'prepare';

const gateMissed = (): SlipwayError =>
  new SlipwayError({
    id: 'agent-gate-missed',
    severity: 'error',
    what: 'kairos-agent went on to partition without waiting for the last check of the disk; it was stopped',
    where: 'kairos-agent',
    hint: 'it does not read cloud-init-paths: use a newer agent, or --engine builtin',
  });

/**
 * Runs the agent to its end. Throws what a gate's handler threw, and `signal.reason` on abort; in both cases everything that it started has
 * ended, or `onStuck` was told what has not. `onWrite` is called when it is seen to write although its gate was not opened.
 */
export const runAgent = async (run: AgentRun, onWrite: () => void): Promise<AgentEnd> => {
  const { system, namespace, signal, emit } = run;
  signal.throwIfAborted();
  let seen = emptyTranscript;
  const gates = new Set<GateName>();
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  let failed: { readonly error: unknown } | null = null;
  const fail = (error: unknown): void => {
    failed ??= { error };
    stop.abort(error);
  };

  const watch = run.watch(() => (seen.step === null ? 'starting' : stepText[seen.step]));
  const onLine = (raw: string): void => {
    watch.line();
    const line = readAgentLine(raw);
    const before = seen.step;
    seen = addLine(seen, line);
    if (seen.step !== before && seen.step !== null) {
      emit({ event: 'phase', phase: 'engine', index: phases.indexOf('engine') + 1, of: phases.length, step: stepText[seen.step] });
      if (writes(seen.step) && !gates.has('prepare')) {
        onWrite();
        fail(gateMissed());
      }
    }
    if (line.kind === 'log') emit({ event: 'log', level: line.level, text: line.text });
    else if (line.kind === 'error') emit({ event: 'log', level: 'error', text: line.message });
  };

  // A failure that led here is told first; what would not end comes with it.
  let stuck = null as string | null;
  const endAll = async (): Promise<void> => {
    const left = await endProcesses(system, namespace);
    if (left.length === 0 || stuck !== null) return;
    stuck = `processes that kairos-agent started would not end: ${left.join(', ')}`;
    run.onStuck(stuck);
    emit({ event: 'log', level: 'error', text: stuck });
  };
  const undo = system.cleanup.add('end kairos-agent', endAll);
  // Whoever left its session keeps our end of its output open: it is ended with all others, not waited for.
  const ending = new Promise<void>((resolve) => {
    stop.signal.addEventListener('abort', () => void endAll().catch(() => undefined).then(resolve), { once: true });
  });
  const serving = serveGates(system, run.gateDirectory, run.handlers, stop.signal, (gate) => gates.add(gate)).catch(fail);
  const ticking = (async (): Promise<void> => {
    let endedAt: number | null = null;
    while (!stop.signal.aborted) {
      await run.tick().catch(() => undefined);
      if (endedAt === null && (await namespace.ended())) endedAt = system.now();
      if (endedAt !== null && system.now() - endedAt >= afterlife) {
        emit({ event: 'log', level: 'warn', text: 'kairos-agent left processes behind; they are ended' });
        stop.abort();
        return;
      }
      await system.sleep(tickPeriod(seen.step), stop.signal).catch(() => undefined);
    }
  })();
  const holding = namespace.hold(stop.signal).catch(() => undefined);
  try {
    const end = await system.stream(namespace.command(run.command), {
      timeout: 0,
      signal: stop.signal,
      environment: { ...(await agentEnvironment(system)), KAIROS_AGENT_PROGRESS: '1', TMPDIR: run.temporary },
      onLine,
    });
    if (failed === null && !signal.aborted && (await namespace.processes()).length > 0) {
      emit({ event: 'log', level: 'warn', text: 'kairos-agent left processes behind; they are ended' });
    }
    stop.abort();
    await Promise.all([serving, ticking, ending, holding]);
    await undo();
    if (failed !== null) throw (failed as { readonly error: unknown }).error;
    signal.throwIfAborted();
    const gone = end.exitCode !== 0 && !(await canBeRead(system, run.command[0] ?? ''));
    return { transcript: seen, exit: { exitCode: end.exitCode, missing: end.missing, gone }, gates, stuck };
  } finally {
    stop.abort();
    signal.removeEventListener('abort', abort);
    await Promise.all([serving, ticking, ending, holding, watch.stop()]);
    await undo();
    await namespace.letGo();
  }
};
