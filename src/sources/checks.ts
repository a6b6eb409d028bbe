/** Pieces that the checks of both kinds of document share. */
import { isMap, isSeq } from 'yaml';
import type { Problem, Severity } from '../model/problem.ts';
import { problemAt } from '../model/problem.ts';
import { isBootStage } from '../model/stages.ts';
import { isInstallOnlyStage } from '../scrub/strip/install-only.ts';
import { didYouMean } from './suggest.ts';
import { allStageNames, stageEntryKeys } from './vocabulary.ts';
import type { KeyPath, ParsedYaml } from './yaml.ts';
import { entriesOf, follow, positionOf } from './yaml.ts';

export type Report = (keyPath: KeyPath, id: string, what: string, hint: string, severity?: Severity) => void;

/** A function that adds a problem at a key path. */
export const reporter =
  (document: ParsedYaml, problems: Problem[]): Report =>
  (keyPath, id, what, hint, severity = 'error') => {
    problems.push(problemAt(positionOf(document, keyPath), { id, severity, what, hint }));
  };

/** Checks the shape of `stages:`: a map of stage names, each with a list of maps of known keys. */
export const checkStages = (document: ParsedYaml, node: unknown, report: Report, kind: 'user-data' | 'installer-data'): void => {
  const stages = follow(document, node);
  if (!isMap(stages)) {
    report(['stages'], 'wrong-type', '"stages" takes a map of stage names', 'write "stages:" and the stage names under it', kind === 'installer-data' || stages !== null ? 'error' : 'warning');
    return;
  }
  for (const [stage, list] of entriesOf(document, stages)) {
    const path = ['stages', stage];
    if (kind === 'installer-data' && !isInstallOnlyStage(stage)) {
      const boot = isBootStage(stage);
      report(
        path,
        boot ? 'boot-stage-in-installer-data' : 'unknown-stage',
        boot ? `"${stage}" runs at boot; installer-data holds install stages only` : `"${stage}" is no install stage`,
        boot ? 'put it into user-data' : didYouMean(stage, allStageNames.filter(isInstallOnlyStage), 'see the reference of stages'),
      );
    } else if (kind === 'user-data' && !isInstallOnlyStage(stage) && !isBootStage(stage)) {
      // Kairos has more stages (reset, upgrade, recovery), and anybody may run one by name: unknown is no error.
      const near = didYouMean(stage, allStageNames, '');
      if (near !== '') report(path, 'unknown-stage', `nothing runs a stage called "${stage}"`, near, 'warning');
    }
    const entries = follow(document, list);
    if (!isSeq(entries)) {
      report(path, 'wrong-type', 'a stage takes a list of steps', 'begin each step with "- "');
      continue;
    }
    for (const [index, item] of entries.items.entries()) {
      const step = follow(document, item);
      if (!isMap(step)) {
        report([...path, index], 'wrong-type', 'a step is a map of keys', 'for example "- commands: [ … ]"');
        continue;
      }
      for (const key of entriesOf(document, step).keys()) {
        if ((stageEntryKeys as readonly string[]).includes(key)) continue;
        const hint = didYouMean(key, stageEntryKeys, 'see the reference of stages');
        report([...path, index, key], 'unknown-key', `yip knows no "${key}" in a step and leaves it out`, hint, kind === 'installer-data' ? 'error' : 'warning');
      }
    }
  }
};
