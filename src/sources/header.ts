/** The first line, by which Kairos tells a cloud-config from any other YAML (kairos.md 3.1). */
import type { Problem } from '../model/problem.ts';
import { problemAt } from '../model/problem.ts';

export const cloudConfigHeader = '#cloud-config';
const otherHeaders = ['#kairos-config', '#node-config'];
export const byteOrderMark = '\uFEFF';

/** Lines in which Kairos's collector looks for a header. */
const headerLines = 10;

/** True for a line that is a header of any kind. */
export const isHeaderLine = (line: string): boolean => {
  const word = line.replace(byteOrderMark, '').trimEnd();
  return word === cloudConfigHeader || otherHeaders.includes(word);
};

/** True when the text begins with `#cloud-config` as everybody reads it: first line, no byte order mark. */
export const beginsWithHeader = (text: string): boolean => /^#cloud-config[ \t]*(?:\r?\n|$)/.test(text);

/** Puts `#cloud-config` on the first line: a byte order mark goes, the line is added where it isn't there. */
export const withHeader = (text: string): string => {
  const plain = text.startsWith(byteOrderMark) ? text.slice(1) : text;
  if (beginsWithHeader(plain)) return plain;
  const end = /\r\n/.test(plain) ? '\r\n' : '\n';
  return cloudConfigHeader + end + plain;
};

/** What else a user-data file may be for cloud-init, and why it can't be used here. */
const otherKinds: readonly (readonly [RegExp, string])[] = [
  [/^#!/, 'this is a script'],
  [/^#include/, 'this is a list of addresses (#include)'],
  [/^## *template:/, 'this is a template for cloud-init'],
  [/^(?:Content-Type|MIME-Version):/i, 'this is a MIME archive'],
  [/^#part-handler/, 'this is a cloud-init part handler'],
];

/** Checks the header of a cloud-config. `strict` (installer-data): nothing but `#cloud-config` on the first line. */
export const checkHeader = (text: string, file: string, options?: { readonly strict?: boolean }): readonly Problem[] => {
  const at = { file, line: 1, column: 1, keyPath: [] };
  const problems: Problem[] = [];
  const plain = text.startsWith(byteOrderMark) ? text.slice(1) : text;
  if (plain !== text) {
    problems.push(
      problemAt(at, {
        id: 'byte-order-mark',
        severity: 'warning',
        what: 'a byte order mark stands before the first line; Kairos does not recognise the header then',
        hint: 'save it without one; it is left out of what is kept',
      }),
    );
  }
  if (beginsWithHeader(plain)) return problems;
  const other = otherKinds.find(([pattern]) => pattern.test(plain));
  const lines = plain.split(/\r?\n/, headerLines);
  const index = lines.findIndex(isHeaderLine);
  const loose = index !== -1 && options?.strict !== true && other === undefined;
  problems.push(
    problemAt(loose ? { ...at, line: index + 1 } : at, {
      id: loose ? 'header-not-first' : 'header-missing',
      severity: loose ? 'warning' : 'error',
      what: loose
        ? 'the first line is not "#cloud-config": yip and `kairos-agent validate` may not take it as one; what is kept gets that line'
        : (other?.[1] ?? 'the first line is not "#cloud-config"'),
      hint: 'make "#cloud-config" the first line',
    }),
  );
  return problems;
};
