/** `slipway plan`: the same planner as install, its result printed; touches nothing. */
import { createEffects } from '../app/real-effects.ts';
import { describePlan } from '../app/report-lines.ts';
import { exitCodes } from '../model/exit-code.ts';
import { formatProblem } from '../model/problem.ts';
import { exitCodeFor } from '../plan/exit-code-for.ts';
import type { System } from '../system/port.ts';
import { version } from '../version.ts';
import type { Output } from '../system/output.ts';
import { readSettingFlags } from './parse.ts';
import type { ParsedCommandLine } from './parse.ts';

export const planCommand = async (parsed: ParsedCommandLine, system: System, output: Output, signal: AbortSignal): Promise<number> => {
  const { layer, problems: wrong } = readSettingFlags(parsed.flags);
  if (wrong.length > 0) {
    for (const problem of wrong) output.error(`slipway: ${formatProblem(problem)}`);
    return exitCodes.usage;
  }
  const effects = createEffects(system, version);
  // A plan is always the unattended one: there is nobody to ask.
  const input = await effects.gather({ flag: { ...layer, unattended: true } }, signal);
  const { planned, problems } = effects.plan(input);
  if (parsed.globals.json) {
    output.print(JSON.stringify(planned === null ? { problems } : { hash: planned.plan.hash, already: planned.already, plan: planned.plan, problems }));
  } else {
    for (const problem of problems) output.error(`${problem.severity}: ${formatProblem(problem)}`);
    if (planned !== null) {
      output.print([...describePlan(planned.plan), ...(planned.already ? ['  already     a finished install with this configuration is there: nothing will be written'] : []), `plan ${planned.plan.hash}`].join('\n'));
    }
  }
  return planned === null ? exitCodeFor(problems) : exitCodes.done;
};
