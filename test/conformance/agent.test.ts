/** Slipway's reading of configurations, held against the real kairos-agent. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { formatKeyPath, isError } from '../../src/model/problem.ts';
import type { SettingLayers } from '../../src/model/settings.ts';
import { resolveAnswers } from '../../src/model/settings.ts';
import { keptByEncryption } from '../../src/plan/encryption.ts';
import { buildKeptConfig } from '../../src/sources/answers-to-config.ts';
import { makeToken } from '../../src/sources/edgevpn-token.ts';
import { listPresets } from '../../src/sources/presets.ts';
import { checkUserData } from '../../src/sources/user-data.ts';
import { parseYaml } from '../../src/sources/yaml.ts';
import { rootData } from '../../src/sources/yaml-nodes.ts';
import { dice } from '../properties/documents.ts';
import { agentGet, agentPath, agentRunStage, agentValidate, canIsolate, skipReason } from './agent.ts';
import { differences } from './differences.ts';
import { fragments } from './fragments.ts';

const agent = agentPath ?? '';
const withAgent = agentPath === null ? test.skip : test;
const note = agentPath === null ? ` (${skipReason})` : '';
const work = mkdtempSync(join(tmpdir(), 'slipway-conformance-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const admin = 'users: [{name: op, passwd: "$6$a$b", groups: [admin]}]';

/** Some fragments, of different groups, as one document; the same for the same number. */
const combine = (seed: number): string => {
  const random = dice(seed);
  const lines: string[] = [];
  for (const [group, list] of Object.entries(fragments)) {
    if (random() < 0.3) lines.push(list[Math.floor(random() * list.length)] ?? '');
    else if (group === 'users') lines.push(admin);
  }
  return `#cloud-config\n${lines.join('\n')}\n`;
};

const single = Object.values(fragments)
  .flat()
  .map((fragment) => `#cloud-config\n${fragment.startsWith('users') ? '' : `${admin}\n`}${fragment}\n`);

const ourErrors = (text: string): string[] =>
  checkUserData(text, 'u')
    .filter(isError)
    .map((problem) => `${problem.id} ${formatKeyPath(problem.position?.keyPath ?? [])}`);

/** What nobody can explain: empty when the two agree or the table has a row for each complaint. */
const unexplained = (text: string, name: string): string[] => {
  const path = join(work, `${name}.yaml`);
  writeFileSync(path, text);
  const theirs = agentValidate(agent, path);
  const ours = ourErrors(text);
  if ((theirs === '') === (ours.length === 0)) return [];
  const only = theirs === '' ? 'slipway' : 'agent';
  const complaints = theirs === '' ? ours : [theirs];
  const rows = differences.filter((row) => row.only === only);
  return complaints.filter((complaint) => !rows.some((row) => row.matches.test(complaint))).map((complaint) => `${only}: ${complaint}\n${text}`);
};

describe(`kairos-agent validate${note}`, () => {
  withAgent('agrees on every piece, or the table says why not', () => {
    expect(single.length).toBeGreaterThan(120);
    expect(single.flatMap((text, index) => unexplained(text, `single-${index}`))).toEqual([]);
  }, 120_000);

  withAgent('agrees on 300 configurations put together from them', () => {
    expect(Array.from({ length: 300 }, (_, seed) => seed).flatMap((seed) => unexplained(combine(seed), `combined-${seed}`))).toEqual([]);
  }, 120_000);

  withAgent('the table has no row that is never used', () => {
    const used = new Set<string>();
    for (const [index, text] of single.entries()) {
      const path = join(work, `used-${index}.yaml`);
      writeFileSync(path, text);
      const theirs = agentValidate(agent, path);
      const ours = ourErrors(text);
      for (const row of differences) {
        if (row.only === 'agent' ? theirs !== '' && ours.length === 0 && row.matches.test(theirs) : theirs === '' && ours.some((line) => row.matches.test(line))) used.add(row.because);
      }
    }
    expect(differences.filter((row) => !used.has(row.because)).map((row) => String(row.matches))).toEqual([]);
  }, 120_000);

  withAgent('takes the factory example and every preset, filled in', () => {
    const token = makeToken((count) => crypto.getRandomValues(new Uint8Array(count)));
    const folder = new URL('../../cloud-configs/examples/factory/', import.meta.url);
    expect(readdirSync(folder)).toContain('user-data');
    const texts = [readFileSync(new URL('user-data', folder), 'utf8'), ...listPresets().map((preset) => preset.text.replace('network_token: FILL-IN', `network_token: ${token}`).replaceAll('FILL-IN', 'https://192.0.2.1'))];
    for (const [index, text] of texts.entries()) {
      const { text: kept } = buildKeptConfig({ documents: [{ name: 'u', text }], answers: { user: 'op', passwordHash: '$6$a$b' }, metaHostname: null });
      const path = join(work, `preset-${index}.yaml`);
      writeFileSync(path, kept);
      expect(agentValidate(agent, path)).toBe('');
    }
  }, 60_000);
});

