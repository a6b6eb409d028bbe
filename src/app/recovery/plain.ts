/** Plain mode of the recovery menu: the same screens as questions, answered by lines; nothing on the terminal is changed again. */
import { createInterface } from 'node:readline';
import { eventLine } from '../../recovery/describe.ts';
import { formatDuration } from '../../ui/format.ts';
import { toAscii } from '../../ui/painter.ts';
import type { TerminalInput, TerminalOutput } from '../../ui/terminal.ts';
import { mostOfLine } from '../console/plain.ts';
import { recoveryRow, recoveryStateLine } from './screen.ts';
import type { RecoveryQuestion, RecoveryScreens } from './screen.ts';
import { isActionRunning } from './state.ts';
import type { RecoveryStore } from './store.ts';

export interface RecoveryPlainOptions {
  readonly screens: RecoveryScreens;
  readonly store: RecoveryStore;
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  readonly unicode: boolean;
}

export const startRecoveryPlain = (options: RecoveryPlainOptions): { readonly stop: () => void } => {
  const { screens, store, stdin, stdout } = options;
  const reader = createInterface({ input: stdin, terminal: false });
  const lines: string[] = [];
  let ended = false;
  let asked: RecoveryQuestion | null = null;
  let heading = '';
  let before = store.get();
  let beat = before.now;
  let busy = false;
  const say = (text: string): void => void stdout.write(`${options.unicode ? text : Array.from(text, (glyph) => (glyph === '\n' ? glyph : toAscii(glyph))).join('')}\n`);

  const answer = (line: string): void => {
    const question = asked;
    asked = null;
    if (question === null) return;
    if (line === 'quit' || line === 'q') return store.dispatch({ type: 'leave' });
    busy = true;
    if (line === 'help' || line === '?') for (const text of recoveryRow(screens, store.get()).help) say(text);
    else if (line === 'back' || line === 'b') store.dispatch({ type: 'back' });
    else {
      const meaning = question.answer(line);
      if (typeof meaning === 'string') say(meaning);
      else for (const action of meaning) store.dispatch(action);
    }
    busy = false;
    proceed();
  };

  const take = (): void => {
    const state = store.get();
    if (state.ending !== null) return;
    if (isActionRunning(state)) {
      const line = lines.shift();
      if (line === 'abort') store.dispatch({ type: 'abort' });
      else if (line !== undefined && line !== '') say('type abort to stop the action');
      return;
    }
    if (asked === null) return;
    const line = lines.shift();
    if (line !== undefined) answer(line.trim());
    else if (ended) store.dispatch({ type: 'quit' });
  };

  /** Says what is new, and asks when there is something to ask. */
  const proceed = (): void => {
    if (busy) return;
    const state = store.get();
    const { run } = state;
    if (run !== null && run !== before.run) {
      const old = before.run?.startedAt === run.startedAt ? before.run : null;
      if (old === null) say('It begins. Type abort and Enter to stop it.');
      for (let index = old?.steps.length ?? 0; index < run.steps.length; index += 1) say(eventLine({ event: 'step', index: index + 1, of: run.of, text: run.steps[index] ?? '' }) ?? '');
      for (const row of run.log.slice(old?.log.length ?? 0)) if (row.level !== 'debug') say(`  ${row.text}`);
      beat = state.now;
    } else if (run !== null && isActionRunning(state) && state.now - beat >= 15_000) {
      beat = state.now;
      say(`  ${formatDuration(state.now - run.startedAt)} elapsed`);
    }
    if (state.looking && !before.looking) say('looking at the node ...');
    if (state.notice !== '' && state.notice !== before.notice) say(state.notice);
    before = state;
    if (state.ending !== null || state.looking || isActionRunning(state)) return;
    const question = recoveryRow(screens, state).ask(state);
    if (question === null) return;
    const words = [state.screen, ...question.lines, question.prompt].join('\n');
    const waiting = asked !== null;
    asked = question;
    if (heading !== words) {
      heading = words;
      say(`\n== ${recoveryRow(screens, state).title} ==`);
      for (const line of question.lines) say(line);
      say(recoveryStateLine(state));
      stdout.write(`${question.prompt}: `);
    } else if (!waiting) stdout.write(`${question.prompt}: `);
    if (lines.length > 0 || ended) queueMicrotask(take);
  };

  reader.on('line', (line) => {
    lines.push(line.slice(0, mostOfLine));
    take();
  });
  reader.on('close', () => {
    ended = true;
    take();
  });
  say(`${store.get().simulated ? 'SIMULATED: ' : ''}Slipway ${store.get().version} recovery, plain mode. At every question: back, help, quit.${store.get().fromInstaller ? ' back at the first one leads to the installer, as it was left.' : ''}`);
  say('looking at the node ...');
  const unsubscribe = store.subscribe(proceed);
  return {
    stop: () => {
      unsubscribe();
      reader.close();
    },
  };
};
