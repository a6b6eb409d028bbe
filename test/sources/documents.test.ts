/** Checks of user-data and installer-data: the traps, each with its place and a way out. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isError } from '../../src/model/problem.ts';
import { stripInstallerData, stripUserData } from '../../src/scrub/strip.ts';
import { checkInstallerData } from '../../src/sources/installer-data.ts';
import { checkUserData } from '../../src/sources/user-data.ts';

const example = (name: string): string => readFileSync(new URL(`../../cloud-configs/examples/factory/${name}`, import.meta.url), 'utf8');

describe('installer-data', () => {
  const first = (body: string): string => {
    const [problem] = checkInstallerData(`#cloud-config\n${body}`, 'installer-data');
    return problem === undefined ? 'fine' : `${problem.id} ${problem.where} | ${problem.hint}`;
  };

  test.each([
    ['stages: {before-install: [{commands: [a]}]}\n', 'fine'],
    ['stages:\n  boot:\n    - commands: [a]\n', 'boot-stage-in-installer-data installer-data:3:3 stages.boot | put it into user-data'],
    ['stages:\n  before-instal:\n    - commands: [a]\n', 'unknown-stage installer-data:3:3 stages.before-instal | did you mean "before-install"?'],
    ['users: []\n', 'unknown-key installer-data:2:1 users | put it into user-data: installer-data holds "stages", "install" and "slipway" only'],
    ['stagse: {}\n', 'unknown-key installer-data:2:1 stagse | did you mean "stages"?'],
    ['slipway:\n  finnish: none\n', 'unknown-key installer-data:3:3 slipway.finnish | did you mean "finish"?'],
    ['slipway:\n  finish: explode\n', 'setting-wrong installer-data:3:3 slipway.finish | see `slipway install --help`'],
    ['slipway:\n  password-file: /x\n', 'setting-flag-only installer-data:3:3 slipway.password-file | start slipway with --password-file'],
    // Base64 of 32 bytes is a key; nothing else may come to light at the end of an install, when the receipt is signed.
    [`slipway: {receipt_key: ${Buffer.alloc(32, 7).toString('base64')}}\n`, 'fine'],
    ['slipway: {receipt_key: hunter2-hunter2}\n', 'wrong-type installer-data:2:11 slipway.receipt_key | give it as PEM, or as base64 of the DER or of its 32 bytes (openssl genpkey -algorithm ed25519)'],
    ['install:\n  devise: auto\n', 'unknown-key installer-data:3:3 install.devise | did you mean "device"?'],
    ['stages:\n  before-install:\n    - commands:\n        - curl -H "X: y" z\n', "command-not-text installer-data:5:11 stages.before-install[0].commands[0] | put the whole command into single quotes, or write it below a '|'"],
    ['stages:\n  before-install:\n    - comands: [a]\n', 'unknown-key installer-data:4:7 stages.before-install[0].comands | did you mean "commands"?'],
    ['stages:\n  before-install: {commands: [a]}\n', 'wrong-type installer-data:3:3 stages.before-install | begin each step with "- "'],
  ])('%j', (body, expected) => {
    expect(first(body)).toBe(expected);
  });

  test('the first line must be the header, nothing above it', () => {
    expect(checkInstallerData('stages: {}\n', 'i').map((problem) => problem.id)).toContain('header-missing');
    expect(checkInstallerData('# note\n#cloud-config\nstages: {}\n', 'i').map((problem) => problem.id)).toContain('header-missing');
  });

  test('every value, own key and comment is material; effects that stay are not searched for', () => {
    const { items, settings, steps, receiptKey, install } = stripInstallerData(
      '#cloud-config\n# batch B-1\nstages:\n  before-install:\n    - environment: {MY_OWN_NAME: "v-1"}\n      commands:\n        - >\n          folded\n          line\n        - "tab\\there"\ninstall:\n  device: /dev/sda\n  iso: https://x/y\nslipway:\n  finish: none\n  receipt_key: PEM\n',
      'installer-data',
    );
    const values = items.filter((item) => item.searched).map((item) => item.value);
    expect(values).toEqual(expect.arrayContaining(['batch B-1', 'MY_OWN_NAME', 'v-1', 'folded line\n', 'folded\nline', 'tab\there', 'tab\\there', 'https://x/y', 'none', 'PEM']));
    expect(items.find((item) => item.value === '/dev/sda')).toMatchObject({ searched: false, keyPath: ['install', 'device'] });
    expect(settings).toEqual({ finish: 'none' });
    expect(receiptKey).toBe('PEM');
    expect(install).toEqual({ device: '/dev/sda', iso: 'https://x/y' });
    expect(steps).toHaveLength(1);
    expect(values).not.toContain('commands');
  });
});

describe('user-data', () => {
  const all = (body: string): string[] => checkUserData(`#cloud-config\n${body}`, 'u').map((problem) => `${problem.severity} ${problem.id} ${problem.hint}`);
  test.each([
    ['install:\n', 'warning install-null'],
    ['install: [a]\n', 'error wrong-type'],
    ['install: {no_format: true}\n', 'warning unknown-key write "no-format"'],
    ['instal: {}\n', 'warning unknown-key did you mean "install"?'],
    ['install.device: auto\n', 'error dotted-key'],
    ['stages: {bot: []}\n', 'warning unknown-stage did you mean "boot"?'],
    ['stages: {boot: {}}\n', 'error wrong-type'],
    ['stages: {boot: [{comands: []}]}\n', 'warning unknown-key did you mean "commands"?'],
    ['slipway: {finish: x}\n', 'error setting-wrong'],
  ])('%j', (body, expected) => {
    expect(all(body).some((line) => line.startsWith(expected))).toBe(true);
  });
  test('keys of other providers and own stages pass', () => {
    expect(all('hostname: a\nsome-provider: {x: 1}\nstages: {after-reset: [{commands: [a]}], mine: []}\nusers: [{name: op, passwd: "$6$s$h", groups: [admin]}]\n')).toEqual([]);
  });
});

describe('the factory example', () => {
  test('has nothing wrong with it', () => {
    expect(checkUserData(example('user-data'), 'user-data')).toEqual([]);
    expect(checkInstallerData(example('installer-data'), 'installer-data')).toEqual([]);
    expect(stripUserData(example('user-data'), 'user-data').problems.filter(isError)).toEqual([]);
  });
  test('no word of the installer-data is in what is kept', () => {
    const { kept } = stripUserData(example('user-data'), 'user-data');
    const { items } = stripInstallerData(example('installer-data'), 'installer-data');
    const long = items.flatMap((item) => item.value.split('\n')).map((line) => line.trim()).filter((line) => line.length >= 8);
    expect(long.length).toBeGreaterThan(15);
    expect(long.filter((line) => kept.includes(line) && line !== '#cloud-config')).toEqual([]);
    expect(kept).not.toContain('USERDATA-BADGE');
    expect(kept).toContain('permissions: 0644');
  });
  test('permissions of a stage file are the number that yip reads', () => {
    const { steps } = stripInstallerData(example('installer-data'), 'installer-data');
    expect(steps[0]?.value['files']).toMatchObject([{ permissions: 0o600 }, { permissions: 0o700 }]);
  });
});
