/** What the engine starts: the agent's arguments, and where its configuration lies. A stand-in writes down what it is given and refuses. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { EngineContext, RunState } from '../../../src/engine/engine.ts';
import { kairosAgentEngine } from '../../../src/engine/kairos-agent/kairos-agent.ts';
import type { DiskTarget, PlannedInstall } from '../../../src/model/plan.ts';
import { createRealSystem } from '../../../src/system/real.ts';
import type { System } from '../../../src/system/port.ts';
import { agentPlan } from '../../plan/agent-plan.ts';
import { isRoot } from './stand-in.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** This machine as a live system on which nobody else installs, with the agent at `program`. */
const liveSystem = (program: string): System => {
  const real = createRealSystem();
  const done = { exitCode: 0, stdout: '', stderr: '', missing: false, timedOut: false, truncated: false };
  return {
    ...real,
    environment: (name) => (name === 'KAIROS_AGENT_BIN' ? program : real.environment(name)),
    list: async (path) => (path === '/run/cos' ? ['live_mode'] : real.list(path)),
    readText: async (path, ...rest) => (path === '/proc/cmdline' ? 'root=live:CDLABEL=COS_LIVE\n' : /^\/proc\/\d+\/cmdline$/.test(path) ? '' : real.readText(path, ...rest)),
    stat: async (path) => (path === '/run/.userdata_load' ? null : real.stat(path)),
    run: async (command, options) => (command[0] === 'systemctl' || command[0] === 'rc-service' ? { ...(await real.run(['true'], options)), ...done } : real.run(command, options)),
  };
};

/** A plan for a disk that is not there. */
const plannedFor = (source: string): PlannedInstall => {
  const { planned } = agentPlan({ steps: [{ stage: 'before-install', file: 'installer-data', index: 0, value: { commands: ['echo 1'] } }] });
  if (planned === null || planned.plan.target.kind !== 'device') throw new Error('there is no plan');
  const target: DiskTarget = { ...planned.plan.target, path: '/dev/nosuchdisk', identity: { ...planned.plan.target.identity, kname: 'nosuchdisk' } };
  return { ...planned, plan: { ...planned.plan, target, source: { ...planned.plan.source, uri: source } } };
};

const start = async (source: string, script: string | null, mode = 0o755): Promise<{ readonly folder: string; readonly id: unknown; readonly state: RunState }> => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-start-'));
  folders.push(folder);
  const program = join(folder, 'kairos-agent');
  if (script !== null) {
    writeFileSync(program, `#!/bin/sh\nOUT=${folder}\n${script}`);
    chmodSync(program, mode);
  }
  const system = liveSystem(program);
  const state: RunState = { diskTouched: false, wiped: [], finished: false };
  const context: EngineContext = { system, planned: plannedFor(source), signal: new AbortController().signal, state, emit: () => undefined };
  try {
    const id: unknown = await kairosAgentEngine.run(context).then(
      () => 'ok',
      (error: unknown) => (error as { problem?: { id: string } }).problem?.id ?? error,
    );
    return { folder, id, state };
  } finally {
    await system.cleanup.run();
  }
};

/** Writes down the arguments, and of CONFIG its mode, its owner, what it lies on, and its text. */
const witness = `printf '%s\\n' "$@" > "$OUT/arguments"
for config; do :; done
{ stat -c '%a %u' "$config"; stat -f -c %T "$config"; stat -c %a "$(dirname "$config")"; } > "$OUT/stat"
cp "$config" "$OUT/config"
exit 1
`;

const linesOf = (path: string): readonly string[] => readFileSync(path, 'utf8').trim().split('\n');

describe.skipIf(!isRoot)('kairos-agent is started (needs root: it makes a mount namespace)', () => {
  test.each<[string, readonly string[]]>([
    ['dir:/run/rootfsbase', ['--source', 'dir:/run/rootfsbase']],
    ['oci:registry.example/kairos/node:v1', ['--source', 'oci:registry.example/kairos/node:v1']],
    ['docker:registry.example/kairos/node:v1', []],
    ['dir:/run/a b', []],
  ])('for the source %s with these arguments and no others', async (source, flag) => {
    const { folder, id, state } = await start(source, witness);
    expect(id).toBe('agent-refused');
    expect(state.diskTouched).toBe(false);
    const given = linesOf(join(folder, 'arguments'));
    const config = given.at(-1) ?? '';
    expect(given).toEqual(['manual-install', ...flag, config]);
    expect(config).toMatch(/^\/.*\/config\.yaml$/);
    expect(linesOf(join(folder, 'stat'))).toEqual(['600 0', 'tmpfs', '700']);
    const text = readFileSync(join(folder, 'config'), 'utf8');
    expect(text).toContain('"device":"/dev/nosuchdisk"');
    expect(text.includes(`"source":"${source}"`)).toBe(flag.length === 0);
    // Nothing of it outlives the run.
    expect(existsSync(config)).toBe(false);
  });

  test.each<[string, string, number]>([
    ['cannot be executed', witness, 0o644],
    ['goes away as soon as it is started', 'rm "$0"; exit 1', 0o755],
  ])('one that %s is named, and the disk is untouched', async (_, script, mode) => {
    expect(await start('dir:/run/rootfsbase', script, mode)).toMatchObject({ id: 'agent-missing', state: { diskTouched: false } });
  });

  const installed = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => existsSync(`${folder}/kairos-agent`));
  test.skipIf(installed)('one that went away since the plan is named', async () => {
    expect(await start('dir:/run/rootfsbase', null)).toMatchObject({ id: 'agent-missing', state: { diskTouched: false } });
  });
});
