/** Another disk that the plan wipes: compared first, wiped once, looked at again; nothing is written where anything differs (invariant 2). */
import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, test } from 'vitest';
import type { EngineContext } from '../../src/engine/engine.ts';
import { wipeOthers } from '../../src/engine/wipe-others.ts';
import type { InstallEvent } from '../../src/model/events.ts';
import type { Facts } from '../../src/model/facts.ts';
import type { PlannedInstall } from '../../src/model/plan.ts';
import { chooseWipes } from '../../src/plan/wipe-others.ts';
import type { System } from '../../src/system/port.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { machine, probeRows } from '../probe/machine-builder.ts';
import type { Row } from '../probe/machine-builder.ts';
import { createLoopDisks, sh, whyNoLoop } from './kairos-agent/loop-disk.ts';

const kairos = (name: string, more: Partial<Row> = {}): Row => ({ name, children: ['COS_OEM', 'COS_STATE'].map((label, index) => ({ name: `${name}${index + 1}`, type: 'part', label, fstype: 'ext4' })), ...more });
const nodes = { '/dev/sda': '', '/dev/sdb': '', '/dev/sdc': '' };

/** Runs it against a machine that is `now` and, once something was wiped, `after`; the plan was made of `planned`. */
const wipe = async (planned: readonly Row[], now: readonly Row[], after: readonly Row[], run?: System['run'], mounts: readonly string[] = []) => {
  const facts: Facts = await probeRows(planned);
  const { wipes } = chooseWipes({ rules: facts.disks.slice(1).map(({ path }) => path), facts, disk: facts.disks[0] ?? null, consent: { allowDataLoss: true, allow: [] } });
  const systems = [createRecordedSystem(machine(now, { files: nodes, mounts })), createRecordedSystem(machine(after, { files: nodes }))] as const;
  const commands: string[] = [];
  const current = (): System => (commands.length === 0 ? systems[0] : systems[1]);
  const done = { stdout: '', stderr: '', exitCode: 0, missing: false, timedOut: false, truncated: false };
  const system: System = {
    ...systems[0],
    run: (command, options) => {
      if (command[0] !== 'wipefs' && command[0] !== 'blockdev') return current().run(command, options);
      commands.push(command.join(' '));
      return run === undefined ? Promise.resolve(done) : run(command, options);
    },
    readText: (path, most) => current().readText(path, most),
    list: (path) => current().list(path),
  };
  const state = { diskTouched: false, finished: false, wiped: [] as string[] };
  const events: InstallEvent[] = [];
  const context = { system, planned: { plan: { wipes } } as unknown as PlannedInstall, signal: new AbortController().signal, state, emit: (event: InstallEvent) => void events.push(event) } as unknown as EngineContext;
  const failure = await wipeOthers(context).then(
    () => null,
    (error: unknown) => error as { problem?: { id: string; what: string; where: string } },
  );
  return { failure: failure?.problem ?? failure, commands, wiped: state.wiped, events, left: await system.cleanup.run() };
};

const target: Row = { name: 'sda' };

