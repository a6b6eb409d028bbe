/** Actions of a running Kairos system go to its own agent; a stand-in agent writes down how it was called. Its success is checked, not believed. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { imageTarget } from '../../src/plan/target.ts';
import { printGrubEnvironment } from '../../src/engine/grubenv.ts';
import type { RecoveryEvent } from '../../src/recovery/events.ts';
import { runAction } from '../../src/recovery/run-action.ts';
import type { ActionId } from '../../src/recovery/actions.ts';
import type { ActionOptions } from '../../src/recovery/run/context.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { filesFor, nodeFor, statusFor } from './status-builder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-agent-'));
  for (const name of ['oem', 'state/cOS', 'recovery/cOS', 'persistent']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'disk'), 'x');
  writeFileSync(join(folder, 'oem/grubenv'), printGrubEnvironment(new Map()) ?? '');
  // COS_OEM as the agent leaves it behind: formatted, and mounted nowhere.
  execFileSync('mke2fs', ['-q', '-t', 'ext4', join(folder, 'oem.img'), '8M']);
  // COS_PERSISTENT is not mounted in recovery; the systems of a running one are.
  execFileSync('mke2fs', ['-q', '-t', 'ext4', join(folder, 'persistent.img'), '8M']);
  execFileSync('debugfs', ['-w', '-R', 'mkdir /workload', join(folder, 'persistent.img')], { stdio: 'ignore' });
  for (const name of ['state/cOS/active', 'recovery/cOS/recovery']) writeFileSync(join(folder, `${name}.img`), 'the image before');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kairos = { grubConfig: 'menuentry "Kairos" --id cos {\n}\n' };

const run = async (action: ActionId, options: ActionOptions, script: string, signal = new AbortController().signal, encryptedOem = false) => {
  const agent = join(folder, 'kairos-agent');
  writeFileSync(agent, `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder}/called\n${script.replaceAll('$F', folder)}\n`);
  chmodSync(agent, 0o755);
  const change = {
    path: join(folder, 'disk'),
    target: imageTarget({ path: join(folder, 'disk') } as never, 1),
    partitions: nodeFor().partitions.filter(({ name }) => name !== 'efi').map((partition) => ({ ...partition, path: join(folder, ['oem', 'persistent'].includes(partition.name) ? `${partition.name}.img` : 'none'), offset: 0, encrypted: partition.name === 'oem' && encryptedOem, mountpoint: partition.name === 'persistent' ? null : join(folder, partition.name) })),
  };
  const events: RecoveryEvent[] = [];
  const state = action === 'reset' || action === 'reset-oem' || action === 'remote' ? 'recovery' : 'active';
  const done = await runAction({
    system: createRealSystem(),
    node: nodeFor(change),
    status: statusFor(state, kairos, change),
    files: filesFor(kairos),
    means: { root: true, simulated: false, agent, missing: [] },
    action,
    options,
    signal,
    emit: (event) => void events.push(event),
  });
  const called = ((): string | null => {
    try {
      return readFileSync(join(folder, 'called'), 'utf8');
    } catch {
      return null;
    }
  })();
  return { done, events, called };
};

/** What an agent does that resets a node. */
const resets = 'echo resetting; echo another image > $F/state/cOS/active.img; mke2fs -q -F -t ext4 $F/persistent.img 8M';

const chosen = (id: string): string => (printGrubEnvironment(new Map([['next_entry', id]])) ?? '').replaceAll('\n', '\\n');

test('the agent is started with what keeps it from hanging where there is no journald', async () => {
  await run('reset', {}, `printf '%s' "$GOGC" > $F/collects; ${resets}`);
  expect(readFileSync(join(folder, 'collects'), 'utf8')).toBe(existsSync('/run/systemd/journal/socket') ? '' : 'off');
});

test('bootentry is called with the id, and its outcome read back', async () => {
  const good = await run('boot', { word: 'recovery' }, `printf '${chosen('recovery')}' > $F/oem/grubenv`);
  expect(good).toMatchObject({ called: 'bootentry\n--select\nrecovery\n', done: { exitCode: 0, ok: true } });
  const liar = await run('boot', { word: 'recovery' }, `printf '${chosen('cos')}' > $F/oem/grubenv; echo all is well`);
  expect(liar.done).toMatchObject({ exitCode: 6, ok: false });
  expect(liar.done.text).toContain('not the one that was chosen');
  const silent = await run('boot', { word: 'recovery' }, 'rm $F/oem/grubenv');
  expect(silent.done).toMatchObject({ exitCode: 6, text: expect.stringContaining('cannot be read back') });
});

test('with an encrypted COS_OEM the choice is on COS_STATE, where the boot loader can read it', async () => {
  const good = await run('boot', { word: 'recovery' }, `printf '${chosen('recovery')}' > $F/state/grubenv`, undefined, true);
  expect(good.done).toMatchObject({ exitCode: 0, ok: true });
  const unread = await run('boot', { word: 'recovery' }, `rm $F/state/grubenv; printf '${chosen('recovery')}' > $F/oem/grubenv`, undefined, true);
  expect(unread.done).toMatchObject({ exitCode: 6, ok: false, text: expect.stringContaining('COS_STATE') });
});

