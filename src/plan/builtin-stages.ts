/**
 * Which stage steps the builtin engine can execute, in yip's meaning (mudler/yip v1.25 `pkg/plugins`). Whatever else a
 * step asks for is refused here, by name: a stage is never half executed.
 */
import { readFileEncoding } from '../sources/file-encoding.ts';
import type { FileEncoding } from '../sources/file-encoding.ts';
import { formatKeyPath, problemAt } from '../model/problem.ts';
import type { Problem } from '../model/problem.ts';
import { findNothing } from './check-whole.ts';
import type { FindPosition } from './check-whole.ts';
import { quotedKey } from '../model/shown-key.ts';
import type { StageStep } from '../model/stages.ts';

export interface StageFile {
  readonly path: string;
  /** Permission bits; yip gives 0 where none are named. */
  readonly permissions: number;
  readonly owner: number;
  readonly group: number;
  /** `user` or `user:group`, resolved where the stage runs; empty without. */
  readonly ownerString: string;
  readonly content: string;
  readonly encoding: FileEncoding;
}

export interface StageDirectory {
  readonly path: string;
  readonly permissions: number;
  readonly owner: number;
  readonly group: number;
}

/** A step in the order in which yip takes its parts: condition, directories, files, commands. */
export interface BuiltinStep {
  readonly stage: string;
  readonly from: string;
  readonly condition: string | null;
  readonly directories: readonly StageDirectory[];
  readonly files: readonly StageFile[];
  readonly commands: readonly string[];
}

const supportedStages = ['kairos-install.pre', 'before-install', 'after-install', 'kairos-install.after'];
const supportedKeys = ['name', 'if', 'directories', 'files', 'commands'];

/** The stages this engine runs, in order, `.before` and `.after` of each included. */
export const builtinStageOrder: readonly string[] = supportedStages.flatMap((name) => [`${name}.before`, name, `${name}.after`]);

type Refuse = (keyPath: readonly (string | number)[], what: string, hint: string, id?: string) => undefined;

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readText = (value: unknown, path: readonly (string | number)[], refuse: Refuse): string | undefined => {
  if (typeof value !== 'string') return refuse(path, 'is not text', 'quote it');
  if (value.includes('{{')) {
    return refuse(path, 'holds a template ({{ … }}), which the builtin engine does not render', 'write the value out, or use the kairos-agent engine', 'stage-template');
  }
  return value;
};

const readNumber = (value: unknown, path: readonly (string | number)[], refuse: Refuse): number | undefined => {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  return refuse(path, 'is not a whole number', 'for permissions write 0644, for owner and group the numeric id');
};

const readPath = (value: unknown, path: readonly (string | number)[], refuse: Refuse): string | undefined => {
  const text = readText(value, path, refuse);
  if (text === undefined) return undefined;
  return text.startsWith('/') && !text.includes('\0') ? text : refuse(path, 'is not an absolute path', 'begin it with /');
};

const readList = (value: unknown, path: readonly (string | number)[], refuse: Refuse): readonly unknown[] => {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  refuse(path, 'is not a list', 'begin each entry with "- "');
  return [];
};

const readOwner = (item: Record<string, unknown>, path: readonly (string | number)[], refuse: Refuse) => ({
  permissions: readNumber(item['permissions'], [...path, 'permissions'], refuse) ?? 0,
  owner: readNumber(item['owner'], [...path, 'owner'], refuse) ?? 0,
  group: readNumber(item['group'], [...path, 'group'], refuse) ?? 0,
});

const refuseUnknown = (item: Record<string, unknown>, known: readonly string[], path: readonly (string | number)[], refuse: Refuse): void => {
  for (const key of Object.keys(item)) {
    // A command that holds ": " looks like a key: what it says is nobody's business.
    if (!known.includes(key)) refuse([...path, key], `the builtin engine does not know ${quotedKey(key)} here`, `it knows ${known.join(', ')}; use the kairos-agent engine for more`, 'stage-unsupported');
  }
};

const readFile = (item: unknown, path: readonly (string | number)[], refuse: Refuse): StageFile | undefined => {
  if (!isMap(item)) return refuse(path, 'is not a map', 'write path: and content:');
  refuseUnknown(item, ['path', 'permissions', 'owner', 'group', 'ownerstring', 'content', 'encoding'], path, refuse);
  const encoding = readFileEncoding(String(item['encoding'] ?? ''));
  if (encoding === undefined) return refuse([...path, 'encoding'], 'is not an encoding', 'use base64, gzip or gzip+base64');
  const filePath = readPath(item['path'], [...path, 'path'], refuse);
  const content = readText(item['content'] ?? '', [...path, 'content'], refuse);
  const ownerString = readText(item['ownerstring'] ?? '', [...path, 'ownerstring'], refuse);
  if (filePath === undefined || content === undefined || ownerString === undefined) return undefined;
  if (ownerString !== '' && !/^[\w.-]+(:[\w.-]+)?$/.test(ownerString)) return refuse([...path, 'ownerstring'], 'is not user or user:group', 'for example root:root');
  return { path: filePath, content, encoding, ownerString, ...readOwner(item, path, refuse) };
};

const readDirectory = (item: unknown, path: readonly (string | number)[], refuse: Refuse): StageDirectory | undefined => {
  if (!isMap(item)) return refuse(path, 'is not a map', 'write path: and permissions:');
  refuseUnknown(item, ['path', 'permissions', 'owner', 'group'], path, refuse);
  const directory = readPath(item['path'], [...path, 'path'], refuse);
  return directory === undefined ? undefined : { path: directory, ...readOwner(item, path, refuse) };
};

const present = <T>(value: T | undefined): value is T => value !== undefined;

/** Reads the steps, in the order in which the stages run. Every problem at once. */
export const readBuiltinSteps = (
  steps: readonly StageStep[],
  find: FindPosition = findNothing,
): { readonly steps: readonly BuiltinStep[]; readonly problems: readonly Problem[] } => {
  const problems: Problem[] = [];
  const read = steps.map((step): BuiltinStep => {
    const at = ['stages', step.stage, step.index];
    const refuse: Refuse = (keyPath, what, hint, id = 'stage-invalid') => {
      const position = find(keyPath, { file: step.file });
      const problem = { id, severity: 'error', what, hint } as const;
      problems.push(position === null ? { ...problem, where: `${step.file}: ${formatKeyPath(keyPath)}` } : problemAt(position, problem));
      return undefined;
    };
    if (!builtinStageOrder.includes(step.stage)) {
      refuse(['stages', step.stage], `the builtin engine does not run the stage ${quotedKey(step.stage)}`, `it runs ${supportedStages.join(', ')}; use the kairos-agent engine for the others`, 'stage-unsupported');
    }
    refuseUnknown(step.value, supportedKeys, at, refuse);
    const each = <T>(key: string, one: (value: unknown, path: readonly (string | number)[], refuse: Refuse) => T | undefined): T[] =>
      readList(step.value[key], [...at, key], refuse)
        .map((item, index) => one(item, [...at, key, index], refuse))
        .filter(present);
    const condition = step.value['if'];
    return {
      stage: step.stage,
      from: `${step.file}: ${formatKeyPath(at)}`,
      condition: condition === undefined || condition === '' ? null : (readText(condition, [...at, 'if'], refuse) ?? null),
      directories: each('directories', readDirectory),
      files: each('files', readFile),
      commands: each('commands', readText),
    };
  });
  const order = (step: BuiltinStep): number => builtinStageOrder.indexOf(step.stage);
  return { steps: read.toSorted((left, right) => order(left) - order(right)), problems };
};
