/** `--wipe-other`: another disk with names of a Kairos install; invariant 2 for the second disk that a run writes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settings } from '../../src/model/settings.ts';
import type { SettingLayers } from '../../src/model/settings.ts';
import type { Facts } from '../../src/model/facts.ts';
import { exitCodeFor } from '../../src/plan/exit-code-for.ts';
import type { PlanOutcome } from '../../src/plan/input.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { chooseWipes } from '../../src/plan/wipe-others.ts';
import { probeMachine } from '../../src/probe/probe.ts';
import { readKernelLine } from '../../src/sources/kernel-line.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { parseRecording } from '../../src/system/recording.ts';
import { fakeEffects, sources } from '../app/fake-effects.ts';
import { diskOf, probeRows } from '../probe/machine-builder.ts';

const mount = (number: string, point: string): string => `40 1 ${number} / ${point} rw - ext4 /dev/x rw`;
const kairos = (name: string, more: Record<string, unknown> = {}) => ({ name, children: [{ name: `${name}1`, type: 'part', label: 'COS_OEM', fstype: 'ext4', partlabel: 'oem' }, { name: `${name}2`, type: 'part', label: 'COS_STATE', fstype: 'ext4' }], ...more });

/** sda blank, sdb and sdc an old Kairos each (sdc mounted), sdd other data, sde a stick with Kairos names. */
const facts = await probeRows(
  [
    { name: 'sda' },
    kairos('sdb', { model: 'OLD' }),
    { ...kairos('sdc'), children: [{ name: 'sdc1', type: 'part', label: 'COS_OEM', fstype: 'ext4', 'maj:min': '8:33' }] },
    { name: 'sdd', children: [{ name: 'sdd1', type: 'part', label: 'data', fstype: 'ext4' }] },
    kairos('sde', { tran: 'usb', model: 'STICK' }),
  ],
  { mounts: [mount('8:33', '/mnt')], sentinels: ['live_mode'], links: { '/dev/disk/by-id/ata-OLD': '/dev/sdb' } },
);

const agent = { name: 'kairos-agent', available: true, version: '2', missing: [], canIsolateStages: true, path: '/usr/bin/kairos-agent' } as const;

const plan = async (layers: SettingLayers, machine: Facts = { ...facts, disks: facts.disks.filter(({ kname }) => kname !== 'sdc' && kname !== 'sde') }): Promise<PlanOutcome> => {
  const input = await fakeEffects({ facts: machine, sources: sources({ steps: [] }) }).gather(layers, new AbortController().signal);
  return makePlan({ ...input, engines: [agent], layers }, (text) => createHash('sha256').update(text).digest('hex'));
};
const idsOf = ({ problems }: PlanOutcome): readonly string[] => problems.filter(({ severity }) => severity === 'error').map(({ id, where }) => `${id} ${where}`);

describe('a plan with a second Kairos disk', () => {
  const unattended = { unattended: true, device: '/dev/sda' } as const;

  test('is refused until the disk is wiped or gone, and says how', async () => {
    const refused = await plan({ flag: unattended });
    expect(idsOf(refused)).toEqual(['kairos-disk-second /dev/sdb']);
    expect(refused.problems.find(({ id }) => id === 'kairos-disk-second')?.hint).toContain('--wipe-other /dev/sdb');
    expect(exitCodeFor(refused.problems)).toBe(4);
  });

  test('needs consent to the loss of what is on the other disk', async () => {
    const lacking = await plan({ flag: { ...unattended, 'wipe-other': ['/dev/sdb'] } });
    expect(idsOf(lacking)).toEqual(['wipe-needs-consent /dev/sdb', 'kairos-disk-second /dev/sdb']);
    expect(exitCodeFor(lacking.problems)).toBe(4);
  });

  test('wipes it, lists it with its identity among what is lost, and the target alone is installed to', async () => {
    const { planned, problems } = await plan({ flag: { ...unattended, 'wipe-other': ['/dev/disk/by-id/ata-OLD'], 'allow-data-loss': true } });
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(planned?.plan.target.path).toBe('/dev/sda');
    expect(planned?.plan.wipes).toMatchObject([{ target: { path: '/dev/sdb', identity: { kname: 'sdb', serial: 'SERIAL-SDB' } }, names: ['COS_OEM', 'COS_STATE', 'oem'] }]);
    expect(planned?.plan.lost.join()).toMatch(/another disk, wiped: \/dev\/sdb, OLD, .*serial SERIAL-SDB: Kairos/);
    expect(planned?.plan.steps.map(({ id }) => id)).toContain('wipe');
    const without = await plan({ flag: unattended }, { ...facts, disks: facts.disks.filter(({ kname }) => kname === 'sda') });
    expect(without.planned?.plan.wipes).toEqual([]);
    expect(without.planned?.plan.hash).not.toBe(planned?.plan.hash);
  });

  test('is the same from the console, a flag, the kernel line and installer-data', async () => {
    const rest = { ...unattended, 'allow-data-loss': true } as const;
    const layers: readonly SettingLayers[] = [
      { flag: { ...rest, 'wipe-other': ['/dev/sdb'] } },
      { flag: rest, console: { 'wipe-other': ['/dev/sdb'] } },
      { flag: rest, 'kernel-line': readKernelLine('quiet slipway.wipe-other=/dev/sdb').layer },
      { flag: rest, 'installer-data': { 'wipe-other': ['/dev/sdb'] } },
    ];
    const hashes = await Promise.all(layers.map(async (layer) => (await plan(layer)).planned?.plan.hash));
    expect(new Set(hashes).size).toBe(1);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(settings.find(({ name }) => name === 'wipe-other')).not.toHaveProperty('flagOnly');
    expect(readKernelLine('slipway.wipe-other=/dev/sdb slipway.wipe-other=serial:X').layer['wipe-other']).toEqual(['/dev/sdb', 'serial:X']);
  });
});

