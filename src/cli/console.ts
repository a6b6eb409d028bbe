/** Starts the console: `slipway`, or `slipway install` at a terminal. What it needs is loaded behind the first frame. */
import { firstFrame } from '../../screens/first-frame.ts';
import type { Look } from '../app/console/front.tsx';
import { unitIn } from '../app/console/state-line.ts';
import type { ConsoleState } from '../app/state.ts';
import { exitCodes } from '../model/exit-code.ts';
import type { SettingLayers } from '../model/settings.ts';
import { isInstalledSystem } from '../recovery/installed-system.ts';
import type { System } from '../system/port.ts';
import { version } from '../version.ts';
import type { Output } from '../system/output.ts';
import { keepLog } from './console-log.ts';
import { openOnFrame } from './first-frame.ts';
import type { Globals, ParsedCommandLine } from './parse.ts';
import { openRecoveryMenu, startRecoveryMenu } from './recovery-menu.ts';

/** The installer, until it ends or leads to the recovery menu; then it says how it was left. */
const showInstaller = async (globals: Globals, system: System, layers: SettingLayers, output: Output, resume: ConsoleState | undefined): Promise<{ readonly exitCode: number } | { readonly left: ConsoleState; readonly look: Look }> => {
  const simulated = globals.machine !== undefined;
  const terminal = openOnFrame(globals, (size) => firstFrame(version, simulated, size));
  try {
    const { startConsole: start } = await import('../../screens/index.ts');
    const { createEffects } = await import('../app/real-effects.ts');
    const { listPresets } = await import('../sources/presets.ts');
    const effects = createEffects(system, version);
    const { exitCode, finish, lastLines, left, look } = await start({ effects, presets: listPresets(), simulated, layers, terminal, version, resume });
    for (const line of lastLines) output.print(line);
    const kept = await keepLog(system, globals.log, left);
    if (kept !== null) output.print(kept);
    if (finish === 'recovery') return { left, look };
    // After a failure, too, a person may have asked to power off.
    await effects.finish(finish);
    return { exitCode };
  } finally {
    terminal.opened?.restore();
  }
};

export const startConsole = async (parsed: ParsedCommandLine, system: System, layers: SettingLayers, output: Output): Promise<number> => {
  // Plain questions need no terminal: a pipe or a braille line will do.
  if (!output.isTerminal && !parsed.globals.plain) {
    output.error('slipway: the console needs a terminal; without one use: slipway install --unattended … (see slipway install --help)');
    return exitCodes.usage;
  }
  let look: Look = parsed.globals;
  let left: ConsoleState | undefined;
  for (;;) {
    const globals = { ...parsed.globals, ...look };
    const shown = await showInstaller(globals, system, layers, output, left);
    if ('exitCode' in shown) return shown.exitCode;
    ({ look, left } = shown);
    // The menu is shown as the installer was; from its first screen the way leads back, to every answer.
    const menu = await openRecoveryMenu({ ...globals, ...look }, system, output, {}, { unit: unitIn(left.input?.facts) ?? undefined, fromInstaller: true });
    if (menu.toInstaller !== true) return menu.exitCode;
  }
};

export const consoleCommand = async (parsed: ParsedCommandLine, system: System, output: Output): Promise<number> => {
  // Newer agents start an installer with --no-tui where they want its web page; there is none here.
  if (parsed.ignored.includes('--no-tui')) {
    output.print('slipway: --no-tui: no console was asked for, nothing to do');
    return exitCodes.done;
  }
  for (const flag of parsed.ignored) output.error(`slipway: ignored: ${flag}`);
  // On a node that is installed or booted into recovery, the same program is its recovery menu.
  if (output.isTerminal && (await isInstalledSystem(system))) {
    return startRecoveryMenu(parsed, system, output, {});
  }
  const source = parsed.flags['source'];
  return startConsole(parsed, system, { flag: typeof source === 'string' ? { source } : {} }, output);
};
