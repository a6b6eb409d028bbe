/** What the image itself wants settled before it is installed: the checks that come with it, one line each. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import { appliedOf, checksOf, decide, decisionOf, isPending, keyOf, whyOpen } from '../src/app/console/checks.ts';
import type { FocusedField, Keys, PlainQuestion, Room, ScreenRow, ViewProps } from '../src/app/console/screen.ts';
import { fieldOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import type { Prerequisite } from '../src/sources/prerequisites.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { shareRows } from '../src/ui/rows.ts';
import { Line } from '../src/ui/text.tsx';
import type { Role } from '../src/ui/text.tsx';
import { mark, markedAt, rowKeys } from './marks.ts';
import { Gap, List, TextLines, wrapText } from './parts.tsx';

const id = 'checks';
const typed = 'checks-value';

/** A line of the list: a check, or one of the options it offers. */
interface Row {
  readonly key: string;
  readonly check: Prerequisite;
  readonly option: { readonly id: string; readonly label: string } | null;
}

const allOf = (state: ConsoleState): readonly Prerequisite[] => checksOf(state.session.checks);

const rowsOf = (state: ConsoleState): readonly Row[] =>
  allOf(state).flatMap((check) => [
    { key: keyOf(check), check, option: null },
    ...(check.prompt === 'select' || check.prompt === 'multiselect' ? check.options.map((option) => ({ key: `${keyOf(check)} ${option.id}`, check, option })) : []),
  ]);

const idsOf = (state: ConsoleState): readonly string[] => rowsOf(state).map(({ key }) => key);
const highlightOf = (state: ConsoleState): number => markedAt(state, id, idsOf(state), 0);
const rowOf = (state: ConsoleState): Row | undefined => rowsOf(state)[highlightOf(state)];
const isTyping = (state: ConsoleState): boolean => state.focus[id] === 1 && rowOf(state)?.check.prompt === 'text';

const nameOf = (check: Prerequisite): string => check.title || cleanText(check.id, 60);

/** What was answered, and what came of it. */
const answerText = (state: ConsoleState, check: Prerequisite): string => {
  const decision = decisionOf(state.session.checks, check);
  const applied = appliedOf(state.session.checks, check);
  if (applied !== null) return applied.success ? `done${applied.message === '' ? '' : `: ${applied.message}`}` : `failed: ${applied.message}`;
  if (decision === null) return check.prompt === '' ? (check.blocking ? 'in the way' : 'to know') : check.blocking ? 'must be answered' : 'not answered';
  if (check.prompt === 'confirm') return decision.confirmed ? 'yes' : 'no';
  // A check may ask for a secret without saying so.
  if (check.prompt === 'text') return decision.text === '' ? 'empty' : 'answered; not shown';
  return decision.selected.length === 0 ? 'none chosen' : `${decision.selected.length} chosen`;
};

const roleOf = (state: ConsoleState, check: Prerequisite): Role =>
  whyOpen(state.session.checks, check) !== null ? 'danger' : check.severity === 'warning' ? 'warning' : appliedOf(state.session.checks, check)?.success === true ? 'good' : 'plain';

const rowText = (state: ConsoleState, { check, option }: Row): string => {
  if (option === null) return `${nameOf(check)}: ${answerText(state, check)}`;
  const chosen = decisionOf(state.session.checks, check)?.selected.includes(option.id) === true;
  return `    ${check.prompt === 'select' ? (chosen ? '(*)' : '( )') : chosen ? '[x]' : '[ ]'} ${option.label}`;
};

/** Space on a line: the next answer it can have. */
const change = (state: ConsoleState, { key, check, option }: Row): Action => {
  const before = decisionOf(state.session.checks, check);
  if (check.prompt === 'confirm') {
    const decision = before === null ? decide(check, { confirmed: true }) : before.confirmed ? decide(check, { confirmed: false }) : null;
    return { type: 'decide', check, decision };
  }
  if (check.prompt === 'text') {
    return {
      type: 'many',
      actions: [
        mark(id, key),
        { type: 'edit', field: typed, edit: { edit: 'set', value: before?.text ?? check.fallback }, maxLength: 2000 },
        { type: 'focus', screen: id, index: 1 },
      ],
    };
  }
  if (option === null) return { type: 'notice', text: check.prompt === '' ? 'there is nothing to answer' : 'choose among the lines below it' };
  const others = (before?.selected ?? []).filter((name) => name !== option.id);
  const was = before?.selected.includes(option.id) === true;
  const selected = check.prompt === 'select' ? [option.id] : was ? others : [...others, option.id];
  return { type: 'decide', check, decision: selected.length === 0 ? null : decide(check, { selected }) };
};

/** What was typed does not stay in the field. */
const leaveField: Action = {
  type: 'many',
  actions: [
    { type: 'edit', field: typed, edit: { edit: 'clear' }, maxLength: 1 },
    { type: 'focus', screen: id, index: 0 },
  ],
};

const answerTyped = (check: Prerequisite, line: string): Action => ({ type: 'decide', check, decision: decide(check, { text: line.trim() }) });

const hasPending = (state: ConsoleState): boolean => allOf(state).some((check) => isPending(state.session.checks, check));

/** Enter hands over what was answered; with nothing to hand over it goes on. */
const goOn = (state: ConsoleState): Action =>
  state.session.checks.applying ? { type: 'notice', text: 'one moment: the answers are being carried out' } : hasPending(state) ? { type: 'apply-checks' } : { type: 'next' };

