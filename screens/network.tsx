/** The network of the live session: addresses, DHCP or by hand, a proxy, and whether what the install needs can be reached. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Keys, PlainQuestion, Room, ScreenRow, TextLine, ViewProps } from '../src/app/console/screen.ts';
import type { Asked } from '../src/app/console/session.ts';
import { answersOf, fieldOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import type { Nic } from '../src/model/facts.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { addressForm, readNetworkChange } from '../src/model/network-change.ts';
import type { NetworkChange } from '../src/model/network-change.ts';
import { FieldView } from '../src/ui/field-view.tsx';
import { shareRows } from '../src/ui/rows.ts';
import { fit, Line } from '../src/ui/text.tsx';
import type { Role } from '../src/ui/text.tsx';
import { mark, markedAt, rowKeys } from './marks.ts';
import { Gap, List, TextLines, wrapText } from './parts.tsx';

const id = 'network';
const typed = 'network-value';

/** A line of the list: Enter types a value, or does something at once. */
interface Row {
  readonly id: string;
  readonly text: string;
  /** Told under the list while it is highlighted. */
  readonly details: string;
  readonly label: string;
  readonly start: string;
  /** What is typed, in words. */
  readonly asks: string;
  /** What a typed line means; a text says what is wrong with it. */
  readonly take: (line: string) => Action | string;
}

const change = (asked: NetworkChange): Action => ({ type: 'ask', command: { do: 'set-network', change: asked } });

const addressTexts = ({ addresses }: Nic): readonly string[] => addresses.map((address) => cleanText(address, 50));

/** A card in a line: of several addresses the first one, the others are told under the list. */
const nicText = (nic: Nic): string => {
  const { name, carrier, speed } = nic;
  const [first = 'no address', ...others] = addressTexts(nic);
  return `${fit(cleanText(name, 15), 16)}${fit(carrier === true ? 'connected' : carrier === false ? 'no cable' : 'down', 11)}${fit(speed === null ? '' : `${speed} Mbit/s`, 13)}${first}${others.length === 0 ? '' : ` +${others.length}`}`;
};

/** What a line has no room for. */
const nicDetails = (nic: Nic): string => [nic.mac === null ? '' : `MAC ${cleanText(nic.mac, 20)}`, ...addressTexts(nic)].filter((text) => text !== '').join(', ');