describe('which disk a rule means', () => {
  const consent = { allowDataLoss: true, allow: [] };
  const wiped = (rule: string, more: Partial<Parameters<typeof chooseWipes>[0]> = {}): string => {
    const { wipes, problems } = chooseWipes({ rules: [rule], facts, disk: diskOf(facts, '/dev/sda'), consent, ...more });
    return [...wipes.map(({ target }) => target.path), ...problems.map(({ id, severity }) => `${severity} ${id}`)].join(', ');
  };

  test.each([
    ['/dev/sdb', '/dev/sdb'],
    ['/dev/disk/by-id/ata-OLD', '/dev/sdb'],
    ['serial:SERIAL-SDB', '/dev/sdb'],
    ['model:OLD', '/dev/sdb'],
    ['auto', 'error wipe-rule'],
    ['smallest', 'error wipe-rule'],
    ['largest', 'error wipe-rule'],
    ['script:///x', 'error wipe-rule'],
    ['model:', 'error wipe-rule'],
    ['', 'error wipe-rule'],
    ['/dev/sdb1', 'error wipe-rule'],
    ['model:*', 'error wipe-ambiguous'],
    ['/dev/sda', 'error wipe-target'],
    ['/dev/sdc', 'error wipe-refused'],
    // Of no use, and no danger: what is not a Kairos disk, or not there any more, stays as it is.
    ['/dev/sdd', 'info wipe-needless'],
    ['serial:GONE', 'warning wipe-absent'],
    ['/dev/sde', 'error wipe-needs-consent'],
  ])('%s: %s', (rule, expected) => expect(wiped(rule)).toBe(expected));

  test('cautions need the consent that a target needs', () => {
    expect(wiped('/dev/sde', { consent: { allowDataLoss: true, allow: ['removable'] } })).toBe('/dev/sde');
    expect(wiped('/dev/sdb', { consent: { allowDataLoss: false, allow: [] } })).toBe('error wipe-needs-consent');
  });

  test('exit codes: a wrong rule is an invalid answer, a disk that must not be written an unsuitable machine', () => {
    const code = (rule: string): number => exitCodeFor(chooseWipes({ rules: [rule], facts, disk: diskOf(facts, '/dev/sda'), consent }).problems);
    expect(['auto', '/dev/sda', '/dev/sdb1'].map(code)).toEqual([3, 3, 3]);
    expect(['/dev/sdc', 'model:*', '/dev/sde'].map(code)).toEqual([4, 4, 4]);
  });
});

test('whatever the machine, the rule and the consent: no refused disk and not the target is wiped (invariant 2)', async () => {
  const folder = new URL('../machines/', import.meta.url);
  const machines = await Promise.all(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json') && name !== 'expected.json')
      .map(async (name) => {
        const reading = parseRecording(readFileSync(new URL(name, folder), 'utf8'), name);
        if (!('recording' in reading)) throw new Error(name);
        const played = await probeMachine(createRecordedSystem(reading.recording));
        // Names that would make every one of them a candidate.
        return { ...played, disks: played.disks.map((disk) => ({ ...disk, kairosLabels: ['COS_OEM'] })) };
      }),
  );
  const rulesOf = (machine: Facts): readonly string[] => ['auto', 'smallest', 'largest', 'model:*', ...machine.disks.flatMap((disk) => [disk.path, ...disk.links, `serial:${disk.serial}`, `wwn:${disk.wwn}`, `model:${disk.model}`, ...disk.partitions.map(({ path }) => path)])];
  fc.assert(
    fc.property(fc.constantFrom(...machines), fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), fc.nat(), fc.boolean(), (machine, picks, target, allow) => {
      const rules = rulesOf(machine);
      const disk = machine.disks[target % machine.disks.length] ?? null;
      const { wipes } = chooseWipes({ rules: picks.map((pick) => rules[pick % rules.length] ?? ''), facts: machine, disk, consent: { allowDataLoss: allow, allow: allow ? ['removable', 'network-disk'] : [] } });
      for (const { target: wipe } of wipes) {
        expect(wipe.path).not.toBe(disk?.path);
        expect(machine.disks.find(({ path }) => path === wipe.path)?.verdict).not.toBe('refused');
      }
    }),
    { numRuns: 2000 },
  );
});
