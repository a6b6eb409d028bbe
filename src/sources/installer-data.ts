/** Checks of installer-data: install stages, `install` and `slipway`, nothing else. All of it is install-only. */
import { isMap } from 'yaml';
import type { Problem } from '../model/problem.ts';
import { problemAt } from '../model/problem.ts';
import { quotedKey } from '../model/shown-key.ts';
import { checkStages, whereNothingIsSaid } from './checks.ts';
import { checkHeader } from './header.ts';
import { collectProblems } from './problem-collector.ts';
import { readSettingsMap } from './settings-map.ts';
import { didYouMean } from './suggest.ts';
import { installKeys, keptTopLevelKeys } from './vocabulary.ts';
import { checkAgainst } from './schema/check.ts';
import { installerDataSchema } from './schema/documents.ts';
import { checkInstallContradictions } from './traps.ts';
import type { DocumentScope } from './user-data.ts';
import { parseYaml } from './yaml.ts';
import { entriesOf, follow, rootData, startOf } from './yaml-nodes.ts';

const allowed = ['stages', 'install', 'slipway'];

/** Checks a whole text. Returns everything that is wrong with it, in the order of the text. */
export const checkInstallerData = (text: string, file: string, scope: DocumentScope = 'alone'): readonly Problem[] => {
  const header = checkHeader(text, file, { strict: true });
  const { document, problems: syntax } = parseYaml(text, file);
  if (document === undefined) return [...header, ...syntax];
  const found = collectProblems(document);
  const { report } = found;
  if (document.root === null) return header;
  if (!isMap(document.root)) {
    const wrong = { id: 'not-a-map', severity: 'error', what: 'the file is no map of keys', hint: 'write "stages:", "install:" or "slipway:"' } as const;
    return [...header, problemAt(document.at(startOf(document.root), []), wrong)];
  }
  for (const [key, value] of entriesOf(document, document.root)) {
    if (key === 'stages') checkStages(document, value, report, 'installer-data');
    else if (key === 'slipway') found.add(readSettingsMap(document, value, ['slipway']).problems);
    else if (key === 'install') {
      const install = follow(document, value);
      if (!isMap(install)) report(['install'], 'wrong-type', '"install" takes a map', 'write "install:" and its keys under it');
      for (const name of entriesOf(document, install).keys()) {
        if ((installKeys as readonly string[]).includes(name)) continue;
        report(['install', name], 'unknown-key', `Kairos does not know ${quotedKey(name)} in "install"`, didYouMean(name, installKeys, 'remove it'));
      }
    } else {
      const belongs = (keptTopLevelKeys as readonly string[]).includes(key);
      const hint = belongs ? 'put it into user-data: installer-data holds "stages", "install" and "slipway" only' : didYouMean(key, allowed, 'installer-data holds "stages", "install" and "slipway" only');
      report([key], 'unknown-key', `${quotedKey(key)} does not belong into installer-data`, hint);
    }
  }
  if (scope === 'alone') checkInstallContradictions(rootData(document)['install'], report);
  checkAgainst(installerDataSchema, rootData(document), whereNothingIsSaid(found.problems, report));
  return [...header, ...found.all()];
};
