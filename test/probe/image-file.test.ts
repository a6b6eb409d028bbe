import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probeImageFile } from '../../src/probe/image-file.ts';
import { createRealSystem } from '../../src/system/real.ts';

const system = createRealSystem();
const config = '#cloud-config\nhostname: edge-1\n# bärig\n';
let folder = '';

const sbin = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
const sh = (command: string): void => {
  execFileSync('sh', ['-ec', command], { cwd: folder, env: sbin, stdio: ['ignore', 'ignore', 'inherit'] });
};

const makeDisk = (name: string, first: string): void => {
  sh(`truncate -s 48M ${name}`);
  sh(`printf 'label: gpt\\nstart=2048,size=2048,name=${first}\\nsize=40960,name=oem\\nname=state\\n' | sfdisk -q ${name}`);
  sh(`mke2fs -q -F -t ext4 -L COS_OEM -E offset=$((4096*512)) -d oem ${name} 20480k`);
};

beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'slipway-image-'));
  await fs.mkdir(join(folder, 'oem'));
  await fs.writeFile(join(folder, 'oem/90_custom.yaml'), 'old');
  await fs.writeFile(join(folder, 'oem/91_custom.yaml'), config);
  makeDisk('installed.img', 'bios');
  makeDisk('half.img', 'slipway-unfinished');
  sh('truncate -s 8M blank.img && truncate -s 8M ext.img && mke2fs -q -F ext.img');
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

describe('a disk image file', () => {
  test('of a finished install: partitions, labels and the hash of the newest kept configuration', async () => {
    const facts = await probeImageFile(system, join(folder, 'installed.img'));
    expect(facts).toMatchObject({ exists: true, regular: true, hasData: true, unfinished: false, size: 48 * 1024 ** 2 });
    expect(facts.installedConfigSha256).toBe(createHash('sha256').update(config).digest('hex'));
    expect(facts.partitions[1]).toEqual({ label: 'COS_OEM', partlabel: 'oem', fstype: 'ext4', size: 40_960 * 512 });
    expect(facts.freeSpace).toBeGreaterThan(0);
  });

  test('with the unfinished mark counts as no install', async () => {
    expect(await probeImageFile(system, join(folder, 'half.img'))).toMatchObject({ unfinished: true, installedConfigSha256: null });
  });

  test('without anything on it has no data; with a bare file system it has', async () => {
    expect(await probeImageFile(system, join(folder, 'blank.img'))).toMatchObject({ hasData: false, partitions: [] });
    expect(await probeImageFile(system, join(folder, 'ext.img'))).toMatchObject({ hasData: true, partitions: [] });
  });

  test('that is not there yet, a folder, a device', async () => {
    const path = join(folder, 'not/yet.img');
    expect(await probeImageFile(system, path)).toMatchObject({ exists: false, regular: true, size: 0, freeSpace: expect.any(Number) as number });
    expect(await probeImageFile(system, folder)).toMatchObject({ exists: true, regular: false });
    expect(await probeImageFile(system, '/dev/null')).toMatchObject({ exists: true, regular: false });
  });
});
