/** Screens with more to say than they have rows for: nothing lies over anything else, and what is cut says so and can be read in full. */
import { describe, expect, it } from 'vitest';
import type { InstallEvent } from '../../src/model/events.ts';
import type { Nic } from '../../src/model/facts.ts';
import type { Problem } from '../../src/model/problem.ts';
import { dataDisk, facts, goodRun, sources } from '../app/fake-effects.ts';
import { keys, startPerson, toDisk } from './helper.ts';
import type { Person, PersonOptions } from './helper.ts';
import { effectsOn } from './recorded.ts';

const inFull = '\u000E';

const walkToReview = async (person: Person): Promise<void> => {
  for (let press = 0; press < 12 && !/ REVIEW /.test(person.lines().at(-1) ?? ''); press++) {
    await person.type(keys.enter);
    await person.sees(/ (?:ASKING|BLOCKED|CONFIRM)$/m);
  }
};

const extras = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `extra.data${index}.size=256`);

describe.each([
  [80, 24],
  [120, 40],
  [80, 20],
])('review at %ix%i', (columns, rows) => {
  it.each([3, 7, 20])('shows target, loss and consent with %i more partitions (invariant 1)', async (count) => {
    const person = await startPerson({ columns, rows, effects: effectsOn('previous-kairos.json'), layers: { flag: { config: [], device: '/dev/vda', partition: extras(count) } } });
    await person.sees('This machine');
    await walkToReview(person);
    await person.sees(/ REVIEW .* CONFIRM$/m);
    expect(person.faults()).toEqual([]);
    expect(person.text()).toMatch(/^ Target +\/dev\/vda +32 GiB +serial KAIROS$/m);
    expect(person.text()).toMatch(/^ Lost +Kairos install, LUKS encrypted$/m);
    expect(person.text()).toMatch(/^ Data will be lost\. Type the last 4 characters of its serial number to consent:$/m);
    expect(person.text()).toContain('> [________]');
    if (rows <= 24) expect(person.text()).toMatch(/\(\d+ more lines, Ctrl-N shows all\)/);
    await person.type(inFull);
    await person.sees('Partitions');
    expect(person.faults()).toEqual([]);
    await person.type(keys.end);
    await person.sees('set install.nousers: true');
    await person.type(keys.escape);
    await person.sees('Data will be lost');
    await person.leave();
  });
});

const nics: readonly Nic[] = ['eno1', 'eno2', 'enp65s0f0', 'enp65s0f1'].map((name, index) => ({
  name,
  mac: `52:54:00:12:34:5${index}`,
  carrier: true,
  addresses: [`192.168.12${index}.17/24`, `2001:db8:0:${index}::17/64`],
  speed: 1000,
}));

const note = (index: number): Problem => ({ id: `note-${index}`, severity: 'warning', what: `the ${index}. thing that somebody ought to know before this machine is installed to`, where: `place ${index}`, hint: 'do something about it when there is time' });

const branding: PersonOptions['branding'] = { text: ['The First Line of a Vendor', 'and the second one'], highlight: null, accent: null, advancedDisabled: false };

describe.each([
  [80, 24],
  [60, 15],
  [40, 10],
])('welcome at %ix%i', (columns, rows) => {
  it.each([0, 1, 9])('shows a vendor, four network cards, the countdown and %i notes', async (count) => {
    const person = await startPerson({ columns, rows, facts: facts({ nics }), branding, problems: Array.from({ length: count }, (_, index) => note(index)), installerLayer: { unattended: true, device: '/dev/sda' } });
    await person.sees('Press any key to stop it');
    expect(person.faults()).toEqual([]);
    expect(person.text()).toContain('This machine');
    await person.type(' ');
    await person.sees(/ ASKI/);
    expect(person.faults()).toEqual([]);
    await person.type(inFull);
    await person.sees('The First Line of a Vendor');
    await person.type(keys.end);
    await person.sees(count === 0 ? /usable/ : /when\s+there\s+is\s+time/);
    expect(person.faults()).toEqual([]);
    await person.leave();
  });
});

