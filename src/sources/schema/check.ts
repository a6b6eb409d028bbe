/** Holds a document against a schema: wrong kinds are errors, a key that looks like a typing error is a warning. */
import { quotedKey } from '../../model/shown-key.ts';
import * as z from 'zod';
import type { Report } from '../problem-collector.ts';
import { nearest } from '../suggest.ts';
import type { KeyPath } from '../yaml-nodes.ts';

const toKeyPath = (path: readonly PropertyKey[]): KeyPath => path.map((part) => (typeof part === 'number' ? part : String(part)));

/** At most this many: a wrong document need not be told a thousand times. */
const mostIssues = 50;

const unwrap = (schema: unknown): unknown => {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) inner = inner.unwrap();
  return inner;
};

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys that the schema does not know and that are near to one it knows. */
const checkNames = (schema: unknown, data: unknown, path: KeyPath, report: Report): void => {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray && Array.isArray(data)) {
    for (const [index, item] of data.entries()) checkNames(inner.element, item, [...path, index], report);
  } else if (inner instanceof z.ZodRecord && isMap(data)) {
    for (const [key, value] of Object.entries(data)) checkNames(inner.valueType, value, [...path, key], report);
  } else if (inner instanceof z.ZodObject && isMap(data)) {
    const shape = inner.shape as Readonly<Record<string, unknown>>;
    for (const [key, value] of Object.entries(data)) {
      if (Object.hasOwn(shape, key)) checkNames(shape[key], value, [...path, key], report);
      // The first two levels have their own check.
      else if (path.length > 0 && path[0] !== 'install' && path[0] !== 'stages') {
        const near = nearest(key, Object.keys(shape));
        if (near !== undefined) report([...path, key], 'unknown-key', `Kairos does not know ${quotedKey(key)} here and leaves it out`, `did you mean "${near}"?`, 'warning');
      }
    }
  }
};

/** Half a character (`"\uD800"`) is text to JSON and no character to Kairos's reader, which then reads nothing of the file. */
const checkCharacters = (data: unknown, path: KeyPath, report: Report): void => {
  if (typeof data === 'string' && !data.isWellFormed()) {
    report(path, 'wrong-type', 'holds half a character (\\uD800 to \\uDFFF), which Kairos cannot read', 'write the whole character, or its bytes in base64');
  } else if (Array.isArray(data)) {
    for (const [index, item] of data.entries()) checkCharacters(item, [...path, index], report);
  } else if (isMap(data)) {
    for (const [key, value] of Object.entries(data)) {
      checkCharacters(key, [...path, key], report);
      checkCharacters(value, [...path, key], report);
    }
  }
};

/** Reports each issue at its key path. */
export const checkAgainst = (schema: z.ZodType, data: unknown, report: Report): void => {
  const result = schema.safeParse(data);
  // Keys that do not belong are told by the checks that know a hint for them.
  const issues = (result.error?.issues ?? []).filter((issue) => issue.code !== 'unrecognized_keys');
  for (const issue of issues.slice(0, mostIssues)) {
    const path = toKeyPath(issue.path);
    const key = path.findLast((part) => typeof part === 'string') ?? '';
    if (issue.message.startsWith('each ')) {
      // A sentence of its own, with its consequence.
      report(path, 'wrong-type', issue.message, `write "${key}" and its value`);
      continue;
    }
    const said = issue.message.startsWith('takes') ? issue.message : 'is not what Kairos reads here';
    report(path, 'wrong-type', `${quotedKey(key)} ${said}`, 'Kairos cannot read the file otherwise, or leaves it out');
  }
  checkNames(schema, data, [], report);
  checkCharacters(data, [], report);
};
