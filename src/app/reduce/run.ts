/** An install under way: what its events make of it, and how it is stopped. */
import { exitCodes } from '../../model/exit-code.ts';
import type { InstallEvent, Phase } from '../../model/events.ts';
import { cleanText } from '../../model/foreign-text.ts';
import type { PlannedInstall } from '../../model/plan.ts';
import { answersOf, isRunning, staysOpen } from '../state.ts';
import type { Action, ConsoleState, LogLine, Run } from '../state.ts';
import { only } from './step.ts';
import type { Step } from './step.ts';

/** ms */
export const countdownLength = 10_000;
const keptLogLines = 5000;

export const startRun = (state: ConsoleState, planned: PlannedInstall, unattended: boolean): Step => {
  const run: Run = {
    plan: planned.plan,
    startedAt: state.now,
    endedAt: null,
    lastEventAt: state.now,
    phases: [],
    step: '',
    fraction: null,
    bytes: 0,
    total: null,
    bytesPerSecond: null,
    sourceBytesPerSecond: null,
    log: [],
    dropped: 0,
    problems: [],
    scrubbed: null,
    audit: null,
    receipts: [],
    receiptLine: null,
    aborting: false,
    unattended,
    done: null,
  };
  return {
    state: { ...state, run, notice: '', overlay: null, countdownEnds: null, countdownOver: true },
    commands: [{ do: 'install' }],
  };
};

const closePhases = (run: Run, now: number): Run => ({
  ...run,
  phases: run.phases.map((phase) => (phase.endedAt === null ? { ...phase, endedAt: now } : phase)),
});

const enterPhase = (run: Run, phase: Phase, now: number): Run => {
  if (run.phases.at(-1)?.phase === phase) return run;
  const closed = closePhases(run, now);
  const phases = [...closed.phases, { phase, startedAt: now, endedAt: null }];
  return { ...closed, phases, fraction: null, bytes: 0, total: null, bytesPerSecond: null, sourceBytesPerSecond: null, step: '' };
};

const reduceEvent = (run: Run, event: InstallEvent, now: number): Run => {
  switch (event.event) {
    case 'plan':
      return run;
    case 'phase': {
      const entered = enterPhase(run, event.phase, now);
      const step = cleanText(event.step ?? '', 200);
      // Another step of the same phase starts its progress anew.
      return step === entered.step ? entered : { ...entered, step, fraction: null };
    }
    case 'progress':
      return {
        ...enterPhase(run, event.phase, now),
        fraction: event.fraction,
        bytes: event.bytes,
        total: event.total,
        bytesPerSecond: event.bytesPerSecond,
        sourceBytesPerSecond: event.sourceBytesPerSecond ?? null,
      };
    case 'problem':
      return { ...run, problems: [...run.problems, event] };
    case 'scrub':
      return { ...run, scrubbed: event.removed };
    case 'audit':
      return { ...run, audit: event };
    case 'receipt':
      return { ...run, receipts: event.written, receiptLine: event.line ?? null };
    case 'done':
      return { ...closePhases(run, now), done: event, endedAt: now };
    case 'log':
      return run;
  }
};

const reduceEvents = (run: Run, events: readonly InstallEvent[], now: number): Run => {
  const lines: LogLine[] = [];
  let next = run;
  for (const event of events) {
    if (event.event === 'log') lines.push({ level: event.level, text: cleanText(event.text, 500), at: now - run.startedAt });
    else next = reduceEvent(next, event, now);
  }
  const log = lines.length === 0 ? next.log : [...next.log, ...lines];
  const surplus = Math.max(0, log.length - keptLogLines);
  return { ...next, log: surplus === 0 ? log : log.slice(surplus), dropped: next.dropped + surplus, lastEventAt: now };
};

/** A way to finish was answered, not merely planned. */
const finishesByItself = (state: ConsoleState): boolean => {
  const finish = answersOf(state).finish?.value;
  return finish === 'reboot' || finish === 'poweroff';
};

export const events = (state: ConsoleState, action: Extract<Action, { type: 'events' }>): Step => {
  if (state.run === null) return only(state);
  const run = reduceEvents(state.run, action.events, action.now);
  const next = { ...state, run, now: action.now };
  if (run.done === null) return only(next);
  const overlay = staysOpen(next.overlay) ? next.overlay : null;
  const shown = {
    ...next,
    overlay,
    turnedAt: overlay === null ? action.now : null,
    // Counted down only where somebody asked for it before; otherwise the person chooses.
    countdownEnds: run.done.ok && !run.unattended && finishesByItself(state) ? action.now + countdownLength : null,
  };
  return run.unattended
    ? only({ ...shown, ending: { exitCode: run.done.exitCode, finish: run.done.ok ? run.plan.finish : 'none' } })
    : only(shown);
};

/** Somebody pressed a key while a run that was started by the countdown goes on: it does not leave by itself any more. One that is being left for good does. */
export const withSomebody = (state: ConsoleState): ConsoleState =>
  state.run !== null && state.run.unattended && state.run.done === null && !state.run.aborting
    ? { ...state, run: { ...state.run, unattended: false }, notice: 'somebody is here: the end of the install waits on the screen' }
    : state;

/** The engine begins now. */
export const started = (state: ConsoleState, now: number): Step =>
  only(state.run === null ? state : { ...state, now, run: { ...state.run, startedAt: now, lastEventAt: now } });

export const abort = (state: ConsoleState): Step =>
  !isRunning(state) || state.run === null ? only(state) : { state: { ...state, overlay: null, run: { ...state.run, aborting: true } }, commands: [{ do: 'abort' }] };

/** What an abandoned console ends with. */
const endingOf = (state: ConsoleState): ConsoleState['ending'] => ({
  exitCode: state.run?.done?.exitCode ?? exitCodes.interrupted,
  finish: 'none',
});

/** Leaves the console. While the disk is written the run is stopped first; the ending follows from its result. */
export const quit = (state: ConsoleState): Step =>
  isRunning(state) && state.run !== null
    ? { state: { ...state, run: { ...state.run, aborting: true, unattended: true } }, commands: [{ do: 'abort' }] }
    : only({ ...state, ending: endingOf(state) });
