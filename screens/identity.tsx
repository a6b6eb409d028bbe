/** Who the machine is and who may enter it: hostname, user, password, SSH key; its clock's zone and its keyboard. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, PlainQuestion, ScreenRow, TextLine, ViewProps } from '../src/app/console/screen.ts';
import { answersOf, fieldOf, problemsOf } from '../src/app/state.ts';
import type { Action, AnswerChanges, ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import type { ExtraChanges } from '../src/app/console/config-answers.ts';
import { checkKeymap, checkTimezone } from '../src/sources/answers-to-config.ts';
import { splitSshKeys, sshKeysProblem } from '../src/sources/ssh-key.ts';
import { parseYaml } from '../src/sources/yaml.ts';
import { rootData } from '../src/sources/yaml-nodes.ts';
import { shareRows } from '../src/ui/rows.ts';
import { Line } from '../src/ui/text.tsx';
import { shownKey } from '../src/ui/keys.ts';
import { emptyField } from '../src/ui/text-field.ts';
import { Form, formFocus, formKeys } from './form.tsx';
import type { FormField } from './form.tsx';
import { Gap, linesOfProblems, plainProblems, TextLines, wrapText } from './parts.tsx';
import { openPick } from './pick.tsx';

const id = 'identity';
const names = { hostname: 'identity-hostname', user: 'identity-user', password: 'identity-password', repeat: 'identity-repeat', sshKey: 'identity-ssh-key', timezone: 'identity-timezone', keymap: 'identity-keymap' } as const;

/** Longer ones could be hashed, but logins have limits of their own: PAM takes 511 bytes. */
const longestPassword = 256;
/** There is room for one that is too long: it is refused whole, and no part of it is taken for a password. */
const passwordRoom = 1024;
/** Some thirty keys of 4096 bits, and as many again. */
const keyRoom = 64 * 1024;

const noPassword: Action = { type: 'no-password', fields: [names.password, names.repeat] };

const fromConfig = (state: ConsoleState): string => ((state.input?.sources.documents.length ?? 0) > 0 ? 'as the configuration says' : 'none');

/** Users that the configuration names at its top. */
const usersOf = (state: ConsoleState): readonly unknown[] => {
  const { document } = parseYaml(state.input?.sources.keptText ?? '', 'user-data');
  const users = document === undefined ? undefined : rootData(document)['users'];
  return Array.isArray(users) ? users : [];
};

