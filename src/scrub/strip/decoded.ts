/** Content that stands encoded in a configuration and decoded on the disk: `content:` with an `encoding:`, and `!!binary`. Pure. */
import type { Scalar, YAMLMap } from 'yaml';
import { isScalar } from 'yaml';
import { decodeFileContent, readFileEncoding } from '../../sources/file-encoding.ts';
import type { FileEncoding } from '../../sources/file-encoding.ts';
import { keyText, nodePairs } from '../../sources/yaml-nodes.ts';

/** What is to be searched for in place of the encoded text; `unreadable` says why not all of it can be. */
export interface Decoded {
  readonly text: string;
  readonly unreadable?: 'cannot be decoded' | 'is no text: only the texts in it are searched for';
}

/** Texts in what is none, as strings(1) finds them; 8 characters are the shortest that is searched for. */
const textsIn = (bytes: Uint8Array): string => (Buffer.from(bytes).toString('latin1').match(/[\t\u0020-\u007e]{8,}/g) ?? []).join('\n');

const decode = (content: string, encoding: FileEncoding): Decoded => {
  let bytes: Uint8Array;
  try {
    bytes = decodeFileContent(content, encoding);
  } catch {
    return { text: '', unreadable: 'cannot be decoded' };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { text: textsIn(bytes), unreadable: 'is no text: only the texts in it are searched for' };
  }
};

const textOf = (node: unknown): string | undefined => (isScalar(node) && typeof node.value === 'string' ? node.value : undefined);

/** The content that a map gives in another form than it is written in; null for every other map. */
export const decodedContent = (map: YAMLMap): Decoded | null => {
  let [word, content]: (string | undefined)[] = [];
  for (const { key, value } of nodePairs(map)) {
    if (keyText(key) === 'encoding') word = textOf(value);
    else if (keyText(key) === 'content') content = textOf(value);
  }
  const encoding = readFileEncoding((word ?? '').trim());
  return content === undefined || encoding === undefined || encoding === 'none' ? null : decode(content, encoding);
};

/** What a `!!binary` scalar stands for; null for every other one. */
export const decodedBinary = (scalar: Scalar): Decoded | null => {
  const source = textOf(scalar) ?? scalar.source;
  return scalar.tag?.endsWith('binary') === true && source !== undefined ? decode(source, 'base64') : null;
};