test.each<[ActionId, ActionOptions, string]>([
  ['reset', {}, 'the image of the active system is as it was'],
  ['upgrade', { source: 'oci:registry.example/x:v2' }, 'the image of the active system is as it was'],
  ['upgrade-recovery', { source: 'oci:registry.example/x:v2' }, 'the image of the recovery system is as it was'],
])('%s by an agent that says that all is well and does nothing is no success', async (action, options, why) => {
  const { done } = await run(action, options, 'echo all is well');
  expect(done).toMatchObject({ exitCode: 6, ok: false });
  expect(done.text).toContain(why);
});

test('a reset that left COS_PERSISTENT as it was is none; an upgrade to what is there already says that it cannot be told', async () => {
  const { done } = await run('reset', {}, 'echo another image > $F/state/cOS/active.img');
  expect(done).toMatchObject({ exitCode: 6, ok: false, text: expect.stringContaining('COS_PERSISTENT still holds what it held') });
  const other = await run('upgrade', { source: 'oci:registry.example/x:v2' }, 'echo another image of another length > $F/state/cOS/active.img');
  expect(other.done).toMatchObject({ ok: true, text: expect.not.stringContaining('cannot be told') });
  const same = await run('upgrade', { source: 'oci:registry.example/x:v2' }, 'sleep 0.05; cat $F/state/cOS/active.img > $F/copy; cat $F/copy > $F/state/cOS/active.img');
  expect(same.done).toMatchObject({ ok: true, text: expect.stringContaining('whether it is another cannot be told') });
});

test('reset is unattended; a node without an active system afterwards is no success', async () => {
  const empty = await run('reset', {}, 'rm $F/state/cOS/active.img; exit 0');
  expect(empty.called).toBe('reset\n--unattended\n');
  expect(empty.done).toMatchObject({ exitCode: 6, ok: false });
  const good = await run('reset-oem', {}, resets);
  expect(good).toMatchObject({ called: 'reset\n--unattended\n--reset-oem\n', done: { exitCode: 0, ok: true } });
  expect(good.events).toContainEqual({ event: 'log', level: 'info', text: 'resetting' });
});

const closure = (): string => execFileSync('debugfs', ['-R', 'stat /95_userdata', join(folder, 'oem.img')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

test('a reset that took away what keeps data volumes out: it is made again and read back; one that it left is left', async () => {
  expect(closure()).not.toContain('Type: directory');
  const good = await run('reset-oem', {}, resets);
  expect(good.done).toMatchObject({ exitCode: 0, ok: true });
  expect(good.events).toContainEqual({ event: 'log', level: 'info', text: '/oem/95_userdata was gone and is there again: attached data volumes are kept out' });
  expect(closure()).toContain('Type: directory');
  const again = await run('reset', {}, `${resets}; echo once more > $F/state/cOS/active.img`);
  expect(again.done).toMatchObject({ ok: true });
  expect(JSON.stringify(again.events)).not.toContain('was gone');
});

test('where that cannot be shown the reset is no success', async () => {
  const { done } = await run('reset-oem', {}, `${resets}; echo garbage > $F/oem.img`);
  expect(done).toMatchObject({ exitCode: 6, ok: false });
});

test('an agent that fails: its last words, where the log is, and that the disk was written to', async () => {
  const failed = await run('upgrade', { source: 'oci:registry.example/kairos/x:v2' }, 'echo "pulling"; echo "\\033[31mno space left\\033[0m"; exit 1');
  expect(failed.called).toBe('upgrade\n--source\noci:registry.example/kairos/x:v2\n');
  expect(failed.done).toMatchObject({ exitCode: 6, ok: false, diskTouched: true });
  expect(failed.done.text).toMatch(/ended with 1: no space left.*agent\.log/);
});

test('a source that the agent does not take never reaches it', async () => {
  const refused = await run('upgrade', { source: '--reboot' }, 'true');
  expect(refused).toMatchObject({ called: null, done: { exitCode: 3, diskTouched: false } });
});

test('remote recovery is there until it is stopped', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('interrupted')), 600);
  const stopped = await run('remote', {}, 'printf "\\033[38;5;16m██\\033[0m▀▀ token\\n"; read -r line; echo "tunnel closed"', controller.signal);
  expect(stopped.called).toBe('recovery\n');
  expect(stopped.events).toContainEqual({ event: 'log', level: 'info', text: '██▀▀ token' });
  // It is stopped by the Enter that it waits for, not in the middle of what it does.
  expect(stopped.events).toContainEqual({ event: 'log', level: 'info', text: 'tunnel closed' });
  expect(stopped.done).toMatchObject({ exitCode: 130, diskTouched: false });
});
