/** The one component of the recovery menu that is mounted: it frames the current screen and listens to the keys. */
import { useWindowSize } from 'ink';
import { useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { Frame } from '../../ui/frame.tsx';
import { roomIn } from '../../ui/frame-lines.ts';
import { useKeys } from '../../ui/use-keys.ts';
import { recoveryDrawn, recoveryFrameText, routeRecovery } from './screen.ts';
import type { RecoveryScreens } from './screen.ts';
import type { RecoveryStore } from './store.ts';

export const RecoveryRoot = ({ screens, store }: { readonly screens: RecoveryScreens; readonly store: RecoveryStore }): ReactNode => {
  const state = useSyncExternalStore(store.subscribe, store.get);
  const { columns, rows } = useWindowSize();
  const room = roomIn(columns, rows, state.notice);
  useKeys((press) => {
    const action = routeRecovery(screens, store.get(), press, room);
    if (action !== null) store.dispatch(action);
  });
  const View = recoveryDrawn(screens, state).view;
  return (
    <Frame {...recoveryFrameText(screens, state, columns, rows)}>
      <View state={state} columns={room.columns} rows={room.rows} />
    </Frame>
  );
};
