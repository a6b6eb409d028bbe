/** Which partitions are encrypted, and what opens them at boot. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, ScreenRow, TextLine, ViewProps } from '../src/app/console/screen.ts';
import { answersOf, askedQuestions, fieldOf, openQuestions, planOf, problemsOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { cleanText } from '../src/model/foreign-text.ts';
import { isError } from '../src/model/problem.ts';
import { checkEncryption, encryptedLabels } from '../src/plan/encryption.ts';
import { readLayoutWishes } from '../src/plan/layout-wishes.ts';
import { shareRows } from '../src/ui/rows.ts';
import { fit, Line } from '../src/ui/text.tsx';
import type { Role } from '../src/ui/text.tsx';
import { markedAt, rowKeys } from './marks.ts';
import { Gap, linesOfProblems, List, plainProblems, TextLines, wrapText } from './parts.tsx';

const id = 'encryption';
const serverField = 'kms-address';

interface Choice {
  readonly label: string;
  readonly text: string;
}

const own: readonly Choice[] = [
  { label: 'COS_PERSISTENT', text: 'data and logs of the node' },
  { label: 'COS_OEM', text: 'the kept configuration' },
];

/** Labels that are encrypted as answered or as the plan says. */
const encryptedNow = (state: ConsoleState): readonly string[] => {
  const asked = answersOf(state).encrypt?.value;
  if (asked !== undefined) return asked === 'none' ? [] : asked.split(',').map((label) => label.trim());
  const plan = planOf(state);
  // Without a plan, as it would be planned.
  if (plan === null) return encryptedLabels(answersOf(state), state.input?.sources.install ?? {}, state.input?.facts.boot.uki === true && engineOf(state) === 'kairos-agent');
  return plan.layout.filter(({ encrypted }) => encrypted).map(({ label }) => label);
};

/** Partitions of the operator's own, whether there is a layout already or not. */
const extrasOf = (state: ConsoleState): readonly Choice[] => {
  const { wishes } = readLayoutWishes(answersOf(state).partition?.value ?? [], state.input?.sources.install ?? {});
  return wishes.extra.filter(({ label, fs }) => label !== '' && fs !== 'none').map(({ name, label }) => ({ label, text: `extra partition ${cleanText(name, 36)}` }));
};

/** Kairos's own that can be encrypted, extra partitions, and whatever else was asked for. */
const choicesOf = (state: ConsoleState): readonly Choice[] => {
  const known = [...own, ...extrasOf(state)];
  const others = encryptedNow(state).filter((label) => !known.some((choice) => choice.label === label));
  return [...known, ...others.map((label) => ({ label, text: 'asked for by the configuration' }))];
};

/** The engine of the plan; where there is none, the one that was asked for or would be taken. */
const engineOf = (state: ConsoleState): string => {
  const asked = answersOf(state).engine?.value;
  const available = (state.input?.engines ?? []).filter((engine) => engine.available).map(({ name }) => name);
  return planOf(state)?.engine ?? (asked === undefined || asked === 'auto' ? (available.find((name) => name === 'kairos-agent') ?? available[0] ?? '') : asked);
};

/** As answered, else as the configuration says. */
const keyServerNow = (state: ConsoleState): string | null => answersOf(state).kms?.value ?? (isServerOpen(state) ? null : (state.outcome?.keyServer ?? null));

const usesKeyServer = (state: ConsoleState): boolean => keyServerNow(state) !== null || isServerOpen(state);

/** Why this partition cannot be encrypted here, or null. */
export const whyNot = (state: ConsoleState, label: string): string | null => {
  const { facts } = state.input ?? {};
  if (facts === undefined) return null;
  if (engineOf(state) === 'builtin') return 'the builtin engine does not encrypt; the engine kairos-agent does, in an image that brings it';
  const wrong = checkEncryption({
    answers: { ...answersOf(state), encrypt: { value: label, origin: 'console' } },
    labels: [label],
    keyServer: keyServerNow(state),
    uki: facts.boot.uki,
    planned: null,
    keyServerPlugin: undefined,
  }).find(isError);
  if (wrong !== undefined) return `${wrong.what}; ${wrong.hint}`;
  if (usesKeyServer(state)) return null;
  if (!facts.tpm.present) return 'this machine has no TPM, or it is switched off in the firmware: switch it on, or name a key server';
  return facts.tpm.version === '1.2' ? 'this machine has a TPM 1.2 and a TPM 2.0 is needed: switch it in the firmware, or name a key server' : null;
};

