import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText, foreignTextLimit } from '../../src/model/foreign-text.ts';
import { formatProbe } from '../../src/cli/probe-table.ts';
import { parseLsblk, withAncestors, withDescendants } from '../../src/probe/lsblk.ts';
import { parseMountinfo } from '../../src/probe/mountinfo.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { probeMachine } from '../../src/probe/probe.ts';
import { judged, machine, probeRecording } from './machine-builder.ts';
import type { Facts } from '../../src/model/facts.ts';
import type { System } from '../../src/system/port.ts';
import type { Recording } from '../../src/system/recording.ts';

const lsblk = 'lsblk --json --bytes --output-all';

const withLsblk = (stdout: string, names: readonly string[] = ['sda', 'sdb']): Recording => {
  const whole = machine(names.map((name) => ({ name })));
  return { ...whole, commands: { ...whole.commands, [lsblk]: { stdout, stderr: '', exitCode: 0 } } };
};

// oxlint-disable-next-line no-control-regex -- these are the characters that must not come through
const harmful = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b]/u;

/** What nobody may see, wherever it came from. */
const expectHarmless = (facts: Facts): void => {
  const seen: string[] = [];
  JSON.stringify(facts, (key, value: unknown) => {
    if (typeof value === 'string' && key !== 'kernelLine') seen.push(value);
    return value;
  });
  for (const text of seen) {
    expect(text).not.toMatch(harmful);
    expect(text).not.toContain('\n');
    expect(text.length).toBeLessThan(1000);
  }
  for (const line of formatProbe(facts, 80).split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
};

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('\u001b[2J\u001b]0;owned\u0007', 'a\r\nb', '\u202egnp.exe', '../../etc/passwd', '/dev/../etc', '', ' ', '\u009b31m', '-rf', '$(reboot)', '\ud800'),
);
const anything = fc.oneof(nasty, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined), fc.array(nasty, { maxLength: 3 }), fc.constantFrom(-1, 1e308, '16G', '-5', Number.MAX_SAFE_INTEGER, [], {}));

const deviceName = fc.oneof({ weight: 6, arbitrary: fc.constantFrom('sda', 'sdb', 'sda1', 'dm-0', 'loop0', 'nvme0n1', 'md0', 'sr0') }, nasty);
const type = fc.oneof({ weight: 6, arbitrary: fc.constantFrom('disk', 'part', 'lvm', 'crypt', 'raid1', 'mpath', 'loop', 'rom') }, anything);

const { row: hostileRow } = fc.letrec<{ row: Record<string, unknown> }>((tie) => ({
  row: fc.record(
    {
      name: deviceName,
      kname: deviceName,
      path: fc.oneof(fc.constantFrom('/dev/sda', '/dev/sdb', '/dev/mapper/x'), anything),
      'maj:min': fc.oneof(fc.constantFrom('8:0', '8:1'), anything),
      type,
      size: fc.oneof(fc.constant(17_179_869_184), anything),
      model: anything,
      serial: anything,
      wwn: anything,
      tran: anything,
      rm: anything,
      ro: anything,
      'log-sec': anything,
      label: anything,
      partlabel: anything,
      fstype: fc.oneof(fc.constantFrom('ext4', 'vfat', 'crypto_LUKS'), anything),
      mountpoints: anything,
      children: fc.oneof({ depthSize: 'small', withCrossShrink: true }, anything, fc.array(tie('row'), { maxLength: 3 })),
    },
    { requiredKeys: [] },
  ),
}));

