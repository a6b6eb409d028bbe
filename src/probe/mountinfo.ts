/** Reads `/proc/self/mountinfo`: what is mounted, from which device, over which layers. */
export interface Mount {
  /** `major:minor` of the device; `0:N` for file systems without one */
  readonly majMin: string;
  /** Which part of the file system is mounted: `/` or a sub-tree. */
  readonly root: string;
  readonly point: string;
  readonly fstype: string;
  /** A device path, a dataset, `overlay`, … */
  readonly source: string;
  /** Options of the file system itself: `lowerdir=…` of an overlay. */
  readonly options: readonly string[];
}

/** The kernel writes blank, tab, newline and backslash as octal. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

const parseLine = (line: string): Mount | null => {
  const fields = line.split(' ');
  const dash = fields.indexOf('-', 6);
  const [, , majMin, root, point] = fields;
  const fstype = fields[dash + 1];
  if (dash === -1 || majMin === undefined || root === undefined || point === undefined || fstype === undefined) return null;
  if (!/^\d+:\d+$/.test(majMin) || !point.startsWith('/')) return null;
  return {
    majMin,
    root: unescape(root),
    point: unescape(point),
    fstype,
    source: unescape(fields[dash + 2] ?? ''),
    options: (fields[dash + 3] ?? '').split(','),
  };
};

/**
 * Later mounts of a place come later, as in the kernel's list. null when a line isn't understood or nothing is mounted at `/`: what is
 * missing on the list could be mounted.
 */
export const parseMountinfo = (text: string): readonly Mount[] | null => {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const mount = parseLine(line);
    if (mount === null) return null;
    mounts.push(mount);
  }
  return mounts.some(({ point }) => point === '/') ? mounts : null;
};

/** The mount that a path lies in: the longest mount point that leads to it, the latest of equals. */
export const mountOf = (path: string, mounts: readonly Mount[]): Mount | null => {
  let best: Mount | null = null;
  for (const mount of mounts) {
    const holds = mount.point === '/' || path === mount.point || path.startsWith(`${mount.point}/`);
    if (holds && (best === null || mount.point.length >= best.point.length)) best = mount;
  }
  return best;
};

/** The lower layers of an overlay, as paths. */
export const lowerLayers = (mount: Mount): readonly string[] =>
  mount.fstype !== 'overlay'
    ? []
    : mount.options.flatMap((option) =>
        option.startsWith('lowerdir=')
          ? option.slice('lowerdir='.length).split(/(?<!\\):/).filter((path) => path.startsWith('/'))
          : [],
      );
