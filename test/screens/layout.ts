/**
 * What a view wants to draw, before anything is clipped: drawn once more into a terminal without an edge and compared with what fits. A
 * terminal of the right width can show nothing over it, so only this tells whether something is lost without a sign.
 */
import { Box, renderToString } from 'ink';
import { createElement } from 'react';
import type { ReactNode } from 'react';
import type { OverlayRow, Room, Screens, ViewProps } from '../../src/app/console/screen.ts';
import { isTooSmall } from '../../src/ui/frame-lines.ts';
import { screens } from '../../screens/index.ts';

type View = OverlayRow['view'];

const edgeless = 5000;

const linesAt = <Props extends Room>(view: (props: Props) => ReactNode, props: Props, columns: number): readonly string[] =>
  renderToString(createElement(Box, { flexDirection: 'column', width: columns }, createElement(view, props)), { columns })
    .replaceAll(/\u001B\[[\d;]*m/g, '')
    .split('\n');

/** Signs of a cut: of a line, of foreign text, of a name in a strip. */
const sign = /(?:…|\.\.\.)(?:\]|│)?\s*$/;

/** What is wrong with a view in its room: rows over its height, and lines that lose something without a sign. */
export const layoutFaults = <Props extends Room>(view: (props: Props) => ReactNode, props: Props): readonly string[] => {
  const { columns, rows } = props;
  const wanted = linesAt(view, props, edgeless);
  const shown = linesAt(view, props, columns);
  const tooMany = wanted.length > rows ? [`${wanted.length} rows where there is room for ${rows}:\n${wanted.join('\n')}`] : [];
  const wrapped = shown.length === wanted.length ? [] : [`${wanted.length} lines became ${shown.length} by wrapping:\n${shown.join('\n')}`];
  const cut = wanted.flatMap((line, row) => {
    const seen = shown[row] ?? '';
    return line.trimEnd().length > columns && !sign.test(seen) ? [`cut without a sign: ${seen}`] : [];
  });
  return [...tooMany, ...wrapped, ...cut];
};

/** The table of screens, with an eye on the view that was drawn last. */
export const watchedScreens = (): { readonly screens: Screens; readonly faults: () => readonly string[] } => {
  let latest: { readonly view: View; readonly props: ViewProps } | null = null;
  const watched = <Row extends { readonly view: View }>(row: Row): Row => ({
    ...row,
    view: (props: ViewProps) => {
      latest = { view: row.view, props };
      return row.view(props);
    },
  });
  const overlays = Object.fromEntries(Object.entries(screens.overlays).map(([name, row]) => [name, watched(row)])) as unknown as Screens['overlays'];
  return {
    screens: { rows: screens.rows.map(watched), overlays },
    // A frame has a line over the view and five around it.
    faults: () => (latest === null || isTooSmall(latest.props.columns + 2, latest.props.rows + 6) ? [] : layoutFaults(latest.view, latest.props)),
  };
};
