/** Questions of providers (`agent.interactive-install`): read, answered, turned into configuration. */
import * as z from 'zod';
import { cleanText } from '../model/foreign-text.ts';
import type { Problem } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { askPlugin, findPlugins, parseJson, providerFolders } from './plugins.ts';

/** One question; the texts are cleaned for a screen. */
export interface Prompt {
  /** Keys from the root: `['p2p', 'network_token']`. */
  readonly keyPath: readonly string[];
  readonly kind: 'yes-no' | 'text';
  readonly text: string;
  readonly fallback: string;
  /** Asked first, yes or no; on no the question is left out. Null: no such question. */
  readonly askFirst: string | null;
  /** Used when the answer is left empty. May be secret (a fresh network token): never shown unasked. */
  readonly ifEmpty: string;
  readonly placeholder: string;
  /** The plugin it comes from. */
  readonly from: string;
}

const mostPrompts = 50;
const longestValue = 8192;
const promptText = 300;

/** Go field names: capitalised. */
const promptSchema = z.looseObject({
  YAMLSection: z.string().regex(/^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*){0,9}$/),
  Bool: z.boolean().default(false),
  Prompt: z.string().default(''),
  Default: z.string().max(longestValue).default(''),
  AskFirst: z.boolean().default(false),
  AskPrompt: z.string().default(''),
  IfEmpty: z.string().max(longestValue).default(''),
  PlaceHolder: z.string().default(''),
});

/** Keys that no provider may set: the target and the run are the operator's. */
const reserved: ReadonlySet<string> = new Set(['install', 'stages', 'slipway', 'users', 'config_url', '__proto__', 'constructor', 'prototype']);

/** Reads a provider's answer. What isn't a usable question is a warning. */
export const readPrompts = (data: string, from: string): { readonly prompts: readonly Prompt[]; readonly problems: readonly Problem[] } => {
  const warn = (what: string): Problem => ({ id: 'provider-prompt', severity: 'warning', what, where: from, hint: 'its question is left out' });
  const list = parseJson(data);
  if (!Array.isArray(list)) return { prompts: [], problems: [warn('did not answer with a list of questions')] };
  const prompts: Prompt[] = [];
  const problems: Problem[] = [];
  for (const item of list.slice(0, mostPrompts)) {
    const read = promptSchema.safeParse(item);
    const keyPath = read.success ? read.data.YAMLSection.split('.') : [];
    if (!read.success || reserved.has(keyPath[0] ?? '') || keyPath.some((key) => reserved.has(key) && key.includes('proto'))) {
      problems.push(warn('asks something that cannot be put into a configuration'));
      continue;
    }
    const { Bool, Prompt: text, Default, AskFirst, AskPrompt, IfEmpty, PlaceHolder } = read.data;
    prompts.push({
      keyPath,
      kind: Bool ? 'yes-no' : 'text',
      text: cleanText(text, promptText),
      fallback: cleanText(Default, longestValue),
      askFirst: AskFirst ? cleanText(AskPrompt, promptText) : null,
      ifEmpty: IfEmpty,
      placeholder: cleanText(PlaceHolder),
      from,
    });
  }
  if (list.length > mostPrompts) problems.push(warn(`asks more than ${mostPrompts} questions`));
  return { prompts, problems };
};

/** Asks every provider for its questions. A failing one is a warning. */
export const gatherPrompts = async (system: System, signal?: AbortSignal): Promise<{ readonly prompts: readonly Prompt[]; readonly problems: readonly Problem[] }> => {
  const prompts: Prompt[] = [];
  const problems: Problem[] = [];
  for (const plugin of await findPlugins(system, 'agent-provider-', providerFolders(system.environment('PATH') ?? ''))) {
    const answer = await askPlugin(system, plugin, 'agent.interactive-install', { config: '' }, signal);
    problems.push(...answer.problems);
    if (answer.data === null) continue;
    const read = readPrompts(answer.data, plugin.name);
    prompts.push(...read.prompts);
    problems.push(...read.problems);
  }
  return { prompts, problems };
};

/** An answer to a prompt. `skipped`: the question before it was answered with no. */
export type PromptAnswer = { readonly skipped: true } | { readonly yes: boolean } | { readonly text: string };

/** What is wrong with an answer, or null. */
export const checkPromptAnswer = (answer: PromptAnswer): string | null => {
  if (!('text' in answer)) return null;
  if (answer.text.length > longestValue) return 'is too long';
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f-\u009f]/.test(answer.text) ? 'takes one line of text' : null;
};

const setAt = (data: Record<string, unknown>, keyPath: readonly string[], value: unknown): void => {
  const [key, ...rest] = keyPath;
  if (key === undefined) return;
  if (rest.length === 0) {
    data[key] = value;
    return;
  }
  const inner = data[key];
  const map = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
  data[key] = map;
  setAt(map, rest, value);
};

/** Configuration out of answers: nested keys, text as text, yes and no as booleans. An empty text takes `ifEmpty`; empty again: nothing is set. */
export const answersToData = (answers: readonly { readonly prompt: Prompt; readonly answer: PromptAnswer }[]): Readonly<Record<string, unknown>> => {
  const data: Record<string, unknown> = {};
  for (const { prompt, answer } of answers) {
    if ('skipped' in answer) continue;
    if ('yes' in answer) setAt(data, prompt.keyPath, answer.yes);
    else {
      const text = answer.text === '' ? prompt.ifEmpty : answer.text;
      if (text !== '') setAt(data, prompt.keyPath, text);
    }
  }
  return data;
};
