/** Answers without a flag, and a document written by hand: the planner sees no difference to files. */
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { withExtras } from '../../src/app/console/config-answers.ts';
import { buildKeptConfig, checkKeymap, checkTimezone, textToEdit } from '../../src/sources/answers-to-config.ts';
import { checkUpgradeSource } from '../../src/sources/life-cycle-answers.ts';
import { loadSources } from '../../src/sources/load-sources.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { facts, sources } from './fake-effects.ts';

const never = new AbortController().signal;
const kept = (documents: Parameters<typeof buildKeptConfig>[0]['documents']): string => buildKeptConfig({ documents, answers: {}, metaHostname: null }).text;

it('changes nothing where nothing was answered', () => {
  const found = sources();
  expect(withExtras(found, {})).toBe(found);
});

it('merges answers as Kairos does, and leaves every other byte', () => {
  const text = '#cloud-config\n# ours\nhostname: "a"   # comment\np2p:\n    auto: {enable: true}\nwrite_files:\n- path: /x\n  permissions: 0644\n';
  const { documents } = withExtras(sources({ documents: [{ name: 'user-data', kind: 'user-data', text }] }), { role: 'k3s', networkToken: 'dG9rZW4=', timezone: 'UTC' });
  const result = kept(documents);
  expect(parse(result)).toMatchObject({
    k3s: { enabled: true },
    p2p: { auto: { enable: true }, network_token: 'dG9rZW4=' },
    stages: { initramfs: [{ name: 'Timezone' }] },
  });
  expect(result).toContain('# ours\nhostname: "a"   # comment\n');
  expect(result).toContain('permissions: 0644\n');
});

it('keeps the steps of a stage that is there already', () => {
  const text = '#cloud-config\nstages:\n  initramfs:\n    - name: mine\n      commands: [echo hello]\n';
  const { documents } = withExtras(sources({ documents: [{ name: 'user-data', kind: 'user-data', text }] }), { keymap: 'us' });
  expect(parse(kept(documents))).toMatchObject({ stages: {
      initramfs: [
        { name: 'mine' },
        { name: 'Keymap', only_service_manager: 'systemd', environment_file: '/etc/vconsole.conf', environment: { KEYMAP: 'us' } },
        { name: 'Keymap', only_service_manager: 'openrc', environment_file: '/etc/conf.d/keymaps', environment: { keymap: 'us' } },
      ],
    },
  });
});

it('defaults of reset and upgrade are the node\'s own blocks', () => {
  const text = '#cloud-config\n# ours\nreset:\n  tty: tty2\n';
  const { documents } = withExtras(sources({ documents: [{ name: 'user-data', kind: 'user-data', text }] }), {
    reset: { keepPersistent: true, oem: false, finish: 'poweroff' },
    upgrade: { source: 'oci:registry.example/kairos/node:v1', recovery: true, finish: 'reboot' },
  });
  expect(parse(kept(documents))).toEqual({
    reset: { tty: 'tty2', 'reset-persistent': false, 'reset-oem': false, poweroff: true },
    upgrade: { system: { source: 'oci:registry.example/kairos/node:v1' }, recovery: true, reboot: true },
  });
  expect(['oci:a/b:c', 'registry.example:5000/x@sha256:abc', 'dir:/x'].map(checkUpgradeSource)).toEqual([null, null, null]);
  for (const source of ['a b', 'x\nusers: []', '', 'ftp:$(id)']) expect(checkUpgradeSource(source)).not.toBeNull();
});

it('lets no answer become a command', () => {
  for (const name of ['UTC; reboot', '../../etc/shadow', '$(id)', 'A b', '']) expect(checkTimezone(name)).not.toBeNull();
  for (const name of ['us\nX=1', 'us; reboot', '../x', '']) expect(checkKeymap(name)).not.toBeNull();
  expect([checkTimezone('America/Argentina/Buenos_Aires'), checkTimezone('Etc/GMT+3'), checkKeymap('de-latin1-nodeadkeys')]).toEqual([null, null, null]);
});

it('starts an edit with everything that was read', () => {
  expect(textToEdit([])).toBe('#cloud-config\n');
  expect(textToEdit([{ name: 'a', text: '#cloud-config\nx:   1 # kept\n' }])).toBe('#cloud-config\nx:   1 # kept\n');
  const merged = textToEdit([
    { name: 'a', text: '#cloud-config\nconfig_url: https://x/b\ninstall:\n  device: /dev/sda\nhostname: a\n' },
    { name: 'b', text: '#cloud-config\nhostname: b\n' },
  ]);
  expect(parse(merged)).toEqual({ install: { device: '/dev/sda' }, hostname: 'b' });
});

it('reads a given document like a file of the same text', async () => {
  const text = '#cloud-config\nhostname: node\ninstall:\n  device: /dev/sda\nstages:\n  before-install:\n    - commands: [echo secret-of-the-factory]\n';
  const system = createRecordedSystem({ slipwayRecording: 1, commands: {}, files: { '/conf.yaml': text }, links: {}, directories: {} });
  const none = { 'data-volume': { value: 'none', origin: 'flag' } } as const;
  const named = await loadSources(system, facts({ volumes: [] }), { ...none, config: { value: ['/conf.yaml'], origin: 'flag' } }, never);
  const given = await loadSources(system, facts({ volumes: [] }), none, never, undefined, { name: '/conf.yaml', text });
  expect(named.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(given).toEqual(named);
});
