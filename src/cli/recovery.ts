/** `slipway recovery [ACTION]`: the status of an installed node and its actions, without a menu. */
import { exitCodes } from '../model/exit-code.ts';
import { formatProblem } from '../model/problem.ts';
import type { Problem } from '../model/problem.ts';
import { actionFor, actionIds, actionsFor } from '../recovery/actions.ts';
import type { ActionId } from '../recovery/actions.ts';
import { describeStatus, eventLine, lossLines } from '../recovery/describe.ts';
import type { RecoveryEvent } from '../recovery/events.ts';
import { lookAtNode } from '../recovery/index.ts';
import type { LookedAt } from '../recovery/index.ts';
import { runAction } from '../recovery/run-action.ts';
import type { ActionOptions } from '../recovery/run/context.ts';
import { mayCarryToken } from '../recovery/run/logs.ts';
import { readConfigText } from '../sources/read-config.ts';
import type { System } from '../system/port.ts';
import { auditCommand } from './audit.ts';
import { createAuditProgress } from './audit-progress.ts';
import { closest } from './closest.ts';
import type { Output } from '../system/output.ts';
import type { ParsedCommandLine } from './parse.ts';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const list = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as string[]) : []);

const usage = (what: string, where: string, hint: string): Problem => ({ id: 'usage', severity: 'error', what, where, hint });

/** Words as the contract has them (`reset --oem`, `upgrade --recovery`) to the ids of the actions. */
export const readActionWords = (words: readonly string[], flags: ParsedCommandLine['flags']): { readonly action: ActionId; readonly word: string | undefined; readonly address?: string | undefined } | { readonly problem: Problem } => {
  const [name = 'status', word, ...more] = words;
  const known = actionIds.find((id) => id === name);
  if (known === undefined) {
    const guess = closest(name, actionIds);
    return { problem: usage('is not an action', name, guess === undefined ? `the actions are ${actionIds.join(', ')}` : `did you mean "${guess}"?`) };
  }
  const [extra] = more;
  if (known === 'network' && extra !== undefined) return { action: known, word, address: more.join(' ') };
  if (extra !== undefined) return { problem: usage('is too much', extra, 'slipway recovery --help') };
  if (word !== undefined && !['boot', 'power', 'network'].includes(known)) return { problem: usage('is too much', word, `${known} takes no word`) };
  if (known === 'reset' && flags['oem'] === true) return { action: 'reset-oem', word };
  if (known === 'upgrade' && flags['recovery'] === true) return { action: 'upgrade-recovery', word };
  return { action: known, word };
};

const readOptions = async (system: System, action: ActionId, words: Pick<ActionOptions, 'word' | 'address'>, flags: ParsedCommandLine['flags'], signal: AbortSignal): Promise<{ readonly options: ActionOptions } | { readonly problem: Problem }> => {
  const options: ActionOptions = { source: text(flags['source']), ...words, undo: flags['undo'] === true, output: text(flags['output']) };
  if (action === 'edit' || action === 'reinstall') {
    const [file, more] = list(flags['config']);
    if (file === undefined || more !== undefined) return { problem: usage(`${action} takes one`, '--config FILE', `slipway recovery ${action} --config new.yaml --yes`) };
    const read = await readConfigText(system, file, signal);
    const wrong = read.problems[0];
    if (read.text === undefined) return { problem: wrong ?? usage('cannot be read', file, 'check the path') };
    return { options: { ...options, config: { name: read.name, text: read.text } } };
  }
  const firstLine = async (file: string): Promise<string> => (await system.readText(file, 64 * 1024))?.split(/\r?\n/)[0] ?? '';
  const passphraseFile = text(flags['passphrase-file']);
  if (action === 'unlock' && passphraseFile !== undefined) {
    const passphrase = await firstLine(passphraseFile);
    if (passphrase === '') return { problem: usage('its first line holds no passphrase', `--passphrase-file ${passphraseFile}`, 'write the passphrase there') };
    return { options: { ...options, passphrase } };
  }
  const tokenFile = text(flags['token-file']);
  if (tokenFile === undefined) return { options };
  const token = (await firstLine(tokenFile)).trim();
  if (token === '') return { problem: usage('its first line holds no token', `--token-file ${tokenFile}`, 'write the token there') };
  if (!/^https?:/.test(options.output ?? '') || !mayCarryToken(options.output ?? '')) return { problem: usage('a token is sent to https, or within the own network', '--output', 'give an https address') };
  return { options: { ...options, token } };
};

const printStatus = (looked: LookedAt, json: boolean, output: Output): number => {
  const actions = actionsFor(looked.status, looked.means);
  output.print(json ? JSON.stringify({ ...looked.status, actions }) : describeStatus(looked.status, actions));
  return exitCodes.done;
};

/** Ends with the contract's exit codes; 4 where there is no node, or the action cannot be done here. */
export const recoveryCommand = async (parsed: ParsedCommandLine, system: System, output: Output, signal: AbortSignal): Promise<number> => {
  const { flags, globals } = parsed;
  const report = (problem: Problem, exitCode: number): number => {
    if (globals.json) output.print(JSON.stringify({ time: new Date(system.now()).toISOString(), event: 'problem', ...problem }));
    output.error(`slipway: ${formatProblem(problem)}`);
    return exitCode;
  };
  const read = readActionWords(parsed.words, flags);
  if ('problem' in read) return report(read.problem, exitCodes.usage);
  const { action, word, address } = read;
  const [image, device] = [text(flags['image']), text(flags['device'])];
  if (image !== undefined && device !== undefined) return report(usage('name two targets', '--image, --device', 'give one of them'), exitCodes.usage);
  const opensMenu = parsed.words.length === 0 && !globals.json && (output.isTerminal || globals.plain);
  if (opensMenu) return (await import('./recovery-menu.ts')).startRecoveryMenu(parsed, system, output, { image, device });
  const given = await readOptions(system, action, { word, address }, flags, signal);
  if ('problem' in given) return report(given.problem, given.problem.id === 'usage' ? exitCodes.usage : exitCodes.answersInvalid);

  const looked = await lookAtNode(system, { image, device }, signal);
  if ('problem' in looked) return report(looked.problem, exitCodes.machineUnsuitable);
  if (action === 'status') return printStatus(looked, globals.json, output);
  const row = actionFor(action, looked.status, looked.means, word);
  if (action === 'audit' && row.refusal === null) {
    const result = await auditCommand(system, { target: looked.node.path, installerData: list(flags['installer-data']), config: list(flags['config']), secretsFile: text(flags['secrets-file']), pristine: text(flags['pristine']), mode: undefined, json: globals.json, signal, onProgress: createAuditProgress((line) => output.error(line), () => system.now(), output.isTerminal) });
    output.print(result.text);
    return result.exitCode;
  }
  if (row.consent !== 'none' && row.refusal === null && flags['yes'] !== true) {
    for (const line of lossLines(row)) output.error(`slipway: ${line}`);
    return report(usage('consent is missing', `recovery ${action} on ${looked.status.target.text}`, 'add --yes to agree'), exitCodes.usage);
  }
  const { log } = globals;
  const emit = (event: RecoveryEvent): void => {
    if (globals.json) output.print(JSON.stringify({ time: new Date(system.now()).toISOString(), ...event }));
    const line = eventLine(event);
    if (line === null) return;
    if (log !== undefined) void system.append(log, `${new Date(system.now()).toISOString()} ${line}\n`);
    if (!globals.json) output.print(line);
  };
  const done = await runAction({ system, ...looked, action, options: given.options, signal, emit });
  return done.exitCode;
};
