/** Which partitions are encrypted, and what opens them at boot. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, ScreenRow, ViewProps } from '../src/app/console/screen.ts';
import { answersOf, fieldOf, planOf, problemsOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { Line } from '../src/ui/text.tsx';
import { Gap, List, listKeys, plainProblems, Problems, wrapText } from './parts.tsx';

const id = 'encryption';
const serverField = 'kms-address';

const choices = [
  { label: 'COS_PERSISTENT', text: 'data and logs of the node' },
  { label: 'COS_OEM', text: 'the kept configuration' },
] as const;

/** Labels that are encrypted as answered or as the plan says. */
const encryptedNow = (state: ConsoleState): readonly string[] => {
  const asked = answersOf(state).encrypt?.value;
  if (asked !== undefined) return asked === 'none' ? [] : asked.split(',').map((label) => label.trim());
  return (planOf(state)?.layout ?? []).filter(({ encrypted }) => encrypted).map(({ label }) => label);
};

/** The last row of the list is the key server. */
const highlightOf = (state: ConsoleState): number => Math.min(choices.length, state.highlights[id] ?? 0);
const isTyping = (state: ConsoleState): boolean => state.focus[id] === 1;

const toggle = (state: ConsoleState, label: string): Action => {
  const now = encryptedNow(state);
  const next = now.includes(label) ? now.filter((other) => other !== label) : [...now, label];
  return { type: 'answer', changes: { encrypt: next.length === 0 ? 'none' : next.join(',') } };
};

const typeServer = (state: ConsoleState): Action => ({
  type: 'many',
  actions: [
    { type: 'edit', field: serverField, edit: { edit: 'set', value: answersOf(state).kms?.value ?? '' }, maxLength: 500 },
    { type: 'focus', screen: id, index: 1 },
  ],
});

const setServer = (state: ConsoleState): Action => ({
  type: 'many',
  actions: [
    { type: 'focus', screen: id, index: 0 },
    { type: 'answer', changes: { kms: fieldOf(state, serverField).value.trim() || undefined } },
  ],
});

const keys = (state: ConsoleState): Keys => {
  if (isTyping(state)) {
    return [
      { key: 'accept', label: 'use it', help: 'ask this key server; empty: the TPM', action: setServer(state) },
      { key: 'back', label: 'leave it', action: { type: 'focus', screen: id, index: 0 } },
    ];
  }
  const label = choices[highlightOf(state)]?.label;
  const change = label === undefined ? typeServer(state) : toggle(state, label);
  return [
    ...listKeys(id, highlightOf(state), choices.length + 1, choices.length),
    { key: 'toggle', label: 'change', help: 'encrypt this partition, or not', action: change },
    { key: 'edit', label: '', help: 'the same', action: change },
    { key: 'accept', label: 'continue', action: { type: 'next' } },
  ];
};

/** What opens the partitions at boot, and why that may not be possible here. */
const meaning = (state: ConsoleState): string => {
  if (encryptedNow(state).length === 0) return 'Nothing is encrypted: whoever has the disk can read it.';
  const server = answersOf(state).kms?.value;
  const tpm = state.input?.facts.tpm;
  if (server !== undefined) return 'At boot the node asks the key server for the passphrase: it must be reachable, or the node does not start.';
  if (tpm?.present !== true) return 'This machine has no TPM (or it is switched off in the firmware): name a key server, or leave encryption out.';
  return 'The key is sealed in the TPM of this machine: it starts by itself, and the disk cannot be read in another machine. A change of firmware may lock it.';
};

const rowText = (state: ConsoleState): readonly string[] => [
  ...choices.map(({ label, text }) => `[${encryptedNow(state).includes(label) ? 'x' : ' '}] ${label.padEnd(16)} ${text}`),
  `    Key server       ${answersOf(state).kms?.value ?? 'none: the TPM of this machine'}`,
];

const View = ({ state, columns, rows }: ViewProps): ReactNode => (
  <Box flexDirection="column">
    <Line role="title">Which partitions are encrypted?</Line>
    <Gap />
    <List items={rowText(state).map((text, index) => ({ key: String(index), text }))} highlighted={highlightOf(state)} columns={columns} rows={choices.length + 1} />
    {isTyping(state) && <FieldView label="Key server URL " field={fieldOf(state, serverField)} focused width={Math.max(4, columns - 21)} />}
    <Gap />
    {wrapText(meaning(state), columns).map((line, index) => (
      <Line key={index}>{line}</Line>
    ))}
    <Gap />
    <Problems problems={problemsOf(state)} columns={columns} rows={Math.max(0, rows - 11)} />
  </Box>
);

export const encryption: ScreenRow = {
  id,
  title: 'Encryption',
  when: (state) => state.run === null && state.customize,
  done: () => true,
  keys,
  focus: (state) => (isTyping(state) ? { field: serverField, maxLength: 500 } : null),
  help: ['Encryption that cannot work on this machine is refused before anything is written. It is called encrypted only after it was read back from the disk.'],
  view: View,
  ask: (state) => ({
    lines: [...rowText(state).map((text, index) => `${index + 1}. ${text.trim()}`), meaning(state), ...plainProblems(problemsOf(state))],
    prompt: 'Number changes it; kms URL names a key server; Enter continues',
    answer: (line) => {
      if (line === '') return [{ type: 'next' }];
      const server = /^kms(?:\s+(\S+))?$/.exec(line);
      if (server !== null) return [{ type: 'answer', changes: { kms: server[1] } }];
      const label = choices[Number(line) - 1]?.label;
      return label === undefined ? 'that is not one of the numbers' : [toggle(state, label)];
    },
  }),
};
