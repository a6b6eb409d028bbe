/** `slipway audit TARGET`: searches a directory, disk image or block device for install-only material. Exit code 0, or 7 when something was found. */
import { exitCodes } from '../model/exit-code.ts';
import { printableLines } from '../model/foreign-text.ts';
import type { AuditReport, MaterialItem } from '../model/audit.ts';
import type { Problem } from '../model/problem.ts';
import { isError, SlipwayError } from '../model/problem.ts';
import { auditTarget, auditTree } from '../scrub/audit.ts';
import type { AuditPlace } from '../scrub/audit.ts';
import { openedPlaces } from '../scrub/opened.ts';
import { excludePristine } from '../scrub/exclude-pristine.ts';
import { patternsInSlices } from '../scrub/patterns.ts';
import { redactorInSlices, redactReport } from '../scrub/redact.ts';
import { inSlices } from '../scrub/slices.ts';
import { stripInstallerData, stripUserData } from '../scrub/strip.ts';
import { decodeText, decodeUtf8, maxDocumentBytes } from '../sources/decode.ts';
import { byteOrderMark } from '../sources/header.ts';
import { jsonAsYaml } from '../sources/quote.ts';
import type { System } from '../system/port.ts';

export interface AuditCommandOptions {
  readonly target: string;
  readonly installerData: readonly string[];
  readonly config: readonly string[];
  readonly secretsFile: string | undefined;
  /** Tree or file of the image that was installed: what it holds too cannot be told from it. */
  readonly pristine?: string | undefined;
  /** `full` (default) or `written` */
  readonly mode: string | undefined;
  readonly json: boolean;
  readonly signal: AbortSignal;
  /** Told how far it is: what is being read, bytes done, bytes in all where that is known. */
  readonly onProgress?: (what: string, bytes: number, total: number | null) => void;
}

const fail = (id: string, what: string, where: string, hint: string): SlipwayError => new SlipwayError({ id, severity: 'error', what, where, hint });

/** Bytes that were read as something else than they are would be searched for in vain, and the audit would say: nothing found. */
const readFile = async (system: System, path: string, decode: typeof decodeText): Promise<string> => {
  const bytes = await system.readBytes(path, maxDocumentBytes);
  if (bytes === null) throw fail('file-unreadable', 'cannot be read, or is bigger than 1 MiB', path, 'check the path');
  const { text, problems } = decode(bytes, path);
  if (text !== undefined) return text;
  throw new SlipwayError(problems.find(isError) ?? { id: 'file-unreadable', severity: 'error', what: 'cannot be read', where: path, hint: 'check the file' });
};

/** What to search for, from every file that was named. Throws SlipwayError. */
const readMaterial = async (system: System, options: AuditCommandOptions): Promise<{ readonly items: readonly MaterialItem[]; readonly kept: readonly string[] }> => {
  const items: MaterialItem[] = [];
  const kept: string[] = [];
  // Of a document that cannot be read, nothing would be searched for, and the audit would say: nothing found.
  const check = (problems: readonly Problem[], isRead: boolean): void => {
    const problem = problems.find(isError);
    if (problem !== undefined && !isRead) throw new SlipwayError(problem);
  };
  for (const path of options.installerData) {
    const split = stripInstallerData(await readFile(system, path, decodeText), path);
    check(split.problems, split.items.length > 0);
    items.push(...split.items);
  }
  for (const path of options.config) {
    const split = stripUserData(await readFile(system, path, decodeText), path);
    check(split.problems, split.kept !== '');
    items.push(...split.items);
    kept.push(split.kept);
  }
  if (options.secretsFile !== undefined) {
    // Any text: what YAML forbids may be part of a secret.
    const text = await readFile(system, options.secretsFile, decodeUtf8);
    const lines = (text.startsWith(byteOrderMark) ? text.slice(1) : text).split(/\r?\n/);
    lines.forEach((value, index) => {
      if (value !== '') items.push({ file: options.secretsFile ?? '', keyPath: [index + 1], value, searched: true });
    });
  }
  return { items, kept };
};

interface SfdiskTable {
  readonly partitiontable?: { readonly sectorsize?: number; readonly partitions?: readonly { readonly start: number; readonly size: number; readonly name?: string }[] };
}

/** Partitions by their names; without a table the whole target is one place. */
const placesOn = async (system: System, target: string): Promise<readonly AuditPlace[]> => {
  const { exitCode, stdout } = await system.run(['sfdisk', '--json', target]);
  if (exitCode !== 0) return [{ label: target, start: 0, size: Number.MAX_SAFE_INTEGER }];
  const table = (JSON.parse(stdout) as SfdiskTable).partitiontable;
  const sector = table?.sectorsize ?? 512;
  return (table?.partitions ?? []).map((row, index) => ({ label: row.name === undefined || row.name === '' ? `partition ${index + 1}` : row.name, start: row.start * sector, size: row.size * sector }));
};

const describe = (report: AuditReport, target: string): string =>
  printableLines([
    ...report.hits.map((hit) => `found: ${hit.place} at byte ${hit.offset} (${hit.inside === undefined ? '' : `in ${hit.inside}, `}${hit.encoding}): ${hit.from}`),
    ...report.notSearchable.map((row) => `not searchable: ${row.from}: ${row.reason}`),
    ...(report.notes ?? []).map((note) => `note: ${note}`),
    `${target}: ${report.hits.length === 0 ? 'nothing found' : `${report.hits.length} hits`}; ${report.patterns} patterns, ${report.bytesRead} bytes read, ${report.notSearchable.length} values not searchable; ${report.readPath}`,
  ]);

export const auditCommand = async (system: System, options: AuditCommandOptions): Promise<{ readonly text: string; readonly exitCode: number }> => {
  const { target, signal } = options;
  const { items, kept } = await readMaterial(system, options);
  if (items.length === 0) throw fail('usage', 'there is nothing to search for', 'slipway audit', 'name --installer-data, --config or --secrets-file');
  const mode = options.mode ?? 'full';
  if (mode !== 'full' && mode !== 'written') throw fail('usage', `"${mode}" is not a mode`, '--mode', 'use full or written');
  const real = await system.realPath(target);
  const stat = real === null ? null : await system.stat(real);
  if (real === null || stat === null) throw fail('target-missing', 'is not there', target, 'name a directory, a disk image or a block device');
  const all = await inSlices(patternsInSlices(items, { keptTexts: kept }), signal);
  const patterns = await excludePristine(system, all, options.pristine === undefined ? [] : [options.pristine], { signal, onProgress: (bytes) => options.onProgress?.('the source', bytes, null) });
  // Names of files, on the target and in images on it, may be material themselves.
  const redact = await inSlices(redactorInSlices(all), signal);
  const found = stat.kind === 'directory'
    ? await auditTree(system, real, patterns, { signal, onProgress: (bytes) => options.onProgress?.(target, bytes, null) })
    : await auditTarget(system, { path: real, partitions: [...(await placesOn(system, real)), ...(await openedPlaces(system, real))], mode, patterns, signal, onProgress: (bytes, total) => options.onProgress?.(target, bytes, total) });
  const report = redactReport(found, redact);
  return {
    text: options.json ? jsonAsYaml(report) : describe(report, target),
    exitCode: report.hits.length > 0 ? exitCodes.auditFound : exitCodes.done,
  };
};