const namesNobody = (state: ConsoleState): boolean => !/\busers["']?\s*:/.test(state.input?.sources.keptText ?? '');

const fieldsOf = (state: ConsoleState): readonly FormField[] => {
  const answers = answersOf(state);
  // A configuration without users says nothing about who may log in.
  const login = namesNobody(state) ? 'none' : fromConfig(state);
  const held = state.passwordHash === null ? login : `set; only its hash is held; ${shownKey('undo', true)} takes it back`;
  const emptied = state.passwordHash === null ? {} : { emptied: noPassword };
  return [
    { field: names.hostname, label: 'Hostname', maxLength: 253, placeholder: answers.hostname?.value ?? state.input?.sources.metaHostname ?? fromConfig(state) },
    { field: names.user, label: 'User', maxLength: 32, placeholder: answers.user?.value ?? login },
    { field: names.password, label: 'Password', maxLength: passwordRoom, masked: true, placeholder: held, ...emptied },
    { field: names.repeat, label: 'Once more', maxLength: passwordRoom, masked: true, placeholder: held, ...emptied },
    { field: names.sshKey, label: 'SSH keys', maxLength: keyRoom, separator: ', ', placeholder: answers['ssh-key']?.value.join(', ') ?? login },
    { field: names.timezone, label: 'Timezone', maxLength: 60, placeholder: fromConfig(state) },
    { field: names.keymap, label: 'Keymap', maxLength: 60, placeholder: fromConfig(state) },
  ];
};

const typed = (state: ConsoleState, field: string): string => fieldOf(state, field).value.trim();

const passwords = (state: ConsoleState): { readonly first: string; readonly second: string } => ({
  first: fieldOf(state, names.password).value,
  second: fieldOf(state, names.repeat).value,
});

/** What is wrong with what a field holds, or null. */
const wrongIn = (state: ConsoleState, field: string): string | null => {
  const text = typed(state, field);
  if (text === '') return null;
  switch (field) {
    case names.user:
      return /^[a-z_][a-z0-9_-]{0,31}$/.test(text) ? null : 'a user name has small letters, digits, "_" and "-", at most 32';
    case names.sshKey:
      return sshKeysProblem(splitSshKeys(text));
    case names.timezone:
      return checkTimezone(text);
    case names.keymap:
      return checkKeymap(text);
    default:
      return null;
  }
};

/** A password or a key, and nobody to give it to: with one user in the configuration it is that one's. */
const lacksUser = (state: ConsoleState): boolean => {
  if (typed(state, names.user) !== '' || answersOf(state).user !== undefined) return false;
  const given = state.passwordHash !== null || passwords(state).first !== '' || typed(state, names.sshKey) !== '' || answersOf(state)['ssh-key'] !== undefined;
  return given && usersOf(state).length !== 1;
};

const isTooLong = (state: ConsoleState): boolean => passwords(state).first.length > longestPassword;

const tooLong = `a password has at most ${longestPassword} characters; nothing of this one is used`;

/** The first thing that is wrong on this screen, or null. */
const wrongHere = (state: ConsoleState): string | null => {
  if (isTooLong(state)) return tooLong;
  if (isHalfTyped(state)) return 'the passwords are not equal';
  const wrong = fieldsOf(state).map(({ field }) => wrongIn(state, field)).find((text) => text !== null);
  return wrong ?? (lacksUser(state) ? 'a password or SSH key is given, and no user to give it to: name the user' : null);
};

const extrasFrom = (state: ConsoleState): ExtraChanges => {
  const [timezone, keymap] = [typed(state, names.timezone), typed(state, names.keymap)];
  return {
    timezone: timezone === '' || checkTimezone(timezone) !== null ? undefined : timezone,
    keymap: keymap === '' || checkKeymap(keymap) !== null ? undefined : keymap,
  };
};

/** Accounts whose keys the node will fetch at first boot. */
const accountsOf = (state: ConsoleState): readonly string[] => (answersFrom(state)['ssh-key'] ?? answersOf(state)['ssh-key']?.value ?? []).filter((key) => /^(?:github|gitlab):/.test(key));

/** The keys behind the accounts, as they are now. */
const keyLines = (state: ConsoleState): readonly string[] =>
  accountsOf(state).flatMap((account) => {
    const asked = state.session.keys[account];
    const name = cleanText(account, 60);
    if (asked === undefined) return [`${name}: Ctrl-R shows the keys that it has now`];
    if (asked.state === 'asking') return [`${name}: asking ...`];
    if (asked.state === 'failed') return [`${name}: ${asked.text}`];
    return asked.value.length === 0 ? [`${name} has no keys: nobody could log in with them`] : asked.value.map(({ type, fingerprint }) => `${name}  ${type} ${fingerprint}`);
  });

const fetchKeys = (state: ConsoleState): Action => {
  const accounts = accountsOf(state);
  if (accounts.length === 0) return { type: 'notice', text: 'type github:NAME or gitlab:NAME as SSH key first' };
  return { type: 'many', actions: accounts.map((from) => ({ type: 'ask', command: { do: 'fetch-keys', from } })) };
};

/** An empty field answers nothing: what flags or the configuration say stays. */
const answersFrom = (state: ConsoleState): AnswerChanges => ({
  hostname: typed(state, names.hostname) || undefined,
  user: typed(state, names.user) || undefined,
  // What is no key is no answer: it must not seem as if somebody could log in with it.
  'ssh-key': typed(state, names.sshKey) === '' || wrongIn(state, names.sshKey) !== null ? undefined : splitSshKeys(typed(state, names.sshKey)),
});

const sameExtras = ({ extras }: ConsoleState, { timezone, keymap }: ExtraChanges): boolean => extras.timezone === timezone && extras.keymap === keymap;

const commit = (state: ConsoleState): readonly Action[] => {
  const { first, second } = passwords(state);
  return [
    { type: 'answer', changes: answersFrom(state) },
    ...(sameExtras(state, extrasFrom(state)) ? [] : [{ type: 'extras', changes: extrasFrom(state) } as const]),
    ...(first !== '' && first === second && !isTooLong(state) ? [{ type: 'password', password: first, fields: [names.password, names.repeat] } as const] : []),
  ];
};

/** A rough idea, by length and kinds of characters; nothing is refused. */
export const strengthOf = (password: string): string => {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(password)).length;
  if (password.length < 8) return 'short';
  if (password.length >= 16 || (password.length >= 12 && kinds >= 3)) return 'strong';
  return kinds >= 3 ? 'fair' : 'weak';
};

