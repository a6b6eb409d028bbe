/**
 * Plain mode: the same screens as questions, one after the other, answered by lines. Nothing on the terminal is ever
 * changed again, so it suits screen readers, logs and terminals that can do nothing else.
 */
import { createInterface } from 'node:readline';
import { formatDuration, formatPercent } from '../../ui/format.ts';
import { toAscii } from '../../ui/painter.ts';
import type { TerminalInput, TerminalOutput } from '../../ui/terminal.ts';
import { isStalled } from '../state.ts';
import type { Action, ConsoleState, Run } from '../state.ts';
import type { Store } from '../store.ts';
import { countdownTarget, secondsLeft } from './countdown.ts';
import { activeKeys } from './route.ts';
import { currentRow } from './screen.ts';
import type { PlainQuestion, Screens } from './screen.ts';
import { stateLine } from './state-line.ts';

export interface PlainOptions {
  readonly screens: Screens;
  readonly store: Store;
  /** ms since the epoch */
  readonly now: () => number;
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly unicode: boolean;
}

/** Words that work at every question. */
const universal: Readonly<Record<string, 'back' | 'details' | 'help' | 'quit' | 'log' | 'shell' | 'screens'>> = {
  details: 'details',
  back: 'back',
  b: 'back',
  help: 'help',
  '?': 'help',
  quit: 'quit',
  q: 'quit',
  log: 'log',
  shell: 'shell',
  screens: 'screens',
};

/** UTF-16 units of a line that are looked at: more than any answer may have, so that one that is too long is refused, not cut. */
export const mostOfLine = 2 * 1024 * 1024;

/** An answer of several lines has no more than this. */
const mostLines = 100_000;

/** What is worth a line when a run goes from one state to the next. */
export const runLines = (before: Run | null, after: Run): readonly string[] => {
  const lines: string[] = [];
  const phase = after.phases.at(-1);
  if (before === null) lines.push(`Installing to ${after.plan.targetText}. Type abort and Enter to stop it.`);
  if (phase !== undefined && phase.phase !== before?.phases.at(-1)?.phase) lines.push(`phase ${phase.phase}`);
  if (after.step !== '' && after.step !== before?.step) lines.push(`  ${after.step}`);
  const tenth = (run: Run | null): number => Math.floor((run?.fraction ?? 0) * 10);
  if (after.fraction !== null && (tenth(after) > tenth(before) || after.step !== before?.step)) lines.push(`  ${formatPercent(after.fraction)}`);
  const seen = before === null ? 0 : before.log.length + before.dropped;
  for (const line of after.log.slice(Math.max(0, seen - after.dropped))) {
    if (line.level === 'warn' || line.level === 'error') lines.push(`  ${line.level}: ${line.text}`);
  }
  if (after.aborting && before?.aborting !== true) lines.push('stopping');
  return lines;
};

/** A line typed without echo has its backspaces still in it: nobody took them out. */
export const rubbedOut = (line: string): string => {
  let kept = '';
  for (const character of line) {
    if (character === '\u007F' || character === '\b') kept = Array.from(kept).slice(0, -1).join('');
    else if (character === '\u0015') kept = '';
    else if (character >= ' ') kept += character;
  }
  return kept;
};

export interface PlainConsole {
  readonly stop: () => void;
}

