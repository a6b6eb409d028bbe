/** The plan in one screen, and the last question before anything is written. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { FocusedField, Keys, Room, ScreenRow, TextLine, ViewProps } from '../src/app/console/screen.ts';
import { answersOf, consentWord, fieldOf, losers, planOf, problemsOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import type { DiskTarget, InstallPlan, PlannedPartition } from '../src/model/plan.ts';
import { isError } from '../src/model/problem.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { whoEnters } from '../src/sources/who-enters.ts';
import type { Entrant } from '../src/sources/who-enters.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { formatBytes, plural } from '../src/ui/format.ts';
import { shareRows } from '../src/ui/rows.ts';
import { fit, Line } from '../src/ui/text.tsx';
import { cutFields, fieldLines, Fields, Gap, linesOfProblems, plainProblems, plainRows, Problems, TextLines, withOrigin, wrapText } from './parts.tsx';
import type { FieldRow } from './parts.tsx';
import { leadOf } from './lead.ts';
import { changesIndex, keptIndex, plainTexts } from './viewer.tsx';
import { firstInTheWay, switchWipe } from './wipe-other.ts';
import { sourceText } from './welcome.tsx';

/** There is a plan and nothing is in its way. */
const isReady = (state: ConsoleState): boolean => planOf(state) !== null && !state.looking && !problemsOf(state).some(isError);

const isAlready = (state: ConsoleState): boolean => state.outcome?.planned?.already === true;

const asksForWord = (state: ConsoleState): boolean => {
  const plan = planOf(state);
  return isReady(state) && plan !== null && !isAlready(state) && consentWord(plan) !== null;
};

/** What is kept was read from somewhere: then there is a difference to look at. */
const hasChanges = (state: ConsoleState): boolean => (state.input?.sources.documents ?? []).some(({ kind }) => kind === 'user-data');

/** To the screen that asks for what is missing. */
const leadKeys = (state: ConsoleState): Keys => {
  const lead = state.looking ? null : leadOf(state);
  return lead === null ? [] : [{ key: 'accept', label: `to ${lead.title}`, help: 'to the screen that asks for what is missing', action: lead.action }];
};

const keys = (state: ConsoleState): Keys => {
  const plan = planOf(state);
  // Where characters are typed, keys are written longer; what matters less leaves the footer to the way back.
  const crowded = asksForWord(state);
  const look = { key: 'rescan', label: crowded ? '' : 'look again', help: 'look at the machine again', action: { type: 'look' } } as const;
  const show = (index: number): Action => ({
    type: 'many',
    actions: [
      { type: 'highlight', list: 'viewer-text', index },
      { type: 'highlight', list: 'viewer', index: 0 },
      { type: 'overlay', overlay: 'viewer' },
    ],
  });
  const more: Keys = [
    { key: 'view', label: 'view', help: 'the configuration as it will be kept, secrets blanked out', action: show(keptIndex(state)) },
    { key: 'diff', label: crowded ? '' : 'changes', help: 'the difference between user-data and what will be kept', action: hasChanges(state) ? show(changesIndex(state)) : { type: 'notice', text: 'there is no user-data to compare with: all that is kept comes from the answers' } },
    ...(state.input?.branding?.advancedDisabled === true ? [] : [{ key: 'edit', label: crowded ? 'more' : 'details', help: 'more questions: identity, partitions, encryption', action: { type: 'customize' } } as const]),
  ];
  if (plan === null || !isReady(state)) {
    const other = state.looking ? undefined : firstInTheWay(state);
    const wipe: Keys = other === undefined ? [] : [{ key: 'wipe', label: `wipe ${cleanText(other.path, 40)}`, help: 'take the signatures off the other disk; consent is asked for first', action: switchWipe(state, other) }];
    return [...leadKeys(state), ...wipe, look, ...more.slice(2)];
  }
  const confirm = { type: 'confirm', hash: plan.hash } as const;
  if (isAlready(state)) {
    return [
      { key: 'accept', label: 'leave it as it is', help: 'end here: this configuration is installed already', action: confirm },
      { key: 'again', label: 'install again', help: 'write it once more', action: { type: 'answer', changes: { reinstall: true } } },
      ...more,
    ];
  }
  return [
    { key: 'accept', label: 'INSTALL', help: 'begin to write to the target', action: confirm },
    ...more,
    look,
  ];
};

const targetText = (plan: InstallPlan): string => {
  const { target } = plan;
  if (target.kind === 'image') return `${cleanText(target.path, 200)} (disk image, ${formatBytes(target.size)})`;
  const { serial, size } = target.identity;
  return `${cleanText(target.path, 60)}  ${formatBytes(size)}  serial ${cleanText(serial ?? 'none', 60)}`;
};

