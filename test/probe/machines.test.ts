/** Plays every recorded machine and compares with what a person expects of it. */
import * as fs from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { formatProbe } from '../../src/cli/probe-table.ts';
import { chooseDisk } from '../../src/plan/choose-disk.ts';
import { probeMachine } from '../../src/probe/probe.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { createRecordedSystem, openRecordedMachine } from '../../src/system/recorded.ts';
import { parseRecording } from '../../src/system/recording.ts';
import { glance } from '../../src/probe/watch.ts';
import expected from '../machines/expected.json' with { type: 'json' };

interface Expected {
  readonly liveMedium: string | null;
  /** Verdict and reason ids by path: `refused live-medium`. */
  readonly disks: Readonly<Record<string, string>>;
  readonly contents?: Readonly<Record<string, string>>;
  readonly volumes: Readonly<Record<string, string>>;
  /** BIOS and no TPM where it is not given. */
  readonly firmware?: unknown;
  readonly tpm?: unknown;
  /** What the rules choose: a path or the id of the refusal. Those that are not given choose as `auto` does. */
  readonly auto: string;
  readonly smallest?: string;
  readonly largest?: string;
  readonly autoWithDataLoss?: string;
}

const folder = new URL('../machines/', import.meta.url);
const names = (await fs.readdir(folder)).filter((name) => name.endsWith('.json') && name !== 'expected.json').map((name) => name.slice(0, -'.json'.length));
const expectations: Readonly<Record<string, Expected>> = expected;

test('every recorded machine has its expectations, and every expectation its machine', () => {
  expect(Object.keys(expectations).toSorted()).toEqual(names.toSorted());
  expect(names.length).toBeGreaterThanOrEqual(12);
});

describe.each(names)('%s', (name) => {
  const wanted = expectations[name];
  const probe = async () => probeMachine(await openRecordedMachine(createRealSystem(), new URL(`${name}.json`, folder).pathname));

  test('disks, volumes and the live medium', async () => {
    const facts = await probe();
    expect(Object.fromEntries(facts.disks.filter((disk) => disk.reasons[0]?.id !== 'not-a-disk').map((disk) => [disk.path, [disk.verdict, ...disk.reasons.map(({ id }) => id)].join(' ')]))).toEqual(wanted?.disks);
    expect(Object.fromEntries(facts.volumes.map((volume) => [volume.path, volume.kind]))).toEqual(wanted?.volumes);
    expect(facts.boot).toEqual({ state: 'live', uki: false, liveMedium: wanted?.liveMedium });
    for (const [path, contents] of Object.entries(wanted?.contents ?? {})) expect(facts.disks.find((disk) => disk.path === path)?.contents).toBe(contents);
    expect(facts.firmware).toEqual(wanted?.firmware ?? { uefi: false, secureBoot: false });
    expect(facts.tpm).toEqual(wanted?.tpm ?? { present: false, version: null, device: null });
    expect(facts.problems).toEqual([]);
  });

  test('device rules', async () => {
    const facts = await probe();
    const choose = (rule: string, allowDataLoss = false): string => {
      const choice = chooseDisk(rule, facts, { allowDataLoss, allow: [] });
      return 'disk' in choice ? choice.disk.path : (choice.problems[0]?.id ?? '');
    };
    expect(choose('auto')).toBe(wanted?.auto);
    expect(choose('smallest')).toBe(wanted?.smallest ?? wanted?.auto);
    expect(choose('largest')).toBe(wanted?.largest ?? wanted?.auto);
    expect(choose('auto', true)).toBe(wanted?.autoWithDataLoss ?? wanted?.auto);
    // Whatever the rule and the consent: never a refused disk.
    for (const disk of facts.disks.filter(({ verdict }) => verdict === 'refused')) {
      expect(choose(disk.path, true)).toBe('device-refused');
      for (const link of disk.links) expect(choose(link, true)).toBe('device-refused');
    }
  });

  test('the table fits 80 columns', async () => {
    for (const line of formatProbe(await probe(), 80).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('holds no configuration and no secret', async () => {
    const { volumes: _byHand, ...recorded } = JSON.parse(await fs.readFile(new URL(`${name}.json`, folder), 'utf8')) as Record<string, unknown>;
    expect(JSON.stringify(recorded)).not.toMatch(/cloud-config|password|PRIVATE KEY|90_custom/);
  });
});

test('hot-plug: the data volume is there after the change, and only then', async () => {
  const reading = parseRecording(await fs.readFile(new URL('hot-plug.json', folder), 'utf8'), 'hot-plug.json');
  if ('problem' in reading) throw new Error(reading.problem.what);
  let clock = 0;
  const system = createRecordedSystem(reading.recording, { now: () => clock });
  const dataVolumes = async () => (await probeMachine(system)).volumes.filter(({ kind }) => kind === 'data-volume').map(({ path, label }) => `${path} ${label ?? ''}`);
  expect(await dataVolumes()).toEqual([]);
  const before = await glance(system);
  clock = 3000;
  expect(await glance(system)).not.toBe(before);
  expect(await dataVolumes()).toEqual(['/dev/sda CIDATA']);
});

test('previous-kairos: its names collide, and the unfinished disk needs no consent', async () => {
  const facts = await probeMachine(await openRecordedMachine(createRealSystem(), new URL('previous-kairos.json', folder).pathname));
  expect(facts.disks.map(({ kname, kairos, unfinished, kairosLabels }) => [kname, kairos, unfinished, kairosLabels.join(' ')])).toEqual([
    ['loop0', false, false, ''],
    ['sr0', false, false, ''],
    ['vda', true, false, 'COS_GRUB COS_OEM COS_PERSISTENT COS_RECOVERY COS_STATE efi oem persistent recovery state'],
    ['vdb', true, true, 'oem recovery'],
    ['vdc', false, false, ''],
  ]);
});

test('sectors of 4 KiB are told', async () => {
  const facts = await probeMachine(await openRecordedMachine(createRealSystem(), new URL('sectors-4k.json', folder).pathname));
  expect(facts.disks.filter(({ verdict }) => verdict !== 'refused').map(({ logicalSectorSize }) => logicalSectorSize)).toEqual([4096, 4096]);
});