/** What the install will fetch, as far as that is an address of the web. */
export const neededUrl = (state: ConsoleState): string => {
  const answers = answersOf(state);
  const source = answers.source?.value ?? '';
  const image = /^(?:oci|docker):(?:\/\/)?(.+)$/.exec(source)?.[1];
  if (image !== undefined) {
    const [host = '', ...path] = image.split('/');
    // Without a host the agent's default registry is meant, whose name is the agent's to know.
    return path.length > 0 && /[.:]|^localhost$/.test(host) ? `https://${host}/v2/` : '';
  }
  return [...(answers.config?.value ?? []), answers.kms?.value ?? '', answers.receipt?.value ?? ''].find((text) => /^https?:\/\//.test(text)) ?? '';
};

const rowsOf = (state: ConsoleState): readonly Row[] => [
  ...(state.input?.facts.nics ?? []).map((nic) => ({
    id: nic.name,
    text: nicText(nic),
    details: nicDetails(nic),
    label: cleanText(nic.name, 15),
    start: '',
    asks: addressForm,
    take: (line: string): Action | string => {
      const read = readNetworkChange(nic.name, line);
      return typeof read === 'string' ? read : change(read);
    },
  })),
  {
    id: 'proxy',
    text: `${fit('Proxy', 16)}${state.session.proxy === '' ? 'none' : cleanText(state.session.proxy, 60)}`,
    details: '',
    label: 'Proxy',
    start: state.session.proxy,
    asks: 'http://HOST:PORT; empty: none',
    take: (line) => change({ kind: 'proxy', url: line.trim() }),
  },
  {
    id: 'test',
    text: `${fit('Test an address', 16)}${neededUrl(state) === '' ? 'this install fetches nothing' : cleanText(neededUrl(state), 60)}`,
    details: '',
    label: 'Address',
    start: neededUrl(state),
    asks: 'an address that must be reachable',
    take: (line) => ({ type: 'ask', command: { do: 'test-url', url: line.trim() } }),
  },
];

const idsOf = (state: ConsoleState): readonly string[] => rowsOf(state).map((row) => row.id);
const highlightOf = (state: ConsoleState): number => markedAt(state, id, idsOf(state), 0);
const rowOf = (state: ConsoleState): Row | undefined => rowsOf(state)[highlightOf(state)];
/** What is typed for a card that was pulled out is for no other. */
const isTyping = (state: ConsoleState): boolean => state.focus[id] === 1 && rowOf(state) !== undefined;

const leaveField: Action = { type: 'focus', screen: id, index: 0 };
const startTyping = (row: Row): Action => ({
  type: 'many',
  actions: [
    mark(id, row.id),
    { type: 'edit', field: typed, edit: { edit: 'set', value: row.start }, maxLength: 500 },
    { type: 'focus', screen: id, index: 1 },
  ],
});

const isAsking = ({ session }: ConsoleState): boolean => session.network?.state === 'asking' || session.test?.state === 'asking';

/** The field is left when it worked: until then what was typed can be mended. */
const take = (state: ConsoleState, row: Row, line: string): readonly Action[] | string => {
  if (isAsking(state)) return 'one moment: the last change is under way';
  const meaning = row.take(line);
  return typeof meaning === 'string' ? meaning : [meaning];
};

const keys = (state: ConsoleState, room: Room): Keys => {
  const row = rowOf(state);
  if (isTyping(state) && row !== undefined) {
    const meaning = take(state, row, fieldOf(state, typed).value);
    return [
      { key: 'accept', label: 'do it', help: 'change the network of this session, or test the address', action: typeof meaning === 'string' ? { type: 'notice', text: meaning } : { type: 'many', actions: meaning } },
      { key: 'back', label: 'leave it', action: leaveField },
    ];
  }
  return [
    ...rowKeys(id, idsOf(state), highlightOf(state), room.rows - 8),
    ...(row === undefined
      ? []
      : [
          { key: 'toggle', label: 'change', help: 'type an address, a proxy, or what to test', action: startTyping(row) } as const,
          { key: 'edit', label: '', help: 'the same', action: startTyping(row) } as const,
        ]),
    { key: 'rescan', label: 'look again', help: 'look at the machine again: addresses come late', action: { type: 'look' } },
    { key: 'accept', label: 'continue', action: { type: 'next' } },
  ];
};

const askedText = (what: string, asked: Asked<string> | null): string =>
  asked === null ? '' : asked.state === 'asking' ? `${what} ...` : asked.state === 'there' ? cleanText(asked.value, 600) : cleanText(asked.text, 600);

const results = (state: ConsoleState): readonly string[] => [askedText('changing the network', state.session.network), askedText('testing', state.session.test)].filter((text) => text !== '');

const wrapped = (texts: readonly string[], role: Role, columns: number): readonly TextLine[] => texts.flatMap((text) => wrapText(text, columns)).map((text) => ({ text, role }));

const View = ({ state, settled, columns, rows }: ViewProps): ReactNode => {
  const all = rowsOf(state);
  const row = rowOf(state);
  const typing = isTyping(state) && row !== undefined;
  const told = rowOf(settled)?.details ?? '';
  const details = told === '' || typing ? [] : wrapped([told], 'muted', columns);
  const said = wrapped(results(state), 'plain', columns);
  const [, listRoom = 0, saidRoom = 0, detailRoom = 0, gaps = 0] = shareRows(rows, [
    [1 + (typing ? 2 : 0), 1 + (typing ? 2 : 0)],
    [Math.min(3, all.length), all.length],
    [Math.min(2, said.length), said.length],
    [Math.min(1, details.length), details.length],
    [0, 3],
  ]);
  return (
    <Box flexDirection="column">
      <Line role="title">The network of this session; the installed system has its own</Line>
      {gaps > 0 && <Gap />}
      <List items={all.map(({ id: key, text }) => ({ key, text }))} highlighted={highlightOf(state)} columns={columns} rows={listRoom} />
      {gaps > 1 && <Gap />}
      {typing && (
        <>
          <Line role="muted">{row.asks}</Line>
          <FieldView label={`${row.label} `} field={fieldOf(state, typed)} focused width={Math.max(4, columns - row.label.length - 6)} />
        </>
      )}
      <TextLines lines={details} rows={detailRoom} />
      {gaps > 2 && said.length > 0 && details.length > 0 && <Gap />}
      <TextLines lines={said} rows={saidRoom} />
    </Box>
  );
};

const ask = (state: ConsoleState): PlainQuestion | null => {
  // What comes of it is told first.
  if (isAsking(state)) return null;
  const row = rowOf(state);
  if (isTyping(state) && row !== undefined) {
    const canBeNone = row.id === 'proxy';
    return {
      lines: [row.asks, ...results(state)],
      prompt: `${row.label}, Enter leaves it${canBeNone ? ', none takes it out' : ''}`,
      answer: (line) => (line === '' ? [leaveField] : take(state, row, canBeNone && line === 'none' ? '' : line)),
    };
  }
  return {
    lines: [...rowsOf(state).map(({ text, details }, index) => `${index + 1}. ${text.trim().replaceAll(/\s+/g, ' ')}${details === '' ? '' : `; ${details}`}`), ...results(state)],
    prompt: 'Number changes or tests it; r looks again; Enter continues',
    answer: (line) => {
      if (line === '') return [{ type: 'next' }];
      if (line === 'r') return [{ type: 'look' }];
      const index = /^\d{1,3}$/.test(line) ? Number(line) - 1 : -1;
      const item = rowsOf(state)[index];
      return item === undefined ? 'that is not one of the numbers' : [startTyping(item)];
    },
  };
};

export const network: ScreenRow = {
  id,
  title: 'Network',
  when: (state) => state.run === null && (state.customize || state.visit?.screen === id),
  done: () => true,
  keys,
  focus: (state) => (isTyping(state) ? { field: typed, maxLength: 500 } : null),
  help: [
    'For this session only: fetching a configuration, an image from a registry, or reaching a key server may need an address or a proxy.',
    'The test fetches an address as the install will do it.',
  ],
  inFull: (state, columns) => [...(state.input?.facts.nics ?? []).flatMap((nic) => wrapped([`${cleanText(nic.name, 15)}: ${nicDetails(nic)}`], 'plain', columns)), ...wrapped(results(state), 'plain', columns)],
  view: View,
  ask,
};