it('says at the end what went wrong beside the install', async () => {
  const lost: InstallEvent = { event: 'problem', id: 'receipt-not-written', severity: 'warning', what: 'a receipt could not be written: the volume is full', where: '/dev/sr0', hint: 'copy it from /run/slipway' };
  const person = await startPerson({ runs: [[...goodRun.slice(0, -1), lost, ...goodRun.slice(-1)]] });
  await person.sees('This machine');
  await walkToReview(person);
  await person.type(keys.enter);
  await person.sees('What next?');
  await person.sees('a receipt could not be written: the volume is full');
  expect(person.faults()).toEqual([]);
  await person.leave();
});

it('lists every SSH key of an account, in full on request', async () => {
  const person = await startPerson({ columns: 80, rows: 24, problems: [note(1)] });
  const many = Array.from({ length: 12 }, (_, index) => ({ type: 'ssh-ed25519', fingerprint: `SHA256:kWpGWv0eVYrXHNMkF4mCpYKhSqmr5PVqBwzYbVvVv${String(index).padStart(2, '0')}` }));
  person.effects.fetchKeys = async () => many;
  await person.sees('This machine');
  await walkToReview(person);
  await person.type('e');
  await person.sees('Who is this machine');
  await person.type(`${keys.tab.repeat(4)}github:somebody\u0012`);
  await person.sees('SHA256:');
  expect(person.faults()).toEqual([]);
  expect(person.text()).toMatch(/\(\d+ more lines, Ctrl-N shows all\)/);
  await person.type(inFull);
  await person.type(keys.end);
  await person.sees('when there is time');
  await person.sees('VvVv11');
  await person.leave();
});

it('shows every address of a card, and a long answer of a test', async () => {
  const long = `status 503 from a proxy on the way: ${'the gateway said that something is wrong, '.repeat(4)}and that is the end`;
  const person = await startPerson({ columns: 80, rows: 24, facts: facts({ nics }) });
  person.effects.testUrl = async () => long;
  await person.sees('This machine');
  await person.type('t');
  await person.sees('The network of this session');
  await person.sees('2001:db8:0:0::17/64');
  await person.sees('52:54:00:12:34:50');
  await person.type(`${keys.end} https://registry.example/v2/\r`);
  await person.sees('and that is the end');
  expect(person.faults()).toEqual([]);
  await person.leave();
});

it('says why a volume cannot be read, to the end', async () => {
  const person = await startPerson({ columns: 80, rows: 24, facts: facts({ disks: [dataDisk] }) });
  person.effects.listFiles = async () => {
    throw new Error(`the file system is damaged: ${'block after block was asked for in vain, '.repeat(3)}which is all that is known`);
  };
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type('f');
  await person.sees('which is all that is known');
  expect(person.faults()).toEqual([]);
  await person.leave();
});

it('shows lines of the log to their end, and leaves none out when paging', async () => {
  const text = (index: number): string => `line ${index} ${'that says a great deal about what the engine does, '.repeat(1 + (index % 5))}end of ${index}.`;
  const lines = Array.from({ length: 60 }, (_, index): InstallEvent => ({ event: 'log', level: 'info', text: text(index) }));
  const person = await startPerson({ runs: [[...goodRun.slice(0, 1), ...lines, ...goodRun.slice(1)]] });
  await person.sees('This machine');
  await walkToReview(person);
  await person.type(keys.enter);
  await person.sees('What next?');
  await person.type('o');
  await person.sees('lines ');
  const seen = new Set<number>();
  const look = (): void => {
    expect(person.faults()).toEqual([]);
    for (const [, index] of person.lines().map((line) => line.replace(/^ +/, '')).join('').matchAll(/end\s*of\s*(\d+)\./g)) seen.add(Number(index));
  };
  await person.type(keys.home);
  await person.sees('lines 1 to');
  look();
  for (let page = 0; page < 20; page++) {
    await person.type(keys.pageDown);
    look();
  }
  expect(seen.size).toBe(60);
  seen.clear();
  await person.type(keys.end);
  look();
  for (let page = 0; page < 20; page++) {
    await person.type(keys.pageUp);
    look();
  }
  await person.sees('lines 1 to');
  expect(seen.size).toBe(60);
  await person.leave();
});