const passwordText = (state: ConsoleState): string => {
  const { first, second } = passwords(state);
  if (isTooLong(state)) return '';
  if (first === '' && second === '') return state.passwordHash === null ? '' : 'The password is set. It is not kept, only its hash.';
  if (first === second) return `The passwords are equal (${strengthOf(first)}).`;
  return first.startsWith(second) ? `${strengthOf(first)}; type it once more` : 'The passwords are not equal.';
};

const isHalfTyped = (state: ConsoleState): boolean => {
  const { first, second } = passwords(state);
  return first !== second;
};

/** The field that has the focus. */
const focusedField = (state: ConsoleState): string => formFocus(state, id, fieldsOf(state))?.field ?? '';

/** Timezones and keymaps are picked from what this machine has. */
const listKeyOf = (state: ConsoleState): Keys => {
  const field = focusedField(state);
  const list = field === names.timezone ? 'timezone' : field === names.keymap ? 'keymap' : null;
  return list === null ? [] : [{ key: 'pick', label: 'list', help: 'pick from the list of this machine', action: openPick(state, list) }];
};

const keys = (state: ConsoleState): Keys => [
  ...formKeys(state, id, fieldsOf(state), commit(state)),
  ...(formFocus(state, id, fieldsOf(state))?.emptied === undefined ? [] : [{ key: 'undo', label: 'no password', help: 'take the password back: none is set', action: noPassword } as const]),
  ...listKeyOf(state),
  ...(accountsOf(state).length === 0 ? [] : [{ key: 'rescan', label: 'show keys', help: 'fetch the SSH keys of the account, to look at them', action: fetchKeys(state) } as const]),
];

/** The lines under the fields: what to do about the passwords, what is wrong, which keys come. */
const notesOf = (state: ConsoleState): readonly TextLine[] => {
  const wrong = isHalfTyped(state) && !isTooLong(state) ? null : wrongHere(state);
  const password = passwordText(state);
  return [
    ...(password === '' ? [] : [{ text: password, role: isHalfTyped(state) ? ('warning' as const) : ('good' as const) }]),
    ...(wrong === null ? [] : [{ text: wrong, role: 'warning' as const }]),
    ...keyLines(state).map((text) => ({ text, role: 'plain' as const })),
  ];
};

const wrappedNotes = (state: ConsoleState, columns: number): readonly TextLine[] => notesOf(state).flatMap(({ text, role }) => wrapText(text, columns).map((line) => ({ text: line, role })));

const intro = 'Empty fields leave what the configuration says. SSH keys: lines of .pub files, github:NAME or gitlab:NAME; a comma between several, or paste them as lines.';

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const fields = fieldsOf(state);
  const about = wrapText(intro, columns).map((text) => ({ text, role: 'muted' as const }));
  const notes = wrappedNotes(state, columns);
  const problems = linesOfProblems(problemsOf(state), columns);
  const [, noteRoom = 0, problemRoom = 0, aboutRoom = 0, gaps = 0] = shareRows(rows, [
    [1 + fields.length, 1 + fields.length],
    [Math.min(2, notes.length), notes.length],
    [Math.min(2, problems.length), problems.length],
    [0, about.length],
    [0, 2],
  ]);
  return (
    <Box flexDirection="column">
      <Line role="title">Who is this machine, and who may enter it?</Line>
      {aboutRoom === about.length && <TextLines lines={about} rows={aboutRoom} />}
      {gaps > 0 && <Gap />}
      <Form state={state} screen={id} fields={fields} columns={columns} />
      {gaps > 1 && <Gap />}
      <TextLines lines={notes} rows={noteRoom} />
      <TextLines lines={problems} rows={problemRoom} />
    </Box>
  );
};

