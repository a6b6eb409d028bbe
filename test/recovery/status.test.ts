/** What is said of a node, and what can be done with it, for states that no image file can be in. */
import { describe, expect, test } from 'vitest';
import type { BootState } from '../../src/model/facts.ts';
import { actionFor, actionIds, actionsFor } from '../../src/recovery/actions.ts';
import type { ActionId, Means } from '../../src/recovery/actions.ts';
import { describeStatus } from '../../src/recovery/describe.ts';
import { parseGrubEnvironment, printGrubEnvironment, withVariables } from '../../src/engine/grubenv.ts';
import { readHealth } from '../../src/recovery/gather.ts';
import { nodePartitionNames } from '../../src/recovery/node.ts';
import { agentArguments } from '../../src/recovery/run/agent.ts';
import { entryIds, readBootChoice } from '../../src/recovery/run/boot-choice.ts';
import { shortForm } from '../../src/recovery/run/logs.ts';
import { parseOnePiece } from '../../src/recovery/store/ext.ts';
import { squashfsSize } from '../../src/recovery/images.ts';
import { createNodeRedactor } from '../../src/recovery/logs/redact-node.ts';
import { nodeFor, statusFor, systemRow } from './status-builder.ts';

const means: Means = { root: true, simulated: false, agent: null, missing: [] };
const refusal = (id: ActionId, status: ReturnType<typeof statusFor>, with_: Partial<Means> = {}): string | null => actionFor(id, status, { ...means, ...with_ }).refusal?.reason ?? null;

describe('why it started what it started', () => {
  test.each<[BootState, Parameters<typeof statusFor>[1], string]>([
    ['active', {}, 'the ordinary boot'],
    ['passive', { sentinels: ['upgrade_failure'] }, 'boot assessment'],
    ['passive', { sentinels: ['upgrade_failure'], assessment: new Map([['enable_boot_assessment', 'yes']]) }, 'after an upgrade'],
    ['recovery', { sentinels: ['upgrade_failure'] }, 'neither came up'],
    ['passive', { grubenv: new Map([['saved_entry', 'fallback']]) }, 'rolled back'],
    ['passive', {}, 'could not start the active system'],
    ['recovery', { grubenv: new Map([['slipway_reset', 'running']]) }, 'a reset was interrupted'],
    ['recovery', {}, 'chosen'],
    ['reset', {}, 'automatic reset'],
  ])('%s: %o', (state, files, why) => {
    const status = statusFor(state, files);
    expect(status.boot.why).toContain(why);
    expect(status.systems.filter(({ booted }) => booted).map(({ name }) => name)).toEqual([state === 'reset' ? 'recovery' : state]);
  });

  test('an upgrade that failed is told by the kernel line, too', () => {
    expect(statusFor('passive', {}, {}, { kernelLine: 'root=LABEL=COS_PASSIVE upgrade_failure' }).boot.upgradeFailed).toBe(true);
    expect(statusFor('passive', {}, {}, { kernelLine: 'root=LABEL=COS_PASSIVE no_upgrade_failures' }).boot.upgradeFailed).toBe(false);
  });
});

