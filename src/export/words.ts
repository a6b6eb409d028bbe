/** The words of `slipway export`: read, and held against what the kinds and Kubernetes take. Pure. */
import { canarySuffix } from './nodeopupgrade.ts';
import { isImageReference, isLabel, isPrintablePath, isSubdomain, labelLimit, readNodeCount } from './values.ts';
import { cleanText } from '../model/foreign-text.ts';
import type { Problem } from '../model/problem.ts';

export const exportKinds = ['cidata', 'osartifact', 'nodeop', 'nodeopupgrade'] as const;
export type ExportKind = (typeof exportKinds)[number];

/** A flag that cannot be taken: exit code 2. */
export const usageProblem = (what: string, where: string, hint: string): Problem => ({ id: 'usage', severity: 'error', what, where, hint });

/** A command line that was read: flags with a value, without one, repeatable. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[]>>;

export interface Words {
  text(name: string): string | null;
  list(name: string): readonly string[];
  isSet(name: string): boolean;
}

/** The flags by their kinds: with a value, repeatable, without one. */
export const wordsOf = (flags: Flags): Words => ({
  text: (name) => (typeof flags[name] === 'string' ? flags[name] : null),
  list: (name) => (Array.isArray(flags[name]) ? (flags[name] as readonly string[]) : []),
  isSet: (name) => flags[name] === true,
});

/** Which kinds a flag is for, where it is not for all: one that would do nothing is a mistake, and a grave one with `nodeop --canary`. */
const kindsOfFlag: Readonly<Record<string, readonly ExportKind[]>> = {
  format: ['cidata'],
  'instance-id': ['cidata'],
  selector: ['nodeop', 'nodeopupgrade'],
  concurrency: ['nodeop', 'nodeopupgrade'],
  'keep-going': ['nodeop', 'nodeopupgrade'],
  drain: ['nodeop'],
  canary: ['nodeopupgrade'],
  recovery: ['nodeopupgrade'],
  'exclude-path': ['nodeopupgrade'],
  arch: ['osartifact'],
  artifact: ['osartifact'],
  'overlay-iso': ['osartifact'],
  'overlay-rootfs': ['osartifact'],
  'keys-secret': ['osartifact'],
  'netboot-url': ['osartifact'],
  'disk-size': ['osartifact'],
};

/** Flags that are for other kinds than this one. */
export const checkKindOfFlags = (kind: ExportKind, flags: Flags): readonly Problem[] =>
  Object.entries(kindsOfFlag)
    .filter(([flag, kinds]) => flags[flag] !== undefined && !kinds.includes(kind))
    .map(([flag, kinds]) => usageProblem(`does nothing for ${kind}`, `--${flag}`, `it is for ${kinds.join(', ')}`));

export interface Common {
  readonly name: string;
  readonly namespace: string | null;
  readonly concurrency: number;
}

/** What more than one kind takes; `common` is for use only where there are no problems. */
export const readCommon = (words: Words): { readonly common: Common; readonly problems: readonly Problem[] } => {
  const problems: Problem[] = [];
  const name = words.text('name') ?? 'slipway';
  const namespace = words.text('namespace');
  if (!isSubdomain(name)) problems.push(usageProblem('is no name that Kubernetes takes', `--name ${cleanText(name)}`, 'lower-case letters and digits, with "-" and single "." in between'));
  // The operator puts the name of an object into the value of a label; an API server would take a longer one, and nothing would happen.
  const longest = labelLimit - (words.list('canary').length > 0 ? canarySuffix.length : 0);
  if (name.length > longest) problems.push(usageProblem(`is too long: ${name.length} characters`, `--name ${cleanText(name)}`, `at most ${longest}${longest < labelLimit ? ` with --canary, whose object is called NAME${canarySuffix}` : ''}`));
  if (namespace !== null && !isLabel(namespace)) problems.push(usageProblem('is no namespace', `--namespace ${cleanText(namespace)}`, `lower-case letters and digits, with "-" in between; at most ${labelLimit}`));
  const asked = words.text('concurrency') ?? '1';
  const concurrency = readNodeCount(asked);
  if (concurrency === null) problems.push(usageProblem('is no number of nodes', `--concurrency ${cleanText(asked)}`.trimEnd(), 'a whole number: 1 is one after the other, 0 is all at once'));
  const image = words.text('image');
  if (image !== null && !isImageReference(image)) problems.push(usageProblem('is no reference to an image', `--image ${cleanText(image)}`.trimEnd(), 'for example registry.example/kairos/ubuntu:v1, without a scheme such as oci:'));
  for (const path of words.list('exclude-path')) {
    if (!isPrintablePath(path)) problems.push(usageProblem('is no absolute path', `--exclude-path ${cleanText(path)}`.trimEnd(), 'for example /etc/motd'));
  }
  return { common: { name, namespace, concurrency: concurrency ?? 1 }, problems };
};
