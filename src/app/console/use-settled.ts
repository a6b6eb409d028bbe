/** The state as it was highlighted when keys last rested. */
import { useEffect, useState } from 'react';
import type { ConsoleState } from '../state.ts';

/** ms without a move after which what is told about a highlighted row is drawn anew: it is long, and a key shall cost little on a slow line. */
const rest = 150;

type Place = Pick<ConsoleState, 'screen' | 'overlay' | 'highlights' | 'marks'>;

/** The same state, its highlights as they were before the keys that were pressed just now. On another screen everything is new at once. */
export const useSettled = (state: ConsoleState): ConsoleState => {
  const { screen, overlay, highlights, marks } = state;
  const [place, setPlace] = useState<Place>({ screen, overlay, highlights, marks });
  const isElsewhere = place.screen !== screen || place.overlay !== overlay;
  const isMoving = !isElsewhere && (place.highlights !== highlights || place.marks !== marks);
  if (isElsewhere) setPlace({ screen, overlay, highlights, marks });
  useEffect(() => {
    if (!isMoving) return undefined;
    const timer = setTimeout(() => setPlace({ screen, overlay, highlights, marks }), rest);
    return () => clearTimeout(timer);
  }, [isMoving, screen, overlay, highlights, marks]);
  return isMoving ? { ...state, highlights: place.highlights, marks: place.marks } : state;
};
