/** Invariant 4: media leave their drives when the node is done; what cannot leave is said, and nothing fails because of it. */
import { describe, expect, test } from 'vitest';
import { ejectMedia } from '../../src/scrub/eject.ts';
import { createRealSystem } from '../../src/system/real.ts';
import type { CommandResult, System } from '../../src/system/port.ts';

const drives = {
  blockdevices: [
    { name: 'sda', path: '/dev/sda', type: 'disk', rm: false, mountpoints: [null], children: [{ name: 'sda1', path: '/dev/sda1', type: 'part', rm: false, mountpoints: [null] }] },
    { name: 'sdb', path: '/dev/sdb', type: 'disk', rm: true, mountpoints: [null], children: [{ name: 'sdb1', path: '/dev/sdb1', type: 'part', rm: true, mountpoints: [null] }] },
    { name: 'sdc', path: '/dev/sdc', type: 'disk', rm: true, mountpoints: ['/mnt'] },
    { name: 'sr0', path: '/dev/sr0', type: 'rom', rm: true, mountpoints: ['/run/initramfs/live'] },
    { name: 'sr1', path: '/dev/sr1', type: 'rom', rm: false, mountpoints: [null] },
  ],
};

interface World {
  readonly ejectEnds?: Partial<CommandResult>;
  readonly systemd?: boolean;
  readonly writable?: boolean;
}

const world = ({ ejectEnds = {}, systemd = true, writable = true }: World = {}) => {
  const ran: string[] = [];
  const files: Record<string, string> = {};
  const result = (part: Partial<CommandResult>): CommandResult => ({ stdout: '', stderr: '', exitCode: 0, missing: false, timedOut: false, truncated: false, ...part });
  const system: System = {
    ...createRealSystem(),
    run(command) {
      if (command[0] === 'lsblk') return Promise.resolve(result({ stdout: JSON.stringify(drives) }));
      ran.push(command.join(' '));
      return Promise.resolve(result(command[0] === 'eject' ? ejectEnds : {}));
    },
    realPath: (path) => Promise.resolve(path === '/dev/disk/by-label/cidata' ? '/dev/sdb1' : path),
    stat: (path) => Promise.resolve(path === '/run/systemd/system' && !systemd ? null : { kind: path.startsWith('/dev/') ? 'block' : 'file', size: 0, mode: 0o644, allocated: 0, modified: 0 }),
    makeDirectory: () => Promise.resolve(),
    writeFile(path, data) {
      if (!writable) return Promise.reject(new Error('read-only'));
      files[path] = String(data);
      return Promise.resolve();
    },
  };
  return { system, ran, files };
};
const boot = (liveMedium: string | null, state: 'live' | 'unknown' = 'live') => ({ boot: { state, uki: false, liveMedium } }) as const;

describe('the data volume', () => {
  test.each([
    ['a partition of a stick, by a link', '/dev/disk/by-label/cidata', 'eject /dev/sdb', 'the data volume was ejected (/dev/sdb)'],
    ['an optical drive', '/dev/sr1', 'eject /dev/sr1', 'the data volume was ejected (/dev/sr1)'],
    ['a fixed disk', '/dev/sda1', null, 'not removable'],
    ['one that is mounted', '/dev/sdc', null, 'mounted at /mnt'],
    ['one on the live medium', '/dev/sr0', null, "live system's own medium"],
  ])('%s', async (_, path, command, said) => {
    const { system, ran } = world();
    const lines = await ejectMedia(system, boot('/dev/sr0'), path);
    expect(ran).toEqual(command === null ? [] : [command]);
    expect(lines[0]).toContain(said);
  });

  test('a file or a folder is no drive; without a volume there is nothing to say', async () => {
    const { system, ran } = world();
    expect(await ejectMedia(system, boot(null, 'unknown'), '/srv/data.iso')).toEqual([]);
    expect(await ejectMedia(system, boot(null, 'unknown'), null)).toEqual([]);
    expect(ran).toEqual([]);
  });

  test.each([
    [{ exitCode: 1 }, 'eject ended with 1'],
    [{ exitCode: null, missing: true }, 'not installed'],
    [{ exitCode: null, timedOut: true }, 'no answer'],
  ])('a drive that does not (%j) is a line', async (ejectEnds, said) => {
    const { system } = world({ ejectEnds });
    expect((await ejectMedia(system, boot(null, 'unknown'), '/dev/sdb1'))[0]).toContain(said);
  });
});

describe('the live medium', () => {
  test('it is never ejected while the system runs from it: a shutdown script does it', async () => {
    const { system, ran, files } = world();
    expect(await ejectMedia(system, boot('/dev/sr0'), null)).toEqual(['the live medium /dev/sr0 is ejected at the end of the shutdown']);
    expect(ran).toEqual([]);
    expect(files).toEqual({ '/usr/lib/systemd/system-shutdown/slipway-eject': "#!/bin/sh\nexec eject -m '/dev/sr0'\n" });
  });

  test('what stands in the way is said', async () => {
    expect((await ejectMedia(world({ systemd: false }).system, boot('/dev/sr0'), null))[0]).toContain('only systemd');
    expect((await ejectMedia(world({ writable: false }).system, boot('/dev/sr0'), null))[0]).toContain('not writable');
    expect((await ejectMedia(world().system, boot('/dev/sda'), null))[0]).toContain('not removable');
  });

  test('on an installed system, and with a recorded machine, nothing is done', async () => {
    const { system, files } = world();
    expect(await ejectMedia(system, boot('/dev/sr0', 'unknown'), null)).toEqual([]);
    expect(await ejectMedia({ ...system, real: false }, boot('/dev/sr0'), '/dev/sdb1')).toEqual([]);
    expect(files).toEqual({});
  });
});
