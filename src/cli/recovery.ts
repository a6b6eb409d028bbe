/** `slipway recovery [ACTION]`: the status of an installed node and its actions, without a menu. */
import type { AuditReport } from '../model/audit.ts';
import { exitCodes } from '../model/exit-code.ts';
import type { ExitCode } from '../model/exit-code.ts';
import { formatProblem, SlipwayError } from '../model/problem.ts';
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
import { needsNoNode } from '../recovery/without-node.ts';
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

/** Searches the disk, and says it in events where a program reads along, in lines where a person does. */
const runAuditHere = async (looked: LookedAt, parsed: ParsedCommandLine, system: System, output: Output, signal: AbortSignal, print: (event: RecoveryEvent) => void): Promise<number> => {
  const { flags, globals } = parsed;
  const { path, text: target } = looked.node;
  const inLines = createAuditProgress((line) => output.error(line), () => system.now(), output.isTerminal);
  let last = 0;
  const inEvents = (_what: string, bytes: number, total: number | null): void => {
    if (system.now() - last < 200) return;
    last = system.now();
    print({ event: 'progress', fraction: total === null || total === 0 ? null : bytes / total, bytes, total });
  };
  if (globals.json) print({ event: 'action', action: 'audit', target, by: 'slipway', kept: [], lost: [] });
  if (globals.json) print({ event: 'step', index: 1, of: 1, text: `search ${path}` });
  const result = await auditCommand(system, { target: path, installerData: list(flags['installer-data']), config: list(flags['config']), secretsFile: text(flags['secrets-file']), pristine: text(flags['pristine']), mode: undefined, json: globals.json, signal, onProgress: globals.json ? inEvents : inLines });
  if (!globals.json) {
    output.print(result.text);
    return result.exitCode;
  }
  const report = JSON.parse(result.text) as AuditReport;
  const ok = result.exitCode === exitCodes.done;
  print({ event: 'audit', report });
  print({ event: 'done', action: 'audit', exitCode: ok ? exitCodes.done : exitCodes.auditFound, ok, result: ok ? 'done' : 'found', diskTouched: false, text: ok ? `nothing found on ${path}` : `install-only material FOUND in ${report.hits.length} places`, written: [] });
  return result.exitCode;
};

/** Ends with the contract's exit codes; 4 where there is no node, or the action cannot be done here. With `--json` the last line is `done`, whatever happened. */
export const recoveryCommand = async (parsed: ParsedCommandLine, system: System, output: Output, signal: AbortSignal): Promise<number> => {
  const { flags, globals } = parsed;
  const print = (event: object): void => output.print(JSON.stringify({ time: new Date(system.now()).toISOString(), ...event }));
  const read = readActionWords(parsed.words, flags);
  /** An end before the action began. */
  const report = (problem: Problem, exitCode: ExitCode, result = 'refused'): number => {
    if (globals.json) {
      print({ event: 'problem', ...problem });
      print({ event: 'done', action: 'problem' in read ? (parsed.words[0] ?? '') : read.action, exitCode, ok: false, result, diskTouched: false, text: formatProblem(problem), written: [] });
    }
    output.error(`slipway: ${formatProblem(problem)}`);
    return exitCode;
  };
  if ('problem' in read) return report(read.problem, exitCodes.usage);
  const { action, word, address } = read;
  const [image, device] = [text(flags['image']), text(flags['device'])];
  if (image !== undefined && device !== undefined) return report(usage('name two targets', '--image, --device', 'give one of them'), exitCodes.usage);
  const opensMenu = parsed.words.length === 0 && !globals.json && (output.isTerminal || globals.plain);
  if (opensMenu) return (await import('./recovery-menu.ts')).startRecoveryMenu(parsed, system, output, { image, device });
  const given = await readOptions(system, action, { word, address }, flags, signal);
  if ('problem' in given) return report(given.problem, given.problem.id === 'usage' ? exitCodes.usage : exitCodes.answersInvalid);

  const found = await lookAtNode(system, { image, device }, signal);
  // The disk may be past help: the machine is not.
  const looked = 'problem' in found && needsNoNode(action) ? (found.machine ?? found) : found;
  if ('problem' in looked) return report(looked.problem, exitCodes.machineUnsuitable);
  if (action === 'status') return printStatus(looked, globals.json, output);
  const row = actionFor(action, looked.status, looked.means, word);
  if (action === 'audit' && row.refusal === null) {
    try {
      return await runAuditHere(looked, parsed, system, output, signal, print);
    } catch (error) {
      if (!globals.json) throw error;
      if (signal.aborted) return report({ id: 'interrupted', severity: 'error', what: 'interrupted', where: 'audit', hint: 'nothing was written; repeat it' }, exitCodes.interrupted, 'interrupted');
      if (!(error instanceof SlipwayError)) throw error;
      return report(error.problem, error.problem.id === 'usage' ? exitCodes.usage : exitCodes.answersInvalid, 'failed');
    }
  }
  if (row.consent !== 'none' && row.refusal === null && flags['yes'] !== true) {
    for (const line of lossLines(row)) output.error(`slipway: ${line}`);
    return report(usage('consent is missing', `recovery ${action} on ${looked.status.target.text}`, 'add --yes to agree'), exitCodes.usage);
  }
  const { log } = globals;
  const emit = (event: RecoveryEvent): void => {
    if (globals.json) print(event);
    const line = eventLine(event);
    if (line === null) return;
    if (log !== undefined) void system.append(log, `${new Date(system.now()).toISOString()} ${line}\n`);
    if (!globals.json) output.print(line);
  };
  const done = await runAction({ system, ...looked, action, options: given.options, signal, emit });
  return done.exitCode;
};