export const startPlain = (options: PlainOptions): PlainConsole => {
  const { screens, store, stdin, stdout } = options;
  const reader = createInterface({ input: stdin, terminal: false });
  const lines: string[] = [];
  let ended = false;
  let asked: PlainQuestion | null = null;
  /** The plan that was printed with it. */
  let printedPlan: string | null = null;
  let askedFor: ConsoleState | null = null;
  let before = store.get();
  let heading = '';
  let heartbeat = 0;
  let secret = false;
  let busy = false;
  /** Lines of an answer that is not at its end yet. */
  let gathered: string[] = [];

  const say = (text: string): void => {
    for (const line of text.split('\n')) stdout.write(`${options.unicode ? line : Array.from(line, toAscii).join('')}\n`);
  };

  const hide = (hidden: boolean): void => {
    // Without echo the line discipline is off as well; what is typed is put together here.
    if (secret === hidden || stdin.isTTY !== true) return;
    secret = hidden;
    stdin.setRawMode?.(hidden);
  };

  // Ctrl-C and Ctrl-D are characters like any other while nothing is echoed; nobody ends a line to be heard.
  const onData = (data: unknown): void => {
    if (!secret || !/[\u0003\u0004]/.test(String(data))) return;
    hide(false);
    say('');
    store.dispatch({ type: 'quit' });
  };

  const prompt = (question: PlainQuestion): void => {
    stdout.write(`${question.prompt}${question.prompt.endsWith(':') ? '' : ':'} `);
  };

  const printHelp = (state: ConsoleState): void => {
    for (const line of currentRow(screens, state).help) say(line);
    say('At every question: back, help, log, shell, screens (instead of these questions), quit; before the install also details, which asks more.');
  };

  const answer = (line: string): void => {
    const state = store.get();
    const word = universal[line];
    const question = asked;
    asked = null;
    askedFor = null;
    if (question === null) return;
    if (word === 'help') printHelp(state);
    else if (word === 'log') for (const item of state.run?.log ?? []) say(`${formatDuration(item.at)} ${item.text}`);
    else if (word === 'quit') return store.dispatch({ type: 'quit' });
    else if (word === 'shell') return store.dispatch({ type: 'shell' });
    else if (word === 'screens') return store.dispatch({ type: 'switch-plain' });
    else if (word === 'details' && state.run === null) store.dispatch({ type: 'customize' });
    else if (word === 'back') {
      const back = activeKeys(screens, state, { columns: 80, rows: 24 }).find(({ key }) => key === 'back');
      if (back !== undefined) store.dispatch(back.action);
      else say('there is no question before this one');
    } else {
      const meaning = question.answer(line);
      busy = true;
      if (printedPlan !== null) store.dispatch({ type: 'shown', hash: printedPlan, now: options.now() });
      if (typeof meaning === 'string') say(meaning);
      else for (const action of meaning) store.dispatch(action satisfies Action);
      busy = false;
    }
    proceed();
  };

  /** Puts lines together until the one that ends the answer; true while more are to come. */
  const gather = (line: string, until: string): boolean => {
    if (line.trimEnd() === until) return false;
    // What is too long is refused as a whole, when it is checked.
    if (gathered.length <= mostLines) gathered.push(line);
    return true;
  };

  /** Takes a line that is there, for whatever is waited for. */
  const take = (): void => {
    const state = store.get();
    if (state.ending !== null) return;
    if (state.countdownEnds !== null) {
      if (lines.shift() !== undefined) store.dispatch({ type: 'stop-countdown' });
      return;
    }
    if (state.run !== null && state.run.done === null) {
      const line = lines.shift();
      if (line !== undefined) store.dispatch({ type: 'pressed', now: options.now(), action: null });
      if (line === 'abort') store.dispatch({ type: 'abort' });
      else if (line !== undefined && line !== '') say('type abort to stop the install');
      return;
    }
    if (asked === null) return;
    const line = lines.shift();
    if (line !== undefined && asked.until !== undefined) {
      if (gather(line, asked.until)) return take();
      const text = gathered.map((item) => `${item}\n`).join('');
      gathered = [];
      answer(text);
    } else if (line !== undefined) {
      const wasSecret = secret;
      hide(false);
      // What is typed without echo ends without one, too.
      if (wasSecret) say('');
      answer(wasSecret ? rubbedOut(line) : line.trim());
    } else if (ended) {
      store.dispatch({ type: 'quit' });
    }
  };

  /** Says what is new, and asks when there is something to ask. */
  const proceed = (): void => {
    // Several actions may answer one question; what comes of them is told when all are through.
    if (busy) return;
    const state = store.get();
    if (state.run !== null && state.run !== before.run) {
      for (const line of runLines(before.run?.startedAt === state.run.startedAt ? before.run : null, state.run)) say(line);
    } else if (state.run !== null && state.now - heartbeat >= 15_000 && state.run.done === null) {
      heartbeat = state.now;
      say(`  ${formatDuration(state.now - state.run.startedAt)} elapsed${isStalled(state) ? ', stalled' : ''}${state.run.fraction === null ? '' : `, ${formatPercent(state.run.fraction)}`}`);
    }
    if (state.looking && !before.looking) say('looking at this machine ...');
    // Said anew when it is another disk by now.
    if (state.countdownEnds !== null && state.run === null && (before.countdownEnds === null || countdownTarget(before) !== countdownTarget(state))) {
      say(`An unattended install begins in ${secondsLeft(state)} s. ${countdownTarget(state)} Press Enter to stop it.`);
    } else if (state.countdownEnds !== null && before.countdownEnds === null) say(`${state.run?.plan.finish === 'poweroff' ? 'Powering off' : 'Rebooting'} in 10 s. Press Enter to stop it.`);
    if (state.notice !== '' && state.notice !== before.notice) say(state.notice);
    before = state;
    if (state.ending !== null || state.looking || state.countdownEnds !== null || (state.run !== null && state.run.done === null)) return;
    if (asked !== null && askedFor === state) return;
    const row = currentRow(screens, state);
    const question = row.ask?.(state) ?? null;
    if (question === null) return;
    // The same question with the same words is not put twice because a clock ticked.
    const words = [row.id, ...question.lines, question.prompt].join('\n');
    const waiting = asked !== null;
    asked = question;
    printedPlan = row.shows?.(state) ?? null;
    askedFor = state;
    if (heading !== words) {
      heading = words;
      say('');
      say(`== ${row.title} ==`);
      for (const line of question.lines) say(line);
      say(stateLine(screens, state));
      prompt(question);
    } else if (!waiting) prompt(question);
    hide(question.secret === true);
    if (lines.length > 0 || ended) queueMicrotask(take);
  };

  reader.on('line', (line) => {
    lines.push(line.slice(0, mostOfLine));
    take();
  });
  stdin.on('data', onData);
  reader.on('close', () => {
    ended = true;
    take();
  });
  say(`${store.get().simulated ? 'SIMULATED: ' : ''}Slipway ${store.get().version}, plain mode. At every question: back, help, log, quit.`);
  if (store.get().looking) say('looking at this machine ...');
  const unsubscribe = store.subscribe(proceed);
  // In the place of screens, or back from a shell, there is something to ask already.
  if (!store.get().looking) proceed();
  return {
    stop: () => {
      unsubscribe();
      stdin.off('data', onData);
      hide(false);
      // Nobody has gone: the end of the reader is not an end of the input.
      asked = null;
      reader.close();
    },
  };
};
