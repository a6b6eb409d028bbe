/** Carries out the reducer's commands with the shared effects, and brings back what came of them. */
import type { InstallEvent } from '../../model/events.ts';
import { exitCodes } from '../../model/exit-code.ts';
import { formatProblem, SlipwayError } from '../../model/problem.ts';
import type { Problem } from '../../model/problem.ts';
import { cleanText } from '../../model/foreign-text.ts';
import type { PlannedInstall } from '../../model/plan.ts';
import type { Line } from '../../system/port.ts';
import type { Effects } from '../effects.ts';
import { needsTick } from '../state.ts';
import { performSession } from './perform-session.ts';
import { createTextChecker } from './text-problems.ts';
import type { Command } from '../state.ts';
import type { Store } from '../store.ts';

export interface Runner {
  readonly perform: (command: Command) => void;
  /** Starts the first look and the watch for disks. */
  readonly start: (store: Store) => void;
  /** Ends when the shell has given the terminal back. */
  readonly stop: () => Promise<void>;
  /** The install that is under way, if any, has ended. */
  readonly idle: () => Promise<void>;
}

export interface RunnerOptions {
  readonly effects: Effects;
  readonly now: () => number;
  readonly redraw: () => void;
  readonly switchColor: () => void;
  readonly switchPlain: () => void;
  /** The terminal is somebody else's while this works. */
  readonly lend: (work: (line: Line) => Promise<void>) => Promise<void>;
  /** Called with the plan right before it is carried out. */
  readonly onConfirmed?: (planned: PlannedInstall) => void;
}

/** Log lines come by the thousand; the screen takes them in gulps. ms */
const gulp = 50;

export const problemFrom = (error: unknown, id: string): Problem =>
  error instanceof SlipwayError
    ? error.problem
    : { id, severity: 'error', what: error instanceof Error ? error.message : 'unknown trouble', where: 'slipway', hint: 'this is a bug; the log has more' };

export const createRunner = (options: RunnerOptions): Runner => {
  const { effects, now } = options;
  const ends = new AbortController();
  let store: Store | null = null;
  let looking: AbortController | null = null;
  let installing: AbortController | null = null;
  let installed: Promise<void> = Promise.resolve();
  let inShell: Promise<void> | null = null;
  let ticking: NodeJS.Timeout | null = null;

  const send: Store['dispatch'] = (action) => store?.dispatch(action);

  const checker = createTextChecker((text, problems) => send({ type: 'text-checked', text, problems }));

  const look = async (command: Extract<Command, { do: 'look' }>): Promise<void> => {
    looking?.abort();
    looking = new AbortController();
    const { signal } = looking;
    const { number } = command;
    try {
      const input = await effects.gather(command.layers, signal, (text) => send({ type: 'look-text', number, text }), command.instead ?? undefined);
      if (!signal.aborted) send({ type: 'looked', number, input, now: now() });
    } catch (error) {
      if (!signal.aborted) send({ type: 'look-failed', number, problem: problemFrom(error, 'look-failed') });
    }
  };

  const install = async (): Promise<void> => {
    const planned = store?.get().outcome?.planned ?? null;
    if (planned === null) return;
    options.onConfirmed?.(planned);
    send({ type: 'started', now: now() });
    installing = new AbortController();
    let waiting: InstallEvent[] = [];
    let timer: NodeJS.Timeout | null = null;
    const deliver = (): void => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      const events = waiting;
      waiting = [];
      if (events.length > 0) send({ type: 'events', events, now: now() });
    };
    let ended = false;
    const failed = (text: string): InstallEvent => ({
      event: 'done',
      exitCode: exitCodes.bug,
      ok: false,
      result: 'failed',
      diskTouched: true,
      text,
    });
    try {
      for await (const event of effects.install(planned, installing.signal)) {
        waiting.push(event);
        ended ||= event.event === 'done';
        if (event.event === 'log' || event.event === 'progress') timer ??= setTimeout(deliver, gulp);
        else deliver();
      }
    } catch (error) {
      waiting.push({ event: 'problem', ...problemFrom(error, 'install-broke') });
    }
    // The stream promises one `done`; without it nothing may be taken for granted.
    if (!ended) waiting.push(failed('the install ended without a result; take the disk for half-written'));
    deliver();
    installing = null;
  };

  const watch = async (): Promise<void> => {
    try {
      for await (const facts of effects.watch(ends.signal)) send({ type: 'facts', facts, at: now() });
    } catch {
      // Without the watch, r still looks again.
    }
  };

  const tick = (): void => {
    const wanted = store !== null && !ends.signal.aborted && needsTick(store.get());
    if (wanted && ticking === null) ticking = setInterval(() => send({ type: 'tick', now: now() }), 1000);
    if (!wanted && ticking !== null) {
      clearInterval(ticking);
      ticking = null;
    }
  };

  /** The install, if one is under way, goes on meanwhile. */
  const shell = async (): Promise<void> => {
    const { shell: open } = effects;
    try {
      if (open === undefined) send({ type: 'notice', text: 'no shell here: a recorded machine is played' });
      else await options.lend((line) => open(line, ends.signal));
    } catch (error) {
      send({ type: 'notice', text: cleanText(formatProblem(problemFrom(error, 'shell-failed')), 300) });
    } finally {
      inShell = null;
    }
  };

  const perform = (command: Command): void => {
    switch (command.do) {
      case 'look':
        void look(command);
        break;
      case 'plan':
        send({ type: 'planned', outcome: effects.plan(command.input), now: now() });
        break;
      case 'hash':
        void effects.hashPassword(command.password).then(
          (hash) => send({ type: 'hashed', hash }),
          () => send({ type: 'notice', text: 'the password could not be hashed; type it again' }),
        );
        break;
      case 'install':
        installed = install();
        break;
      case 'abort':
        installing?.abort();
        break;
      case 'check-text':
        checker.check(command.text);
        break;
      case 'list-files':
      case 'read-file':
      case 'fetch-keys':
      case 'make-token':
      case 'ask-providers':
      case 'set-network':
      case 'test-url':
      case 'release-disk':
      case 'list-names':
      case 'ask-checks':
      case 'apply-checks':
        performSession(effects, command, send, ends.signal);
        break;
      case 'redraw':
        options.redraw();
        break;
      case 'switch-color':
        options.switchColor();
        break;
      case 'switch-plain':
        options.switchPlain();
        break;
      case 'shell':
        inShell ??= shell();
        break;
      case 'save':
        void effects.saveReport?.(command.volume, command.report).then(
          (path) => send({ type: 'notice', text: `the report is in ${cleanText(path, 200)}` }),
          (error: unknown) => send({ type: 'notice', text: cleanText(formatProblem(problemFrom(error, 'report-not-written')), 300) }),
        );
        break;
    }
  };

  return {
    perform,
    start: (started) => {
      store = started;
      started.subscribe(tick);
      const { input, lookNumber, given, answers } = started.get();
      // A console that goes on may find another machine than the one it was left on.
      if (input === null) void look({ do: 'look', number: lookNumber, layers: { ...given, console: answers }, instead: null });
      else send({ type: 'look' });
      performSession(effects, { do: 'ask-providers' }, send, ends.signal);
      void watch();
    },
    stop: async () => {
      ends.abort();
      looking?.abort();
      checker.stop();
      if (ticking !== null) clearInterval(ticking);
      ticking = null;
      await inShell;
    },
    idle: () => installed,
  };
};