const partitionText = (partition: PlannedPartition): string =>
  [
    String(partition.number).padStart(2),
    fit(cleanText(partition.label || partition.name, 20), 15),
    fit(partition.fs === 'none' ? '-' : partition.fs, 5),
    formatBytes(partition.size).padStart(10),
    partition.encrypted ? ' encrypted' : '',
  ].join(' ');

const finishWords = { reboot: 'reboot', poweroff: 'power off', shell: 'a shell', none: 'ask' } as const;

const targetRow = (plan: InstallPlan): FieldRow => ['Target', targetText(plan), 'title'];

const lostRows = ({ lost }: InstallPlan): readonly FieldRow[] =>
  lost.length === 0 ? [['Lost', 'nothing: it is empty']] : lost.map((text, index) => [index === 0 ? 'Lost' : '', cleanText(text, 200), 'danger'] as const);

const layoutRows = ({ layout }: InstallPlan): readonly FieldRow[] => layout.map((partition, index) => [index === 0 ? 'Partitions' : '', partitionText(partition)] as const);

/** How the node is called and who may enter it: `unit-7; kairos (password, 2 SSH keys)`. */
const nodeText = (state: ConsoleState): string => {
  const { hostname, users } = whoEnters(Object.values(state.outcome?.planned?.material.keptFiles ?? {}));
  const ways = ({ hasPassword, keys }: Entrant): string => [...(hasPassword ? ['password'] : []), ...(keys > 0 ? [plural(keys, 'SSH key')] : [])].join(', ') || 'no way in';
  const named = users.map((user) => `${cleanText(user.name, 32)} (${ways(user)})`);
  return `${hostname === null ? 'no host name' : cleanText(hostname, 64)}; ${named.length === 0 ? 'no user' : `user ${named.join(', ')}`}`;
};

/** What is a single row each. */
const otherRows = (state: ConsoleState, plan: InstallPlan): readonly FieldRow[] => {
  const kept = plan.kept.length === 0 ? 'no configuration' : plan.kept.map(({ name, bytes }) => `${cleanText(name, 40)} (${formatBytes(bytes)})`).join(', ');
  return [
    ['Installs', sourceText(plan.source)],
    ['Node', nodeText(state)],
    ...(plan.installOnly.length === 0
      ? ([['Kept', `${kept}; nothing is install-only`]] as const)
      : ([
          ['Kept', kept],
          ['Install-only', `${plural(plan.installOnly.length, 'part')}, ${plural(plan.stages.length, 'stage')}; gone afterwards, audit: ${plan.audit}`],
        ] as const)),
    ['Engine', `${plan.engine}; afterwards: ${withOrigin(answersOf(state).finish, (finish) => finishWords[finish], finishWords[plan.finish])}`],
    ['Plan', plan.hash.slice(0, 32)],
  ];
};

/** The whole plan as labelled lines. */
const planRows = (state: ConsoleState, plan: InstallPlan): readonly FieldRow[] => [targetRow(plan), ...lostRows(plan), ...layoutRows(plan), ...otherRows(state, plan)];

/** Room for what has to be typed, and for a slip. */
const consentLength = (plan: InstallPlan): number => Math.max(8, (consentWord(plan)?.length ?? 0) + 4);

/** What has to be typed, without saying it: it is to be read off the target. */
const consentText = (plan: InstallPlan): string | null => {
  const word = consentWord(plan);
  if (word === null) return null;
  const nameOf = (target: DiskTarget): string => (target.kind === 'device' && target.identity.serial !== null ? 'serial number' : 'name');
  if (plan.wipes.length === 0) return `Data will be lost. Type the last ${word.length} characters of its ${nameOf(plan.target)} to consent:`;
  const each = losers(plan).map((target) => `${cleanText(target.path, 60)} (of its ${nameOf(target)})`);
  return `Data will be lost. To consent, type the last 4 characters of ${each.join(', a blank, and of ')}:`;
};

/** What Enter does or what has to be typed. */
const consentLines = (state: ConsoleState, plan: InstallPlan, columns: number): readonly TextLine[] => {
  const wanted = consentText(plan);
  const [text, role] = isAlready(state)
    ? (['This configuration is installed there already. Enter leaves it as it is; i installs again.', 'good'] as const)
    : wanted === null
      ? (['Enter begins to write. Nothing was written so far.', 'title'] as const)
      : ([wanted, 'danger'] as const);
  return wrapText(text, columns).map((line) => ({ text: line, role }));
};

