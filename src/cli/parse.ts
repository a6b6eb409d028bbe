/** Reads the command line. Pure: words in, a command with its flags or what is wrong with them out. */
import { parseArgs } from 'node:util';
import type { Problem } from '../model/problem.ts';
import { readSetting, settings } from '../model/settings.ts';
import type { SettingLayer, SettingName } from '../model/settings.ts';
import { closest } from './closest.ts';
import { commands, consoleFlags, globalFlags } from './commands.ts';
import type { Flag } from './commands.ts';

export interface Globals {
  readonly machine: string | undefined;
  readonly json: boolean;
  readonly plain: boolean;
  readonly color: boolean;
  readonly log: string | undefined;
}

export interface ParsedCommandLine {
  /** `console` when no command was given. */
  readonly command: string;
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | readonly string[]>>;
  readonly globals: Globals;
  readonly help: boolean;
  readonly version: boolean;
  /** Unknown flags of a start without a command: newer agents may pass some. */
  readonly ignored: readonly string[];
  readonly problems: readonly Problem[];
}

const usage = (what: string, where: string, hint: string): Problem => ({ id: 'usage', severity: 'error', what, where, hint });

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

const optionsOf = (flags: readonly Flag[]): Options =>
  Object.fromEntries(flags.map((flag) => [flag.name, { type: flag.values === '' ? ('boolean' as const) : ('string' as const), multiple: flag.repeatable === true }]));

/** The first word that is not a flag and not a flag's value names the command. */
const findCommand = (argv: readonly string[]): { readonly name: string; readonly rest: readonly string[] } => {
  const first = argv.findIndex((word) => commands.some((command) => command.name === word));
  const before = first === -1 ? argv : argv.slice(0, first);
  const valued = new Set([...globalFlags, ...consoleFlags].filter((flag) => flag.values !== '').map((flag) => `--${flag.name}`));
  const stray = before.find((word, index) => !word.startsWith('-') && !valued.has(before[index - 1] ?? ''));
  if (stray !== undefined) return { name: stray, rest: argv.filter((word) => word !== stray) };
  if (first === -1) return { name: 'console', rest: argv };
  return { name: argv[first] ?? 'console', rest: [...before, ...argv.slice(first + 1)] };
};

export const parseCommandLine = (argv: readonly string[]): ParsedCommandLine => {
  const { name, rest } = findCommand(argv);
  const command = commands.find((row) => row.name === name);
  const isConsole = name === 'console';
  const problems: Problem[] = [];
  if (command === undefined && !isConsole) {
    const names = commands.map((row) => row.name);
    const guess = closest(name, names);
    problems.push(usage('is not a command', name, guess === undefined ? `the commands are ${names.join(', ')}` : `did you mean "${guess}"?`));
  }
  const known = [...globalFlags, ...(command?.flags ?? consoleFlags)];
  const { tokens } = parseArgs({ args: [...rest], options: optionsOf(known), strict: false, allowPositionals: true, tokens: true });
  const flags: Record<string, string | boolean | string[]> = {};
  const words: string[] = [];
  const ignored: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = known.find((row) => row.name === token.name);
    if (flag === undefined) {
      ignored.push(token.rawName);
      if (isConsole || command === undefined) continue;
      const guess = closest(token.name, known.map((row) => row.name));
      problems.push(usage('unknown flag', token.rawName, guess === undefined ? `see slipway ${name} --help` : `did you mean --${guess}?`));
      continue;
    }
    if (flag.values === '') {
      if (token.value !== undefined) problems.push(usage('takes no value', token.rawName, `write --${flag.name}`));
      flags[flag.name] = true;
      continue;
    }
    if (token.value === undefined || (token.inlineValue === false && token.value.startsWith('--'))) {
      problems.push(usage('needs a value', token.rawName, `--${flag.name} ${flag.values}`));
      continue;
    }
    const before = flags[flag.name];
    if (flag.repeatable === true) flags[flag.name] = [...(Array.isArray(before) ? before : []), token.value];
    else if (before !== undefined) problems.push(usage('is given twice', token.rawName, 'give it once'));
    else flags[flag.name] = token.value;
  }
  const asked = flags['help'] === true || flags['version'] === true;
  if (command !== undefined && !asked && (words.length < command.words[0] || words.length > command.words[1])) {
    problems.push(usage(words.length < command.words[0] ? 'something is missing' : `"${words[command.words[1]] ?? ''}" is too much`, name, `slipway ${command.usage}`));
  }
  const text = (key: string): string | undefined => (typeof flags[key] === 'string' ? flags[key] : undefined);
  return {
    command: name,
    words,
    flags,
    globals: { machine: text('machine'), json: flags['json'] === true, plain: flags['plain'] === true, color: flags['no-color'] !== true, log: text('log') },
    help: flags['help'] === true,
    version: flags['version'] === true,
    ignored,
    problems: asked ? [] : problems,
  };
};

/** The settings among the flags, typed; every wrong value is a problem. */
export const readSettingFlags = (
  flags: ParsedCommandLine['flags'],
): { readonly layer: SettingLayer; readonly problems: readonly Problem[] } => {
  const layer: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const row of settings) {
    const raw = flags[row.name];
    if (raw === undefined) continue;
    const read = readSetting(row.name satisfies SettingName, raw);
    if ('wrong' in read) problems.push(usage(read.wrong, `--${row.name}`, `for example: slipway install --help`));
    else layer[row.name] = read.value;
  }
  return { layer: layer as SettingLayer, problems };
};
