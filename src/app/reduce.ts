/**
 * What happens to the console's state. Pure: the time comes in with the actions, and what must be done in the
 * world goes out as commands.
 */
import type { InstallEvent, Phase } from '../model/events.ts';
import { exitCodes } from '../model/exit-code.ts';
import type { PlannedInstall } from '../model/plan.ts';
import { isError } from '../model/problem.ts';
import type { SettingLayer, SettingName } from '../model/settings.ts';
import { cleanText } from '../model/foreign-text.ts';
import { emptyField, reduceTextField } from '../ui/text-field.ts';
import { reduceTextArea } from '../ui/text-area.ts';
import { withExtras, withExtraChanges } from './console/config-answers.ts';
import { checksAfterLook, isSessionAction, reduceSession } from './console/session.ts';
import { answersOf, disksOf, fieldOf, hasConsent, isRunning, layersOf, planOf, problemsOf, textOf } from './state.ts';
import type { Action, AnswerChanges, Command, ConsoleState, LogLine, Run } from './state.ts';

/** The part of a screen's row that the flow needs. The order of the rows is the order of the screens. */
export interface FlowRow {
  readonly id: string;
  /** Has this screen anything to show or ask now? */
  readonly when: (state: ConsoleState) => boolean;
  /** Is everything answered that it asks? */
  readonly done: (state: ConsoleState) => boolean;
  /** What is missing, for the person, while it is not done. */
  readonly missing?: (state: ConsoleState) => string;
}

export interface Step {
  readonly state: ConsoleState;
  readonly commands: readonly Command[];
}

export type Reduce = (state: ConsoleState, action: Action) => Step;

/** ms */
export const countdownLength = 10_000;
const keptLogLines = 5000;

/** Answers that change what is found or read; the others change the plan only. */
const lookedFor: ReadonlySet<SettingName> = new Set([
  'config',
  'installer-data',
  'data-volume',
  'wait-for-data',
  'source',
  'engine',
  'target-image',
  'image-size',
  'password-file',
]);

const only = (state: ConsoleState): Step => ({ state, commands: [] });

/** Sets answers and takes back those that are undefined. */
const withAnswers = (answers: SettingLayer, changes: AnswerChanges): SettingLayer =>
  Object.fromEntries(Object.entries({ ...answers, ...changes }).filter(([, value]) => value !== undefined));

const look = (state: ConsoleState): Step => {
  const number = state.lookNumber + 1;
  return {
    state: { ...state, lookNumber: number, looking: true, lookText: '', lookProblem: null, outcome: null, volumesChanged: false },
    // What earlier looks read from files must not be taken for given.
    commands: [{ do: 'look', number, layers: { ...state.given, console: state.answers }, instead: state.useDocument ? state.document : null }],
  };
};

const plan = (state: ConsoleState): Step =>
  state.input === null || state.looking
    ? only(state)
    : {
        state,
        commands: [
          {
            do: 'plan',
            input: { ...state.input, sources: withExtras(state.input.sources, state.extras), layers: layersOf(state), passwordHash: state.passwordHash ?? state.input.passwordHash },
          },
        ],
      };

const startRun = (state: ConsoleState, planned: PlannedInstall, unattended: boolean): Step => {
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
    log: [],
    dropped: 0,
    problems: [],
    scrubbed: null,
    audit: null,
    receipts: [],
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
  return { ...closed, phases, fraction: null, bytes: 0, total: null, bytesPerSecond: null, step: '' };
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
      };
    case 'problem':
      return { ...run, problems: [...run.problems, event] };
    case 'scrub':
      return { ...run, scrubbed: event.removed };
    case 'audit':
      return { ...run, audit: event };
    case 'receipt':
      return { ...run, receipts: event.written };
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

const volumeNames = (state: ConsoleState): string =>
  (state.input?.facts.volumes ?? []).map(({ path, label, kind }) => `${path} ${label} ${kind}`).join('\n');

