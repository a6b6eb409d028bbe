/** One row a command: its body is a file of this folder, loaded when it is asked for, so that none pays for another's start. */
import { exitCodes } from '../model/exit-code.ts';
import type { System } from '../system/port.ts';
import type { Output } from '../system/output.ts';
import type { ParsedCommandLine } from './parse.ts';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const list = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as string[]) : []);

/** Runs the command; returns its exit code. May throw SlipwayError. */
export const runCommand = async (parsed: ParsedCommandLine, system: System, output: Output, signal: AbortSignal): Promise<number> => {
  const { flags, words, globals } = parsed;
  const say = (result: { readonly text: string; readonly exitCode: number }): number => {
    output.print(result.text);
    return result.exitCode;
  };
  switch (parsed.command) {
    case 'console':
      return (await import('./console.ts')).consoleCommand(parsed, system, output);
    case 'install':
      return (await import('./install.ts')).installCommand(parsed, system, output, signal);
    case 'plan':
      return (await import('./plan.ts')).planCommand(parsed, system, output, signal);
    case 'probe': {
      const record = text(flags['record']);
      return say(await (await import('./probe.ts')).probeCommand(system, { json: globals.json, columns: globals.json ? 80 : output.columns, ...(record === undefined ? {} : { record }) }));
    }
    case 'validate':
      return say(await (await import('./validate.ts')).validateCommand(system, words, { json: globals.json, kind: text(flags['kind']) }));
    case 'scrub':
      return say(await (await import('./scrub.ts')).scrubCommand(system, words, { json: globals.json, dryRun: flags['dry-run'] === true }));
    case 'audit':
      return say(
        await (await import('./audit.ts')).auditCommand(system, {
          target: words[0] ?? '',
          installerData: list(flags['installer-data']),
          config: list(flags['config']),
          secretsFile: text(flags['secrets-file']),
          pristine: text(flags['pristine']),
          mode: text(flags['mode']),
          json: globals.json,
          signal,
          onProgress: (await import('./audit-progress.ts')).createAuditProgress((line) => output.error(line), () => system.now(), output.isTerminal),
        }),
      );
    case 'recovery':
      return (await import('./recovery.ts')).recoveryCommand(parsed, system, output, signal);
    case 'receipt':
      return say(await (await import('./receipt.ts')).receiptCommand(system, words, { json: globals.json, key: text(flags['key']) }));
    case 'export':
      return (await import('./export.ts')).exportCommand(parsed, system, output, signal);
    case 'token':
      return say((await import('./token.ts')).tokenCommand(system));
    default:
      output.error(`slipway: ${parsed.command} is not a command`);
      return exitCodes.usage;
  }
};
