/** debugfs reads ext file systems that nobody has mounted, also inside image files, and opens them read-only. */

/** The command that prints a file. `offset` in bytes, for a file system inside a disk image file. */
export const catCommand = (file: string, path: string, offset?: number): readonly string[] => [
  'debugfs',
  '-R',
  `cat ${file}`,
  offset === undefined ? path : `${path}?offset=${offset}`,
];
