/** Reads one configuration document from where it was named: a file, an address, a preset. */
import { shownUrl } from '../model/shown-url.ts';
import type { Problem } from '../model/problem.ts';
import { SlipwayError } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { decodeText, maxDocumentBytes } from './decode.ts';
import { didYouMean } from './suggest.ts';
import { listPresets, readPreset } from './presets.ts';

/** ms for one try */
const timeout = 20_000;
const tries = 3;
/** ms between two tries */
const pause = 1000;

export interface ReadText {
  /** For messages: without user, password and query of an address. */
  readonly name: string;
  readonly text?: string;
  readonly problems: readonly Problem[];
}

export const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);

const failure = (name: string, id: string, what: string, hint: string): ReadText => ({
  name,
  problems: [{ id, severity: 'error', what, where: name, hint }],
});

const looksLikeHtml = (text: string): boolean => /^\s*<(?:!doctype|html)/i.test(text);

/** Fetches a document: three tries, 20 s each, at most 1 MiB. */
export const fetchDocument = async (system: System, url: string, signal?: AbortSignal): Promise<ReadText> => {
  const name = shownUrl(url);
  const parsed = URL.parse(url);
  if (parsed === null && !url.includes('{{')) return failure(name, 'url-invalid', 'this is no address', 'write http://HOST/PATH or https://HOST/PATH');
  if (parsed !== null && (parsed.username !== '' || parsed.password !== '')) {
    return failure(name, 'url-credentials', 'an address with user and password in it cannot be fetched', 'serve the file without them, or with a token in the path');
  }
  if (url.includes('{{')) return failure(name, 'url-template', 'templates in an address are not rendered here', 'write the address out');
  let last: ReadText = failure(name, 'url-unreachable', 'cannot be reached', 'check the address and the network');
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    try {
      const { status, bytes } = await system.fetch(url, { timeout, maxBytes: maxDocumentBytes, ...(signal === undefined ? {} : { signal }) });
      if (status >= 200 && status < 300) {
        const { text, problems } = decodeText(bytes, name);
        if (text === undefined) return { name, problems };
        return looksLikeHtml(text) ? failure(name, 'url-html', 'the server answered with a web page, not with YAML', 'check the address; is a login or a raw link needed?') : { name, text, problems };
      }
      last = failure(name, 'url-status', `the server answered with status ${status}`, 'check the address');
      if (status < 500) return last;
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      // Words of the platform can quote the whole address.
      const { what } = error.problem;
      last = { name, problems: [{ ...error.problem, what: what.includes('://') ? 'cannot be reached' : what, where: name }] };
      if (error.problem.id === 'url-too-big') return last;
    }
    signal?.throwIfAborted();
    if (attempt < tries) await system.sleep(pause, signal);
  }
  return last;
};

const readFileDocument = async (system: System, path: string): Promise<ReadText> => {
  const real = await system.realPath(path);
  const stat = real === null ? null : await system.stat(real);
  if (real === null || stat === null) return failure(path, 'config-missing', 'there is no such file', 'check the path');
  if (stat.kind !== 'file') return failure(path, 'config-not-a-file', 'this is not a plain file', 'name a text file');
  if (stat.size > maxDocumentBytes) return failure(path, 'document-too-large', 'the file is bigger than 1 MiB', 'is it the right file?');
  const bytes = await system.readBytes(real, maxDocumentBytes);
  if (bytes === null) return failure(path, 'config-unreadable', 'the file cannot be read', 'check its permissions');
  const { text, problems } = decodeText(bytes, path);
  return text === undefined ? { name: path, problems } : { name: path, text, problems };
};

/** Reads `FILE`, `http(s)://…` or `preset:NAME`. */
export const readConfigText = async (system: System, from: string, signal?: AbortSignal): Promise<ReadText> => {
  if (isUrl(from)) return fetchDocument(system, from, signal);
  if (from.startsWith('preset:')) {
    const text = readPreset(from.slice('preset:'.length));
    if (text !== null) return { name: from, text, problems: [] };
    const names = listPresets().map((preset) => preset.name);
    return failure(from, 'preset-unknown', 'there is no such preset', didYouMean(from.slice('preset:'.length), names, `presets: ${names.join(', ')}`));
  }
  return readFileDocument(system, from);
};
