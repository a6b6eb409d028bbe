import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { environmentFile } from '../../../src/engine/environment.ts';
import { composeConfig, installMap } from '../../../src/engine/kairos-agent/config.ts';
import type { PlannedPartition } from '../../../src/model/plan.ts';

const MiB = 1024 * 1024;

const partition = (name: string, label: string, size: number, encrypted = false): PlannedPartition => ({ number: 1, name, label, fs: 'ext4', start: 0, size: size * MiB, encrypted });

const layout = [partition('efi', 'COS_GRUB', 64), partition('oem', 'COS_OEM', 64), partition('recovery', 'COS_RECOVERY', 4096), partition('state', 'COS_STATE', 8192), partition('persistent', 'COS_PERSISTENT', 9000, true)];

const base = { install: {}, device: '/dev/vda', layout, fixedPersistent: false, grubOptions: {}, uki: false, source: null };

describe('the install map for the agent', () => {
  test('what must never be set is never set, whatever the configuration says', () => {
    const install = { auto: true, reboot: true, poweroff: true, device: 'auto', 'no-format': true, force: true, 'cloud-init': ['/x'], env: ['TOKEN=abcdefgh'], source: 'oci:other', bundles: [{ targets: ['x'] }], nousers: true };
    const map = installMap({ ...base, install });
    expect(map).toMatchObject({ device: '/dev/vda', bundles: [{ targets: ['x'] }], nousers: true });
    for (const key of ['auto', 'reboot', 'poweroff', 'no-format', 'force', 'cloud-init', 'env', 'source']) expect(map).not.toHaveProperty(key);
  });

  test('sizes come from the plan, COS_PERSISTENT takes the rest unless its size is fixed', () => {
    expect(installMap(base)['partitions']).toEqual({ efi: { size: 64 }, oem: { size: 64 }, recovery: { size: 4096 }, state: { size: 8192 } });
    expect(installMap({ ...base, fixedPersistent: true })['partitions']).toMatchObject({ persistent: { size: 9000 } });
  });

  test('extra partitions come from the plan, which flags and configuration have gone into', () => {
    const extra = { ...partition('data', 'DATA', 1024), fs: 'xfs' as const };
    const install = { 'extra-partitions': [{ name: 'other', size: 5 }] };
    expect(installMap({ ...base, install, layout: [...layout, extra, { ...partition('raw', '', 8), fs: 'none' }] })['extra-partitions']).toEqual([
      { name: 'data', size: 1024, fs: 'xfs', label: 'DATA' },
      { name: 'raw', size: 8, fs: 'none' },
    ]);
    expect(installMap({ ...base, install })).not.toHaveProperty('extra-partitions');
  });

  test('encryption comes from the plan', () => {
    expect(installMap({ ...base, install: { encrypted_partitions: ['COS_OEM'] } })['encrypted_partitions']).toEqual(['COS_PERSISTENT']);
  });

  test('Trusted Boot is given no partitions: the agent would lose their names', () => {
    expect(installMap({ ...base, uki: true })).not.toHaveProperty('partitions');
  });

  test.each(['auto', '', '/dev/disk/by-id/x', 'vda', '/dev/../etc/passwd', '/dev/vda; reboot'])('the device %j is refused', (device) => {
    expect(() => installMap({ ...base, device })).toThrow('not a kernel name');
  });
});

const additions = { install: { device: '/dev/vda' }, 'cloud-init-paths': ['/dev/slipway-0011'] };

describe('the configuration for the agent', () => {
  test('what is kept stays as it was, byte for byte, and the rest is added', () => {
    const kept = '#cloud-config\n# mine\nhostname: node  # a comment\nwrite_files:\n- path: /x\n  permissions: 0644\n';
    expect(composeConfig(kept, additions)).toBe(`${kept}install: {"device":"/dev/vda"}\ncloud-init-paths: ["/dev/slipway-0011"]\n`);
  });

  test('a kept install map is replaced, wherever it stands', () => {
    for (const kept of [
      '#cloud-config\ninstall:\n  nousers: true\nhostname: a\n',
      '#cloud-config\nhostname: a\ninstall: {nousers: true}\n',
      '#cloud-config\nhostname: a\ninstall:\n  nousers: true',
    ]) {
      const text = composeConfig(kept, additions);
      expect(parse(text)).toEqual({ hostname: 'a', ...additions });
      expect(text.match(/^install:/gm)).toHaveLength(1);
    }
  });

  test.each([
    ['on one line', '#cloud-config\n{hostname: a, install: {nousers: true}}\n'],
    ['with an end mark', '#cloud-config\nhostname: a\n...\n'],
    ['with a document mark', '#cloud-config\n---\nhostname: a\n'],
  ])('a configuration %s says the same afterwards', (_, kept) => {
    const text = composeConfig(kept, additions);
    expect(text).toMatch(/^#cloud-config\n/);
    expect(parse(text)).toEqual({ hostname: 'a', ...additions });
  });

  test('what we add is written so that every reader of YAML takes it', () => {
    const install = { device: '/dev/vda', grub_options: { extra_cmdline: 'a\u007f\u0085\u009b\u2028\ufeffb' } };
    const text = composeConfig('#cloud-config\n', { install });
    expect(text).not.toMatch(/[\u007f-\u009f\u2028\ufeff]/);
    expect(parse(text)).toEqual({ install });
  });

  test('an empty one is fine', () => {
    expect(parse(composeConfig('#cloud-config\n', additions))).toEqual(additions);
  });

  test('texts of any content go through unharmed', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ unit: 'grapheme-ascii' })), (data) => {
        const kept = `#cloud-config\n${Object.entries(data).map(([key, value]) => `x${key}: ${JSON.stringify(value)}\n`).join('')}`;
        const expected = Object.fromEntries(Object.entries(data).map(([key, value]) => [`x${key}`, value]));
        expect(parse(composeConfig(kept, additions))).toEqual({ ...expected, ...additions });
      }),
    );
  });
});

describe('env', () => {
  test('values are quoted for the shell, what names no variable is left out', () => {
    const { text, refused } = environmentFile(["A=it's $(reboot) `x` \\ \"q\"", 'B=', 'no-equals', '1X=2', 'C-D=e', "E=a\nrm -rf /'"]);
    expect(text).toBe("export A='it'\\''s $(reboot) `x` \\ \"q\"'\nexport B=''\nexport E='a\nrm -rf /'\\'''\n");
    expect(refused).toEqual(['no-equals', '1X', 'C-D']);
  });
});
