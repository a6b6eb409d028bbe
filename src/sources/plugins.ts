/**
 * Plugins of Kairos (mudler/go-pluggable): executables that are started once an event, with JSON on standard input and one
 * JSON object on standard output. A plugin that fails, hangs or talks nonsense is reported and gives no answer.
 */
import * as z from 'zod';
import { cleanText } from '../model/foreign-text.ts';
import type { Problem } from '../model/problem.ts';
import type { System } from '../system/port.ts';

/** Payloads above this (bytes) go through a file: go-pluggable `events.go`. */
const mostInline = 8192;
/** Longest answer that is read, bytes. */
const mostAnswer = 1024 * 1024;
/** ms; a plugin may ask the network */
const timeout = 15_000;

export interface Plugin {
  /** `agent-provider-kairos` */
  readonly name: string;
  readonly path: string;
}

/** Folders of providers in the order in which Kairos looks; the current folder is left out: it is nobody's promise. */
export const providerFolders = (path: string): readonly string[] => [...path.split(':').filter((folder) => folder.startsWith('/')), '/system/providers', '/usr/local/system/providers'];

/** Folders of prerequisite checks. */
export const checkFolders = (path: string): readonly string[] => ['/system/tui-checks', '/usr/local/system/tui-checks', ...path.split(':').filter((folder) => folder.startsWith('/'))];

/** Executables whose name begins with `prefix`; the first of each name wins. */
export const findPlugins = async (system: System, prefix: 'agent-provider-' | 'tui-check-', folders: readonly string[]): Promise<readonly Plugin[]> => {
  const found = new Map<string, Plugin>();
  for (const folder of folders) {
    for (const name of (await system.list(folder)) ?? []) {
      if (!name.startsWith(prefix) || found.has(name)) continue;
      const real = await system.realPath(`${folder}/${name}`);
      const stat = real === null ? null : await system.stat(real);
      if (real !== null && stat?.kind === 'file' && (stat.mode & 0o111) !== 0) found.set(name, { name, path: `${folder}/${name}` });
    }
  }
  return [...found.values()];
};

const responseSchema = z.looseObject({
  state: z.string().optional(),
  data: z.string().optional(),
  error: z.string().optional(),
  log: z.string().optional(),
});

export interface PluginAnswer {
  /** The `data` of the answer; null when there was none that can be used. */
  readonly data: string | null;
  readonly problems: readonly Problem[];
}

/** Starts a plugin for one event. `payload` is sent as JSON. Never throws for what the plugin does. */
export const askPlugin = async (system: System, plugin: Plugin, event: string, payload: unknown, signal?: AbortSignal): Promise<PluginAnswer> => {
  const trouble = (what: string): PluginAnswer => ({
    data: null,
    problems: [{ id: 'plugin-failed', severity: 'warning', what, where: `${plugin.path} (${event})`, hint: 'the install goes on without its answer' }],
  });
  const data = JSON.stringify(payload);
  let file = '';
  let folder: string | null = null;
  if (Buffer.byteLength(data) > mostInline) {
    folder = await system.memoryDirectory('plugin');
    file = `${folder}/payload.json`;
    await system.writeFile(file, data, { mode: 0o600 });
  }
  try {
    const input = JSON.stringify({ name: event, data: file === '' ? data : '', file });
    const result = await system.run([plugin.path, event], { input, timeout, maxBytes: mostAnswer, ...(signal === undefined ? {} : { signal }) });
    if (result.missing) return trouble('cannot be started');
    if (result.timedOut) return trouble(`did not answer within ${timeout / 1000} s`);
    if (result.truncated) return trouble('answered with more than 1 MiB');
    if (result.exitCode !== 0) return trouble(`ended with exit code ${result.exitCode ?? 'unknown'}`);
    if (result.stdout.trim() === '') return { data: null, problems: [] };
    const answer = responseSchema.safeParse(parseJson(result.stdout));
    if (!answer.success) return trouble('did not answer with one JSON object');
    if (answer.data.error !== undefined && answer.data.error !== '') return trouble(`says: ${cleanText(answer.data.error)}`);
    const text = answer.data.data ?? '';
    return { data: text === '' ? null : text, problems: [] };
  } finally {
    if (folder !== null) await system.remove(folder);
  }
};

/** JSON, or undefined. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
