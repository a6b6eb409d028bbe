/** QR codes to carry something away with a camera: the result of an install, or the network token for the next node. */
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { encode } from 'uqr';
import type { OverlayRow, ViewProps } from '../src/app/console/screen.ts';
import { unitOf } from '../src/app/console/state-line.ts';
import type { ConsoleState } from '../src/app/state.ts';
import { Line, Paragraph, styled } from '../src/ui/text.tsx';
import { wrapText } from './parts.tsx';

/** What the code says: where the receipt is, when that is an address; else the result in so few letters that the code fits 80x24. */
export const codeText = (state: ConsoleState): string => {
  const { run } = state;
  if (run?.done == null) return '';
  const address = run.receipts.find((place) => /^https?:/.test(place));
  return address ?? `SLIPWAY ${unitOf(state)} ${run.done.result} ${run.done.exitCode} ${run.plan.hash.slice(0, 8)}`.slice(0, 53);
};

// Light modules are drawn and dark ones left out: on a dark screen that is the right way round for every reader.

/** Two columns a module, as blanks on a bright ground: needs no special glyph, but many rows. */
const tall = (rows: readonly (readonly boolean[])[]): readonly string[] =>
  rows.map((row) => row.map((dark) => (dark ? '  ' : styled('  ', 'bar'))).join(''));

/** Two modules in one character, where there are half blocks. Keys: upper light, lower light. */
const halves: Readonly<Record<string, string>> = { '00': ' ', '01': '▄', '10': '▀', '11': '█' };
const low = (rows: readonly (readonly boolean[])[]): readonly string[] =>
  Array.from({ length: Math.ceil(rows.length / 2) }, (_, pair) =>
    (rows[pair * 2] ?? []).map((dark, column) => halves[`${dark ? 0 : 1}${rows[pair * 2 + 1]?.[column] === false ? 1 : 0}`] ?? ' ').join(''),
  );

const Code = ({ state, text, columns, rows }: ViewProps & { readonly text: string }): ReactNode => {
  const { data } = encode(text, { ecc: 'L', border: 1 });
  const modules = data.length;
  const fitsTall = modules <= rows - 1 && modules * 2 <= columns;
  const fitsLow = state.unicode && Math.ceil(modules / 2) <= rows - 1 && modules <= columns;
  if (!fitsTall && !fitsLow) {
    const needed = state.unicode ? `${modules + 2} columns and ${Math.ceil(modules / 2) + 7} rows` : `${modules * 2 + 2} columns and ${modules + 7} rows`;
    return (
      <Box flexDirection="column">
        <Line role="muted">{`A code would need ${needed}. It says:`}</Line>
        {wrapText(text, columns).map((line, index) => (
          <Line key={index}>{line}</Line>
        ))}
      </Box>
    );
  }
  const picture = fitsTall ? tall(data) : low(data);
  return (
    <Box flexDirection="column">
      {picture.map((line, index) => (
        <Text key={index}>{line}</Text>
      ))}
      {picture.length < rows && <Line role="muted">{text}</Line>}
    </Box>
  );
};

const keys: OverlayRow['keys'] = () => [
  { key: 'back', label: 'close', action: { type: 'overlay', overlay: null } },
  { key: 'quit', label: '', action: { type: 'overlay', overlay: null } },
  { key: 'accept', label: '', action: { type: 'overlay', overlay: null } },
  { key: 'redraw', label: '', action: { type: 'redraw' } },
];

export const code: OverlayRow = { title: 'Code', keys, view: (props) => <Code {...props} text={codeText(props.state)} /> };

/** The token is shown because it was asked for, here only. */
export const token: OverlayRow = {
  title: 'Network token',
  keys,
  view: (props) => {
    const text = props.state.extras.networkToken;
    return text === undefined ? <Paragraph role="muted">There is no network token yet.</Paragraph> : <Code {...props} text={text} />;
  },
};