/** Every kind of answer at once, as console and flags give them. */
const answered = (): { readonly text: string; readonly token: string } => {
  const token = makeToken((count) => crypto.getRandomValues(new Uint8Array(count)));
  const layers: SettingLayers = { flag: { encrypt: 'COS_OEM,COS_PERSISTENT', kms: 'https://kms.example.org:8443' } };
  const { text, problems } = buildKeptConfig({
    documents: [],
    answers: {
      hostname: 'node-{{ trunc 4 .MachineID }}',
      user: 'op',
      passwordHash: '$6$salt$hash',
      sshKeys: ['github:op'],
      timezone: 'Europe/Berlin',
      keymap: 'de-latin1',
      reset: { keepPersistent: true, finish: 'reboot' },
      upgrade: { source: 'oci:registry.example/kairos/node:v1', recovery: false },
      extra: keptByEncryption(resolveAnswers(layers)),
      cluster: { k3s: { enabled: true }, p2p: { network_token: token, auto: { enable: true, ha: { enable: true, master_nodes: 2 } } }, kubevip: { eip: '192.0.2.7', interface: 'eth0' } },
    },
    metaHostname: null,
  });
  expect(problems.filter(isError)).toEqual([]);
  return { text, token };
};

describe(`answers${note}`, () => {
  withAgent('of every kind together are a configuration that the agent takes', () => {
    const path = join(work, 'answered.yaml');
    writeFileSync(path, answered().text);
    expect(agentValidate(agent, path)).toBe('');
  });
});

const isolated = agentPath !== null && canIsolate() ? test : test.skip;

describe(`kairos-agent config get${note !== '' ? note : canIsolate() ? '' : ' (needs root for a mount namespace)'}`, () => {
  isolated('gives back every answer where an installed node reads it', () => {
    const { text, token } = answered();
    const path = join(work, 'answered-get.yaml');
    writeFileSync(path, text);
    const keys = ['hostname', 'kcrypt.challenger.challenger_server', 'install.encrypted_partitions', 'reset', 'upgrade.system.source', 'k3s.enabled', 'p2p.network_token', 'p2p.auto.ha.master_nodes', 'kubevip.eip', 'stages.initramfs', 'users'];
    const got = agentGet(agent, path, keys).map((value) => parse(value) as unknown);
    expect(got).toMatchObject([
      'node-{{ trunc 4 .MachineID }}',
      'https://kms.example.org:8443',
      ['COS_OEM', 'COS_PERSISTENT'],
      { 'reset-persistent': false, reboot: true },
      'oci:registry.example/kairos/node:v1',
      true,
      token,
      2,
      '192.0.2.7',
      [{ name: 'Timezone' }, { only_service_manager: 'systemd', environment: { KEYMAP: 'de-latin1' } }, { only_service_manager: 'openrc' }],
      [{ name: 'op', passwd: '$6$salt$hash', groups: ['admin'], ssh_authorized_keys: ['github:op'] }],
    ]);
  });

  isolated('timezone and keymap are set by the stage that the node runs; the font that was there stays', ({ skip }) => {
    const path = join(work, 'answered-stage.yaml');
    writeFileSync(path, answered().text);
    const said = agentRunStage(agent, path, 'initramfs', `echo 'FONT="x"' > /etc/vconsole.conf`, 'readlink /etc/localtime; sort /etc/vconsole.conf; ls /etc/conf.d/keymaps 2>/dev/null || true');
    if (said === null) skip('no overlay file system here');
    expect(said?.split('\n')).toEqual(['/usr/share/zoneinfo/Europe/Berlin', 'FONT="x"', 'KEYMAP="de-latin1"', '']);
  });

  isolated('gives back what was put in: answers, kept values, their kinds', () => {
    let compared = 0;
    let documentsCompared = 0;
    for (let seed = 1000; seed < 3000 && documentsCompared < 40; seed += 1) {
      const documents = [{ name: 'a', text: combine(seed) }, ...(seed % 3 === 0 ? [{ name: 'b', text: combine(seed + 5000) }] : [])];
      if (documents.some(({ text }) => ourErrors(text).length > 0)) continue;
      const { text, problems } = buildKeptConfig({ documents, answers: { hostname: `n${seed}`, user: 'op2', passwordHash: '$6$salt$hash' }, metaHostname: null });
      if (problems.some(isError)) continue;
      const path = join(work, `kept-${seed}.yaml`);
      writeFileSync(path, text);
      const { document } = parseYaml(text, 'kept');
      if (document === undefined) throw new Error('kept configuration is not YAML');
      const data = rootData(document);
      // A key with a dash is arithmetic to the query language of `config get`.
      const keys = Object.keys(data).filter((key) => /^\w+$/.test(key) && data[key] !== null);
      expect(data['hostname']).toBe(`n${seed}`);
      expect(JSON.stringify(data['users'])).toContain('$6$salt$hash');
      documentsCompared += 1;
      const got = agentGet(agent, path, keys);
      keys.forEach((key, index) => {
        expect({ seed, key, value: parse(got[index] ?? '') as unknown }).toEqual({ seed, key, value: data[key] });
        compared += 1;
      });
    }
    expect(documentsCompared).toBe(40);
    expect(compared).toBeGreaterThan(120);
  }, 180_000);
});
