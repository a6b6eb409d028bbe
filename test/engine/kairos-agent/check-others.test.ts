/** The last look at the other disks before kairos-agent partitions (invariant 2): what the plan could not know of stops the run, untouched. */
import { describe, expect, test } from 'vitest';
import type { EngineContext } from '../../../src/engine/engine.ts';
import { checkOtherDisks } from '../../../src/engine/kairos-agent/check-others.ts';
import { gateHandlers } from '../../../src/engine/kairos-agent/kairos-agent.ts';
import type { PlannedInstall } from '../../../src/model/plan.ts';
import { deviceTarget } from '../../../src/plan/target.ts';
import type { System } from '../../../src/system/port.ts';
import { createRecordedSystem } from '../../../src/system/recorded.ts';
import type { Recording } from '../../../src/system/recording.ts';
import { diskOf, machine, probeRecording } from '../../probe/machine-builder.ts';
import type { Row } from '../../probe/machine-builder.ts';

const kairos = (name: string): Row => ({ name, children: [{ name: `${name}1`, type: 'part', label: 'COS_OEM', fstype: 'ext4' }] });

/** The id and place of what stops the run to /dev/sda, which wipes `wipes`; null when it goes on. */
const stopped = async (recording: Recording, wipes: readonly string[] = []): Promise<string | null> => {
  const planned = { plan: { target: { kind: 'device', path: '/dev/sda' }, wipes: wipes.map((path) => ({ target: { path } })) } } as unknown as PlannedInstall;
  return checkOtherDisks({ system: createRecordedSystem(recording), planned, signal: new AbortController().signal }).then(
    () => null,
    (error: { problem: { id: string; where: string } }) => `${error.problem.id} ${error.problem.where}`,
  );
};

describe('the other disks right before the agent partitions', () => {
  test('none with names of a Kairos install: it goes on, also over an old install on the target', async () => {
    expect(await stopped(machine([kairos('sda'), { name: 'sdb' }]))).toBeNull();
  });

  test('one that was attached meanwhile stops it; one that the plan wipes does not', async () => {
    const now = machine([{ name: 'sda' }, kairos('sdb')]);
    expect(await stopped(now)).toBe('kairos-disk-second /dev/sdb');
    expect(await stopped(now, ['/dev/sdb'])).toBeNull();
  });

  test('on UEFI a medium that was attached meanwhile and comes first', async () => {
    const medium: Row = { name: 'nvme0n1', children: [{ name: 'nvme0n1p1', type: 'part', label: 'COS_LIVE', fstype: 'iso9660' }, { name: 'nvme0n1p2', type: 'part', label: 'COS_GRUB', fstype: 'vfat' }] };
    const uefi = { directories: { '/sys/firmware/efi': ['efivars'] } };
    expect(await stopped(machine([{ name: 'sda' }, medium], uefi))).toBe('kairos-disk-medium /dev/nvme0n1');
    expect(await stopped(machine([{ name: 'sda' }, medium]))).toBeNull();
  });

  test('the agent is kept waiting and nothing is written', async () => {
    const plugged = machine([{ name: 'sda' }, kairos('sdb')], { files: { '/dev/sda': '' } });
    const target = deviceTarget(diskOf(await probeRecording(plugged), '/dev/sda'));
    const recorded = createRecordedSystem(plugged);
    const writes: string[] = [];
    const system: System = { ...recorded, run: (command, options) => (command[0] === 'lsblk' ? recorded.run(command, options) : (writes.push(command.join(' ')), recorded.run(command, options))) };
    const state = { diskTouched: false, finished: false, wiped: [] };
    const context = { system, planned: { plan: { target, wipes: [] } }, signal: new AbortController().signal, state, emit: () => undefined } as unknown as EngineContext;
    await expect(gateHandlers(context, { disk: '/dev/sda', kname: 'sda' } as never).prepare()).rejects.toMatchObject({ problem: { id: 'kairos-disk-second', where: '/dev/sdb' } });
    expect([state, writes]).toEqual([{ diskTouched: false, finished: false, wiped: [] }, []]);
  });

  test('disks that cannot be listed', async () => {
    const whole = machine([{ name: 'sda' }]);
    expect(await stopped({ ...whole, commands: {} })).toBe('probe-lsblk lsblk');
  });
});
