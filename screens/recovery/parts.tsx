/** Pieces that the screens of the recovery menu share. */
import type { ReactNode } from 'react';
import type { RecoveryKeys } from '../../src/app/recovery/screen.ts';
import { reduceList } from '../../src/ui/list.ts';
import type { ListMove } from '../../src/ui/list.ts';
import type { KeyName } from '../../src/ui/keys.ts';
import { Line } from '../../src/ui/text.tsx';
import type { Role } from '../../src/ui/text.tsx';
import { wrapText } from '../parts.tsx';

const moves: readonly (readonly [KeyName, ListMove, string, string])[] = [
  ['up', 'up', 'move', 'one up'],
  ['down', 'down', '', 'one down'],
  ['pageUp', 'page-up', '', 'one page up'],
  ['pageDown', 'page-down', '', 'one page down'],
  ['first', 'first', '', 'to the first'],
  ['last', 'last', '', 'to the last'],
];

export const menuKeys = (list: string, highlighted: number, count: number, page: number): RecoveryKeys =>
  moves.map(([key, move, label, help]) => ({ key, label, help, action: { type: 'highlight', list, index: reduceList(highlighted, move, count, page) } }));

export interface TextRow {
  readonly text: string;
  readonly role: Role;
}

/** Texts broken to the width, in one role. */
export const rowsOf = (texts: readonly string[], role: Role, columns: number): readonly TextRow[] => texts.flatMap((text) => wrapText(text, columns)).map((text) => ({ text, role }));

/** At most `rows` lines; what does not fit is counted. */
export const TextRows = ({ lines, rows }: { readonly lines: readonly TextRow[]; readonly rows: number }): ReactNode => {
  const cut = lines.length > rows;
  const shown = lines.slice(0, cut ? Math.max(0, rows - 1) : rows);
  return (
    <>
      {shown.map(({ text, role }, index) => (
        <Line key={index} role={role}>
          {text}
        </Line>
      ))}
      {cut && rows > 0 && <Line role="muted">{`(${lines.length - shown.length} more lines; the window is too small for them)`}</Line>}
    </>
  );
};
