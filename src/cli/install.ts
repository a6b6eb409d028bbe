/** `slipway install`: unattended, or the console already answered by the flags. */
import { exitCodes } from '../model/exit-code.ts';
import type { InstallEvent } from '../model/events.ts';
import { formatProblem } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { version } from '../version.ts';
import { startConsole } from './console.ts';
import type { Output } from '../system/output.ts';
import { readSettingFlags } from './parse.ts';
import type { ParsedCommandLine } from './parse.ts';

/** Phase changes are told to whoever watches the machine's consoles, when it runs on live media. */
const mirrorToConsoles = async (system: System, line: string): Promise<void> => {
  if (system.real && (await system.stat('/run/cos/live_mode')) !== null) {
    await system.append('/dev/kmsg', `slipway: ${line}\n`);
  }
};

export const installCommand = async (parsed: ParsedCommandLine, system: System, output: Output, signal: AbortSignal): Promise<number> => {
  const { layer, problems } = readSettingFlags(parsed.flags);
  if (problems.length > 0) {
    for (const problem of problems) output.error(`slipway: ${formatProblem(problem)}`);
    return exitCodes.usage;
  }
  if (layer.unattended !== true && parsed.globals.json) {
    // Events alone are no consent: nobody could give it while they are read by a program.
    output.error('slipway: --json: nobody can be asked; add --unattended to agree, or look first with slipway plan --json');
    return exitCodes.usage;
  }
  if (layer.unattended !== true) return startConsole(parsed, system, { flag: layer }, output);

  const { createEffects } = await import('../app/real-effects.ts');
  const { createLineReporter, jsonLine } = await import('../app/report-lines.ts');
  const { runUnattended } = await import('../app/unattended.ts');
  const lines = createLineReporter();
  const { log } = parsed.globals;
  const report = (event: InstallEvent): void => {
    if (parsed.globals.json) output.print(jsonLine(event, system.now(), !system.real));
    for (const line of lines(event)) {
      if (log !== undefined) void system.append(log, `${new Date(system.now()).toISOString()} ${line}\n`);
      const shown = system.real ? line : `SIMULATED ${line}`;
      if (!parsed.globals.json) output.print(shown);
      if (event.event === 'phase' || event.event === 'done') void mirrorToConsoles(system, line);
    }
  };
  return runUnattended({ effects: createEffects(system, version), layers: { flag: layer }, signal, sleep: (duration, until) => system.sleep(duration, until), report });
};
