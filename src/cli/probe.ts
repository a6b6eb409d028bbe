/** `slipway probe`: what was found on this machine, for people, for programs, and recorded for a bug report. */
import { exitCodes } from '../model/exit-code.ts';
import { redactKernelLine } from '../model/kernel-line-redaction.ts';
import { SlipwayError } from '../model/problem.ts';
import { probeMachine } from '../probe/probe.ts';
import type { System } from '../system/port.ts';

export interface ProbeCommandOptions {
  readonly json: boolean;
  /** Write a recording there. */
  readonly record?: string;
  /** cells; default 80 */
  readonly columns?: number;
}

const liveRoot = '/run/rootfsbase';

/** Playing the machine also asks what comes and goes, which tools there are, and for the live system's image. */
const recordTheRest = async (system: System): Promise<void> => {
  const [{ glance }, { probeBuiltinEngine }, { probeSource }] = await Promise.all([import('../probe/watch.ts'), import('../engine/builtin/tools.ts'), import('../probe/source.ts')]);
  await glance(system);
  await probeBuiltinEngine(system, '');
  if ((await system.stat(liveRoot)) !== null) await probeSource(system, `dir:${liveRoot}`);
};

export const probeCommand = async (system: System, options: ProbeCommandOptions): Promise<{ readonly text: string; readonly exitCode: number }> => {
  const recorder = options.record === undefined ? null : (await import('../system/recorder.ts')).createRecorder(system);
  const facts = await probeMachine(recorder?.system ?? system);
  const lines: string[] = [];
  if (recorder !== null && options.record !== undefined) {
    if (!system.real) return { text: '--record: a recorded machine cannot be recorded again\n', exitCode: exitCodes.usage };
    await recordTheRest(recorder.system);
    try {
      await system.writeFile(options.record, `${JSON.stringify(recorder.recording(), null, 1)}\n`, { mode: 0o600 });
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      return { text: `${error.message}\n`, exitCode: exitCodes.usage };
    }
    lines.push(`recorded in ${options.record}: serial numbers, addresses, labels and mount points are in it; files and passwords are not. Look through it before you send it.`, '');
  }
  if (options.json) return { text: `${JSON.stringify({ ...facts, kernelLine: redactKernelLine(facts.kernelLine) })}\n`, exitCode: exitCodes.done };
  const { formatProbe } = await import('./probe-table.ts');
  return { text: `${lines.join('\n')}${formatProbe(facts, options.columns ?? 80)}`, exitCode: exitCodes.done };
};
