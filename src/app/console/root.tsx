/** The one component that is mounted: it listens to the store and to the keys, and frames the current screen. */
import { useWindowSize } from 'ink';
import { useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { footerHints } from '../../ui/bindings.ts';
import { Frame, frameRows } from '../../ui/frame.tsx';
import { useKeys } from '../../ui/use-keys.ts';
import type { ConsoleState } from '../state.ts';
import type { Store } from '../store.ts';
import { activeKeys, fieldHasFocus, route } from './route.ts';
import { currentRow, drawnRow } from './screen.ts';
import type { Room, Screens } from './screen.ts';
import { stateLine, stepOf } from './state-line.ts';

/** What is left for a view: the frame has a column on each side and a blank line on top. */
export const roomIn = (columns: number, rows: number): Room => ({
  columns: Math.max(1, columns - 2),
  rows: Math.max(1, rows - frameRows - 1),
});

/** `Welcome > [Disk] > Review` */
const wayOf = (screens: Screens, state: ConsoleState): string =>
  screens.rows
    .filter((row) => row.when(state))
    .map(({ id, title }) => (id === state.screen ? `[${title}]` : title))
    .join(' > ');

export interface RootProps {
  readonly screens: Screens;
  readonly store: Store;
}

export const Root = ({ screens, store }: RootProps): ReactNode => {
  const state = useSyncExternalStore(store.subscribe, store.get);
  const { columns, rows } = useWindowSize();
  const room = roomIn(columns, rows);
  useKeys((press) => {
    const action = route(screens, store.get(), press, room);
    if (action !== null) store.dispatch(action);
  });
  const drawn = drawnRow(screens, state);
  const focused = fieldHasFocus(screens, state, room);
  const View = drawn.view;
  return (
    <Frame
      columns={columns}
      rows={rows}
      product={`Slipway ${state.version}${state.simulated ? ' SIMULATED' : ''}`}
      title={state.overlay === null ? drawn.title : `${currentRow(screens, state).title}: ${drawn.title}`}
      step={state.run === null ? stepOf(screens, state) : ''}
      way={state.run === null && state.overlay === null ? wayOf(screens, state) : ''}
      hints={footerHints(activeKeys(screens, state, room), focused, columns - 2)}
      notice={state.notice}
      stateLine={stateLine(screens, state)}
    >
      <View state={state} columns={room.columns} rows={room.rows} />
    </Frame>
  );
};