describe('hostile lsblk output', () => {
  test('never throws, never shows foreign control characters, never lets an unknown through (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostileRow, { maxLength: 5 }), async (rows) => {
        const facts = await probeRecording(withLsblk(JSON.stringify({ blockdevices: rows })));
        expectHarmless(facts);
        for (const disk of facts.disks) {
          expect(disk.path).toMatch(/^\/dev\/[!-~]+$/);
          expect(disk.path).not.toContain('..');
          expect(Number.isSafeInteger(disk.size) && disk.size >= 0).toBe(true);
          expect(disk.verdict === 'refused' ? disk.reasons.length > 0 : disk.size === 16 * 1024 ** 3).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('cut off anywhere, no disk can be used and the list says why (property)', async () => {
    const whole = machine([{ name: 'sda' }, { name: 'sdb', children: [{ name: 'sdb1', type: 'part' }] }]).commands[lsblk]?.stdout ?? '';
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 2), async (end) => {
        const facts = await probeRecording(withLsblk(whole.slice(0, end)));
        expect(facts.disks.map(({ path, verdict }) => `${path} ${verdict}`)).toEqual(['/dev/sda refused', '/dev/sdb refused']);
        expect(facts.problems).toEqual([expect.objectContaining({ id: 'probe-lsblk' })]);
      }),
      { numRuns: 60 },
    );
  });

  test('a field that is missing or negative refuses that disk and no other', async () => {
    const rows = machine([{ name: 'sda' }, { name: 'sdb' }]).commands[lsblk]?.stdout ?? '';
    for (const change of [{ size: -1 }, { ro: undefined }, { rm: 'perhaps' }, { type: undefined }, { path: '/etc/shadow' }, { 'log-sec': 7 }, { mountpoints: undefined }]) {
      const list = JSON.parse(rows) as { blockdevices: Record<string, unknown>[] };
      list.blockdevices[0] = { ...list.blockdevices[0], ...change };
      const facts = await probeRecording(withLsblk(JSON.stringify(list)));
      expect([change, ...facts.disks.map(({ verdict }) => verdict)]).toEqual([change, 'refused', 'eligible']);
      expect(facts.disks[0]?.reasons.some(({ id }) => id === 'not-understood')).toBe(true);
    }
  });

  test('a model of 1 MB is cut and costs nothing', async () => {
    const facts = await probeRecording(machine([{ name: 'sda', model: `\u001b[31m${'x'.repeat(1_000_000)}`, serial: 'y'.repeat(1_000_000) }]));
    expect(facts.disks[0]?.model?.length).toBe(foreignTextLimit);
  });

  test('devices that lie on themselves, and towers without end', () => {
    const circle = { name: 'sda', kname: 'sda', children: [{ name: 'dm-0', kname: 'dm-0', children: [{ name: 'sda', kname: 'sda', children: [] }] }] };
    const { devices } = parseLsblk(JSON.stringify({ blockdevices: [circle] }));
    const byName = new Map(devices.map((device) => [device.kname, device]));
    expect(withDescendants('sda', byName).map(({ kname }) => kname).toSorted()).toEqual(['dm-0', 'sda']);
    expect(withAncestors('sda', byName)).toHaveLength(2);
    expect(devices.find(({ kname }) => kname === 'sda')?.doubts).toContain('it is listed as lying on itself');
    const tower = `{"blockdevices":[${'{"name":"sda","children":['.repeat(3000)}${']}'.repeat(3000)}]}`;
    expect(parseLsblk(tower).devices).toHaveLength(1);
    const high = `{"blockdevices":[${Array.from({ length: 3000 }, (_, index) => `{"name":"dm-${index}","children":[`).join('')}${']}'.repeat(3000)}]}`;
    expect(parseLsblk(high).devices.length).toBeLessThan(40);
  });

  test('one device listed twice with different properties is doubted', () => {
    const { devices } = parseLsblk(JSON.stringify({ blockdevices: [{ name: 'sda', size: 1 }, { name: 'sda', size: 2 }] }));
    expect(devices[0]?.doubts).toContain('it is listed twice with different properties');
  });
});

describe('tools that fail', () => {
  test.each([
    ['is missing', null],
    ['hangs', { stdout: '', stderr: '', exitCode: null }],
    ['fails', { stdout: '', stderr: 'lsblk: boom', exitCode: 1 }],
  ])('lsblk %s: every disk is listed, refused, with a problem', async (_, result) => {
    const whole = machine([{ name: 'sda' }, { name: 'nvme0n1' }]);
    const { [lsblk]: _gone, ...others } = whole.commands;
    const facts = await probeRecording({ ...whole, commands: result === null ? others : { ...others, [lsblk]: result } });
    expect(facts.disks.map(({ path, verdict }) => `${path} ${verdict}`)).toEqual(['/dev/nvme0n1 refused', '/dev/sda refused']);
    expect(facts.problems).toEqual([expect.objectContaining({ id: 'probe-lsblk', severity: 'warning', hint: expect.stringContaining('util-linux') as string })]);
  });

  test('ip is missing: interfaces without addresses, and a problem', async () => {
    const whole = machine([{ name: 'sda' }], { files: { '/sys/class/net/eth0/address': '52:54:00:00:00:01\n', '/sys/class/net/eth0/carrier': '1\n' } });
    const facts = await probeRecording({ ...whole, commands: { [lsblk]: whole.commands[lsblk] ?? { stdout: '', stderr: '', exitCode: 1 } } });
    expect(facts.nics).toEqual([{ name: 'eth0', mac: '52:54:00:00:00:01', carrier: true, addresses: [], speed: null }]);
    expect(facts.problems.map(({ id }) => id)).toEqual(['probe-ip']);
  });

  test('a file of a dying device that never answers holds nothing up', async () => {
    const system = createRecordedSystem(machine([{ name: 'sda' }, { name: 'sdb' }]));
    const started = performance.now();
    const facts = await probeMachine({ ...system, readText: (path, most) => (path === '/sys/block/sda/ro' ? new Promise(() => undefined) : system.readText(path, most)) });
    expect(performance.now() - started).toBeLessThan(9000);
    expect(facts.disks.map(({ verdict, reasons }) => `${verdict} ${reasons[0]?.id ?? ''}`)).toEqual(['refused not-understood', 'eligible ']);
    expect(facts.problems).toEqual([expect.objectContaining({ id: 'probe-slow', where: '/sys/block/sda' })]);
  }, 15_000);

  const never = <T>(): Promise<T> => new Promise(() => undefined);
  const tooLate: System['run'] = (_command, options) => new Promise((done) => setTimeout(() => done({ stdout: '', stderr: '', exitCode: null, missing: false, timedOut: true, truncated: false }), (options?.timeout ?? 10_000) + 1500));
  const whole = createRecordedSystem(machine([{ name: 'sda' }], { files: { '/run/udev/queue': '' } }));

  test.each<readonly [string, Partial<System>]>([
    ['the list of disks and lsblk', { list: (path) => (path === '/sys/block' ? never() : whole.list(path)), run: tooLate }],
    ["udev's folder", { list: (path) => (path === '/run/udev' ? never() : whole.list(path)) }],
    ["udev's queue", { stat: (path) => (path.startsWith('/run/udev') ? never() : whole.stat(path)) }],
    ['udev and lsblk', { run: tooLate }],
    ['everything', { list: never, readText: never, readBytes: never, readLink: never, stat: never, addresses: never, run: tooLate }],
  ])('a look is over in 10 s when %s never answers', async (_what, broken) => {
    const started = performance.now();
    const facts = await probeMachine({ ...whole, ...broken });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(facts.problems.length).toBeGreaterThan(0);
  }, 15_000);

  test('a clock that is set meanwhile makes nothing late', async () => {
    const clock = [0, 9e11, 1.8e12, 5];
    const facts = await probeMachine({ ...whole, stat: () => Promise.resolve(null), now: () => clock.shift() ?? 1.8e12 });
    expect([facts.problems, judged(facts, '/dev/sda')]).toEqual([[], 'eligible']);
  });

  test('links, disks and interfaces with names that no kernel gives are left out', async () => {
    const odd = 'x\u001b[2J';
    const facts = await probeRecording(machine([{ name: 'sda' }], { links: { [`/dev/disk/by-id/${odd}`]: '/dev/sda', '/dev/disk/by-label/a\\x20b': '/dev/sda' }, files: { [`/sys/block/${odd}/size`]: '99\n', [`/sys/class/net/${odd}/address`]: '\n' } }));
    expect(facts.disks.map(({ path, links }) => [path, ...links])).toEqual([['/dev/sda', '/dev/disk/by-label/a\\x20b']]);
    expect(facts.nics).toEqual([]);
  });

  test('an empty machine: no files, no tools, no crash', async () => {
    const facts = await probeRecording({ slipwayRecording: 1, commands: {}, files: {}, links: {}, directories: {} });
    expect(facts.disks).toEqual([]);
    expect(facts.memory).toBe(0);
    expect(facts.boot.state).toBe('unknown');
  });
});

describe('foreign text (invariant 12)', () => {
  test('comes out printable, on one line and short, whatever went in (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), fc.integer({ min: 4, max: 200 }), (text, limit) => {
        const clean = cleanText(text, limit);
        expect(clean).not.toMatch(harmful);
        expect(clean).not.toMatch(/[\n\r\t\u2028\u2029]/);
        expect([...clean].length).toBeLessThanOrEqual(limit);
        expect(cleanText(clean, limit)).toBe(clean);
      }),
    );
  });

  test.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007text', 'text'],
    ['\u001bPq secret \u001b\\after', 'after'],
    ['a\u202eb', 'a b'],
    ['  two   words ', 'two words'],
    ['tab\tnew\nline', 'tab new line'],
    ['Straße 東京', 'Straße 東京'],
  ])('%j becomes %j', (text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  test('mountinfo of any text is a list (property)', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseMountinfo(text) === null || text.includes(' - ')));
  });
});

test('500 disks are judged one by one (how fast: scripts/bench/disks.ts)', async () => {
  const rows = Array.from({ length: 500 }, (_, index) => ({ name: `sd${index}`, 'maj:min': `8:${index}`, size: 16 * 1024 ** 3, children: [{ name: `sd${index}p1`, type: 'part', fstype: 'ext4' }] }));
  const system = createRecordedSystem(machine(rows));
  const { gatherMachine } = await import('../../src/probe/gather.ts');
  const { factsOf } = await import('../../src/probe/facts.ts');
  const raw = await gatherMachine(system);
  const { disks } = factsOf(raw);
  expect(new Set(disks.map(({ path }) => path)).size).toBe(500);
  expect(disks.every(({ verdict }) => verdict === 'caution')).toBe(true);
});