describe('what can be done where', () => {
  test.each<[ActionId, BootState, string | null]>([
    ['reset', 'recovery', null],
    ['reset', 'reset', null],
    ['reset', 'active', 'reset runs from recovery'],
    ['reset', 'passive', 'reset runs from recovery'],
    ['upgrade', 'active', null],
    ['upgrade', 'passive', null],
    ['upgrade-recovery', 'active', null],
    ['upgrade-recovery', 'recovery', 'recovery system is running'],
    ['boot', 'active', null],
    ['remote', 'active', 'kairos-agent is not installed'],
    ['unlock', 'recovery', 'no partition is encrypted'],
    ['reinstall', 'recovery', null],
    ['reinstall', 'active', 'reset runs from recovery'],
  ])('%s from %s', (id, state, reason) => {
    const said = refusal(id, statusFor(state));
    if (reason === null) expect(said).toBe(null);
    else expect(said).toContain(reason);
  });

  test('every refusal says the way there, and no action is offered that writes on a recorded machine or without root', () => {
    for (const state of ['active', 'passive', 'recovery', 'live', 'unknown'] as const) {
      for (const with_ of [{}, { root: false }, { simulated: true }, { missing: ['mke2fs (e2fsprogs)'] }]) {
        for (const action of actionsFor(statusFor(state), { ...means, ...with_ })) {
          if (action.refusal !== null) expect(action.refusal.way.length).toBeGreaterThan(10);
          else if (action.consent !== 'none') expect(with_).not.toSatisfy((given: Partial<Means>) => given.root === false || given.simulated === true);
        }
      }
    }
  });

  test('whatever loses data says what, and is consented to by typing when data of the person goes', () => {
    for (const action of actionsFor(statusFor('recovery'), means)) {
      if (action.lost.some((text) => text.startsWith('all of'))) expect(action.consent).toBe('type');
      if (action.lost.length > 0) expect(action.consent).not.toBe('none');
    }
    expect(new Set(actionsFor(statusFor('recovery'), means).map(({ id }) => id))).toEqual(new Set(actionIds));
  });

  const agent = { agent: '/usr/bin/kairos-agent' };
  const kairos = { grubConfig: 'set timeout=5\nmenuentry "Kairos" --id cos {\n}\nmenuentry "x" --id=statereset {\n}\n' };

  test('the agent does what is its own, on its own running system', () => {
    expect(actionFor('reset', statusFor('recovery', kairos), { ...means, ...agent }).by).toBe('kairos-agent');
    expect(actionFor('edit', statusFor('recovery', kairos), { ...means, ...agent }).by).toBe('slipway');
    // Slipway's own disk stays Slipway's, also where an agent is installed.
    expect(actionFor('reset', statusFor('recovery'), { ...means, ...agent }).by).toBe('slipway');
  });

  test('another disk of kairos-agent is not reset from outside, but its next boot can be chosen', () => {
    const beside = statusFor('live', kairos, { kind: 'disk' });
    expect(refusal('reset', beside, agent)).toContain('laid down by kairos-agent');
    expect(refusal('boot', beside)).toBe(null);
  });

  test('encryption: only the agent of the node makes such partitions anew', () => {
    const partitions = nodeFor().partitions.map((partition) => (partition.name === 'persistent' ? { ...partition, fstype: 'crypto_LUKS', encrypted: true } : partition));
    expect(refusal('reset', statusFor('recovery', {}, { partitions }))).toContain('encrypted');
    expect(refusal('reset', statusFor('recovery', kairos, { partitions }), agent)).toBe(null);
    expect(refusal('unlock', statusFor('recovery', kairos, { partitions }), agent)).toBe(null);
    // A passphrase opens it without an agent, too; once it is open there is nothing left to do.
    expect(refusal('unlock', statusFor('recovery', {}, { partitions }))).toBe(null);
    const open = partitions.map((partition) => ({ ...partition, fstype: partition.fstype === 'crypto_LUKS' ? 'ext4' : partition.fstype }));
    expect(refusal('unlock', statusFor('recovery', {}, { partitions: open }))).toContain('is open');
    expect(refusal('redeploy', statusFor('recovery', {}, { partitions: open }))).toBe(null);
    expect(refusal('reinstall', statusFor('recovery', kairos, { partitions }))).toContain('kairos-agent laid this disk down');
    expect(statusFor('recovery', {}, { partitions }).problems.map(({ id }) => id)).toContain('node-encrypted');
  });

  test('partitions that are missing are said to be', () => {
    const partitions = nodeFor().partitions.filter(({ name }) => name !== 'oem');
    const status = statusFor('recovery', { config: null, grubenv: null, closed: null }, { partitions });
    expect(status.problems).toContainEqual(expect.objectContaining({ id: 'node-partition-missing', where: 'COS_OEM' }));
    expect(refusal('reset', status)).toContain('no COS_OEM');
  });
});

