/** Kubernetes manifests as text: a header that says how it is applied, then one document after the other. Pure. */
import { stringify } from 'yaml';

/** Comment lines; what is in them cannot end the comment. */
export const headerLines = (lines: readonly string[]): string => lines.map((line) => `# ${line.replaceAll(/[^\P{Cc}\t]/gu, ' ')}`.trimEnd()).join('\n');

export const printManifests = (header: readonly string[], documents: readonly unknown[]): string =>
  `${headerLines(header)}\n---\n${documents.map((document) => stringify(document, { lineWidth: 0, blockQuote: 'literal', compat: 'yaml-1.1' })).join('---\n')}`;
