/** Kubernetes manifests as text: a header that says how it is applied, then one document after the other. Pure. */
import { Document, isScalar, Scalar, visit } from 'yaml';

/** Control and format characters, surrogates, and what YAML 1.1 takes for the end of a line (NEL, U+2028, U+2029). */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
const allUnsafe = new RegExp(unsafe, 'gu');
/** The same in a value, where tabs and ends of lines are text. */
const unsafeInValue = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
const allUnsafeInValue = new RegExp(unsafeInValue, 'gu');

/** Comment lines; what is in them cannot end the comment. */
export const headerLines = (lines: readonly string[]): string => lines.map((line) => `# ${line.replaceAll(allUnsafe, ' ')}`.trimEnd()).join('\n');

/** `kubectl`, in the namespace of the objects where one was named. */
export const kubectl = (namespace: string | null): string => (namespace === null ? 'kubectl' : `kubectl -n ${namespace}`);

const escapeOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** kubectl reads YAML 1.1: a value with a character that would end a line there, or is not allowed at all, is written with escapes. */
const printDocument = (value: unknown): string => {
  const document = new Document(value, { compat: 'yaml-1.1' });
  visit(document, {
    Scalar: (_key, node) => {
      if (isScalar(node) && typeof node.value === 'string' && unsafeInValue.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  // Such characters are in double-quoted scalars only, where an escape is the same as the character.
  return document.toString({ lineWidth: 0, blockQuote: 'literal' }).replaceAll(allUnsafeInValue, escapeOf);
};

/** One file: the header, then the documents. */
export const printManifests = (header: readonly string[], documents: readonly unknown[]): string => `${headerLines(header)}\n---\n${documents.map(printDocument).join('---\n')}`;