/** Keeps the highlight on the same disk when others come and go. */
const followDisk = (before: ConsoleState, after: ConsoleState): ConsoleState => {
  const index = before.highlights['disk'];
  if (index === undefined) return after;
  const path = disksOf(before)[index]?.path;
  const found = disksOf(after).findIndex((disk) => disk.path === path);
  return { ...after, highlights: { ...after.highlights, disk: found } };
};

const without = <T>(all: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> => Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));

const clearField = (state: ConsoleState, field: string): ConsoleState => ({
  ...state,
  fields: { ...state.fields, [field]: emptyField },
});

/** What an abandoned console ends with. */
const endingOf = (state: ConsoleState): ConsoleState['ending'] => ({
  exitCode: state.run?.done?.exitCode ?? exitCodes.interrupted,
  finish: 'none',
});

/** A way to finish was answered, not merely planned. */
const finishesByItself = (state: ConsoleState): boolean => {
  const finish = answersOf(state).finish?.value;
  return finish === 'reboot' || finish === 'poweroff';
};

/** Binds the reducer to the order of the screens. */
export const makeReduce = (rows: readonly FlowRow[]): Reduce => {
  const position = (screen: string): number => rows.findIndex(({ id }) => id === screen);

  const nextScreen = (state: ConsoleState): string | undefined =>
    rows.slice(position(state.screen) + 1).find((row) => row.when(state))?.id;

  const previousScreen = (state: ConsoleState): string | undefined =>
    rows.slice(0, Math.max(0, position(state.screen))).findLast((row) => row.when(state))?.id;

  /** Leaves a screen that has nothing to say any more. */
  const settle = ({ state, commands }: Step): Step => {
    if (rows[position(state.screen)]?.when(state) === true) return { state, commands };
    const screen = nextScreen(state) ?? previousScreen(state) ?? state.screen;
    return { state: screen === state.screen ? state : { ...state, screen, overlay: null }, commands };
  };

  const goNext = (state: ConsoleState): Step => {
    const row = rows[position(state.screen)];
    if (row !== undefined && !row.done(state)) {
      return only({ ...state, notice: row.missing?.(state) ?? 'something is not answered yet' });
    }
    return only({ ...state, screen: nextScreen(state) ?? state.screen, notice: '' });
  };

  /** From a visit the way leads back to where it began. */
  const comeBack = (state: ConsoleState): Step | null =>
    state.visit?.screen === state.screen ? only({ ...state, visit: null, screen: state.visit.from, notice: '' }) : null;

  const answer = (state: ConsoleState, changes: AnswerChanges): Step => {
    const answers = withAnswers(state.answers, changes);
    const changed = (Object.keys(changes) as SettingName[]).filter(
      (name) => JSON.stringify(answers[name]) !== JSON.stringify(state.answers[name]),
    );
    if (changed.length === 0) return only(state);
    const next = { ...state, answers, notice: '' };
    // Another configuration was chosen: the one written here waits.
    const elsewhere = changed.some((name) => name === 'config' || name === 'data-volume');
    return changed.some((name) => lookedFor.has(name)) ? look(elsewhere ? { ...next, useDocument: false } : next) : plan(next);
  };

  const planned = (state: ConsoleState, action: Extract<Action, { type: 'planned' }>): Step => {
    const before = planOf(state)?.hash;
    const after = action.outcome.planned?.plan.hash;
    const next = { ...state, outcome: action.outcome, now: action.now };
    // Consent belongs to one plan.
    const cleared = before === after ? next : clearField(next, 'consent');
    const wanted = answersOf(state).unattended?.value === true && !state.countdownOver && state.run === null;
    if (!wanted || state.countdownEnds !== null) return only(cleared);
    const possible = action.outcome.planned !== null && !action.outcome.problems.some(isError);
    if (possible) return only({ ...cleared, countdownEnds: action.now + countdownLength });
    return only({ ...cleared, countdownOver: true, notice: 'unattended was asked for, but there is no plan that could be carried out' });
  };

  const tick = (state: ConsoleState, now: number): Step => {
    const next = { ...state, now };
    const ready = next.outcome?.planned ?? null;
    if (next.countdownEnds === null || now < next.countdownEnds) return only(next);
    if (next.run?.done != null) return only({ ...next, ending: { exitCode: next.run.done.exitCode, finish: next.run.plan.finish } });
    return ready === null ? only({ ...next, countdownEnds: null, countdownOver: true }) : startRun(next, ready, true);
  };

  const confirm = (state: ConsoleState, hash: string): Step => {
    const ready = state.outcome?.planned ?? null;
    if (ready === null || ready.plan.hash !== hash || state.looking || state.run !== null) return only(state);
    if (problemsOf(state).some(isError)) return only({ ...state, notice: 'the problems come first' });
    if (!hasConsent(state, ready.plan)) {
      return only({ ...state, notice: 'not the characters that are asked for; nothing was started' });
    }
    return startRun(state, ready, false);
  };

  const events = (state: ConsoleState, action: Extract<Action, { type: 'events' }>): Step => {
    if (state.run === null) return only(state);
    const run = reduceEvents(state.run, action.events, action.now);
    const next = { ...state, run, now: action.now };
    if (run.done === null) return only(next);
    const shown = {
      ...next,
      overlay: next.overlay === 'log' ? next.overlay : null,
      // Counted down only where somebody asked for it before; otherwise the person chooses.
      countdownEnds: run.done.ok && !run.unattended && finishesByItself(state) ? action.now + countdownLength : null,
    };
    return run.unattended
      ? only({ ...shown, ending: { exitCode: run.done.exitCode, finish: run.done.ok ? run.plan.finish : 'none' } })
      : only(shown);
  };

  const facts = (state: ConsoleState, action: Extract<Action, { type: 'facts' }>): Step => {
    if (state.input === null || state.run !== null) return only(state);
    const next = followDisk(state, { ...state, input: { ...state.input, facts: action.facts } });
    const changed = volumeNames(next) !== volumeNames(state);
    return plan(changed ? { ...next, volumesChanged: true, notice: 'a volume came or went; r looks again' } : next);
  };

  const step = (state: ConsoleState, action: Action): Step => {
    if (isSessionAction(action)) {
      const { changes, commands, again } = reduceSession(state, action);
      const next = { ...state, ...changes };
      const planned = again === 'plan' ? plan(next) : again === 'look' ? look(next) : only(next);
      return { state: planned.state, commands: [...commands, ...planned.commands] };
    }
    switch (action.type) {
      case 'tick':
        return tick(state, action.now);
      case 'looked': {
        if (action.number !== state.lookNumber) return only(state);
        const next = { ...state, looking: false, lookText: '', notice: '', input: action.input, now: action.now };
        const checks = checksAfterLook(next);
        const planned = plan(followDisk(state, { ...next, session: checks.session }));
        return { state: planned.state, commands: [...checks.commands, ...planned.commands] };
      }
      case 'look-failed':
        return action.number === state.lookNumber ? only({ ...state, looking: false, lookText: '', lookProblem: action.problem }) : only(state);
      case 'look-text':
        return action.number === state.lookNumber ? only({ ...state, lookText: cleanText(action.text, 200) }) : only(state);
      case 'planned':
        return planned(state, action);
      case 'facts':
        return facts(state, action);
      case 'hashed':
        return plan({ ...state, passwordHash: action.hash });
      case 'events':
        return events(state, action);
      case 'answer': {
        const answered = answer(state, action.changes);
        if (action.next !== true) return answered;
        const moved = goNext(answered.state);
        return { state: moved.state, commands: [...answered.commands, ...moved.commands] };
      }
      case 'next':
        return comeBack(state) ?? goNext(state);
      case 'back':
        return comeBack(state) ?? only({ ...state, screen: previousScreen(state) ?? state.screen, notice: '' });
      case 'go':
        return rows[position(action.screen)]?.when(state) === true ? only({ ...state, screen: action.screen, notice: '' }) : only(state);
      case 'look':
        return state.run === null ? look({ ...state, notice: '' }) : only(state);
      case 'highlight':
        return only({ ...state, notice: '', highlights: { ...state.highlights, [action.list]: action.index } });
      case 'edit': {
        const field = reduceTextField(fieldOf(state, action.field), action.edit, action.maxLength);
        return only({ ...state, notice: '', fields: { ...state.fields, [action.field]: field } });
      }
      case 'edit-text': {
        const text = reduceTextArea(textOf(state, action.text), action.edit, action.limits);
        return only({ ...state, notice: '', texts: { ...state.texts, [action.text]: text } });
      }
      case 'extras':
        return plan({ ...state, notice: '', extras: withExtraChanges(state.extras, action.changes) });
      case 'document':
        if (action.document === null && !state.useDocument) return only(state);
        // What is chosen now is highlighted, so that Enter goes on with it.
        return look({ ...state, notice: '', overlay: null, document: action.document ?? state.document, useDocument: action.document !== null, highlights: without(state.highlights, 'configuration') });
      case 'visit':
        return state.run === null ? only({ ...state, visit: { screen: action.screen, from: state.screen }, screen: action.screen, overlay: null, notice: '' }) : only(state);
      case 'focus':
        return only({ ...state, focus: { ...state.focus, [action.screen]: action.index } });
      case 'overlay':
        return only({ ...state, overlay: action.overlay });
      case 'notice':
        return only({ ...state, notice: action.text });
      case 'stop-countdown':
        if (state.countdownEnds === null) return only(state);
        if (state.run !== null) return only({ ...state, countdownEnds: null, notice: 'stopped; nothing goes on by itself now' });
        return plan({
          ...state,
          countdownEnds: null,
          countdownOver: true,
          answers: { ...state.answers, unattended: false },
          notice: 'stopped; nothing goes on by itself now',
        });
      case 'confirm':
        return confirm(state, action.hash);
      case 'retry':
        return look(clearField({ ...state, run: null, overlay: null, notice: '', screen: action.to, highlights: {} }, 'consent'));
      case 'started':
        return only(state.run === null ? state : { ...state, now: action.now, run: { ...state.run, startedAt: action.now, lastEventAt: action.now } });
      case 'abort':
        if (!isRunning(state) || state.run === null) return only(state);
        return { state: { ...state, overlay: null, run: { ...state.run, aborting: true } }, commands: [{ do: 'abort' }] };
      case 'end':
        return only({ ...state, ending: action.ending });
      case 'quit': {
        // While the disk is written the run is stopped first; the ending follows from its result.
        if (isRunning(state) && state.run !== null) {
          return { state: { ...state, run: { ...state.run, aborting: true, unattended: true } }, commands: [{ do: 'abort' }] };
        }
        return only({ ...state, ending: endingOf(state) });
      }
      case 'many': {
        let next: Step = only(state);
        for (const each of action.actions) {
          const after = step(next.state, each);
          next = { state: after.state, commands: [...next.commands, ...after.commands] };
        }
        return next;
      }
      case 'customize': {
        if (state.input?.branding?.advancedDisabled === true) return only({ ...state, notice: 'this image offers no more questions' });
        const wanted = { ...state, customize: true, notice: '' };
        const extra = rows.find((row) => row.when(wanted) && !row.when({ ...state, customize: false }));
        return only(extra === undefined ? wanted : { ...wanted, screen: extra.id });
      }
      case 'password':
        return {
          state: action.fields.reduce(clearField, { ...state, notice: '' }),
          commands: [{ do: 'hash', password: action.password }],
        };
      case 'redraw':
        return { state, commands: [{ do: 'redraw' }] };
      case 'switch-color':
        return { state, commands: [{ do: 'switch-color' }] };
      case 'save':
        return {
          state: { ...state, overlay: null, notice: 'writing the report ...' },
          commands: [{ do: 'save', volume: action.volume, report: action.report }],
        };
    }
  };

  return (state, action) => (state.ending === null ? settle(step(state, action)) : only(state));
};