/** The line that asks for the key server. */
const server = 'key server';
const isServerOpen = (state: ConsoleState): boolean => openQuestions(state).some(({ row }) => row === server);
/** The last row of the list is the key server. */
const idsOf = (state: ConsoleState): readonly string[] => [...choicesOf(state).map(({ label }) => label), server];
const highlightOf = (state: ConsoleState): number => Math.max(0, markedAt(state, id, idsOf(state), isServerOpen(state) ? choicesOf(state).length : 0));
const isTyping = (state: ConsoleState): boolean => state.focus[id] === 1;

const toggle = (state: ConsoleState, label: string): Action => {
  const now = encryptedNow(state);
  const why = now.includes(label) ? null : whyNot(state, label);
  if (why !== null) return { type: 'notice', text: `not possible here: ${why}` };
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

/** What is wrong with an address, or null. */
const checkServer = (text: string): string | null => (text === '' || /^https?:\/\/[^\s/]+/.test(text) ? null : 'a key server is written http://HOST:PORT or https://HOST');

const setServer = (state: ConsoleState): Action => {
  const text = fieldOf(state, serverField).value.trim();
  const wrong = checkServer(text);
  if (wrong !== null) return { type: 'notice', text: wrong };
  return {
    type: 'many',
    actions: [
      { type: 'focus', screen: id, index: 0 },
      { type: 'answer', changes: { kms: text || undefined } },
    ],
  };
};

const keys = (state: ConsoleState): Keys => {
  if (isTyping(state)) {
    return [
      { key: 'accept', label: 'use it', help: 'ask this key server; empty: the TPM', action: setServer(state) },
      { key: 'back', label: 'leave it', action: { type: 'focus', screen: id, index: 0 } },
    ];
  }
  const choices = choicesOf(state);
  const label = choices[highlightOf(state)]?.label;
  const change = label === undefined ? typeServer(state) : toggle(state, label);
  return [
    ...rowKeys(id, idsOf(state), highlightOf(state), choices.length + 1),
    { key: 'toggle', label: 'change', help: 'encrypt this partition, or not', action: change },
    { key: 'edit', label: '', help: 'the same', action: change },
    { key: 'accept', label: 'continue', action: { type: 'next' } },
  ];
};

/** What opens the partitions at boot. */
const meaning = (state: ConsoleState): string => {
  if (encryptedNow(state).length === 0) return 'Nothing is encrypted: whoever has the disk can read it.';
  if (usesKeyServer(state)) return 'At boot the node asks the key server for the passphrase: the server must be reachable then, or the node does not start. The address stays in the kept configuration.';
  return 'The key is sealed in the TPM of this machine: it starts by itself, and the disk cannot be read in another machine. After a change of firmware or of the mainboard it may not open any more.';
};

/** About the highlighted line. */
const about = (state: ConsoleState): { readonly text: string; readonly role: Role } => {
  const choice = choicesOf(state)[highlightOf(state)];
  if (choice === undefined) return { text: 'A key server (KMS) gives out passphrases over the network; without one the TPM of the machine opens the partitions. Space names one.', role: 'muted' };
  const why = whyNot(state, choice.label);
  if (why !== null) return { text: `${choice.label} cannot be encrypted here: ${why}.`, role: 'warning' };
  return choice.label === 'COS_OEM' && state.input?.facts.boot.uki !== true
    ? { text: 'COS_OEM: supported on Trusted Boot images only; elsewhere the boot selection becomes unreliable.', role: 'warning' }
    : { text: `${choice.label}: ${choice.text}. Space changes it.`, role: 'muted' };
};

const rowText = (state: ConsoleState): readonly string[] => [
  ...choicesOf(state).map(({ label, text }) => `[${encryptedNow(state).includes(label) ? 'x' : ' '}] ${fit(cleanText(label, 36), 16)} ${text}${whyNot(state, label) === null ? '' : ' (not possible here)'}`),
  `    Key server       ${isServerOpen(state) ? 'still to be answered' : keyServerNow(state) ?? (state.input?.facts.tpm.present === true ? 'none: the TPM of this machine' : 'none, and this machine has no TPM')}`,
];

/** What is told under the list: about the highlighted line, and what encryption means here. */
const textLines = (state: ConsoleState, settled: ConsoleState, columns: number): readonly TextLine[] => {
  const here = about(settled);
  return [...wrapText(here.text, columns).map((text) => ({ text, role: here.role })), { text: '', role: 'plain' }, ...wrapText(meaning(state), columns).map((text) => ({ text, role: 'plain' as const }))];
};

const View = ({ state, settled, columns, rows }: ViewProps): ReactNode => {
  const items = rowText(state);
  const texts = textLines(state, settled, columns);
  const problems = linesOfProblems(problemsOf(state), columns);
  const typing = isTyping(state) ? 1 : 0;
  const [, listRoom = 0, problemRoom = 0, textRoom = 0, gaps = 0] = shareRows(rows, [
    [1 + typing, 1 + typing],
    [Math.min(3, items.length), items.length],
    [Math.min(1, problems.length), problems.length],
    [2, texts.length],
    [0, 3],
  ]);
  return (
    <Box flexDirection="column">
      <Line role="title">Which partitions are encrypted?</Line>
      {gaps > 0 && <Gap />}
      <List items={items.map((text, index) => ({ key: String(index), text }))} highlighted={highlightOf(state)} columns={columns} rows={listRoom} />
      {typing > 0 && <FieldView label="Key server URL " field={fieldOf(state, serverField)} focused width={Math.max(4, columns - 21)} />}
      {typing === 0 && gaps > 1 && <Gap />}
      <TextLines lines={texts} rows={textRoom} />
      {gaps > 2 && <Gap />}
      <TextLines lines={problems} rows={problemRoom} />
    </Box>
  );
};

/** Somebody wants encryption, or wanted it before it was answered here; what a Trusted Boot image does by itself is no question. */
const isAskedFor = (state: ConsoleState): boolean => {
  const answers = answersOf(state);
  return encryptedLabels(answers, state.input?.sources.install ?? {}, false).length > 0 || answers.kms !== undefined || state.answers.encrypt !== undefined;
};

export const encryption: ScreenRow = {
  id,
  title: 'Encryption',
  when: (state) => state.run === null && (state.customize || isAskedFor(state) || askedQuestions(state).some(({ screen }) => screen === id)),
  done: () => true,
  keys,
  focus: (state) => (isTyping(state) ? { field: serverField, maxLength: 500 } : null),
  help: [
    'With the TPM the machine opens its partitions by itself; with a key server it asks over the network at every boot. The system itself (COS_STATE, COS_RECOVERY) is never encrypted: the machine starts from it.',
    'Encryption that cannot work on this machine is refused before anything is written. It is called encrypted only after it was read back from the disk.',
  ],
  inFull: (state, columns) => textLines(state, state, columns),
  view: View,
  ask: (state) => ({
    lines: [
      ...rowText(state).map((text, index) => `${index + 1}. ${text.trim().replaceAll(/\s+/g, ' ')}`),
      ...choicesOf(state).flatMap(({ label }) => {
        const why = whyNot(state, label);
        return why === null ? [] : [`${cleanText(label, 36)} cannot be encrypted here: ${why}`];
      }),
      meaning(state),
      ...plainProblems(problemsOf(state)),
    ],
    prompt: 'Number changes it; kms URL names a key server, kms none takes it back; Enter continues',
    answer: (line) => {
      if (line === '') return [{ type: 'next' }];
      const server = /^kms(?:\s+(\S+))?$/.exec(line);
      if (server !== null) {
        const address = server[1] === 'none' ? undefined : server[1];
        return checkServer(address ?? '') ?? [{ type: 'answer', changes: { kms: address } }];
      }
      const label = /^\d{1,2}$/.test(line) ? choicesOf(state)[Number(line) - 1]?.label : undefined;
      return label === undefined ? 'that is not one of the numbers' : [toggle(state, label)];
    },
  }),
};
