/** `slipway validate FILE…`: every problem of cloud-config and installer-data files. Reads only. */
import { exitCodes } from '../model/exit-code.ts';
import type { Problem } from '../model/problem.ts';
import { formatProblem, isError } from '../model/problem.ts';
import { stripUserData } from '../scrub/strip.ts';
import { checkInstallerData } from '../sources/installer-data.ts';
import { readConfigText } from '../sources/read-config.ts';
import { checkUserData } from '../sources/user-data.ts';
import type { System } from '../system/port.ts';

export const documentKinds = ['user-data', 'installer-data'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** By the last part of the name: `installer-data`, `line3-installer-data.yaml`. Everything else is user-data. */
export const kindOfFile = (path: string): DocumentKind =>
  /installer[-_.]?data/i.test(path.split('/').at(-1) ?? '') ? 'installer-data' : 'user-data';

/** Problems of a text, each once, in the order of their lines. */
export const validateText = (text: string, file: string, kind: DocumentKind): readonly Problem[] => {
  const found = kind === 'installer-data' ? checkInstallerData(text, file) : [...checkUserData(text, file), ...stripUserData(text, file).problems];
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
  return [...lines, `${row.file}: ${row.ok ? 'valid' : 'not valid'} ${row.kind}`].join('\n');
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
    text: options.json ? JSON.stringify({ ok, files: rows }) : rows.map(printRow).join('\n'),
    exitCode: ok ? exitCodes.done : exitCodes.answersInvalid,
  };
};
