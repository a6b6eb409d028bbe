/** A data volume goes out and is read back by the code that an install reads it with. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stripInstallerData, stripUserData } from '../../src/scrub/strip.ts';
import { readDataVolume } from '../../src/sources/data-volume.ts';
import { checkInstallerData } from '../../src/sources/installer-data.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { makeVolumeFiles } from '../../src/export/volume-documents.ts';
import { installerData, secrets, userData } from '../support/factory.ts';

const system = createRealSystem();
const work = mkdtempSync(join(tmpdir(), 'slipway-cidata-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const write = (name: string, text: string): string => {
  writeFileSync(join(work, name), text);
  return join(work, name);
};
const user = write('user-data', userData);
const installer = write('installer-data', installerData);

const slipway = (...args: readonly string[]) => spawnSync(process.execPath, ['src/main.ts', 'export', ...args], { encoding: 'utf8' });

describe.each(['iso', 'vfat'] as const)('%s', (format) => {
  test('the volume holds the three files, install-only parts apart from the rest', async () => {
    const image = join(work, `volume-${format}`);
    const ran = slipway('cidata', '--config', user, '--installer-data', installer, '--hostname', 'node-7', '--device', 'serial:X', '--finish', 'poweroff', '--format', format, '--output', image);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(statSync(image).mode & 0o777).toBe(0o600);
    const volume = await readDataVolume(system, { kind: 'image', path: image });
    expect(volume.problems).toEqual([]);
    expect(volume.label.toLowerCase()).toBe('cidata');
    const kept = volume.userData?.text ?? '';
    expect(kept).toContain('hostname: node-7');
    expect(kept).toContain('permissions: 0644');
    expect(stripUserData(kept, 'user-data')).toMatchObject({ kept, removed: [], problems: [] });
    for (const secret of [...secrets, 'USERDATA-STAGE-SECRET-99']) expect(kept).not.toContain(secret);
    const only = volume.installerData?.text ?? '';
    expect(checkInstallerData(only, 'installer-data')).toEqual([]);
    const split = stripInstallerData(only, 'installer-data');
    expect(split.settings).toEqual({ device: 'serial:X', finish: 'poweroff' });
    expect(split.install).toEqual({ grub_options: { extra_cmdline: 'slipway.sample.poweroff' }, auto: true });
    expect(split.steps.map(({ stage }) => stage).toSorted()).toEqual(['after-install', 'after-install', 'before-install']);
    expect(only).toContain('permissions: 0600');
    expect(volume.metaData?.text).toContain('local-hostname: "node-7"');
  });
});

test.each(['iso', 'vfat'] as const)('an install takes it as its data volume (%s): what is kept and what is install-only is that of its sources', (format) => {
  const tree = join(work, `tree-${format}`);
  mkdirSync(join(tree, 'boot'), { recursive: true });
  for (const name of ['vmlinuz-1', 'initrd.img-1']) writeFileSync(join(tree, 'boot', name), name.repeat(1000));
  const image = join(work, `plan-${format}`);
  expect(slipway('cidata', '--config', user, '--installer-data', installer, '--hostname', 'node-7', '--format', format, '--output', image)).toMatchObject({ status: 0 });
  const plan = spawnSync(process.execPath, ['src/main.ts', 'plan', '--json', '--engine', 'builtin', '--data-volume', image, '--target-image', join(work, 'never.img'), '--image-size', '8G', '--source', `dir:${tree}`], { encoding: 'utf8' });
  expect(plan.status).toBe(0);
  expect(plan.stdout).toContain('90_custom.yaml');
  expect(plan.stdout).toContain('installer-data');
  for (const secret of [...secrets, 'USERDATA-STAGE-SECRET-99']) expect(plan.stdout + plan.stderr).not.toContain(secret);
  expect(existsSync(join(work, 'never.img'))).toBe(false);
});

test('installer-data alone stays byte for byte what it is', () => {
  const files = makeVolumeFiles({
    documents: [
      { name: 'user-data', kind: 'user-data', text: '#cloud-config\nhostname: a\n' },
      { name: 'installer-data', kind: 'installer-data', text: installerData },
    ],
    answers: {}, settings: {}, metaHostname: null, instanceId: 'x',
  });
  expect(files).toMatchObject({ installerData, userData: '#cloud-config\nhostname: a\n' });
});

test('what has no place on a volume is named', () => {
  const files = makeVolumeFiles({ documents: [{ name: 'user-data', kind: 'user-data', text: '#cloud-config\nconfig_url: http://x.invalid\nhostname: a\n' }], answers: {}, settings: {}, metaHostname: null, instanceId: 'x' });
  expect(files.problems).toContainEqual(expect.objectContaining({ id: 'export-left-out', severity: 'warning', where: 'user-data' }));
  expect(files.userData).not.toContain('config_url');
});

test('a file that is there is not replaced unasked; wrong flags are usage errors; a wrong configuration is one of its own', () => {
  const there = write('there.iso', 'mine');
  expect(slipway('cidata', '--config', user, '--output', there)).toMatchObject({ status: 3 });
  expect(readFileSync(there, 'utf8')).toBe('mine');
  expect(slipway('cidata', '--config', user)).toMatchObject({ status: 2 });
  expect(slipway('cidata', '--output', join(work, 'empty.iso'))).toMatchObject({ status: 2 });
  expect(slipway('floppy')).toMatchObject({ status: 2 });
  expect(slipway('nodeop', '--name', 'Not A Name')).toMatchObject({ status: 2 });
  expect(slipway('nodeopupgrade')).toMatchObject({ status: 2 });
  expect(slipway('nodeop', '--config', write('broken', '#cloud-config\na: [1\n'))).toMatchObject({ status: 3, stdout: '' });
});

test('manifests hold no install-only material', () => {
  for (const kind of ['nodeop', 'osartifact']) {
    const ran = slipway(kind, '--config', user, '--installer-data', installer, '--image', 'registry.example/kairos/x:v1');
    expect(ran.status).toBe(0);
    const decoded = ran.stdout + (ran.stdout.match(/[A-Za-z0-9+/=]{40,}/g) ?? []).map((text) => Buffer.from(text, 'base64').toString('utf8')).join('\n');
    expect(decoded).toContain('factory-node');
    for (const secret of [...secrets, 'USERDATA-STAGE-SECRET-99']) expect(decoded).not.toContain(secret);
  }
});
