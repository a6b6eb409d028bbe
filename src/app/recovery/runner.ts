/** Carries out what the recovery menu's reducer asks for, and brings back what came of it. */
import { exitCodes } from '../../model/exit-code.ts';
import { formatProblem, isError, SlipwayError } from '../../model/problem.ts';
import type { Problem } from '../../model/problem.ts';
import type { RecoveryEvent } from '../../recovery/events.ts';
import { checkNewConfig } from '../../recovery/run/config-files.ts';
import { checkUserData } from '../../sources/user-data.ts';
import { createTextChecker } from '../console/text-problems.ts';
import type { RecoveryEffects } from './effects.ts';
import { isActionRunning } from './state.ts';
import type { RecoveryCommand } from './state.ts';
import type { RecoveryStore } from './store.ts';

export interface RecoveryRunner {
  readonly perform: (command: RecoveryCommand) => void;
  readonly start: (store: RecoveryStore) => void;
  readonly stop: () => void;
  /** Whatever is under way has ended. */
  readonly idle: () => Promise<void>;
}

/** Lines come by the hundred; the screen takes them in gulps. ms */
const gulp = 50;

const problemFrom = (error: unknown): Problem =>
  error instanceof SlipwayError ? error.problem : { id: 'bug', severity: 'error', what: `unexpected: ${error instanceof Error ? error.message : String(error)}`, where: 'slipway', hint: 'this is a bug; please report it' };

export const createRecoveryRunner = (options: { readonly effects: RecoveryEffects; readonly now: () => number; readonly redraw: () => void }): RecoveryRunner => {
  const { effects, now } = options;
  const ends = new AbortController();
  let store: RecoveryStore | null = null;
  let acting: AbortController | null = null;
  let under: Promise<void> = Promise.resolve();
  let ticking: NodeJS.Timeout | null = null;
  const send: RecoveryStore['dispatch'] = (action) => store?.dispatch(action);

  /** As it stands, then as a node would take it; keys are answered in between. */
  function* checks(text: string): Generator<undefined, readonly Problem[]> {
    const found = checkUserData(text, checkedName);
    yield;
    return found.some(isError) ? found : checkNewConfig(text, checkedName);
  }
  let checkedName = '';
  const checker = createTextChecker((text, problems) => send({ type: 'config-checked', text, problems }), checks);

  const readConfig = async (): Promise<void> => {
    try {
      const config = await effects.readConfig();
      if (!ends.signal.aborted) send({ type: 'config-read', config });
    } catch (error) {
      if (ends.signal.aborted) return;
      send({ type: 'back' });
      send({ type: 'notice', text: formatProblem(problemFrom(error)) });
    }
  };

  const look = async (device?: string): Promise<void> => {
    try {
      const looked = await effects.look(ends.signal, device);
      if (ends.signal.aborted) return;
      if ('problem' in looked) send({ type: 'look-failed', problem: looked.problem, candidates: looked.candidates, machine: looked.machine ?? null });
      else send({ type: 'looked', looked: looked.looked });
    } catch (error) {
      if (!ends.signal.aborted) send({ type: 'look-failed', problem: problemFrom(error), candidates: [] });
    }
  };

  const act = async (command: Extract<RecoveryCommand, { do: 'run' }>): Promise<void> => {
    acting = new AbortController();
    send({ type: 'tick', now: now() });
    let waiting: RecoveryEvent[] = [];
    let timer: NodeJS.Timeout | null = null;
    let ended = false;
    const deliver = (): void => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      const events = waiting;
      waiting = [];
      if (events.length > 0) send({ type: 'events', events, now: now() });
    };
    const take = (event: RecoveryEvent): void => {
      waiting.push(event);
      ended ||= event.event === 'done';
      if (event.event === 'log' || event.event === 'progress') timer ??= setTimeout(deliver, gulp);
      else deliver();
    };
    try {
      await effects.run(command.action, command, acting.signal, take);
    } catch (error) {
      take({ event: 'problem', ...problemFrom(error) });
    }
    // The effect promises one `done`; without it nothing may be taken for granted.
    if (!ended) take({ event: 'done', action: command.action, exitCode: exitCodes.bug, ok: false, result: 'failed', diskTouched: true, text: 'the action ended without a result; repeat it', written: [] });
    deliver();
    acting = null;
  };

  const tick = (): void => {
    const wanted = store !== null && !ends.signal.aborted && isActionRunning(store.get());
    if (wanted && ticking === null) ticking = setInterval(() => send({ type: 'tick', now: now() }), 1000);
    if (!wanted && ticking !== null) {
      clearInterval(ticking);
      ticking = null;
    }
  };

  return {
    perform(command) {
      switch (command.do) {
        case 'look':
          void look(command.device);
          break;
        case 'read-config':
          void readConfig();
          break;
        case 'check-config':
          checkedName = command.name;
          checker.check(command.text);
          break;
        case 'run':
          under = act(command);
          break;
        case 'abort':
          acting?.abort(new Error('interrupted'));
          break;
        case 'redraw':
          options.redraw();
          break;
      }
    },
    start(started) {
      store = started;
      started.subscribe(tick);
      void look();
    },
    stop() {
      ends.abort();
      checker.stop();
      acting?.abort(new Error('interrupted'));
      if (ticking !== null) clearInterval(ticking);
      ticking = null;
    },
    idle: () => under,
  };
};
