/** QR codes to carry something away with a camera: the receipt of an install, or the network token for the next node. */
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { encode } from 'uqr';
import type { OverlayRow, Room, ViewProps } from '../src/app/console/screen.ts';
import { unitOf } from '../src/app/console/state-line.ts';
import type { ConsoleState } from '../src/app/state.ts';
import { qrRows } from '../src/receipt/qr.ts';
import { Line, Paragraph, styled } from '../src/ui/text.tsx';
import { wrapText } from './parts.tsx';

/** What the code says: where the receipt is, when that is an address; else the receipt in one line, in so few letters that the code fits 80x24. */
export const codeText = (state: ConsoleState): string => {
  const { run } = state;
  if (run?.done == null) return '';
  const address = run.receipts.find((place) => /^https?:/.test(place));
  return address ?? run.receiptLine ?? `SLIPWAY ${unitOf(state)} ${run.done.result} ${run.done.exitCode} ${run.plan.hash.slice(0, 8)}`.slice(0, 53);
};

/** Modules of light around a code. */
const border = 1;

/** Two columns a module, as blanks on a bright ground: needs no special glyph, but many rows. Light modules are drawn, as on any dark screen. */
const tall = (text: string): readonly string[] =>
  encode(text, { ecc: 'L', border }).data.map((row) => row.map((dark) => (dark ? '  ' : styled('  ', 'bar'))).join(''));

/** Modules in a row of the code of a text, its border among them. */
const modulesOf = (text: string): number => encode(text, { ecc: 'L', border }).size;

/** Modules in a row that there is room for: two to a character with half blocks, else a character two columns wide each. */
const roomFor = ({ unicode }: ConsoleState, { columns, rows }: Room): number => (unicode ? Math.min(columns, rows * 2) : Math.min(Math.floor(columns / 2), rows));

const picture = (state: ConsoleState, text: string): readonly string[] => (state.unicode ? qrRows(text, border) : tall(text));

/** Bytes that the smallest codes hold at level L; what is bigger than these is better shown as text. */
const capacities = [17, 32, 53, 78, 106, 134, 154, 192, 230, 271, 321, 367, 425, 458, 520, 586, 644, 718, 792, 858] as const;
/** More codes than this nobody reads one by one. */
const mostParts = 16;

/**
 * A text in as few equal parts as there is room for the codes of, each a piece of it as it is: read one after the other they make the
 * whole. Null where no code fits.
 */
export const partsOf = (text: string, modules: number): readonly string[] | null => {
  const largest = capacities.findLast((_, index) => 21 + 4 * index + 2 * border <= modules);
  if (largest === undefined || text === '') return null;
  const count = modulesOf(text) <= modules ? 1 : Math.ceil(text.length / largest);
  if (count > mostParts) return null;
  const length = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, part) => text.slice(part * length, (part + 1) * length));
};

/** The codes of a text in this room: one where it fits whole, else several with a line above them; null where none fits. */
const codesIn = (state: ConsoleState, text: string, room: Room): readonly string[] | null => {
  const whole = partsOf(text, roomFor(state, room));
  return whole?.length === 1 ? whole : partsOf(text, roomFor(state, { ...room, rows: room.rows - 1 }));
};

const Code = ({ state, text, columns, rows }: ViewProps & { readonly text: string }): ReactNode => {
  const parts = codesIn(state, text, { columns, rows });
  if (parts === null || state.highlights['code-text'] === 1) {
    const modules = modulesOf(text);
    const needed = state.unicode ? `${modules + 2} columns and ${Math.ceil(modules / 2) + 6} rows` : `${modules * 2 + 2} columns and ${modules + 6} rows`;
    return (
      <Box flexDirection="column">
        <Line role="muted">{parts === null ? `A code would need ${needed}. It says:` : 'It says:'}</Line>
        {wrapText(text, columns).map((line, index) => (
          <Line key={index}>{line}</Line>
        ))}
      </Box>
    );
  }
  const at = Math.min(state.highlights['code'] ?? 0, parts.length - 1);
  const lines = picture(state, parts[at] ?? '');
  return (
    <Box flexDirection="column">
      {parts.length > 1 && <Line role="title">{`Code ${at + 1} of ${parts.length}: Right shows the next; read in this order they make the whole.`}</Line>}
      {lines.map((line, index) => (
        <Text key={index}>{line}</Text>
      ))}
      {parts.length === 1 && lines.length < rows && <Line role="muted">{text}</Line>}
    </Box>
  );
};

const keysFor =
  (textOf: (state: ConsoleState) => string): OverlayRow['keys'] =>
  (state, room) => {
    const codes = codesIn(state, textOf(state), room);
    const count = codes?.length ?? 0;
    const at = Math.min(state.highlights['code'] ?? 0, count - 1);
    const asText = state.highlights['code-text'] === 1;
    const to = (index: number) => ({ type: 'highlight', list: 'code', index: Math.max(0, Math.min(count - 1, index)) }) as const;
    return [
      // Where no code fits there is text only, and a text has no next one.
      ...(codes === null ? [] : [{ key: 'view', label: asText ? 'as code' : 'as text', action: { type: 'highlight', list: 'code-text', index: asText ? 0 : 1 } } as const]),
      ...(count <= 1 || asText ? [] : ([{ key: 'right', label: 'next code', action: to(at + 1) }, { key: 'left', label: 'the one before', action: to(at - 1) }] as const)),
      { key: 'back', label: 'close', action: { type: 'overlay', overlay: null } },
      { key: 'quit', label: '', action: { type: 'overlay', overlay: null } },
      { key: 'accept', label: '', action: { type: 'overlay', overlay: null } },
      { key: 'redraw', label: '', action: { type: 'redraw' } },
    ];
  };

export const code: OverlayRow = { title: 'Code', keys: keysFor(codeText), view: (props) => <Code {...props} text={codeText(props.state)} /> };

const tokenText = (state: ConsoleState): string => state.extras.networkToken ?? '';

/** The token is shown because it was asked for, here only. */
export const token: OverlayRow = {
  title: 'Network token',
  keys: keysFor(tokenText),
  view: (props) => {
    const text = tokenText(props.state);
    return text === '' ? <Paragraph role="muted">There is no network token yet.</Paragraph> : <Code {...props} text={text} />;
  },
};
