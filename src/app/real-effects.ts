/** The effects, on a system. Both front ends are handed this object and nothing else of the machine. */
import { createHash } from 'node:crypto';
import { exitCodes } from '../model/exit-code.ts';
import type { Engine } from '../engine/engine.ts';
import { builtinEngine } from '../engine/builtin/builtin.ts';
import { kairosAgentEngine } from '../engine/kairos-agent/index.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { PlanInput } from '../plan/input.ts';
import { watchMachine } from '../probe/watch.ts';
import { writeToVolume } from '../receipt/data-volume.ts';
import type { Line, System } from '../system/port.ts';
import type { Effects } from './effects.ts';
import { gather } from './gather.ts';
import { sessionEffects } from './console/session-effects.ts';
import { openShell } from './open-shell.ts';
import { hashPassword } from './password.ts';
import { runInstall } from './run-install.ts';
import { playScriptedRun } from './scripted-run.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const engines: readonly Engine[] = [builtinEngine, kairosAgentEngine];

/** Commands of the finish actions; `shell` and `none` leave the machine as it is. */
const finishCommands = { reboot: ['systemctl', 'reboot'], poweroff: ['systemctl', 'poweroff'] } as const;
const plainCommands = { reboot: ['reboot', '-f'], poweroff: ['poweroff', '-f'] } as const;

export const createEffects = (system: System, version: string): Effects => {
  let last: PlanInput | undefined;
  return {
    async gather(layers, signal, onProgress, instead) {
      last = await gather(system, layers, version, signal, onProgress, instead);
      return last;
    },
    plan: (input) => makePlan(input, sha256),
    watch: (signal) => watchMachine(system, signal),
    install(planned, signal) {
      if (!system.real) return playScriptedRun(system.scriptedRun, system, signal);
      const engine = engines.find((candidate) => candidate.name === planned.plan.engine);
      const facts = last?.facts;
      if (engine === undefined || facts === undefined) {
        return (async function* () {
          yield { event: 'done', exitCode: exitCodes.bug, ok: false, result: 'failed', diskTouched: false, text: 'install was started without a plan' } as const;
        })();
      }
      const engineVersion = last?.engines.find((row) => row.name === engine.name)?.version ?? version;
      return runInstall({ system, planned, facts, engine, engineVersion, version, signal });
    },
    ...(system.real ? { shell: (line: Line, signal: AbortSignal) => openShell(system, line, signal) } : {}),
    ...sessionEffects(system),
    saveReport: (volume, report) =>
      writeToVolume(system, { path: volume.path, fstype: volume.fstype ?? 'vfat' }, `slipway-report-${new Date(system.now()).toISOString().replace(/[:.]/g, '')}.txt`, report),
    hashPassword: async (password) => hashPassword(password),
    async finish(action) {
      if (action !== 'reboot' && action !== 'poweroff') return;
      await system.run(['sync'], { timeout: 60_000 });
      const done = await system.run(finishCommands[action], { timeout: 30_000 });
      if (done.exitCode !== 0) await system.run(plainCommands[action], { timeout: 30_000 });
    },
  };
};