describe('wiping other disks', () => {
  test('partitions from the last, then the disk; the table is read anew', async () => {
    const { failure, commands, wiped, events } = await wipe([target, kairos('sdb'), kairos('sdc')], [target, kairos('sdb'), kairos('sdc')], [target, { name: 'sdb' }, { name: 'sdc' }]);
    expect(failure).toBeNull();
    expect(commands).toEqual(['sdb', 'sdc'].flatMap((name) => [`wipefs --all /dev/${name}2`, `wipefs --all /dev/${name}1`, `wipefs --all /dev/${name}`, `blockdev --rereadpt /dev/${name}`]));
    expect(wiped).toEqual(['/dev/sdb', '/dev/sdc']);
    expect(events.map((event) => (event.event === 'log' ? event.text : event.event))).toEqual(['/dev/sdb', '/dev/sdc'].map((path) => expect.stringContaining(`wiping the signatures of ${path}`) as string));
  });

  test.each<readonly [string, readonly Row[]]>([
    ['names that swapped', [target, kairos('sdb', { serial: 'SERIAL-SDC' }), kairos('sdc', { serial: 'SERIAL-SDB' })]],
    ['another disk under the last name', [target, kairos('sdb'), kairos('sdc', { serial: 'OTHER' })]],
    ['another size', [target, kairos('sdb', { size: 8 * 1024 ** 3 }), kairos('sdc')]],
    ['a disk that is gone', [target, kairos('sdb')]],
  ])('%s: nothing at all is written, on no disk', async (_, now) => {
    const { failure, commands, wiped } = await wipe([target, kairos('sdb'), kairos('sdc')], now, now);
    expect(failure).toMatchObject({ id: 'target-changed' });
    expect([commands, wiped]).toEqual([[], []]);
  });

  test('a disk that was mounted meanwhile is not written', async () => {
    const busy = kairos('sdb', { children: [{ name: 'sdb1', type: 'part', label: 'COS_OEM', fstype: 'ext4', 'maj:min': '8:17', mountpoints: ['/mnt'] }] });
    const { failure, commands } = await wipe([target, kairos('sdb')], [target, busy], [target, busy]);
    expect(failure).toMatchObject({ id: 'target-changed', what: expect.stringContaining('mounted') as string });
    expect(commands).toEqual([]);
  });

  test('what still carries its names afterwards is a failure, and says that it was written', async () => {
    const { failure, wiped } = await wipe([target, kairos('sdb')], [target, kairos('sdb')], [target, kairos('sdb')]);
    expect(failure).toMatchObject({ id: 'wipe-failed', where: '/dev/sdb' });
    expect(wiped).toEqual(['/dev/sdb']);
  });

  test('a tool that fails stops it', async () => {
    const { failure, wiped, commands } = await wipe([target, kairos('sdb'), kairos('sdc')], [target, kairos('sdb'), kairos('sdc')], [target], () => Promise.resolve({ stdout: '', stderr: 'probing initialization failed: Device or resource busy', exitCode: 1, missing: false, timedOut: false, truncated: false }));
    expect(failure).toMatchObject({ id: 'tool-failed', what: expect.stringContaining('resource busy') as string });
    expect([commands.length, wiped]).toEqual([1, ['/dev/sdb']]);
  });
});

describe.skipIf(whyNoLoop !== null)('on real block devices', () => {
  const disks = createLoopDisks();
  afterAll(() => disks.dispose());

  test('no name and no table is left where these commands ran', async () => {
    const disk = disks.blank('old', 64);
    execFileSync('sfdisk', ['--quiet', '--no-reread', disk.device], { input: 'label: gpt\nstart=1MiB, size=16MiB, name=oem\nsize=16MiB, name=state\n' });
    const parts = [1, 17].map((mib) => sh(`losetup --find --show --offset ${mib * 1024 ** 2} --sizelimit ${16 * 1024 ** 2} ${disk.file}`));
    try {
      parts.forEach((part, index) => sh(`mkfs.ext4 -q -L ${['COS_OEM', 'COS_STATE'][index]} ${part}`));
      const place: Readonly<Record<string, string>> = { '/dev/sdb1': parts[0] ?? '', '/dev/sdb2': parts[1] ?? '', '/dev/sdb': disk.device };
      const { createRealSystem } = await import('../../src/system/real.ts');
      const real = createRealSystem();
      const { failure } = await wipe([target, kairos('sdb')], [target, kairos('sdb')], [target, { name: 'sdb' }], (command) =>
        command[0] === 'blockdev' ? Promise.resolve({ stdout: '', stderr: '', exitCode: 0, missing: false, timedOut: false, truncated: false }) : real.run(command.map((word) => place[word] ?? word)));
      expect(failure).toBeNull();
      for (const device of Object.values(place)) expect(sh(`wipefs --noheadings -n ${device}`)).toBe('');
    } finally {
      for (const part of parts) sh(`losetup --detach ${part}`);
    }
  });
});
