/** A progress bar in plain characters. */
export const progressBar = (fraction: number | null, width: number, beat = 0): string => {
  const room = Math.max(0, width - 2);
  if (fraction === null) {
    // No measure: a mark that moves says that it is alive.
    const at = room === 0 ? 0 : beat % room;
    return `[${'.'.repeat(at)}${room > 0 ? '#' : ''}${'.'.repeat(Math.max(0, room - at - 1))}]`;
  }
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * room);
  return `[${'#'.repeat(full)}${'.'.repeat(room - full)}]`;
};
