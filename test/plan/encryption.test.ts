/** Encryption that is asked for works, or is refused before anything is written (invariant 8). */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { EngineFacts, PlanInput, PlanOutcome } from '../../src/plan/input.ts';
import type { Facts } from '../../src/model/facts.ts';
import type { SettingLayer } from '../../src/model/settings.ts';
import { emptyDisk, facts, sources } from '../app/fake-effects.ts';

const agent: EngineFacts = { name: 'kairos-agent', available: true, version: 'v2.31.4', missing: [], canIsolateStages: true, path: '/usr/bin/kairos-agent', root: true, busy: null, keyServerPlugin: true };

const user = '#cloud-config\nusers:\n- name: kairos\n  groups: [admin]\n';

interface Given {
  readonly flags?: SettingLayer;
  readonly userData?: string;
  /** More user-data documents, each merged over those before it. */
  readonly later?: readonly string[];
  readonly facts?: Partial<Facts>;
  readonly engine?: Partial<EngineFacts>;
  readonly install?: Readonly<Record<string, unknown>>;
}

const plan = ({ flags = {}, userData = user, later = [], facts: machine = {}, engine = {}, install = {} }: Given): PlanOutcome => {
  const input: PlanInput = {
    facts: facts({ disks: [emptyDisk], memory: 4 * 1024 ** 3, ...machine }),
    sources: sources({ documents: [userData, ...later].map((text, index) => ({ kind: 'user-data', name: index === 0 ? 'user-data' : `user-data (${index + 1})`, text })) as PlanInput['sources']['documents'], install, steps: [], problems: [] }),
    source: { kind: 'dir', uri: 'dir:/run/rootfsbase', size: 400 * 1024 ** 2, kernel: '/boot/vmlinuz', initrd: '/boot/initrd', release: {} } as PlanInput['source'],
    engines: [{ ...agent, ...engine }],
    image: null,
    layers: { flag: { device: '/dev/sda', ...flags } },
    passwordHash: null,
    resolvedDevice: null,
    now: Date.UTC(2026, 10, 21),
    problems: [],
  };
  return makePlan(input, (text) => createHash('sha256').update(text).digest('hex'));
};

const errors = (outcome: PlanOutcome): readonly string[] => outcome.problems.filter(({ severity }) => severity === 'error').map(({ id }) => id);
const warnings = (outcome: PlanOutcome): readonly string[] => outcome.problems.filter(({ severity }) => severity === 'warning').map(({ id }) => id);
const keptOf = (outcome: PlanOutcome): string => outcome.planned?.material.keptFiles['90_custom.yaml'] ?? '';
const encryptedIn = (outcome: PlanOutcome): readonly string[] => (outcome.planned?.plan.layout ?? []).filter(({ encrypted }) => encrypted).map(({ label }) => label);

const withKms = `${user}kcrypt:\n  challenger:\n    challenger_server: http://192.0.2.7:8082\n`;
const noTpm: Partial<Facts> = { tpm: { present: false, version: null, device: null } };
const uki: Partial<Facts> = { boot: { state: 'live', uki: true, liveMedium: '/dev/sdc' } };

