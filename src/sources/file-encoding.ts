/** How a step of a stage may give the content of a file it writes (yip `pkg/plugins/files.go`, `decodeContent`). Pure. */
import { gunzipSync } from 'node:zlib';

export type FileEncoding = 'none' | 'base64' | 'gzip' | 'gzip+base64';

const names: Readonly<Record<string, FileEncoding>> = {
  '': 'none',
  b64: 'base64',
  base64: 'base64',
  gz: 'gzip',
  gzip: 'gzip',
  'gz+base64': 'gzip+base64',
  'gzip+base64': 'gzip+base64',
  'gz+b64': 'gzip+base64',
  'gzip+b64': 'gzip+base64',
};

/** What a word behind `encoding:` means; undefined for one that means nothing. */
export const readFileEncoding = (word: string): FileEncoding | undefined => (Object.hasOwn(names, word) ? names[word] : undefined);

/** bytes; more is not unpacked */
const mostBytes = 16 * 1024 * 1024;

/** The bytes of the file. Throws when they cannot be unpacked, or are more than 16 MiB. */
export const decodeFileContent = (content: string, encoding: FileEncoding): Uint8Array => {
  switch (encoding) {
    case 'none':
      return Buffer.from(content, 'utf8');
    case 'base64':
      return Buffer.from(content, 'base64');
    case 'gzip':
      return gunzipSync(Buffer.from(content, 'latin1'), { maxOutputLength: mostBytes });
    case 'gzip+base64':
      return gunzipSync(Buffer.from(content, 'base64'), { maxOutputLength: mostBytes });
  }
};
