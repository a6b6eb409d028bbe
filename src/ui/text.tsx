/** Styled text as Ink components. */
import { Text } from 'ink';
import type { ReactNode } from 'react';
import { styled } from './style.ts';
import type { Role } from './style.ts';

export { fit, styled } from './style.ts';
export type { Role } from './style.ts';

/** One line of text, cut with a sign where it does not fit. */
export const Line = ({ role = 'plain', children }: { readonly role?: Role; readonly children?: string | undefined }): ReactNode => (
  <Text wrap="truncate-end">{children === undefined || children === '' ? ' ' : styled(children, role)}</Text>
);

/** Text that runs on over several lines. */
export const Paragraph = ({ role = 'plain', children }: { readonly role?: Role; readonly children: string }): ReactNode => (
  <Text wrap="wrap">{styled(children, role)}</Text>
);
