/** `slipway scrub PATH…`: takes install-only material out of cloud-config files, in place, byte-exact for what stays. */
import { exitCodes } from '../model/exit-code.ts';
import { printableLine, printableLines } from '../model/foreign-text.ts';
import type { Problem } from '../model/problem.ts';
import { formatKeyPath, formatProblem, isError, SlipwayError } from '../model/problem.ts';
import { shownKeyPath } from '../model/shown-key.ts';
import { stripUserData } from '../scrub/strip.ts';
import type { RemovedKey } from '../scrub/strip.ts';
import { decodeText, maxDocumentBytes } from '../sources/decode.ts';
import { isHeaderLine } from '../sources/header.ts';
import { jsonAsYaml } from '../sources/quote.ts';
import { checkUserData } from '../sources/user-data.ts';
import type { System } from '../system/port.ts';
import { unifiedDiff } from './diff.ts';
import { kindOfFile } from './validate.ts';

interface Row {
  readonly file: string;
  readonly changed: boolean;
  readonly removed: readonly RemovedKey[];
  readonly problems: readonly Problem[];
  readonly diff: string;
}

/** Kairos reads `.yaml` and `.yml`; a datasource leaves `userdata`, a data volume holds `user-data`. */
const mayBeConfig = (name: string): boolean => /\.ya?ml$/i.test(name) || /^(?:user-?data|installer-data)$/.test(name);

/** Files below a folder, sorted, however deep; links are not followed, so there is an end. */
const filesBelow = async (system: System, folder: string): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const name of (await system.list(folder)) ?? []) {
    const path = `${folder.replace(/\/$/, '')}/${name}`;
    const kind = (await system.stat(path))?.kind;
    if (kind === 'directory') found.push(...(await filesBelow(system, path)));
    else if (kind === 'file' && mayBeConfig(name)) found.push(path);
  }
  return found;
};

/** A dotted key is a plain key in a file: it is install-only to whoever wrote it, and to nobody who reads it. It stays. */
const dottedKeys = (text: string, file: string): readonly Problem[] =>
  checkUserData(text, file)
    .filter(({ id }) => id === 'dotted-key')
    .map((problem) => ({ ...problem, severity: 'warning', what: 'a dotted key is a plain key in a file: nothing reads it, and it is kept' }));

const unreadable = (file: string, id: string, what: string, hint: string): Row => ({
  file,
  changed: false,
  removed: [],
  problems: [{ id, severity: 'error', what, where: file, hint }],
  diff: '',
});

const hasHeader = (text: string): boolean => text.split(/\r?\n/, 10).some(isHeaderLine);

/** Scrubs one file; null when it is no cloud-config (found in a folder). */
const scrubFile = async (system: System, file: string, named: boolean, dryRun: boolean): Promise<Row | null> => {
  // The name itself, not what it leads to: whoever made a link would choose the file that is written.
  const path = file;
  const stat = await system.stat(path);
  if (stat?.kind === 'link') return unreadable(file, 'config-is-a-link', 'this is a link; the file it leads to is left alone', 'name the file itself');
  if (stat === null) return unreadable(file, 'config-missing', 'there is no such file', 'check the path');
  if (stat.kind !== 'file') return unreadable(file, 'config-not-a-file', 'this is not a plain file', 'name a text file or a folder');
  const bytes = await system.readBytes(path, maxDocumentBytes);
  if (bytes === null) return unreadable(file, 'config-unreadable', 'the file cannot be read, or is bigger than 1 MiB', 'check it by hand');
  const { text, problems } = decodeText(bytes, file);
  if (text === undefined) return { file, changed: false, removed: [], problems, diff: '' };
  if (kindOfFile(file) === 'installer-data') {
    return unreadable(file, 'installer-data-whole', 'all of installer-data is install-only: nothing of it can stay', 'delete the file');
  }
  if (!named && !hasHeader(text)) return null;
  const split = stripUserData(text, file);
  const changed = split.kept !== text && !split.problems.some(isError);
  if (changed && !dryRun) await system.writeFile(path, split.kept, { mode: stat.mode, replaces: true });
  return { file, changed, removed: split.removed, problems: [...split.problems, ...dottedKeys(split.kept, file)], diff: changed ? unifiedDiff(printableLine(file), text, split.kept) : '' };
};

/** Keys that are no names are not repeated. */
const shown = (row: Row): Row => ({ ...row, removed: row.removed.map((entry) => ({ ...entry, keyPath: shownKeyPath(entry.keyPath) })) });

const printRow = (row: Row, dryRun: boolean): string => {
  const lines = row.problems.map((problem) => `${problem.severity}: ${formatProblem(problem)}`);
  if (row.problems.some(isError)) return printableLines([...lines, `${row.file}: left as it is`]);
  if (!row.changed) return printableLines([...lines, `${row.file}: nothing to remove`]);
  const removed = row.removed.map((entry) => `  line ${entry.line}: ${formatKeyPath(entry.keyPath)}`);
  const head = `${row.file}: ${dryRun ? 'would be scrubbed' : 'scrubbed'}${removed.length > 0 ? ', removed:' : ''}`;
  return printableLines([...lines, head, ...removed, ...(dryRun ? row.diff.split('\n') : [])]);
};

/** Exit code 0, or 3 when a file could not be scrubbed; what could be is done all the same. */
export const scrubCommand = async (
  system: System,
  paths: readonly string[],
  options: { readonly json: boolean; readonly dryRun: boolean },
): Promise<{ readonly text: string; readonly exitCode: number }> => {
  const rows: Row[] = [];
  for (const path of paths) {
    const folder = (await system.stat((await system.realPath(path)) ?? path))?.kind === 'directory';
    const files = folder ? await filesBelow(system, path) : [path];
    for (const file of files) {
      try {
        const row = await scrubFile(system, file, !folder, options.dryRun);
        if (row !== null) rows.push(row);
      } catch (error) {
        if (!(error instanceof SlipwayError)) throw error;
        rows.push({ file, changed: false, removed: [], problems: [error.problem], diff: '' });
      }
    }
  }
  const ok = !rows.some((row) => row.problems.some(isError));
  const text = options.json
    ? jsonAsYaml({ ok, dryRun: options.dryRun, files: rows.map(shown).map(({ diff, ...row }) => (options.dryRun ? { ...row, diff } : row)) })
    : rows.length === 0
      ? 'no cloud-config was found'
      : rows.map((row) => printRow(row, options.dryRun)).join('\n');
  return { text, exitCode: ok ? exitCodes.done : exitCodes.answersInvalid };
};
