/** Prerequisite checks (`tui-check-*` plugins): what must be settled before disks are shown. */
import * as z from 'zod';
import { cleanText } from '../model/foreign-text.ts';
import type { Problem } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { askPlugin, checkFolders, findPlugins, parseJson } from './plugins.ts';
import type { Plugin } from './plugins.ts';

const checkSchema = z.looseObject({
  id: z.string().min(1).max(200),
  title: z.string().default(''),
  message: z.string().default(''),
  severity: z.enum(['info', 'warning', 'error']).catch('info'),
  blocking: z.boolean().default(false),
  required: z.boolean().default(false),
  prompt: z.enum(['', 'confirm', 'text', 'select', 'multiselect']).catch(''),
  promptText: z.string().default(''),
  options: z.array(z.looseObject({ id: z.string(), label: z.string().default('') })).nullish(),
  default: z.string().default(''),
  placeholder: z.string().default(''),
});

/** One check of a plugin; texts are cleaned for a screen. */
export interface Prerequisite {
  readonly plugin: Plugin;
  readonly id: string;
  readonly title: string;
  readonly message: string;
  readonly severity: 'info' | 'warning' | 'error';
  /** Must be answered before going on. */
  readonly blocking: boolean;
  /** When applying it fails, the install does not go on. */
  readonly required: boolean;
  readonly prompt: '' | 'confirm' | 'text' | 'select' | 'multiselect';
  readonly promptText: string;
  readonly options: readonly { readonly id: string; readonly label: string }[];
  readonly fallback: string;
  readonly placeholder: string;
}

export interface Decision {
  readonly id: string;
  readonly prompt: Prerequisite['prompt'];
  readonly confirmed: boolean;
  readonly text: string;
  readonly selected: readonly string[];
}

export interface Applied {
  readonly id: string;
  readonly success: boolean;
  readonly message: string;
}

const mostChecks = 50;
const longMessage = 2000;

const warn = (plugin: Plugin, what: string): Problem => ({ id: 'prerequisite-plugin', severity: 'warning', what, where: plugin.path, hint: 'its check is left out' });

/** Asks every plugin what has to be settled. `config` is the configuration as known so far. */
export const gatherPrerequisites = async (
  system: System,
  config: string,
  signal?: AbortSignal,
): Promise<{ readonly checks: readonly Prerequisite[]; readonly problems: readonly Problem[] }> => {
  const checks: Prerequisite[] = [];
  const problems: Problem[] = [];
  for (const plugin of await findPlugins(system, 'tui-check-', checkFolders(system.environment('PATH') ?? ''))) {
    const answer = await askPlugin(system, plugin, 'agent.interactive-install.checks', { config }, signal);
    problems.push(...answer.problems);
    if (answer.data === null) continue;
    const list = z.array(z.unknown()).safeParse(parseJson(answer.data));
    if (!list.success) problems.push(warn(plugin, 'did not answer with a list of checks'));
    for (const item of (list.data ?? []).slice(0, mostChecks)) {
      const read = checkSchema.safeParse(item);
      if (!read.success) {
        problems.push(warn(plugin, 'sent a check that cannot be read'));
        continue;
      }
      const { id, title, message, promptText, options, default: fallback, placeholder, ...rest } = read.data;
      checks.push({
        plugin,
        id,
        title: cleanText(title),
        message: cleanText(message, longMessage),
        severity: rest.severity,
        blocking: rest.blocking,
        required: rest.required,
        prompt: rest.prompt,
        promptText: cleanText(promptText),
        options: (options ?? []).slice(0, 200).map((option) => ({ id: option.id, label: cleanText(option.label === '' ? option.id : option.label) })),
        fallback: cleanText(fallback),
        placeholder: cleanText(placeholder),
      });
    }
  }
  return { checks, problems };
};

const appliedSchema = z.array(z.looseObject({ id: z.string(), success: z.boolean(), message: z.string().default('') }));

/** Hands the decisions back to the plugin they belong to. A plugin that fails has applied nothing. */
export const applyDecisions = async (
  system: System,
  plugin: Plugin,
  decisions: readonly Decision[],
  config: string,
  signal?: AbortSignal,
): Promise<{ readonly applied: readonly Applied[]; readonly problems: readonly Problem[] }> => {
  const answer = await askPlugin(system, plugin, 'agent.interactive-install.checks.apply', { decisions, config }, signal);
  const read = appliedSchema.safeParse(answer.data === null ? undefined : parseJson(answer.data));
  if (read.success) return { applied: read.data.map(({ id, success, message }) => ({ id, success, message: cleanText(message, longMessage) })), problems: answer.problems };
  const applied = decisions.map(({ id }) => ({ id, success: false, message: 'the plugin gave no result' }));
  return { applied, problems: answer.problems.length > 0 ? answer.problems : [warn(plugin, 'did not say what it applied')] };
};