describe('choosing the entry that resets by itself', () => {
  const kairos = statusFor('active', { grubConfig: 'menuentry "x" --id statereset {\n}\n' });
  test.each(['reset', 'statereset'])('%s is consented to as a reset is', (word) => {
    const reset = actionFor('reset', statusFor('recovery'), means);
    expect(actionFor('boot', kairos, means, word)).toMatchObject({ kept: reset.kept, lost: reset.lost, consent: 'type', refusal: null });
    expect(actionFor('boot', kairos, means, 'passive')).toMatchObject({ lost: [], consent: 'yes' });
  });
  test('a disk without such an entry: the reason, and the way there', () => {
    expect(actionFor('boot', statusFor('active'), means, 'reset').refusal).toEqual({ reason: expect.stringContaining('reset runs from recovery'), way: expect.stringContaining('slipway recovery boot recovery') });
  });
});

test('kairos-agent keeps what was active, whatever came of it: that is said', () => {
  const kairos = { grubConfig: 'menuentry "x" --id cos {\n}\n', sentinels: ['upgrade_failure'] };
  const agent = { ...means, agent: '/usr/bin/kairos-agent' };
  expect(actionFor('upgrade', statusFor('recovery', kairos), agent).lost).toEqual(['the passive system that is there now']);
  expect(actionFor('upgrade', statusFor('passive', kairos), agent).lost).toEqual(['the active system that is there now']);
  expect(actionFor('upgrade', statusFor('recovery', { sentinels: ['upgrade_failure'] }), means).lost).toEqual(['the active system that is there now']);
});

describe('the boot choice', () => {
  const config = 'menuentry "a" --id cos {\n}\nmenuentry \'b\' --class x --id "statereset" {\n}\n  menuentry "c" --id=special {\n}\n';
  test('finds the ids of a menu', () => expect(entryIds(config)).toEqual(['cos', 'statereset', 'special']));
  const kairos = statusFor('active', { grubConfig: config });
  test.each([['reset', 'statereset'], ['special', 'special'], ['passive', 'fallback']])('%s is %s', (word, id) => expect(readBootChoice(word, kairos, config)).toEqual({ id }));
  test.each([[undefined], [''], ['nope'], ['a b; reboot']])('%s is none', (word) => expect(readBootChoice(word, kairos, config)).toHaveProperty('wrong'));
  test('a damaged one is not chosen', () => expect(readBootChoice('passive', statusFor('active', { systems: [systemRow('active'), systemRow('passive', { damage: 'cut short' }), systemRow('recovery')] }), null)).toHaveProperty('wrong'));
});

test('the agent is started with flags before words', () => {
  expect(agentArguments('reset-oem', {})).toEqual(['reset', '--unattended', '--reset-oem']);
  expect(agentArguments('upgrade-recovery', { source: 'oci:x' })).toEqual(['upgrade', '--recovery', '--source', 'oci:x']);
  expect(agentArguments('boot', { word: 'statereset' })).toEqual(['bootentry', '--select', 'statereset']);
});

describe('GRUB\'s environment block', () => {
  const block = (text: string): string => `# GRUB Environment Block\n${text}`.padEnd(1024, '#');
  test.each([[{}], [{ next_entry: 'recovery' }], [{ extra_cmdline: 'a=b c="d"', odd: 'back\\slash' }]])('%o comes back as it was', (variables) => {
    const text = printGrubEnvironment(new Map(Object.entries(variables))) ?? '';
    expect(text).toHaveLength(1024);
    expect(Object.fromEntries(parseGrubEnvironment(text) ?? [])).toEqual(variables);
  });
  test('is refused when it is none, or would not fit', () => {
    expect(parseGrubEnvironment('')).toBe(null);
    expect(parseGrubEnvironment('next_entry=x\n')).toBe(null);
    expect(printGrubEnvironment(new Map([['long', 'x'.repeat(1000)]]))).toBe(null);
  });
  test('keeps what is not changed', () => {
    const before = parseGrubEnvironment(block('# WARNING\nextra_cmdline=a=b\nsaved_entry=cos\n')) ?? new Map();
    expect([...withVariables(before, { saved_entry: null, next_entry: 'recovery' })]).toEqual([['extra_cmdline', 'a=b'], ['next_entry', 'recovery']]);
  });
});