describe('encryption in a plan for kairos-agent', () => {
  test('a plan without it has none', () => {
    const outcome = plan({});
    expect(errors(outcome)).toEqual([]);
    expect(encryptedIn(outcome)).toEqual([]);
  });

  test('by the TPM', () => {
    const outcome = plan({ flags: { encrypt: 'COS_PERSISTENT' } });
    expect(errors(outcome)).toEqual([]);
    expect(encryptedIn(outcome)).toEqual(['COS_PERSISTENT']);
    expect(keptOf(outcome)).toBe(user);
  });

  test.each<[string, Given, readonly string[]]>([
    ['there is no TPM', { flags: { encrypt: 'COS_PERSISTENT' }, facts: noTpm }, ['tpm-missing']],
    ['the TPM is a 1.2', { flags: { encrypt: 'COS_PERSISTENT' }, facts: { tpm: { present: true, version: '1.2', device: '/dev/tpm0' } } }, ['tpm-too-old']],
    ['the user-data asks for it and there is no TPM', { install: { encrypted_partitions: ['COS_PERSISTENT'] }, facts: noTpm }, ['tpm-missing']],
    ['no partition is called so', { flags: { encrypt: 'COS_PERSISTANT' } }, ['encryption-unknown']],
    ['the machine starts from it', { flags: { encrypt: 'COS_STATE' } }, ['encryption-boot']],
    ['a key server is named and nothing here can ask it', { flags: { encrypt: 'COS_PERSISTENT' }, userData: withKms, engine: { keyServerPlugin: false } }, ['tpm-key-server-plugin']],
    ['a key server is named on a Trusted Boot image', { userData: withKms, facts: uki }, ['encryption-key-server']],
    ['a Trusted Boot image encrypts by itself and there is no TPM', { facts: { ...uki, ...noTpm } }, ['tpm-missing']],
    ['flag and kept configuration say different things', { flags: { encrypt: 'COS_PERSISTENT' }, userData: `${user}install:\n  encrypted_partitions: [COS_OEM]\n`, install: { encrypted_partitions: ['COS_OEM'] } }, ['encryption-conflict']],
  ])('refused when %s', (_, given, expected) => {
    const outcome = plan(given);
    expect(errors(outcome)).toEqual(expected);
    expect(outcome.planned).toBeNull();
  });

  const builtin: Partial<EngineFacts> = { name: 'builtin' };
  const oemInUserData = `${user}install:\n  encrypted_partitions: [COS_OEM, COS_PERSISTENT]\n`;
  const oemInstall = { encrypted_partitions: ['COS_OEM', 'COS_PERSISTENT'] };

  test.each<[string, Given, readonly string[]]>([
    ['nothing is to be encrypted', { flags: { encrypt: 'none' }, userData: oemInUserData, install: oemInstall }, ['encryption-conflict']],
    ['nothing is to be encrypted, by the builtin engine', { flags: { encrypt: 'none' }, userData: oemInUserData, install: oemInstall, engine: builtin }, ['encryption-conflict']],
    ['installer-data takes the wish back', { userData: oemInUserData, install: { encrypted_partitions: null } }, ['encryption-conflict']],
    ['installer-data takes the wish back, with the builtin engine', { userData: oemInUserData, install: { encrypted_partitions: null }, engine: builtin }, ['encryption-conflict']],
  ])('what stays on the node never says of an open COS_OEM that it is encrypted: refused when %s', (_, given, expected) => {
    const outcome = plan(given);
    expect(errors(outcome)).toEqual(expected);
    expect(outcome.planned).toBeNull();
  });

  test('where no flag says so, the conflict lies where it was written', () => {
    const [conflict] = plan({ userData: oemInUserData, install: { encrypted_partitions: null } }).problems.filter(({ id }) => id === 'encryption-conflict');
    expect(conflict?.where).toBe('user-data:6:3 install.encrypted_partitions');
  });

  test('a later document takes the wish back for the node too, or adds to it', () => {
    const reset = plan({ userData: oemInUserData, later: ['#cloud-config\ninstall:\n  encrypted_partitions: null\n'], install: { encrypted_partitions: null } });
    expect(errors(reset)).toEqual([]);
    expect(encryptedIn(reset)).toEqual([]);
    expect(keptOf(reset)).not.toContain('install');
    const added = plan({ userData: oemInUserData, later: ['#cloud-config\ninstall:\n  encrypted_partitions: [DATA]\n  nousers: true\n  iso: secret\n'], install: oemInstall });
    expect(keptOf(added)).toMatch(/install:\s+encrypted_partitions:\s+- COS_OEM\s+- COS_PERSISTENT\s+- DATA\s+nousers: true\n/);
    expect(keptOf(added)).not.toContain('secret');
  });

  test('a Trusted Boot image cannot be installed without encryption, and that is said', () => {
    const outcome = plan({ flags: { encrypt: 'none' }, facts: uki });
    expect(errors(outcome)).toEqual(['encryption-always']);
    expect(errors(plan({ flags: { encrypt: 'none' }, facts: uki, engine: builtin }))).not.toContain('encryption-always');
  });

  test('with a key server no TPM is asked of the machine, wherever the address comes from', () => {
    const configured = plan({ flags: { encrypt: 'COS_PERSISTENT' }, userData: withKms, facts: noTpm });
    expect(errors(configured)).toEqual([]);
    expect(configured.keyServer).toBe('http://192.0.2.7:8082');
    const outcome = plan({ flags: { encrypt: 'COS_PERSISTENT', kms: 'http://192.0.2.7:8082' }, facts: noTpm });
    expect(errors(outcome)).toEqual([]);
    // The node asks it at every boot: it must be told.
    expect(keptOf(outcome)).toContain('challenger_server: http://192.0.2.7:8082');
    expect(keptOf(outcome).startsWith(user)).toBe(true);
  });

  test('an encrypted COS_OEM stays known to the node, and is called what it is', () => {
    const outcome = plan({ flags: { encrypt: 'COS_OEM,COS_PERSISTENT' } });
    expect(encryptedIn(outcome)).toEqual(['COS_OEM', 'COS_PERSISTENT']);
    expect(warnings(outcome)).toContain('oem-encrypted');
    expect(keptOf(outcome)).toMatch(/install:\s+encrypted_partitions:\s+- COS_OEM\s+- COS_PERSISTENT/);
  });

  test('a Trusted Boot image encrypts both of its own without being asked', () => {
    const outcome = plan({ facts: uki });
    expect(errors(outcome)).toEqual([]);
    expect(encryptedIn(outcome)).toEqual(['COS_OEM', 'COS_PERSISTENT']);
  });
});

describe('the agent itself', () => {
  test('another install that runs or waits is a refusal', () => {
    expect(errors(plan({ engine: { busy: 'process 812' } }))).toEqual(['engine-busy']);
  });

  test('without root there is a plan, and it says that it is one only', () => {
    const outcome = plan({ engine: { root: false } });
    expect(outcome.planned).not.toBeNull();
    expect(warnings(outcome)).toContain('not-root');
  });

  test('on an installed Trusted Boot system it is refused', () => {
    expect(errors(plan({ facts: { boot: { state: 'active', uki: true, liveMedium: null } } }))).toContain('engine-not-live');
  });
});
