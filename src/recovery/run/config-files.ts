/** The kept configuration of an installed node: replaced after a check, or scrubbed once more. */
import { createHash } from 'node:crypto';
import { keptConfigName } from '../../model/labels.ts';
import type { Problem } from '../../model/problem.ts';
import { formatKeyPath, isError, SlipwayError } from '../../model/problem.ts';
import { stripUserData } from '../../scrub/strip.ts';
import { isHeaderLine } from '../../sources/header.ts';
import { checkUserData } from '../../sources/user-data.ts';
import { isUsablePath } from '../store.ts';
import type { Store, StoredFile } from '../store.ts';
import { sentinelPath } from '../gather.ts';
import { mustOpen, nodeError, stepsOf, touch } from './context.ts';
import type { ActionContext, ActionResult } from './context.ts';

/** What keeps a text from becoming a node's configuration. Pure. */
export const checkNewConfig = (text: string, name: string): readonly Problem[] => {
  const split = stripUserData(text, name);
  const problems = [...checkUserData(text, name), ...split.problems];
  if (problems.some(isError) || split.removed.length === 0) return problems;
  const paths = split.removed.map(({ keyPath }) => formatKeyPath(keyPath)).join(', ');
  return [...problems, { id: 'config-install-only', severity: 'error', what: `it holds install-only material: ${paths}`, where: name, hint: `take it out first: slipway scrub ${name}` }];
};

/** The newest kept configuration is the one that is replaced. */
const currentName = (files: readonly StoredFile[]): string =>
  files.map(({ name }) => name).filter((name) => /^9\d_custom\.yaml$/.test(name)).toSorted().at(-1) ?? keptConfigName;

/** The new configuration, checked; notes on it are said. Throws SlipwayError. */
export const givenConfig = (context: ActionContext): string => {
  const { config } = context.options;
  if (config === undefined) throw nodeError('config-missing', 'there is no new configuration', '--config FILE', 'give the file that shall be the configuration');
  const problems = checkNewConfig(config.text, config.name);
  for (const problem of problems.filter((row) => !isError(row))) context.emit({ event: 'problem', ...problem });
  const [first, ...more] = problems.filter(isError);
  for (const problem of more) context.emit({ event: 'problem', ...problem });
  if (first !== undefined) throw new SlipwayError(first);
  return config.text;
};

/** The configuration that `edit` replaces: name and text; null where there is none. */
export const readKeptConfig = async (oem: Store): Promise<{ readonly name: string; readonly text: string } | null> => {
  const name = currentName((await oem.list('/')) ?? []);
  const text = await oem.readText(`/${name}`);
  return text === null ? null : { name, text };
};

export const runEdit = async (context: ActionContext): Promise<ActionResult> => {
  const text = givenConfig(context);
  const oem = mustOpen(context, 'oem');
  const name = currentName((await oem.list('/')) ?? []);
  if ((await oem.readText(`/${name}`)) === text) return { text: `${name} is that already` };
  const step = stepsOf(context, [`replace ${name}`]);
  await touch(context);
  step();
  await oem.writeText(`/${name}`, text, { mode: 0o640, erase: true });
  await oem.flush();
  return { text: `${name} replaced, SHA-256 ${createHash('sha256').update(text).digest('hex')}; it counts from the next boot on` };
};

const hasHeader = (text: string): boolean => text.split(/\r?\n/, 10).some(isHeaderLine);

/** Configuration files of COS_OEM: at its root, and what a datasource pulled. */
const configPaths = async (oem: Store): Promise<readonly StoredFile[]> => {
  const root = ((await oem.list('/')) ?? []).filter(({ kind, name }) => kind === 'file' && /\.ya?ml$/i.test(name));
  const pulled = ((await oem.list('/95_userdata')) ?? []).filter(({ kind }) => kind === 'file').map((file) => ({ ...file, name: `95_userdata/${file.name}` }));
  return [...root, ...pulled].filter(({ name }) => isUsablePath(`/${name}`));
};

export const runScrub = async (context: ActionContext): Promise<ActionResult> => {
  const step = stepsOf(context, ['look through the configuration files', 'write back what stays', 'keep attached data volumes out']);
  step();
  const oem = mustOpen(context, 'oem');
  const changes: { readonly file: StoredFile; readonly kept: string; readonly removed: readonly string[] }[] = [];
  for (const file of await configPaths(oem)) {
    const text = await oem.readText(`/${file.name}`);
    if (text === null || !hasHeader(text)) continue;
    const split = stripUserData(text, file.name);
    const wrong = split.problems.find(isError);
    // A file that can't be cut is not left unsaid, and not touched.
    if (wrong !== undefined) context.emit({ event: 'problem', ...wrong, severity: 'warning' });
    else if (split.kept !== text) changes.push({ file, kept: split.kept, removed: split.removed.map(({ keyPath }) => `${file.name}: ${formatKeyPath(keyPath)}`) });
  }
  const closed = (await oem.stat('/95_userdata')) !== null;
  if (changes.length === 0 && closed) return { text: 'nothing install-only is in the configuration files' };
  await touch(context);
  step();
  for (const { file, kept, removed } of changes) {
    await oem.writeText(`/${file.name}`, kept, { mode: file.mode, erase: true });
    for (const path of removed) context.emit({ event: 'log', level: 'info', text: `removed ${path}` });
  }
  step();
  await oem.makeDirectory('/95_userdata');
  await oem.flush();
  const count = changes.reduce((sum, { removed }) => sum + removed.length, 0);
  return { text: `${count} install-only ${count === 1 ? 'part' : 'parts'} removed from ${changes.length} ${changes.length === 1 ? 'file' : 'files'}${closed ? '' : '; /oem/95_userdata is there again'}` };
};

/** Kairos's provider notes here that the node has its role in the p2p network. */
const rolesPath = '/.kairos/deployed';

export const runRedeploy = async (context: ActionContext): Promise<ActionResult> => {
  const persistent = mustOpen(context, 'persistent');
  const there = (await persistent.stat('/.kairos')) === null ? [] : ((await persistent.list('/.kairos')) ?? []).map(({ name }) => `/.kairos/${name}`);
  const signs = [sentinelPath, rolesPath].filter((path) => there.includes(path));
  if (signs.length === 0) return { text: 'the next boot is a first boot already' };
  const step = stepsOf(context, ['take the signs of the first boot away']);
  await touch(context);
  step();
  for (const path of signs) await persistent.remove(path);
  await persistent.flush();
  return { text: `the next boot is a first boot again${signs.includes(rolesPath) ? '; the node takes its role in the p2p network anew, too' : ''}` };
};
