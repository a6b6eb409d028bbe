/**
 * Aborts of the real kairos-agent in the middle of its work, and an agent that goes missing half-way: nothing of it runs on, nothing stays
 * mounted, on a loop or mapped, the disk is said to be what it is, and does not boot.
 */
import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { liveIso } from '../iso/live.ts';
import { blankDisk, dataVolume, digestOf, example } from '../iso/media.ts';
import { agentSource, makeAgentSource } from './agent-source.ts';
import { bootsWhat } from './boots.ts';
import { startLiveShell } from './live-shell.ts';
import type { LiveShell } from './live-shell.ts';
import { soak } from './soak.ts';

const folder = 'build/test/agent-abort';
const iso = await liveIso();
const medium = `${folder}/data.img`;
const install = `slipway install --unattended --wait-for-data 60 --device serial:DISK-A ${agentSource} --finish none`;

/** Our boot code speaks on the screen and hands over to the next boot device, of which there is none. */
const bootsNothing = async (disk: string): Promise<void> => {
  const { said, screen } = await bootsWhat(disk);
  expect(said).toBe('nothing to boot');
  expect(screen).toContain('an install on this disk did not end');
};

/** What is left of an install on the live system. */
const left = async (shell: LiveShell): Promise<string> => {
  const { text } = await shell.run(
    'echo "mounts $(cat /proc/[0-9]*/mountinfo 2>/dev/null | grep -c \' /run/cos/\\| /run/slipway-mount\') loops $(losetup --list --noheadings | grep -c cOS) mappings $(dmsetup ls --target crypt 2>/dev/null | grep -c :) agents $(pgrep -c kairos-agent) rsyncs $(pgrep -c rsync) folders $(ls -d /dev/slipway-* /tmp/slipway-* 2>/dev/null | wc -l)"',
    60_000,
  );
  return text;
};
const nothing = 'mounts 0 loops 0 mappings 0 agents 0 rsyncs 0 folders 0';

describe.runIf(iso.agent)('an install by kairos-agent that does not come to its end', () => {
  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    blankDisk(`${folder}/made`, 0);
    dataVolume(medium, { 'user-data': example('user-data'), 'installer-data': example('installer-data') });
  });

  const machine = async (name: string, volume = medium): Promise<{ readonly shell: LiveShell; readonly disk: string }> => {
    const disk = blankDisk(`${folder}/${name}.img`, 3 * 1024 ** 3);
    const shell = await startLiveShell({ disks: [{ file: disk, serial: 'DISK-A' }], data: volume, log: `${folder}/${name}.log` });
    await makeAgentSource(shell);
    return { shell, disk };
  };

  /** Starts the install, waits for a line of it, does `then`, and waits for the end. */
  const run = (shell: LiveShell, line: string, then: string): Promise<{ readonly code: number; readonly text: string }> =>
    shell.run(`${install} >/run/out 2>&1 & job=$!; until grep -q '${line}' /run/out || ! kill -0 $job 2>/dev/null; do sleep 0.1; done; ${then}; wait $job; code=$?; grep -v '^  ' /run/out | tail -n 12; sh -c "exit $code"`, 600_000);

  // The others in the soak: each takes some minutes.
  test.each([
    ['while it copies the system', 'Starting rsync'],
    ...(soak ? [['while it partitions', 'Created partition table'], ['while its boot loader is in place', 'the boot loader is held back']] : []),
  ] as [string, string][])('aborted %s', async (name, line) => {
    const { shell, disk } = await machine(name.replaceAll(' ', '-'));
    const begin = Date.now();
    await using _ = shell;
    const { code, text } = await run(shell, line, 'kill -INT $job');
    expect(text).toMatch(/the disk (?:carries the unfinished mark|was written)|unfinished/);
    expect(code).toBe(6);
    expect(await left(shell)).toContain(nothing);
    console.log(`aborted ${name}: ended ${((Date.now() - begin) / 1000).toFixed(0)} s after the start`);
    await shell.machine.stop();
    await bootsNothing(disk);
  }, 900_000);

  test.runIf(soak)('aborted before it writes: the disk is as it was (npm run soak)', async () => {
    const { shell, disk } = await machine('early');
    await using _ = shell;
    const before = digestOf(disk);
    const { code, text } = await run(shell, '5/10. engine', 'kill -INT $job');
    expect(text).toMatch(/not touched/);
    expect([5, 130]).toContain(code);
    expect(await left(shell)).toContain(nothing);
    expect(digestOf(disk)).toBe(before);
  }, 900_000);

  test.runIf(soak)('killed by somebody else (npm run soak)', async () => {
    const { shell, disk } = await machine('killed');
    await using _ = shell;
    const { code, text } = await run(shell, 'Starting rsync', 'pkill -KILL -x kairos-agent');
    expect(text).toMatch(/kairos-agent was killed in the step active/);
    expect(code).toBe(6);
    expect(await left(shell)).toContain(nothing);
    await shell.machine.stop();
    await bootsNothing(disk);
  }, 900_000);

  test('a stage that leaves something in the system image: found in every copy, and the disk stays held back', async () => {
    const volume = dataVolume(`${folder}/leaves.data.img`, {
      'user-data': example('user-data'),
      'installer-data': "#cloud-config\nstages:\n  after-install-chroot:\n  - files:\n    - path: /etc/left-behind\n      permissions: 0600\n      content: SECRET-zebra-9431-in-the-image\n",
    });
    const { shell, disk } = await machine('leaves', volume);
    await using _ = shell;
    const { code, text } = await shell.run(install, 900_000);
    expect(text).toMatch(/install-only material is on the target/);
    expect(text).toMatch(/COS_STATE[^]*COS_RECOVERY|COS_RECOVERY[^]*COS_STATE/);
    expect(text).not.toContain('zebra');
    expect(code).toBe(7);
    expect(await left(shell)).toContain(nothing);
    await shell.machine.stop();
    await bootsNothing(disk);
  }, 1_200_000);
});
