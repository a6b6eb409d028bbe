/** Reads `/proc/cmdline` as the kernel does: words parted by blanks, double quotes keep blanks together. */
export interface KernelWord {
  readonly name: string;
  /** null for a word without `=` */
  readonly value: string | null;
}

export const parseKernelLine = (line: string): readonly KernelWord[] => {
  const words: KernelWord[] = [];
  for (const [token] of line.slice(0, 65_536).matchAll(/(?:[^\s"]+|"[^"]*"?)+/g)) {
    const bare = token.replaceAll('"', '');
    const equals = bare.indexOf('=');
    words.push(equals === -1 ? { name: bare, value: null } : { name: bare.slice(0, equals), value: bare.slice(equals + 1) });
  }
  return words;
};

/** What the kernel line says about the medium that the live system runs from. */
export interface LiveRoot {
  readonly labels: readonly string[];
  readonly uuids: readonly string[];
  readonly devices: readonly string[];
}

/** `root=live:LABEL=X`, `root=live:CDLABEL=X`, `root=live:/dev/…`, `live:…` and `root=live:UUID=…`. */
export const liveRootOf = (words: readonly KernelWord[]): LiveRoot => {
  const labels: string[] = [];
  const uuids: string[] = [];
  const devices: string[] = [];
  for (const { name, value } of words) {
    const text = name === 'root' ? (value ?? '') : value === null ? name : `${name}=${value}`;
    if (!text.startsWith('live:')) continue;
    const place = text.slice('live:'.length);
    const match = /^(CDLABEL|LABEL|UUID)=(.+)$/.exec(place);
    const byLink = /^\/dev\/disk\/by-(label|uuid)\/(.+)$/.exec(place);
    const what = match ?? byLink;
    if (what?.[2] !== undefined) (/uuid/i.test(what[1] ?? '') ? uuids : labels).push(what[2].replaceAll('\\x20', ' '));
    else if (place.startsWith('/dev/')) devices.push(place);
  }
  return { labels, uuids, devices };
};
