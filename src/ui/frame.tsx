/** The frame around every screen: title bar, body, notice, keys, and the state line that cameras read. */
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { Hint } from './bindings.ts';
import { Line, styled } from './text.tsx';

export interface FrameProps {
  readonly columns: number;
  readonly rows: number;
  readonly product: string;
  /** Short: the name of this screen. */
  readonly title: string;
  /** `2/5` */
  readonly step: string;
  /** The way through all screens, shown where there is room; the current one in brackets. */
  readonly way: string;
  readonly hints: readonly Hint[];
  readonly notice: string;
  /** Last line, plain capitals. */
  readonly stateLine: string;
  readonly children: ReactNode;
}

/** Rows of the frame that are not body. */
export const frameRows = 5;
/** Below this there is room for the state line only. */
export const smallest = { columns: 40, rows: 10 };

export const isTooSmall = (columns: number, rows: number): boolean => columns < smallest.columns || rows < smallest.rows;

const TitleBar = ({ columns, product, title, step, way }: Pick<FrameProps, 'columns' | 'product' | 'title' | 'step' | 'way'>): ReactNode => {
  const left = ` ${product}`;
  const fits = way !== '' && way.length + left.length + step.length + 8 <= columns;
  const right = `${fits ? way : title}  ${step} `;
  const gap = columns - left.length - right.length;
  const text = gap >= 1 ? left + ' '.repeat(gap) + right : right.slice(0, columns).padEnd(columns);
  return <Line role="bar">{text}</Line>;
};

const Footer = ({ hints }: { readonly hints: readonly Hint[] }): ReactNode => (
  <Text wrap="truncate-end">{` ${hints.map(({ key, label }) => `${styled(key, 'key')} ${label}`).join('  ')}`}</Text>
);

export const Frame = (props: FrameProps): ReactNode => {
  const { columns, rows } = props;
  if (isTooSmall(columns, rows)) {
    return (
      <Box width={columns} height={rows} flexDirection="column" overflow="hidden">
        {rows > 1 && <Line>{`needs ${smallest.columns}x${smallest.rows}`}</Line>}
        <Line>{props.stateLine}</Line>
      </Box>
    );
  }
  return (
    <Box width={columns} height={rows} flexDirection="column" overflow="hidden">
      <TitleBar {...props} />
      <Box height={rows - frameRows} flexDirection="column" overflow="hidden" paddingX={1} paddingTop={1} flexShrink={0}>
        {props.children}
      </Box>
      <Line role="warning">{props.notice === '' ? '' : ` ${props.notice}`}</Line>
      <Line role="muted">{'─'.repeat(columns)}</Line>
      <Footer hints={props.hints} />
      <Line>{props.stateLine}</Line>
    </Box>
  );
};
