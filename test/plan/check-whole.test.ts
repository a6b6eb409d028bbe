/** What is said of the configuration as a whole: documents and answers together, each problem where it was written. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/model/problem.ts';
import type { SettingLayer, SettingLayers } from '../../src/model/settings.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { EngineFacts, PlanInput, PlanOutcome } from '../../src/plan/input.ts';
import { withLayer } from '../../src/plan/resolve.ts';
import { splitDocuments } from '../../src/sources/load-sources.ts';
import { makeToken } from '../../src/sources/edgevpn-token.ts';
import { readPreset } from '../../src/sources/presets.ts';
import { emptyDisk, facts } from '../app/fake-effects.ts';

const engines: readonly EngineFacts[] = (['builtin', 'kairos-agent'] as const).map((name) => ({ name, available: true, version: 'v2.31.4', missing: [], canIsolateStages: true, path: `/usr/bin/${name}`, root: true, busy: null, keyServerPlugin: true }));

const admin = 'users:\n- name: op\n  groups: [admin]\n';

interface Given {
  /** Bodies; the header is put before them. */
  readonly user?: readonly string[];
  readonly installer?: readonly string[];
  readonly flags?: SettingLayer;
}

const plan = ({ user = [admin], installer = [], flags = {} }: Given): PlanOutcome => {
  const head = (text: string): string => (text.startsWith('#') ? text : `#cloud-config\n${text}`);
  const sources = splitDocuments(
    [...user.map((text, index) => ({ name: `user-${index}`, kind: 'user-data' as const, text: head(text) })), ...installer.map((text, index) => ({ name: `installer-${index}`, kind: 'installer-data' as const, text: head(text) }))],
    null, null, [],
  );
  const layers: SettingLayers = withLayer({ flag: { engine: 'kairos-agent', ...(sources.settings.device === undefined ? { device: '/dev/sda' } : {}), ...flags } }, 'installer-data', sources.settings);
  const input: PlanInput = {
    facts: facts({ disks: [emptyDisk], memory: 4 * 1024 ** 3 }),
    sources,
    source: { kind: 'dir', uri: 'dir:/run/rootfsbase', size: 400 * 1024 ** 2, kernel: '/boot/vmlinuz', initrd: '/boot/initrd', release: {} } as PlanInput['source'],
    engines, image: null, layers, passwordHash: null, resolvedDevice: null, now: Date.UTC(2026, 10, 21), problems: [],
  };
  return makePlan(input, (text) => createHash('sha256').update(text).digest('hex'));
};
const errors = (given: Given): readonly string[] => plan(given).problems.filter(({ severity }) => severity === 'error').map(({ id, where }) => `${id} ${where}`);
const keptOf = (given: Given): string => plan(given).planned?.material.keptFiles['90_custom.yaml'] ?? '';

const hardening = 'install:\n  ssh_hardening: true\n';
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEZbcHJLjqv6yNdpxEHlHtOHJiXTyn8cSCHDfXUWtL8Q op@desk';

describe('what another document or an answer brings is not missing', () => {
  test.each([
    ['a key by a flag', { user: [hardening], flags: { user: 'op', 'ssh-key': [key] } }],
    ['a key in a second document', { user: [hardening, `users:\n- name: op\n  groups: [admin]\n  ssh_authorized_keys: ["${key}"]\n`] }],
    ['a token in another document', { user: [`${admin}p2p: {auto: {enable: true}}\n`, `p2p: {network_token: ${makeToken((count) => new Uint8Array(count).fill(7))}}\n`] }],
    ['a preset that another document fills in', { user: [readPreset('k3s-join') ?? '', 'k3s-agent:\n  env: {K3S_URL: "https://192.0.2.7:6443", K3S_TOKEN: made-up-token}\n', admin.replace('op', 'more')] }],
    ['a finish that is said above both', { user: [`${admin}install: {reboot: true}\n`], installer: ['install: {poweroff: true}\n'], flags: { finish: 'none' } }],
  ] satisfies [string, Given][])('%s', (_what, given) => {
    const found = plan(given).problems.filter(({ severity }) => severity === 'error');
    expect(found.map(formatProblem)).toEqual([]);
  });
});

