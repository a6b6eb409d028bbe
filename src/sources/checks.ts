/** Pieces that the checks of both kinds of document share. */
import { isMap, isSeq } from 'yaml';
import type { Problem } from '../model/problem.ts';
import { quotedKey, shownKeyPath } from '../model/shown-key.ts';
import { isBootStage } from '../model/stages.ts';
import { isInstallOnlyStage } from '../scrub/strip/install-only.ts';
import type { Report } from './problem-collector.ts';
import { didYouMean } from './suggest.ts';
import { allStageNames, stageEntryKeys } from './vocabulary.ts';
import type { KeyPath, ParsedYaml } from './yaml-nodes.ts';
import { entriesOf, follow, toData } from './yaml-nodes.ts';

/** Passes on only what lies at key paths of which nothing was said before: one mistake is told once. */
export const whereNothingIsSaid = (problems: readonly Problem[], report: Report): Report => {
  const said = new Set(problems.map((problem) => JSON.stringify(problem.position?.keyPath ?? [])));
  return (keyPath, ...rest) => {
    const shown = shownKeyPath(keyPath);
    const prefixes = shown.map((_part, index) => JSON.stringify(shown.slice(0, index + 1)));
    if (!prefixes.some((prefix) => said.has(prefix))) report(keyPath, ...rest);
  };
};

/** `- curl -H "X: y" …` is a map to YAML: the blank after the colon makes it one, quotes inside of the text or not. */
const checkCommands = (document: ParsedYaml, step: unknown, path: KeyPath, report: Report): void => {
  const value = entriesOf(document, step).get('commands');
  if (value === undefined) return;
  const commands = follow(document, value);
  if (!isSeq(commands)) {
    report([...path, 'commands'], 'wrong-type', '"commands" takes a list', 'begin each command with "- "');
    return;
  }
  for (const [index, item] of commands.items.entries()) {
    const data = toData(document, item);
    if (typeof data === 'string') continue;
    const map = isMap(follow(document, item));
    report(
      [...path, 'commands', index],
      'command-not-text',
      map ? 'this command holds ": " and is read as a map, not as text' : 'a command is text',
      map ? "put the whole command into single quotes, or write it below a '|'" : 'put it into quotes',
    );
  }
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
        boot ? `${quotedKey(stage)} runs at boot; installer-data holds install stages only` : `${quotedKey(stage)} is no install stage`,
        boot ? 'put it into user-data' : didYouMean(stage, allStageNames.filter(isInstallOnlyStage), 'see the reference of stages'),
      );
    } else if (kind === 'user-data' && !isInstallOnlyStage(stage) && !isBootStage(stage)) {
      // Kairos has more stages (reset, upgrade, recovery), and anybody may run one by name: unknown is no error.
      const near = didYouMean(stage, allStageNames, '');
      if (near !== '') report(path, 'unknown-stage', `nothing runs a stage called ${quotedKey(stage)}`, near, 'warning');
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
      checkCommands(document, step, [...path, index], report);
      for (const key of entriesOf(document, step).keys()) {
        if ((stageEntryKeys as readonly string[]).includes(key)) continue;
        const hint = didYouMean(key, stageEntryKeys, 'see the reference of stages');
        report([...path, index, key], 'unknown-key', `yip does not know ${quotedKey(key)} in a step and leaves it out`, hint, kind === 'installer-data' ? 'error' : 'warning');
      }
    }
  }
};