const PlanView = ({ state, plan, columns, rows }: Room & { readonly state: ConsoleState; readonly plan: InstallPlan }): ReactNode => {
  const consent = consentLines(state, plan, columns);
  const field = asksForWord(state) ? 1 : 0;
  const [lost, other, layout] = [lostRows(plan), otherRows(state, plan), layoutRows(plan)];
  const notes = linesOfProblems(problemsOf(state), columns);
  // What is written to, what is lost and what consents are there in any case; of the rest that much as there is room for.
  const [, lostRoom = 0, noteRoom = 0, otherRoom = 0, layoutRoom = 0, gap = 0] = shareRows(rows, [
    [1 + consent.length + field, 1 + consent.length + field],
    [1, Math.min(lost.length, 6)],
    [1, Math.min(notes.length, 6)],
    [1, other.length],
    [1, layout.length],
    [0, 1],
  ]);
  return (
    <Box flexDirection="column">
      <Fields rows={[targetRow(plan), ...cutFields(lost, lostRoom), ...cutFields(layout, layoutRoom), ...cutFields(other, otherRoom)]} />
      <TextLines lines={notes} rows={noteRoom} />
      {gap > 0 && <Gap />}
      <TextLines lines={consent} rows={consent.length} />
      {field > 0 && <FieldView label="" field={fieldOf(state, 'consent')} focused width={consentLength(plan)} />}
    </Box>
  );
};

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const plan = planOf(state);
  if (plan === null || !isReady(state)) {
    return (
      <Box flexDirection="column">
        <Line role="title">{state.looking ? 'Looking again' : 'This cannot be installed yet'}</Line>
        <Gap />
        {state.looking ? <Line role="muted">{`${state.lookText} ...`}</Line> : <Problems problems={problemsOf(state)} columns={columns} rows={rows - 4} />}
        <Gap />
        <Line role="muted">Esc goes back to change an answer.</Line>
      </Box>
    );
  }
  return <PlanView state={state} plan={plan} columns={columns} rows={rows} />;
};

const focus = (state: ConsoleState): FocusedField | null => {
  const plan = planOf(state);
  return plan !== null && asksForWord(state) ? { field: 'consent', maxLength: consentLength(plan) } : null;
};

export const review: ScreenRow = {
  id: 'review',
  title: 'Review',
  when: (state) => state.run === null,
  done: () => false,
  shows: (state) => (isReady(state) ? (planOf(state)?.hash ?? null) : null),
  missing: () => 'this is the last screen before the install',
  keys,
  focus,
  help: [
    'Everything that will be done. Up to here nothing was written; Enter begins, and where data would be lost only after a few characters were typed.',
    'The plan hash is the one that slipway plan prints for the same answers.',
  ],
  inFull: (state, columns) => {
    const plan = planOf(state);
    return plan === null ? [] : fieldLines(planRows(state, plan), columns);
  },
  view: View,
  ask: (state) => {
    const plan = planOf(state);
    const problems = plainProblems(problemsOf(state));
    if (plan === null || !isReady(state)) {
      const other = firstInTheWay(state);
      const lead = leadOf(state);
      return {
        lines: ['This cannot be installed yet.', ...problems],
        prompt: `${lead === null ? '' : `Enter goes to ${lead.title}, `}${other === undefined ? '' : `wipe takes the signatures off ${cleanText(other.path, 60)}, `}r looks again, back changes an answer`,
        answer: (line) => (line === '' && lead !== null ? [lead.action] : line === 'r' ? [{ type: 'look' }] : line === 'wipe' && other !== undefined ? [switchWipe(state, other)] : 'type r or back'),
      };
    }
    const lines = [...plainRows(planRows(state, plan)), ...problems];
    const confirm = { type: 'confirm', hash: plan.hash, typed: true } as const;
    if (isAlready(state)) {
      return {
        lines: [...lines, 'This configuration is installed there already.'],
        prompt: 'Enter leaves it as it is, again installs once more',
        answer: (line) => (line === '' ? [confirm] : line === 'again' ? [{ type: 'answer', changes: { reinstall: true } }] : 'press Enter, or type again'),
      };
    }
    const wanted = consentText(plan);
    return {
      lines,
      prompt: wanted ?? 'Nothing was written. view shows the configuration. Type install to begin',
      answer: (line) => {
        if (line === 'view') return plainTexts(state);
        if (wanted !== null) return [{ type: 'edit', field: 'consent', edit: { edit: 'set', value: line }, maxLength: consentLength(plan) }, confirm];
        return line === 'install' ? [confirm] : 'type install to begin, back to change an answer, quit to leave';
      },
    };
  },
};