describe('what only the whole shows is told where it was written', () => {
  test.each([
    ['ssh_hardening in installer-data', { installer: [hardening] }, ['ssh-hardening-without-keys installer-0:3:3 install.ssh_hardening']],
    ['reboot here, poweroff there', { user: [`${admin}install: {reboot: true}\n`], installer: ['install:\n  poweroff: true\n'] }, ['reboot-and-poweroff installer-0:3:3 install.poweroff']],
    ['no token anywhere', { user: [`${admin}p2p: {auto: {enable: true}}\n`, 'p2p: {role: master}\n'] }, ['p2p-without-token user-0:5:14 p2p.auto.enable']],
    ['a server here, an agent there', { user: [`${admin}k3s: {enabled: true}\n`, 'k0s:\n  enabled: true\n'] }, ['server-and-agent user-1:3:3 k0s.enabled']],
    ['an open value that stays open', { user: [`${admin}k3s-agent: {env: {K3S_URL: FILL-IN}}\n`, 'k3s-agent: {env: {K3S_TOKEN: x}}\n'] }, ['placeholder user-0:5:19 k3s-agent.env.K3S_URL']],
    ['an open value in a list', { user: [`${admin}k3s: {args: [FILL-IN]}\n`, 'k3s: {args: [--x]}\n'] }, ['placeholder user-0:5:14 k3s.args[0]']],
  ] satisfies [string, Given, string[]][])('%s', (_what, given, expected) => {
    expect(errors(given)).toEqual(expected);
  });
  test('nothing is missing in what could not be read', () => {
    expect(errors({ user: [hardening, 'users: [\n'] }).map((text) => text.split(' ')[0])).toEqual(['yaml-syntax']);
  });
});

describe('problems of the plan have file, line and column', () => {
  const builtin = { engine: 'builtin' } as const;
  test.each([
    ['a key of install', { installer: ['install:\n  eject-cd: true\n'], flags: builtin }, ['install-key-unsupported installer-0:3:3 install.eject-cd']],
    ['a size, once', { installer: ['install:\n  partitions:\n    oem: {size: 1.5}\n'] }, ['wrong-type installer-0:4:11 install.partitions.oem.size']],
    ['a partition', { user: [`${admin}install: {partitions: {home: {size: 5}}}\n`] }, ['partition-unknown user-0:5:24 install.partitions.home']],
    ['a GRUB option', { installer: ['install:\n  grub_options:\n    "a b": x\n'] }, ['grub-option installer-0:4:5 install.grub_options."a key that is no name"']],
    ['a step', { installer: ['stages:\n  before-install:\n  - name: a\n    users: {x: {passwd: "$6$x"}}\n'], flags: builtin }, ['stage-unsupported installer-0:5:5 stages.before-install[0].users']],
    ['the disk of installer-data', { installer: ['slipway:\n  device: /dev/sdx\n'] }, ['device-missing installer-0:3:3 slipway.device']],
  ] satisfies [string, Given, string[]][])('%s', (_what, given, expected) => {
    expect(errors(given).filter((text) => !text.includes(' /dev/') && !text.startsWith('disk-'))).toEqual(expected.map((text) => expect.stringMatching(new RegExp(`${text.slice(text.indexOf(' ') + 1).replaceAll(/[.[\]()]/g, '\\$&')}$`)) as string));
  });

  test('a command that became a key is not repeated (invariant 6)', () => {
    const outcome = plan({ installer: ['stages:\n  before-install:\n  - echo S3CRETTOKEN456 | tee x: foo\n'], flags: builtin });
    expect(JSON.stringify(outcome.problems)).toContain('a key that is no name');
    expect(JSON.stringify(outcome.problems)).not.toContain('S3CRET');
  });
});

describe('COS_OEM encrypted by installer-data', () => {
  const oem = 'install:\n  encrypted_partitions: [COS_OEM, COS_PERSISTENT]\n';
  test('stays known to the node, with the warning', () => {
    expect(keptOf({ installer: [oem] })).toBe(`#cloud-config\n${admin}install:\n  encrypted_partitions:\n    - COS_OEM\n    - COS_PERSISTENT\n`);
    expect(plan({ installer: [oem] }).problems.map(({ id }) => id)).toContain('oem-encrypted');
  });
  test('in user-data it is left as it stands, and warned of once', () => {
    expect(keptOf({ user: [`${admin}${oem}`] })).toBe(`#cloud-config\n${admin}${oem}`);
    expect(plan({ user: [`${admin}${oem}`] }).problems.filter(({ id }) => id === 'oem-encrypted')).toHaveLength(1);
  });
  test('nothing is kept of COS_PERSISTENT alone', () => {
    expect(keptOf({ installer: ['install:\n  encrypted_partitions: [COS_PERSISTENT]\n'] })).toBe(`#cloud-config\n${admin}`);
  });
});
