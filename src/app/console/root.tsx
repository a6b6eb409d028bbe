/** The one component that is mounted: it listens to the store and to the keys, and frames the current screen. */
import { useWindowSize } from 'ink';
import { useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { Frame } from '../../ui/frame.tsx';
import { roomIn } from '../../ui/frame-lines.ts';
import { useKeys } from '../../ui/use-keys.ts';
import type { Store } from '../store.ts';
import { frameTextOf } from './frame-text.ts';
import { route } from './route.ts';
import { useSettled } from './use-settled.ts';
import { drawnRow } from './screen.ts';
import type { Screens } from './screen.ts';

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
  const settled = useSettled(state);
  const View = drawnRow(screens, state).view;
  return (
    <Frame {...frameTextOf(screens, state, columns, rows)}>
      <View state={state} settled={settled} columns={room.columns} rows={room.rows} />
    </Frame>
  );
};
