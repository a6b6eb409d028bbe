/** The frame around every screen, with a view in it. */
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { footer, isTooSmall, noticeLine, noticeLines, rowsAround, rule, titleBar, tooSmallLines } from './frame-lines.ts';
import type { FrameText } from './frame-lines.ts';

export interface FrameProps extends FrameText {
  readonly children: ReactNode;
}

const FrameLine = ({ children }: { readonly children: string }): ReactNode => <Text wrap="truncate-end">{children}</Text>;

export const Frame = (props: FrameProps): ReactNode => {
  const { columns, rows } = props;
  if (isTooSmall(columns, rows)) {
    return (
      <Box width={columns} height={rows} flexDirection="column" overflow="hidden">
        {tooSmallLines(props).map((line, index) => (
          <FrameLine key={index}>{line}</FrameLine>
        ))}
      </Box>
    );
  }
  return (
    <Box width={columns} height={rows} flexDirection="column" overflow="hidden">
      <FrameLine>{titleBar(props)}</FrameLine>
      <Box height={rows - rowsAround(props.notice, columns, rows)} flexDirection="column" overflow="hidden" paddingX={1} paddingTop={1} flexShrink={0}>
        {/* As high as it is: lines that have no room are cut off below, never laid over each other. */}
        <Box flexDirection="column" flexShrink={0}>
          {props.children}
        </Box>
      </Box>
      {noticeLines(props.notice, columns, rows).map((line, index) => (
        <FrameLine key={index}>{noticeLine(line)}</FrameLine>
      ))}
      <FrameLine>{rule(columns, props.line)}</FrameLine>
      <FrameLine>{footer(props.hints)}</FrameLine>
      <FrameLine>{props.stateLine}</FrameLine>
    </Box>
  );
};