test('health is read from a superblock', () => {
  const text = (state: string, features = 'has_journal'): string => `Filesystem features:      ${features}\nFilesystem state:         ${state}\n`;
  expect([readHealth(text('clean')), readHealth(text('clean with errors')), readHealth(text('not clean with errors')), readHealth(text('clean', 'has_journal needs_recovery')), readHealth('nothing')]).toEqual(['clean', 'errors', 'errors', 'journal', 'unreadable']);
});

test('a file in one piece, and in several', () => {
  const head = 'Level Entries       Logical        Physical Length Flags\n';
  expect(parseOnePiece(`${head} 0/ 0   1/  1     0 -  4298   5747 -  10045   4299 \n`)).toBe(5747);
  expect(parseOnePiece(`${head} 0/ 0   1/  2     0 -     9    100 -    109     10 \n 0/ 0   2/  2    10 -    19    110 -    119     10 \n`)).toBe(100);
  expect(parseOnePiece(`${head} 0/ 0   1/  2     0 -     9    100 -    109     10 \n 0/ 0   2/  2    10 -    19    300 -    309     10 \n`)).toBe(null);
  expect(parseOnePiece(`${head} 0/ 1   1/  1     0 -    19     50 -            20 \n 1/ 1   1/  1     0 -    19    100 -    119     20 \n`)).toBe(100);
  expect(parseOnePiece(head)).toBe(null);
});

test('the size in a squashfs head', () => {
  const head = Buffer.alloc(96);
  expect(squashfsSize(head)).toBe(null);
  head.write('hsqs', 0, 'latin1');
  head.writeBigUInt64LE(4096n, 40);
  expect(squashfsSize(head)).toBe(4096);
});

test('the short form names no values', () => {
  const status = statusFor('passive', { systems: [systemRow('active', { damage: 'ruined' }), systemRow('passive'), systemRow('recovery')] });
  expect(shortForm(status)).toBe('SLIPWAY-NODE:1:PASSIVE:A-BAD:P-OK:R-OK:SYSTEM-DAMAGED');
});

test('foreign text in a status cannot paint the terminal', () => {
  const status = statusFor('recovery', { config: [{ name: 'a\u001B[2Jb.yaml', size: 1, mode: '0640', sha256: '' }] }, { text: '/dev/vda \u001B]0;x\u0007' });
  // eslint-disable-next-line no-control-regex
  expect(describeStatus(status, actionsFor(status, means))).not.toMatch(/\u001B|\u0007/);
});

test('secrets of the node, and what looks like one, do not stay in logs', () => {
  const redact = createNodeRedactor([{ name: 'c', text: '#cloud-config\nk3s:\n  token: node-token-12345\nusers:\n  - name: operator\n    passwd: plain-password\n    ssh_authorized_keys: [ssh-ed25519 AAAAPUBLICKEYPUBLICKEY me]\nhostname: shown-node\n' }]);
  const shown = redact('node-token-12345 plain-password AAAAPUBLICKEYPUBLICKEY shown-node {"password":"other-one"} Authorization: Bearer abcdefghijkl https://u:pw1234@host/ -----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY----- token=null');
  for (const secret of ['node-token-12345', 'plain-password', 'other-one', 'abcdefghijkl', 'pw1234', '\nabc\n']) expect(shown).not.toContain(secret);
  for (const plain of ['AAAAPUBLICKEYPUBLICKEY', 'shown-node', 'token=null', '@host/']) expect(shown).toContain(plain);
});

test('every partition has a row', () => expect(statusFor('recovery').partitions.map(({ name }) => name)).toEqual([...nodePartitionNames]));