const keys = (state: ConsoleState, room: Room): Keys => {
  const row = rowOf(state);
  if (isTyping(state) && row !== undefined) {
    return [
      { key: 'accept', label: 'use it', action: { type: 'many', actions: [answerTyped(row.check, fieldOf(state, typed).value), leaveField] } },
      { key: 'back', label: 'leave it', action: leaveField },
    ];
  }
  return [
    ...rowKeys(id, idsOf(state), highlightOf(state), room.rows - 9),
    ...(row === undefined || row.check.prompt === '' ? [] : [{ key: 'toggle', label: 'answer', help: 'answer the highlighted line', action: change(state, row) } as const]),
    { key: 'accept', label: hasPending(state) ? 'hand over' : 'continue', help: hasPending(state) ? 'hand the answers to the checks, which act on them at once' : 'on to the next screen', action: goOn(state) },
    { key: 'rescan', label: 'look again', help: 'look at the machine again', action: { type: 'look' } },
  ];
};

const aboutLines = (state: ConsoleState, check: Prerequisite, columns: number): readonly string[] => {
  const why = whyOpen(state.session.checks, check);
  return [
    ...wrapText(check.message, columns),
    ...(check.promptText === '' ? [] : wrapText(check.promptText, columns)),
    ...wrapText(`asked by ${cleanText(check.plugin.name, 40)}${check.required ? '; required' : ''}${why === null ? '' : `; ${why}`}`, columns),
  ].filter((line) => line !== '');
};

const View = ({ state, settled, columns, rows }: ViewProps): ReactNode => {
  const all = rowsOf(state);
  const row = rowOf(state);
  const told = rowOf(settled);
  const about = told === undefined ? [] : aboutLines(state, told.check, columns).map((text) => ({ text, role: 'muted' as const }));
  const typing = isTyping(state) && row !== undefined;
  const warnings = [
    ...(state.session.checks.applying ? ['carrying out the answers ...'] : []),
    ...(hasPending(state) ? ["Enter hands the answers to the image's checks, which act on them at once."] : []),
  ].map((text) => ({ text, role: 'warning' as const }));
  const [, listRoom = 0, aboutRoom = 0, gaps = 0] = shareRows(rows, [
    [(typing ? 2 : 1) + warnings.length, (typing ? 2 : 1) + warnings.length],
    [Math.min(3, all.length), all.length],
    [Math.min(5, about.length), about.length],
    [0, 2],
  ]);
  return (
    <Box flexDirection="column">
      <Line role="title">What this image wants to have settled before it is installed</Line>
      {gaps > 0 && <Gap />}
      <List items={all.map((item) => ({ key: item.key, text: rowText(state, item), role: roleOf(state, item.check) }))} highlighted={highlightOf(state)} columns={columns} rows={listRoom} />
      {typing && <FieldView label="Answer " field={fieldOf(state, typed)} focused width={Math.max(4, Math.min(60, columns - 14))} placeholder={row.check.placeholder} />}
      {!typing && gaps > 1 && <Gap />}
      <TextLines lines={about} rows={aboutRoom} />
      <TextLines lines={warnings} rows={warnings.length} />
    </Box>
  );
};

const openChecks = (state: ConsoleState): readonly Prerequisite[] => allOf(state).filter((check) => whyOpen(state.session.checks, check) !== null);

const ask = (state: ConsoleState): PlainQuestion | null => {
  if (state.session.checks.applying) return null;
  const row = rowOf(state);
  if (isTyping(state) && row !== undefined) {
    return {
      lines: [row.check.message, row.check.promptText].filter((line) => line !== ''),
      prompt: `${nameOf(row.check)}, Enter takes ${row.check.fallback === '' ? 'none' : 'the default'}`,
      answer: (line) => [answerTyped(row.check, line === '' ? row.check.fallback : line), leaveField],
    };
  }
  const all = rowsOf(state);
  return {
    lines: all.flatMap((item, index) => [`${index + 1}. ${rowText(state, item).trim()}`, ...(item.option === null ? aboutLines(state, item.check, 10_000) : [])]),
    prompt: hasPending(state) ? 'Number answers it; Enter hands the answers to the checks, which act on them at once' : 'Number answers it; r looks again; Enter continues',
    answer: (line) => {
      if (line === '') return [goOn(state)];
      if (line === 'r') return [{ type: 'look' }];
      const index = /^\d{1,3}$/.test(line) ? Number(line) - 1 : -1;
      const item = all[index];
      return item === undefined ? 'that is not one of the numbers' : [mark(id, item.key), change(state, item)];
    },
  };
};

export const checks: ScreenRow = {
  id,
  title: 'Checks',
  when: (state) => state.run === null && allOf(state).length > 0,
  done: (state) => !state.session.checks.applying && openChecks(state).length === 0,
  missing: (state) => (state.session.checks.applying ? 'one moment: the answers are being carried out' : `${cleanText(nameOf(openChecks(state)[0] as Prerequisite), 40)}: ${whyOpen(state.session.checks, openChecks(state)[0] as Prerequisite) ?? ''}`),
  keys,
  focus: (state): FocusedField | null => (isTyping(state) ? { field: typed, maxLength: 2000 } : null),
  help: [
    'An image can bring checks of its own (programs named tui-check-…). What they ask is answered here; Enter hands the answers to them.',
    'A check may act at once on an answer, before the install begins: read what it says. What is in the way keeps the install from beginning.',
  ],
  inFull: (state, columns) => allOf(state).flatMap((check) => [{ text: nameOf(check), role: 'title' as const }, ...aboutLines(state, check, columns).map((text) => ({ text, role: 'plain' as const }))]),
  view: View,
  ask,
};
