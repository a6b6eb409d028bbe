/** From the command line to an exit code: one place where commands are started and unexpected trouble is caught. */
import { exitCodes } from '../model/exit-code.ts';
import { formatProblem, isError, SlipwayError } from '../model/problem.ts';
import type { Problem } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { version } from '../version.ts';
import { parseCommandLine } from './parse.ts';
import type { ParsedCommandLine } from './parse.ts';
import { createOutput } from '../system/output.ts';
import type { Output } from '../system/output.ts';

const printUsage = (output: Output, parsed: ParsedCommandLine): number => {
  for (const problem of parsed.problems) output.error(`slipway: ${formatProblem(problem)}`);
  output.error(`see: slipway ${parsed.command === 'console' ? '' : `${parsed.command} `}--help`);
  return exitCodes.usage;
};

const openSystem = async (parsed: ParsedCommandLine): Promise<System> => {
  const { createRealSystem } = await import('../system/real.ts');
  const real = createRealSystem();
  if (parsed.globals.machine === undefined) return real;
  const { openRecordedMachine } = await import('../system/recorded.ts');
  return openRecordedMachine(real, parsed.globals.machine);
};

/** A signal ends the run in order; a second one is not needed for that and does nothing more. */
const abortOnSignals = (): { readonly signal: AbortSignal; stop(): void } => {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new Error('interrupted'));
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, abort);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of names) process.off(name, abort);
    },
  };
};

/** Runs a command line to its end. Returns the process's exit code; never throws. */
export const runCli = async (argv: readonly string[]): Promise<number> => {
  const parsed = parseCommandLine(argv);
  const output = createOutput();
  if (parsed.help) {
    output.print((await import('./help.ts')).helpText(parsed.command));
    return exitCodes.done;
  }
  if (parsed.version) {
    output.print(`slipway ${version}`);
    return exitCodes.done;
  }
  if (parsed.problems.some(isError)) return printUsage(output, parsed);
  const signals = abortOnSignals();
  let system: System | undefined;
  try {
    system = await openSystem(parsed);
    const { runCommand } = await import('./run-command.ts');
    const code = await runCommand(parsed, system, output, signals.signal);
    // What these do is in what they print; what an install did is on the disk.
    return code === exitCodes.done && output.isLost && parsed.command !== 'install' && parsed.command !== 'recovery' ? exitCodes.failedUntouched : code;
  } catch (error) {
    return fail(error, output, signals.signal);
  } finally {
    const stuck = (await system?.cleanup.run()) ?? [];
    for (const what of stuck) output.error(`slipway: could not be undone: ${what}`);
    signals.stop();
  }
};

const fail = (error: unknown, output: Output, signal: AbortSignal): number => {
  if (signal.aborted) {
    output.error('slipway: interrupted');
    return exitCodes.interrupted;
  }
  if (error instanceof SlipwayError) {
    const problem: Problem = error.problem;
    output.error(`slipway: ${formatProblem(problem)}`);
    return problem.id === 'usage' ? exitCodes.usage : exitCodes.answersInvalid;
  }
  output.error(`slipway: unexpected: ${error instanceof Error ? error.message : String(error)}; this is a bug, please report it`);
  return exitCodes.bug;
};
