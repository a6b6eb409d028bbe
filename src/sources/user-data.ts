/** Checks of user-data: what Kairos would refuse, ignore or misread, with the consequence said. */
import { isMap } from 'yaml';
import type { Problem } from '../model/problem.ts';
import { problemAt } from '../model/problem.ts';
import { quotedKey } from '../model/shown-key.ts';
import { checkStages, whereNothingIsSaid } from './checks.ts';
import { checkHeader } from './header.ts';
import { collectProblems } from './problem-collector.ts';
import type { Report } from './problem-collector.ts';
import { readSettingsMap } from './settings-map.ts';
import { didYouMean, nearest } from './suggest.ts';
import { installKeys, installOnlyTopLevelKeys, keptTopLevelKeys } from './vocabulary.ts';
import { checkAgainst } from './schema/check.ts';
import { userDataSchema } from './schema/documents.ts';
import { checkAloneTraps, checkTraps } from './traps.ts';
import type { ParsedYaml } from './yaml-nodes.ts';
import { parseYaml } from './yaml.ts';
import { entriesOf, follow, rootData, startOf } from './yaml-nodes.ts';

const topLevelKeys: readonly string[] = [...keptTopLevelKeys, ...installOnlyTopLevelKeys];

const checkTopLevelKey = (key: string, report: Report): void => {
  if (topLevelKeys.includes(key)) return;
  if (/^(?:install|stages|slipway)\./.test(key)) {
    report([key], 'dotted-key', 'a dotted key is a plain key in a file: nothing reads it, and it would be kept', `write "${key.split('.')[0]}:" and the rest under it`);
    return;
  }
  const near = nearest(key, topLevelKeys);
  if (near !== undefined) report([key], 'unknown-key', `Kairos does not know ${quotedKey(key)} and leaves it out`, `did you mean "${near}"?`, 'warning');
};

const checkInstall = (document: ParsedYaml, node: unknown, report: Report): void => {
  const install = follow(document, node);
  if (install === null || (!isMap(install) && entriesOf(document, install).size === 0 && (install as { value?: unknown }).value === null)) {
    report(['install'], 'install-null', '"install:" without a value makes kairos-agent crash', 'remove the key; it is left out of what is kept', 'warning');
    return;
  }
  if (!isMap(install)) {
    report(['install'], 'wrong-type', '"install" takes a map', 'write "install:" and its keys under it');
    return;
  }
  for (const name of entriesOf(document, install).keys()) {
    if (name === 'no_format') report(['install', name], 'unknown-key', 'Kairos reads "no-format"; "no_format" is left out', 'write "no-format"', 'warning');
    else if (!(installKeys as readonly string[]).includes(name)) {
      report(['install', name], 'unknown-key', `Kairos does not know ${quotedKey(name)} in "install" and leaves it out`, didYouMean(name, installKeys, 'remove it'), 'warning');
    }
  }
};

/** `part`: other documents or answers may be merged with it, so what is missing in it alone says nothing. */
export type DocumentScope = 'alone' | 'part';

/** Checks a parsed document; what the header says is checked by `checkUserData`. */
export const checkUserDataDocument = (document: ParsedYaml, scope: DocumentScope = 'alone'): readonly Problem[] => {
  const found = collectProblems(document);
  const { report } = found;
  if (document.root === null) return [];
  if (!isMap(document.root)) {
    return [problemAt(document.at(startOf(document.root), []), { id: 'not-a-map', severity: 'error', what: 'the file is no map of keys', hint: 'write "key: value" lines' })];
  }
  for (const [key, value] of entriesOf(document, document.root)) {
    checkTopLevelKey(key, report);
    if (key === 'stages') checkStages(document, value, report, 'user-data');
    else if (key === 'install') checkInstall(document, value, report);
    else if (key === 'slipway') found.add(readSettingsMap(document, value, ['slipway']).problems);
  }
  const data = rootData(document);
  checkAgainst(userDataSchema, data, whereNothingIsSaid(found.problems, report));
  checkTraps(document, report);
  if (scope === 'alone') checkAloneTraps(data, report);
  return found.all();
};

/** Checks a whole text. Returns everything that is wrong with it. */
export const checkUserData = (text: string, file: string, scope: DocumentScope = 'alone'): readonly Problem[] => {
  const header = checkHeader(text, file);
  const { document, problems } = parseYaml(text, file);
  return document === undefined ? [...header, ...problems] : [...header, ...checkUserDataDocument(document, scope)];
};
