/** Starts the console: `slipway`, or `slipway install` at a terminal. */
import { exitCodes } from '../model/exit-code.ts';
import type { Effects } from '../app/effects.ts';
import { createEffects } from '../app/real-effects.ts';
import type { SettingLayers } from '../model/settings.ts';
import type { System } from '../system/port.ts';
import { version } from '../version.ts';
import type { Output } from '../system/output.ts';
import type { ParsedCommandLine } from './parse.ts';

export const startConsole = async (
  parsed: ParsedCommandLine,
  effects: Effects,
  layers: SettingLayers,
  output: Output,
): Promise<number> => {
  // Plain questions need no terminal: a pipe or a braille line will do.
  if (!output.isTerminal && !parsed.globals.plain) {
    output.error('slipway: the console needs a terminal; without one use: slipway install --unattended … (see slipway install --help)');
    return exitCodes.usage;
  }
  const { startConsole: start } = await import('../../screens/index.ts');
  const { listPresets } = await import('../sources/presets.ts');
  const { exitCode, finish, lastLines } = await start({
    effects,
    presets: listPresets(),
    simulated: parsed.globals.machine !== undefined,
    layers,
    terminal: { stdin: process.stdin, stdout: process.stdout, plain: parsed.globals.plain, color: parsed.globals.color },
    version,
  });
  for (const line of lastLines) output.print(line);
  // After a failure, too, a person may have asked to power off.
  await effects.finish(finish);
  return exitCode;
};

export const consoleCommand = async (parsed: ParsedCommandLine, system: System, output: Output): Promise<number> => {
  // Newer agents start an installer with --no-tui where they want its web page; there is none here.
  if (parsed.ignored.includes('--no-tui')) {
    output.print('slipway: --no-tui: no console was asked for, nothing to do');
    return exitCodes.done;
  }
  for (const flag of parsed.ignored) output.error(`slipway: ignored: ${flag}`);
  // On a node that is installed or booted into recovery, the same program is its recovery menu.
  const { isInstalledSystem } = await import('../recovery/index.ts');
  if (output.isTerminal && (await isInstalledSystem(system))) {
    const { startRecoveryMenu } = await import('./recovery-menu.ts');
    return startRecoveryMenu(parsed, system, output, {});
  }
  const source = parsed.flags['source'];
  return startConsole(parsed, createEffects(system, version), { flag: typeof source === 'string' ? { source } : {} }, output);
};
