/** Which node is meant, among the disks of a machine. */
import { describe, expect, test } from 'vitest';
import type { BootState, Disk, Facts } from '../../src/model/facts.ts';
import { findNode, ownDisk } from '../../src/recovery/find-node.ts';
import { createRealSystem } from '../../src/system/real.ts';

const system = createRealSystem();

const disk = (kname: string, change: Partial<Disk> & { readonly mounted?: string } = {}): Disk =>
  ({
    path: `/dev/nowhere-${kname}`, kname, size: 1024, model: null, serial: `S-${kname}`, wwn: null, diskseq: 1, links: [`/dev/disk/by-id/${kname}`], reasons: [], kairos: true, unfinished: false,
    partitions: ['COS_OEM', 'COS_STATE', 'COS_RECOVERY'].map((label, index) => ({ path: `/dev/nowhere-${kname}${index}`, label, partlabel: null, fstype: 'ext4', size: 100, mountpoints: label === 'COS_OEM' && change.mounted !== undefined ? [change.mounted] : [] })),
    ...change,
  }) as unknown as Disk;

const liveMedium = disk('usb', { kairos: false, reasons: [{ id: 'live-medium', what: '', hint: '' }], partitions: [{ path: '/dev/nowhere-usb1', label: 'COS_LIVE', partlabel: null, fstype: 'iso9660', size: 1, mountpoints: [] }] });
const blank = disk('blank', { kairos: false, partitions: [] });

const facts = (state: BootState, disks: readonly Disk[]): Facts => ({ boot: { state, uki: false, liveMedium: null }, disks }) as unknown as Facts;

const found = async (given: Facts, wish: Parameters<typeof findNode>[2] = {}): Promise<string> => {
  const result = await findNode(system, given, wish);
  return 'node' in result ? `${result.node.kind} ${result.node.target?.kind === 'device' ? result.node.target.identity.kname : ''}` : result.problem.id;
};

describe('findNode', () => {
  test('the disk that the running system is mounted from, also beside another node', async () => {
    expect(await found(facts('active', [disk('b'), disk('a', { mounted: '/oem' })]))).toBe('running a');
    expect(await found(facts('recovery', [disk('a')]))).toBe('running a');
  });

  test('a node whose running image lies where live systems keep theirs', async () => {
    const reasons = [{ id: 'live-medium', what: 'it holds the live medium (mounted at /run/rootfsbase)', hint: '' }] as const;
    expect(await found(facts('recovery', [disk('a', { mounted: '/oem', reasons }), disk('b')]))).toBe('running a');
    expect(await found(facts('active', [disk('a', { reasons })]))).toBe('running a');
  });

  test('from a live medium: the only installed disk; the medium itself is none', async () => {
    expect(await found(facts('live', [liveMedium, blank, disk('a')]))).toBe('disk a');
  });

  test('two of them are not guessed between', async () => {
    expect(await found(facts('live', [disk('a'), disk('b')]))).toBe('node-ambiguous');
    expect(await found(facts('live', [disk('a'), disk('b')]), { device: '/dev/nowhere-b' })).toBe('disk b');
    expect(await found(facts('live', [disk('a'), disk('b')]), { device: '/dev/disk/by-id/a' })).toBe('disk a');
  });

  test('one on which an install did not end does not make it ambiguous, and is named as such where there is a choice', async () => {
    const torn = disk('t', { unfinished: true });
    expect(await found(facts('live', [torn, disk('a')]))).toBe('disk a');
    expect(await found(facts('live', [torn]))).toBe('disk t');
    expect(await found(facts('recovery', [torn, disk('a')]))).toBe('running a');
    const asked = await findNode(system, facts('live', [disk('a'), torn, disk('b')]), {});
    expect('candidates' in asked && asked.candidates?.map(({ text }) => /an install on it did not end/.test(text))).toEqual([false, true, false]);
  });

  test('none, a blank disk, a disk that is not there', async () => {
    expect(await found(facts('live', [liveMedium, blank]))).toBe('node-missing');
    expect(await found(facts('live', [disk('a'), blank]), { device: '/dev/nowhere-blank' })).toBe('node-missing');
    expect(await found(facts('live', [disk('a')]), { device: '/dev/nowhere-x' })).toBe('node-missing');
  });

  test('a live system has no disk of its own', () => expect(ownDisk(facts('live', [disk('a', { mounted: '/oem' })]))).toBe(null));
});
