/** The one component that is mounted: it listens to the store and to the keys, and frames the current screen. */
import { useWindowSize } from 'ink';
import { useEffect, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { Frame } from '../../ui/frame.tsx';
import { isTooSmall, roomIn } from '../../ui/frame-lines.ts';
import { useKeys } from '../../ui/use-keys.ts';
import type { Store } from '../store.ts';
import { frameTextOf } from './frame-text.ts';
import { route } from './route.ts';
import { useSettled } from './use-settled.ts';
import { drawnRow, planOnScreen } from './screen.ts';
import type { Screens } from './screen.ts';

export interface RootProps {
  readonly screens: Screens;
  readonly store: Store;
  /** ms since the epoch */
  readonly now: () => number;
  /** After every frame: the hash of the plan that it tells and that is not known to be on the terminal yet, or null. */
  readonly onFrame: (newPlan: string | null) => void;
}

export const Root = ({ screens, store, now, onFrame }: RootProps): ReactNode => {
  const state = useSyncExternalStore(store.subscribe, store.get);
  const { columns, rows } = useWindowSize();
  const frame = frameTextOf(screens, state, columns, rows);
  const room = roomIn(columns, rows, frame.notice);
  useKeys((press) => {
    const at = now();
    store.dispatch({ type: 'pressed', now: at, action: route(screens, store.get(), press, room, at) });
  });
  const plan = isTooSmall(columns, rows) ? null : planOnScreen(screens, state);
  useEffect(() => onFrame(plan === state.shown?.hash ? null : plan));
  const settled = useSettled(state);
  const View = drawnRow(screens, state).view;
  return (
    <Frame {...frame}>
      <View state={state} settled={settled} columns={room.columns} rows={room.rows} />
    </Frame>
  );
};