it('shows a long line of the configuration to its end', async () => {
  const key = `ssh-rsa ${'AAAAB3NzaC1yc2EA'.repeat(45)} somebody@a-machine-far-away`;
  const text = `#cloud-config\nhostname: unit-7\nusers:\n  - name: kairos\n    ssh_authorized_keys:\n      - ${key}\n`;
  const person = await startPerson({ sources: sources({ documents: [{ name: 'user-data', kind: 'user-data', text }], keptText: text }) });
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type('v');
  await person.sees(/1 of \d/);
  expect(person.lines().map((line) => line.slice(7)).join('')).toContain(key);
  expect(person.faults()).toEqual([]);
  await person.leave();
});

it('tells everything about a disk with many partitions', async () => {
  const partitions = Array.from({ length: 30 }, (_, index) => ({ path: `/dev/sdb${index + 1}`, label: `part-${index + 1}`, partlabel: null, fstype: 'ext4', size: 1 << 30, mountpoints: [] }));
  const person = await startPerson({ facts: facts({ disks: [{ ...dataDisk, partitions }] }) });
  await toDisk(person);
  await person.type(keys.down);
  await person.sees(/more lines, Ctrl-N shows all/);
  expect(person.faults()).toEqual([]);
  await person.type(inFull);
  await person.type(keys.end);
  await person.sees('part-30');
  expect(person.faults()).toEqual([]);
  await person.leave();
});

it.each([
  [80, 24],
  [60, 15],
])('keeps the further screens within %ix%i', async (columns, rows) => {
  const problems = Array.from({ length: 6 }, (_, index) => note(index));
  const failed: InstallEvent = { event: 'done', exitCode: 7, ok: false, result: 'audit-failed', diskTouched: true, text: `something was found: ${'in this place and in that one, '.repeat(12)}which is bad` };
  const wrong = problems.map((problem): InstallEvent => ({ event: 'problem', ...problem }));
  const person = await startPerson({ columns, rows, problems, layers: { flag: { partition: extras(9) } }, runs: [[...goodRun.slice(0, 3), ...wrong, failed]] });
  await person.sees('This machine');
  await walkToReview(person);
  await person.type('e');
  const seen = new Set<string>();
  for (let press = 0; press < 40 && !/ REVIEW /.test(person.lines().at(-1) ?? ''); press++) {
    expect(person.faults()).toEqual([]);
    const screen = (person.lines().at(-1) ?? '').split(' ')[2] ?? '';
    seen.add(screen);
    // On the fields of Identity these would be typed.
    for (const key of screen === 'IDENTITY' ? [] : [' ', 'e']) {
      await person.type(key);
      expect(person.faults()).toEqual([]);
      if (person.text().includes('Esc leave it')) await person.type(keys.escape);
    }
    await person.type(keys.enter);
    await person.sees(/(?:ASKING|BLOCKED|CONFIRM)$/m);
  }
  expect([...seen]).toEqual(expect.arrayContaining(['IDENTITY', 'NETWORK', 'PARTITIONS', 'ENCRYPTION', 'CLUSTER']));
  expect(person.faults()).toEqual([]);
  await person.type(keys.enter);
  await person.sees('What now?');
  expect(person.faults()).toEqual([]);
  await person.type(inFull);
  await person.sees('something was found');
  await person.leave();
});

it('counts what it has no room for of many documents with many problems', async () => {
  const documents = Array.from({ length: 9 }, (_, index) => ({ name: `part-${index}.yaml`, kind: 'user-data' as const, text: '#cloud-config\n' }));
  const person = await startPerson({ sources: sources({ documents, problems: Array.from({ length: 5 }, (_, index) => note(index)) }), presets: Array.from({ length: 9 }, (_, index) => ({ name: `p${index}`, title: `preset ${index}`, description: 'one of many' })) });
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  expect(person.faults()).toEqual([]);
  await person.sees(/more lines, Ctrl-N shows all/);
  await person.type(inFull);
  await person.sees('part-8.yaml');
  await person.type(keys.end);
  await person.sees('the 4. thing');
  await person.leave();
});
