/** Reads what `unsquashfs` and `tar` print about an archive. */

/** A line of `unsquashfs -lln` or `tar -tv --numeric-owner`: type letter, size and path. */
export const parseListing = (text: string): { readonly size: number; readonly boot: readonly string[] } => {
  let size = 0;
  const boot: string[] = [];
  for (const line of text.split('\n')) {
    const match = /^([-dlhbcps])\S{9,10}\s+\d+\/\d+\s+(\d+)\s+\d{4}-\d{2}-\d{2} \d{2}:\d{2}\s+(.*)$/.exec(line);
    if (match === null) continue;
    const [, type, bytes, rest = ''] = match;
    if (type === '-') size += Number(bytes);
    const path = rest.replace(/ (?:->|link to) .*$/, '').replace(/^(?:squashfs-root\/|\.?\/)/, '');
    const name = /^boot\/([^/]+)$/.exec(path)?.[1];
    if (name !== undefined && (type === '-' || type === 'l' || type === 'h')) boot.push(name);
  }
  return { size, boot };
};
