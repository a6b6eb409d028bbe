/** What Kairos reads as on and off, and that whoever looks at a switch sees the same. */
import { describe, expect, test } from 'vitest';
import { readSetting } from '../../src/model/settings.ts';
import { isFalse, isTrue } from '../../src/model/truth.ts';
import { checkImageFacts } from '../../src/plan/check-source.ts';
import { keyServerOf } from '../../src/plan/encryption.ts';
import { checkInstallBlock, checkInstallBlockForAgent } from '../../src/plan/install-block.ts';
import { settingsOfInstallBlock } from '../../src/plan/resolve.ts';
import { stripUserData } from '../../src/scrub/strip.ts';
import { checkInstallerData } from '../../src/sources/installer-data.ts';
import { hasAdmin } from '../../src/sources/traps.ts';
import { checkUserData } from '../../src/sources/user-data.ts';

const on = ['true', 'True', 'TRUE', 'y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', '"yes"', "'on'"];
const off = ['false', 'False', 'FALSE', 'n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', '"no"'];
/** The decoder refuses them where it wants a bool. */
const neither = ['"true"', 'tRUE', 'yEs', 'oN', '1', 'enabled'];

const ids = (body: string): readonly string[] => checkUserData(`#cloud-config\nusers: [{name: a, groups: [admin]}]\n${body}`, 'user-data').map(({ id }) => id);

test('values themselves', () => {
  for (const word of ['y', 'Yes', 'ON', true]) expect([isTrue(word), isFalse(word)]).toEqual([true, false]);
  for (const word of ['N', 'No', 'OFF', false]) expect([isTrue(word), isFalse(word)]).toEqual([false, true]);
  for (const word of ['true', 'yEs', 1, 0, '', null, undefined, {}]) expect([isTrue(word), isFalse(word)]).toEqual([false, false]);
});

describe('in a document', () => {
  test.each(on)('%s is on', (word) => {
    expect(ids(`install: {ssh_hardening: ${word}}\n`)).toEqual(['ssh-hardening-without-keys']);
    expect(ids(`install: {reboot: ${word}, poweroff: ${word}}\n`)).toEqual(['reboot-and-poweroff']);
    expect(ids(`k3s: {enabled: ${word}}\nk0s: {enabled: ${word}}\n`)).toEqual(['server-and-agent']);
    expect(ids(`k3s-agent: {enabled: ${word}}\n`)).toEqual(['agent-without-server']);
    expect(ids(`p2p: {auto: {enable: ${word}}}\n`)).toEqual(['p2p-without-token']);
    expect(checkInstallerData(`#cloud-config\ninstall: {reboot: ${word}, poweroff: ${word}}\n`, 'installer-data').map(({ id }) => id)).toEqual(['reboot-and-poweroff']);
    expect(stripUserData(`#cloud-config\nstrict: ${word}\n`, 'user-data').strict).toBe(true);
  });

  test.each(off)('%s is off', (word) => {
    expect(ids(`install: {ssh_hardening: ${word}, reboot: ${word}, poweroff: true}\nk3s: {enabled: ${word}}\nk0s: {enabled: true}\n`)).toEqual([]);
    expect(ids(`p2p: {network_token: FILL-IN, auto: {enable: ${word}}}\n`)).toContain('p2p-without-role');
    expect(stripUserData(`#cloud-config\nstrict: ${word}\n`, 'user-data').strict).toBe(false);
  });

  test.each(neither)('%s is refused', (word) => {
    expect(ids(`install: {ssh_hardening: ${word}}\n`)).toEqual(['wrong-type']);
  });
});

test('in a plan', () => {
  expect(settingsOfInstallBlock({ reboot: 'yes' })).toEqual({ finish: 'reboot' });
  expect(settingsOfInstallBlock({ reboot: 'no', poweroff: 'on' })).toEqual({ finish: 'poweroff' });
  expect(keyServerOf({ kcrypt: { challenger: { mdns: 'yes' } } })).toBe('mdns');
  expect(hasAdmin({ install: { nousers: 'on' } })).toBe(true);
  expect(checkInstallBlock({ force: 'no', 'no-format': 'off', ssh_hardening: 'n' })).toEqual([]);
  expect(checkInstallBlock({ ssh_hardening: 'yes' })).toHaveLength(1);
  expect(checkInstallBlockForAgent({ force: 'no' })).toEqual([]);
  const core = { uri: 'dir:/x', kind: 'dir', size: 1, kernel: '/boot/vmlinuz', initrd: '/boot/initrd', release: { KAIROS_VARIANT: 'core' } } as const;
  expect(checkImageFacts(core, null, { k3s: { enabled: 'yes' } }).map(({ id }) => id)).toEqual(['source-no-provider']);
});

test('settings of Slipway take these words too, and "true" in quotes as a flag does', () => {
  expect(readSetting('unattended', 'on')).toEqual({ value: true });
  expect(readSetting('unattended', 'Off')).toEqual({ value: false });
  expect(checkInstallerData('#cloud-config\nslipway: {unattended: on, reinstall: "true"}\n', 'installer-data')).toEqual([]);
});