/** The plain questions follow each other by the focus index, like the fields. */
const ask = (state: ConsoleState): PlainQuestion => {
  const fields = fieldsOf(state);
  const index = Math.min(fields.length - 1, state.focus[id] ?? 0);
  const field = fields[index] as FormField;
  const stay: Action = { type: 'focus', screen: id, index };
  /** To the next field; from the last one on only when nothing is missing, else to the field that it is missing in. */
  const leave = (next: ConsoleState): readonly Action[] => {
    if (index < fields.length - 1) return [{ type: 'focus', screen: id, index: index + 1 }];
    const wrong = wrongHere(next);
    if (wrong === null) return [{ type: 'focus', screen: id, index: 0 }, { type: 'next' }];
    return [{ type: 'notice', text: wrong }, { type: 'focus', screen: id, index: fields.findIndex((item) => item.field === names.user) }];
  };
  return {
    lines: [`${field.label}: ${typed(state, field.field) === '' || field.masked === true ? (field.placeholder ?? '') : cleanText(typed(state, field.field), 400)}`, ...(index === 0 ? plainProblems(problemsOf(state)) : [])],
    prompt: `${field.label}${field.field === names.sshKey ? ', a comma between several' : ''}, Enter leaves it${field.masked !== true ? ', none clears it' : field.emptied === undefined ? '' : ', none takes it back'}`,
    secret: field.masked ?? false,
    answer: (line) => {
      if (line === 'none' && field.masked !== true) {
        const cleared: ConsoleState = { ...state, fields: { ...state.fields, [field.field]: emptyField } };
        return [{ type: 'edit', field: field.field, edit: { edit: 'clear' }, maxLength: field.maxLength }, ...commit(cleared), ...leave(cleared)];
      }
      if (line === 'none' && field.emptied !== undefined) {
        return [field.emptied, { type: 'focus', screen: id, index: fields.findIndex((item) => item.field === names.sshKey) }];
      }
      if (line.length > (field.masked === true ? longestPassword : field.maxLength)) {
        return [{ type: 'notice', text: field.masked === true ? tooLong : `at most ${field.maxLength} characters; nothing of it was taken` }, stay];
      }
      const filled: ConsoleState = { ...state, fields: { ...state.fields, [field.field]: { value: line, cursor: line.length } } };
      const set: Action = { type: 'edit', field: field.field, edit: { edit: 'set', value: line }, maxLength: field.maxLength };
      if (field.field === names.repeat && isHalfTyped(filled)) {
        return [set, { type: 'notice', text: 'the passwords are not equal; once more' }, { type: 'focus', screen: id, index: index - 1 }];
      }
      const wrong = line === '' ? null : wrongIn(filled, field.field);
      if (wrong !== null) return [{ type: 'notice', text: wrong }, stay];
      const after = line === '' && field.masked !== true ? state : filled;
      return [...(after === state ? [] : [set]), ...(field.field === names.password ? [] : commit(after)), ...leave(after)];
    },
  };
};

/** Nobody could enter the node with what is known: asked without being asked for, and still there when it was answered. */
const needsLogin = (state: ConsoleState): boolean => {
  if (state.input === null) return false;
  const { keptText } = state.input.sources;
  if (keptText === null) return true;
  const answered = (['user', 'ssh-key'] as const).some((name) => state.answers[name] !== undefined) || state.passwordHash !== null;
  const nobody = namesNobody(state) && (state.outcome?.problems ?? []).some((problem) => problem.id === 'no-admin-user');
  return nobody || (state.screen === id && answered) || (answered && namesNobody(state));
};

export const identity: ScreenRow = {
  id,
  title: 'Identity',
  when: (state) => state.run === null && (state.customize || needsLogin(state)),
  done: (state) => wrongHere(state) === null,
  missing: (state) => wrongHere(state) ?? '',
  keys,
  focus: (state) => formFocus(state, id, fieldsOf(state)),
  help: [
    'Names the machine and its first user. The password is hashed at once; only the hash is held and written.',
    'Without a user or a key nobody can enter the installed system, unless the configuration brings one.',
  ],
  inFull: wrappedNotes,
  view: View,
  ask,
};
