/**
 * A scripted agent for what the real one cannot be made to show, run in the real namespace by the real runner. Its steps are shell
 * text; it reaches its gates through the stage directory as the real one does.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgentNamespace } from '../../../src/engine/kairos-agent/namespace.ts';
import type { GateHandlers } from '../../../src/engine/kairos-agent/gates.ts';
import { makeGateDirectory } from '../../../src/engine/kairos-agent/gates.ts';
import { runAgent } from '../../../src/engine/kairos-agent/run.ts';
import type { AgentEnd } from '../../../src/engine/kairos-agent/run.ts';
import { watchProgress } from '../../../src/engine/kairos-agent/byte-progress.ts';
import type { InstallEvent } from '../../../src/model/events.ts';
import { createRealSystem } from '../../../src/system/real.ts';
import type { System } from '../../../src/system/port.ts';

export const isRoot = process.getuid?.() === 0;

/** `gate NAME` in the script: what the real agent's stage does there. */
const prelude = `#!/bin/sh
gate() { : > "$GATES/$1.at"; while [ -d "$GATES" ] && [ ! -e "$GATES/$1.go" ]; do sleep 0.05; done; }
step() { printf '{"event":"step","step":"%s"}\\n' "$1"; }
fail() { printf '{"event":"error","message":"%s"}\\n' "$1"; }
`;

export interface StandInRun {
  readonly system: System;
  readonly folder: string;
  readonly events: InstallEvent[];
  /** Names of the gates that were served, and `write` for the call that reports a write without a gate. */
  readonly trail: string[];
  /** What `onStuck` was told. */
  readonly stuck: readonly string[];
  readonly end: Promise<AgentEnd>;
  readonly abort: (reason: Error) => void;
  dispose(): Promise<void>;
}

/** Starts `script` as the agent. */
export const startStandIn = async (script: string, options: { readonly handlers?: Partial<GateHandlers>; readonly command?: readonly string[]; readonly environment?: string; readonly kernelLine?: string; readonly aborted?: Error; /** As on a system without control groups of version 2. */ readonly ungrouped?: boolean; /** Processes that seem not to end. */ readonly unkillable?: readonly string[] } = {}): Promise<StandInRun> => {
  const real = createRealSystem();
  const system: System = options.ungrouped === true ? { ...real, run: (command, given) => (command[0] === 'mkdir' ? Promise.resolve({ stdout: '', stderr: '', exitCode: 1, missing: false, timedOut: false, truncated: false }) : real.run(command, given)) } : real;
  const folder = mkdtempSync(join(tmpdir(), 'slipway-agent-'));
  const program = join(folder, 'kairos-agent');
  const workspace = await system.memoryDirectory('test-agent');
  const gates = await makeGateDirectory(system);
  writeFileSync(program, `${prelude.replace('gate()', `GATES=${gates}\ngate()`)}${script}`);
  chmodSync(program, 0o755);
  const made = await createAgentNamespace(system, workspace, { kernelLine: options.kernelLine ?? 'quiet\n', environment: options.environment ?? '' });
  const namespace = options.unkillable === undefined ? made : { ...made, processes: async () => [...(await made.processes()), ...(options.unkillable ?? [])] };
  const controller = new AbortController();
  if (options.aborted !== undefined) controller.abort(options.aborted);
  const events: InstallEvent[] = [];
  const trail: string[] = [];
  const stuck: string[] = [];
  const emit = (event: InstallEvent): void => void events.push(event);
  const note = (name: 'prepare' | 'mark' | 'hold') => async (): Promise<void> => {
    trail.push(name);
    await options.handlers?.[name]?.();
  };
  const end = runAgent(
    {
      system,
      namespace,
      command: options.command ?? [program, 'manual-install', '/config'],
      temporary: folder,
      gateDirectory: gates,
      handlers: { prepare: note('prepare'), mark: note('mark'), hold: note('hold') },
      signal: controller.signal,
      watch: (step) => watchProgress(system, 'no-such-disk', null, emit, step),
      emit,
      onStuck: (text) => void stuck.push(text),
      tick: () => Promise.resolve(),
    },
    () => trail.push('write'),
  );
  end.catch(() => undefined);
  return {
    system,
    folder,
    events,
    trail,
    stuck,
    end,
    abort: (reason) => controller.abort(reason),
    async dispose() {
      const failed = await system.cleanup.run();
      rmSync(folder, { recursive: true, force: true });
      if (failed.length > 0) throw new Error(failed.join('; '));
    },
  };
};
