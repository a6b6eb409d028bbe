/**
 * A YAML text as it may be shown: keys and structure stay, secrets become `***`. Line numbers stay the same. Of
 * install-only material no value is shown at all.
 */
import { isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import type { Node, Scalar } from 'yaml';

/** Names whose value is a secret, or may hold one. */
const secretName = /^(?!ssh_authorized_keys$).*(?:pass|secret|token|priv|credential|api[_-]?key|auth|kcrypt|psk|passphrase|network_id|_key$)|^(?:content|contents|commands|key)$/i;
/** Long runs without blanks that look made by a machine. Public SSH keys are meant to be seen. */
const randomLooking = /^(?!ssh-|ecdsa-|sk-|https?:|oci:|docker:|\/)(?=[\w+/=.$-]*\d)[\w+/=.$-]{24,}$/;

export type Redaction = 'secrets' | 'everything';

/** Replaces what is between two offsets, line by line, so that the lines keep their numbers. */
const blank = (text: string): string => text.replaceAll(/[^\s](?:[^\n]*[^\s])?/g, '***');

const rangesIn = (node: unknown, secret: boolean, redaction: Redaction, found: [number, number][]): void => {
  if (isPair(node)) {
    const key = isScalar(node.key) ? String(node.key.value) : '';
    rangesIn(node.value, secret || secretName.test(key), redaction, found);
  } else if (isMap(node) || isSeq(node)) {
    for (const item of node.items) rangesIn(item, secret, redaction, found);
  } else if (isScalar(node) && !isAlias(node)) {
    const { value, range } = node as Scalar & Pick<Node, 'range'>;
    if (range == null || value === null || value === '') return;
    if (secret || redaction === 'everything' || (typeof value === 'string' && randomLooking.test(value))) found.push([range[0], range[1]]);
  }
};

/** The lines of a text that may be shown. A text that cannot be read is not shown: what is secret in it is unknown. */
export const redactYaml = (text: string, redaction: Redaction): readonly string[] => {
  const document = parseDocument(text, { merge: true, logLevel: 'silent' });
  if (document.errors.length > 0) {
    return text.split('\n').map((line) => (/^\s*#/.test(line) || line.trim() === '' ? '' : blank(line)));
  }
  const ranges: [number, number][] = [];
  rangesIn(document.contents, false, redaction, ranges);
  ranges.sort(([left], [right]) => left - right);
  let shown = '';
  let at = 0;
  for (const [from, to] of ranges) {
    if (from < at) continue;
    shown += text.slice(at, from) + blank(text.slice(from, to));
    at = to;
  }
  // A comment may hold what was once a value.
  return (shown + text.slice(at)).split('\n').map((line, index) => (index === 0 ? line : line.replace(/(^|\s)#.*$/, '$1# ***')));
};
