/** Reads `/etc/kairos-release` and `/etc/os-release`: shell assignments, read and never executed. */
import { cleanText } from '../model/foreign-text.ts';

const unquote = (value: string): string => {
  const quote = value[0];
  if ((quote === '"' || quote === "'") && value.length > 1 && value.endsWith(quote)) {
    const inner = value.slice(1, -1);
    return quote === '"' ? inner.replace(/\\(["$`\\])/g, '$1') : inner;
  }
  return value;
};

export const parseRelease = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split('\n')
      .slice(0, 200)
      .flatMap((line) => {
        const match = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]{0,63})=(.*)$/.exec(line);
        return match?.[1] === undefined ? [] : [[match[1], cleanText(unquote((match[2] ?? '').trim()), 256)]];
      }),
  );

/** What a person calls that system: `Kairos v3.5.0`, `Debian GNU/Linux 12 (bookworm)`; null when nothing says. */
export const releaseTitle = (release: Readonly<Record<string, string>>): string | null => {
  const version = release['KAIROS_RELEASE'] ?? release['KAIROS_VERSION'];
  if (version !== undefined) return cleanText(`Kairos ${version}`, 60);
  const name = release['PRETTY_NAME'] ?? release['NAME'];
  return name === undefined || name === '' ? null : cleanText(name, 60);
};
