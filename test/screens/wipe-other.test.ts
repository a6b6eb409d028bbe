/** Another disk with names of a Kairos install: offered on the review and on the disk screen, with consent for each disk that loses something. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Effects } from '../../src/app/effects.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { disk, facts, fakeEffects } from '../app/fake-effects.ts';
import type { FakeEffects } from '../app/fake-effects.ts';
import { keys, startPerson, toDisk } from './helper.ts';

const old = disk('/dev/sdb', {
  contents: 'Kairos v3.4.0',
  verdict: 'caution',
  reasons: [{ id: 'kairos-install', what: 'it holds an installed Kairos v3.4.0', hint: 'the installed system will be lost' }],
  kairos: true,
  kairosLabels: ['COS_OEM', 'COS_STATE', 'oem'],
});
const mounted = { ...old, verdict: 'refused', reasons: [{ id: 'mounted', what: '/dev/sdb1 is mounted at /mnt', hint: 'unmount it' }] } as const;

/** The real planner, with an agent that could install. */
const effectsWith = (disks: Parameters<typeof facts>[0] & object): { readonly effects: Effects; readonly fake: FakeEffects } => {
  const fake = fakeEffects({ facts: facts(disks) });
  const effects: Effects = {
    ...fake,
    gather: async (...given) => ({
      ...(await fake.gather(...given)),
      engines: [{ name: 'kairos-agent', available: true, version: '2', missing: [], canIsolateStages: true, path: '/usr/bin/kairos-agent' }],
    }),
    plan: (input) => makePlan(input, (text) => createHash('sha256').update(text).digest('hex')),
  };
  return { effects, fake };
};

const start = async (disks: Parameters<typeof facts>[0] & object, columns = 80, rows = 24) => {
  const { effects, fake } = effectsWith(disks);
  const person = await startPerson({ effects, columns, rows, layers: { flag: { device: '/dev/sda' } } });
  await toDisk(person);
  return { person, fake };
};

const blank = disk('/dev/sda', { size: 64 * 1024 ** 3 });

describe.each([
  [80, 24],
  [120, 40],
])('at %ix%i', (columns, rows) => {
  it('is offered where it stands in the way, and takes the last characters of its serial number (invariant 1)', async () => {
    const { person, fake } = await start({ disks: [blank, old] }, columns, rows);
    await person.type(keys.enter);
    await person.sees('This cannot be installed yet');
    expect(person.text().replace(/\s+/g, ' ')).toContain('names that the install would look for (COS_OEM, COS_STATE, oem)');
    await person.type('w');
    await person.sees('Data will be lost');
    expect(person.text()).toMatch(/another disk, wiped: \/dev\/sdb/);
    expect(person.text().replace(/\s+/g, ' ')).toContain('the last 4 characters of /dev/sdb (of its serial number)');
    await person.type(keys.enter);
    await person.sees('not the characters that are asked for');
    // The target's are not the ones: it is empty.
    await person.type('0042\u0015wxyz\r');
    expect(fake.installed).toHaveLength(0);
    await person.type('\u0015');
    await person.type(`${old.serial?.slice(-4)}\r`);
    await person.sees(/What next\?|Lay down/);
    expect(fake.installed[0]?.plan.wipes.map(({ target }) => target.path)).toEqual(['/dev/sdb']);
    expect(fake.installed[0]?.plan.target.path).toBe('/dev/sda');
    await person.leave();
  });
});

it('is switched on and off on the disk screen; nothing is wiped that was taken back', async () => {
  const { person } = await start({ disks: [blank, old] });
  await person.type(keys.down);
  await person.sees(/> .*\/dev\/sdb/);
  await person.type('w');
  await person.sees('its signatures will be wiped');
  await person.type('w');
  await person.sees('wipe names');
  expect(person.text()).not.toContain('its signatures will be wiped');
  await person.leave();
});

it('both disks lose something: both are consented to', async () => {
  const full = disk('/dev/sda', { size: 64 * 1024 ** 3, contents: 'ext4 "photos"', verdict: 'caution', reasons: [{ id: 'has-data', what: 'it holds data', hint: 'all of it' }] });
  const { person, fake } = await start({ disks: [full, old] });
  await person.type(keys.enter);
  await person.sees('This cannot be installed yet');
  await person.type('w');
  await person.sees('Data will be lost');
  await person.type(`${full.serial?.slice(-4)}\r`);
  await person.sees('not the characters');
  expect(fake.installed).toHaveLength(0);
  await person.type(`\u0015${full.serial?.slice(-4)} ${old.serial?.slice(-4)}\r`);
  await person.sees(/What next\?|Lay down/);
  expect(fake.installed).toHaveLength(1);
  await person.leave();
});

it('is not offered for a disk that must not be written (invariant 2)', async () => {
  const { person, fake } = await start({ disks: [blank, mounted] });
  await person.type(keys.enter);
  await person.sees('This cannot be installed yet');
  expect(person.text().replace(/\s+/g, ' ')).toMatch(/detach it: it cannot be wiped \(\/dev\/sdb1 is mounted at \/mnt\)/);
  expect(person.text()).not.toContain('wipe /dev/sdb');
  await person.type('w');
  await person.type(keys.enter);
  expect(person.text()).toContain('This cannot be installed yet');
  expect(fake.installed).toHaveLength(0);
  await person.leave();
});

it('by line in plain mode', async () => {
  const { effects, fake } = effectsWith({ disks: [blank, old] });
  const person = await startPerson({ effects, plain: true, columns: 200, rows: 300, layers: { flag: { device: '/dev/sda' } } });
  for (const prompt of ['Enter continues', 'Enter goes on with what is read', 'Number of the disk']) {
    await person.sees(prompt);
    await person.type('\n');
  }
  await person.sees('wipe takes the signatures off /dev/sdb');
  await person.type('wipe\n');
  await person.sees('the last 4 characters of /dev/sdb');
  await person.type(`${old.serial?.slice(-4)}\n`);
  await person.sees('What next?');
  expect(fake.installed).toHaveLength(1);
  await person.type('\n');
  expect((await person.result).exitCode).toBe(0);
});
