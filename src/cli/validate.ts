/** `slipway validate FILE…`: every problem of cloud-config and installer-data files. Reads only. */
import { exitCodes } from '../model/exit-code.ts';
import { printableLines } from '../model/foreign-text.ts';
import type { Problem } from '../model/problem.ts';
import { formatProblem, isError, problemAt } from '../model/problem.ts';
import { stripUserData } from '../scrub/strip.ts';
import { checkInstallerData } from '../sources/installer-data.ts';
import { readConfigText } from '../sources/read-config.ts';
import { jsonAsYaml } from '../sources/quote.ts';
import { hasAdmin } from '../sources/traps.ts';
import { checkUserData } from '../sources/user-data.ts';
import { parseYaml } from '../sources/yaml.ts';
import { positionOf, rootData } from '../sources/yaml-nodes.ts';
import type { System } from '../system/port.ts';

export const documentKinds = ['user-data', 'installer-data'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** By the last part of the name: `installer-data`, `line3-installer-data.yaml`. Everything else is user-data. */
export const kindOfFile = (path: string): DocumentKind =>
  /installer[-_.]?data/i.test(path.split('/').at(-1) ?? '') ? 'installer-data' : 'user-data';

/** Told of a file that stands alone; an answer, or another file, may bring the user. */
const checkAdmin = (text: string, file: string): readonly Problem[] => {
  const { document } = parseYaml(text, file);
  if (document === undefined || hasAdmin(rootData(document))) return [];
  const what = 'no user is in the group admin: kairos-agent refuses to install, upgrade and reset such a node';
  return [problemAt(positionOf(document, ['users']), { id: 'no-admin-user', severity: 'warning', what, hint: 'add a user, here or with --user, or set install.nousers: true' })];
};

/** Problems of a text, each once, in the order of their lines. */
export const validateText = (text: string, file: string, kind: DocumentKind): readonly Problem[] => {
  const found = kind === 'installer-data' ? checkInstallerData(text, file) : [...checkUserData(text, file), ...stripUserData(text, file).problems, ...checkAdmin(text, file)];
  const unique = new Map(found.map((problem) => [JSON.stringify([problem.id, problem.where, problem.what]), problem]));
  return [...unique.values()].toSorted((left, right) => (left.position?.line ?? 0) - (right.position?.line ?? 0));
};

interface Row {
  readonly file: string;
  readonly kind: DocumentKind;
  readonly ok: boolean;
  readonly problems: readonly Problem[];
}

const printRow = (row: Row): string => {
  const lines = row.problems.map((problem) => `${problem.severity}: ${formatProblem(problem)}`);
  return printableLines([...lines, `${row.file}: ${row.ok ? 'valid' : 'not valid'} ${row.kind}`]);
};

/** Exit code 0 when no file has an error, else 3; 2 for a kind that does not exist. */
export const validateCommand = async (
  system: System,
  files: readonly string[],
  options: { readonly json: boolean; readonly kind?: string | undefined },
): Promise<{ readonly text: string; readonly exitCode: number }> => {
  const asked = documentKinds.find((kind) => kind === options.kind);
  if (options.kind !== undefined && asked === undefined) {
    return { text: `slipway validate: --kind takes ${documentKinds.join(' or ')}`, exitCode: exitCodes.usage };
  }
  const rows: Row[] = [];
  for (const file of files) {
    const kind = asked ?? kindOfFile(file);
    const read = await readConfigText(system, file);
    const problems = read.text === undefined ? read.problems : validateText(read.text, read.name, kind);
    rows.push({ file: read.name, kind, ok: !problems.some(isError), problems });
  }
  const ok = rows.every((row) => row.ok);
  return {
    text: options.json ? jsonAsYaml({ ok, files: rows }) : rows.map(printRow).join('\n'),
    exitCode: ok ? exitCodes.done : exitCodes.answersInvalid,
  };
};
