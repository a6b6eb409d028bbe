/** The keys that close what lies over a screen. */
import type { Keys } from '../src/app/console/screen.ts';

export const closeKeys: Keys = [
  { key: 'back', label: 'close', action: { type: 'overlay', overlay: null } },
  { key: 'quit', label: '', action: { type: 'overlay', overlay: null } },
  { key: 'redraw', label: '', action: { type: 'redraw' } },
];
