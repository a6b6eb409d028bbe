/** What a kept configuration says of the node's name and of who may enter it, in numbers and names: no secret is among them. Pure. */
import { isInstallOnlyStage } from '../scrub/strip/install-only.ts';
import { parseYaml } from './yaml.ts';
import { rootData } from './yaml-nodes.ts';

export interface Entrant {
  readonly name: string;
  readonly hasPassword: boolean;
  /** SSH keys, and accounts that keys are fetched from. */
  readonly keys: number;
}

export interface WhoEnters {
  /** As it is set first: by the top level, else by a stage. */
  readonly hostname: string | null;
  readonly users: readonly Entrant[];
}

const asMap = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {});
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const isSaid = (value: unknown): value is string => typeof value === 'string' && value !== '';

const entrant = (name: string, user: unknown): Entrant => {
  const { passwd, ssh_authorized_keys: keys } = asMap(user);
  return { name, hasPassword: isSaid(passwd), keys: asList(keys).length };
};

/** One entry a name: a user is named in several stages. */
const merged = (all: readonly Entrant[]): readonly Entrant[] =>
  [...new Set(all.map(({ name }) => name))].map((name) => {
    const same = all.filter((user) => user.name === name);
    return { name, hasPassword: same.some(({ hasPassword }) => hasPassword), keys: same.reduce((sum, { keys }) => sum + keys, 0) };
  });

/** Reads the kept files; one that cannot be read says nothing. */
export const whoEnters = (texts: readonly string[]): WhoEnters => {
  const files = texts.flatMap((text) => {
    const { document } = parseYaml(text, 'kept configuration');
    return document === undefined ? [] : [rootData(document)];
  });
  const steps = files.flatMap((data) => Object.entries(asMap(data['stages'])).flatMap(([stage, list]) => (isInstallOnlyStage(stage) ? [] : asList(list).map(asMap))));
  const onTop = files.flatMap((data) => asList(data['users']).flatMap((user) => (isSaid(asMap(user)['name']) ? [entrant(asMap(user)['name'] as string, user)] : [])));
  const inStages = steps.flatMap((step) => Object.entries(asMap(step['users'])).map(([name, user]) => entrant(name, user)));
  // A stage can hand out keys by themselves: `authorized_keys: {kairos: [github:NAME]}`.
  const keysOnly = steps.flatMap((step) => Object.entries(asMap(step['authorized_keys'])).map(([name, keys]) => ({ name, hasPassword: false, keys: asList(keys).length })));
  return { hostname: [...files, ...steps].map(({ hostname }) => hostname).find(isSaid) ?? null, users: merged([...onTop, ...inStages, ...keysOnly]) };
};
