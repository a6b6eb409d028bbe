/**
 * Every problem that a document can have, by a document that has it: each names file, line, column, key path, what is wrong and
 * what to do. An id in the source without a row here fails.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/model/problem.ts';
import { stripInstallerData, stripUserData } from '../../src/scrub/strip.ts';
import { decodeText } from '../../src/sources/decode.ts';
import { checkInstallerData } from '../../src/sources/installer-data.ts';
import { checkUserData } from '../../src/sources/user-data.ts';

const head = '#cloud-config\n';
const inMap = (line: string): string => `${head}hostname: a\nwrite_files:\n  - path: /x\n    ${line}\n`;
const bomb = `${head}a: &a [${'x, '.repeat(99)}x]\nb: &b [${'*a, '.repeat(99)}*a]\nc: [${'*b, '.repeat(99)}*b]\n`;

/** id, document, where the first problem of that id lies: `line:column key.path`. */
const rows: readonly (readonly [id: string, document: string | Uint8Array, where: string, kind?: 'installer-data'])[] = [
  ['document-too-large', `${head}${'x'.repeat(1024 * 1024)}`, '1:1'],
  ['document-encoding', Uint8Array.from(Buffer.from(`${head}a: gr\xfc\xdf\n`, 'latin1')), '2:6'],
  ['document-encoding', Uint8Array.from([0xff, 0xfe, 0x23, 0]), '1:1'],
  ['document-binary', Uint8Array.from(Buffer.from(`${head}a: x\0\n`)), '2:5'],
  ['control-character', `${head}users:\n  - name: a\u001b[2J\n`, '3:12 users.name'],
  ['byte-order-mark', `\uFEFF${head}hostname: a\n`, '1:1'],
  ['header-missing', 'hostname: a\n', '1:1'],
  ['header-missing', '#!/bin/sh\n', '1:1'],
  ['header-not-first', `# note\n${head}hostname: a\n`, '2:1'],
  ['not-a-map', `${head}- a\n`, '2:1'],
  ['too-deep', `${head}users: ${'['.repeat(120)}\n`, '2:107 users'],
  ['several-documents', `${head}a: b\n---\nc: d\n`, '4:1'],
  ['foreign-line-break', `${head}users:\n  - name: a # note\rinstall: {}\n`, '3:19 users.name'],
  ['colon-without-blank', `${head}k3s: {args: [a, --x:]}\n`, '2:17 k3s.args[1]'],
  ['yaml-syntax', `${head}stages:\n  boot:\n    - name: "x\n`, '5:1 stages.boot.name'],
  ['yaml-syntax', inMap('content: a: b'), '5:14 write_files.content'],
  ['yaml-syntax', inMap('\tcontent: a'), '5:5 write_files.path'],
  ['unquoted-template', inMap('content: {{ .Values.x }}'), '5:14 write_files[0].content'],
  ['key-not-text', inMap('? [a]\n    : b'), '5:7 write_files[0]'],
  ['duplicate-key', inMap('path: /y'), '5:5 write_files[0].path'],
  ['merge-not-a-map', inMap('<<: text'), '5:5 write_files[0]."<<"'],
  ['unknown-anchor', inMap('content: *none'), '5:14 write_files[0].content'],
  ['endless-alias', `${head}a: &a [*a]\n`, '2:8 a[0]'],
  ['alias-bomb', bomb, '3:7 b'],
  ['unknown-key', `${head}hostnme: a\n`, '2:1 hostnme'],
  ['unknown-key', `${head}install: {devise: auto}\n`, '2:11 install.devise'],
  ['unknown-key', `${head}install: {no_format: true}\n`, '2:11 install.no_format'],
  ['unknown-key', `${head}stages:\n  boot:\n    - comands: [a]\n`, '4:7 stages.boot[0].comands'],
  ['unknown-key', `${head}p2p: {netwrok_token: ""}\n`, '2:7 p2p.netwrok_token'],
  ['unknown-key', `${head}stagse: {}\n`, '2:1 stagse', 'installer-data'],
  ['unknown-stage', `${head}stages:\n  before-instal: []\n`, '3:3 stages.before-instal'],
  ['dotted-key', `${head}install.device: auto\n`, '2:1 "install.device"'],
  ['install-null', `${head}install:\n`, '2:1 install'],
  ['wrong-type', `${head}users:\n  name: a\n`, '2:1 users'],
  ['wrong-type', inMap('permissions: [a]'), '5:5 write_files[0].permissions'],
  ['wrong-type', `${head}slipway: text\n`, '2:1 slipway', 'installer-data'],
  ['command-not-text', `${head}stages:\n  boot:\n    - commands:\n        - echo a: b\n`, '5:11 stages.boot[0].commands[0]'],
  ['placeholder', `${head}k3s-agent:\n  env: {K3S_URL: FILL-IN}\n`, '3:9 k3s-agent.env.K3S_URL'],
  ['password-in-clear', `${head}users:\n  - name: a\n    passwd: opensesame\n`, '4:5 users[0].passwd'],
  ['keys-before-network', `${head}stages:\n  boot:\n    - users: {a: {ssh_authorized_keys: [github:a]}}\n`, '4:19 stages.boot[0].users.a.ssh_authorized_keys'],
  ['permissions-decimal', `${head}stages:\n  boot:\n    - files:\n        - {path: /x, permissions: 644}\n`, '5:22 stages.boot[0].files[0].permissions'],
  ['reboot-and-poweroff', `${head}install: {reboot: true, poweroff: true}\n`, '2:25 install.poweroff'],
  ['reboot-and-poweroff', `${head}install: {reboot: true, poweroff: true}\n`, '2:25 install.poweroff', 'installer-data'],
  ['ssh-hardening-without-keys', `${head}install: {ssh_hardening: true}\n`, '2:11 install.ssh_hardening'],
  ['partition-fs-ignored', `${head}install: {partitions: {oem: {fs: xfs}}}\n`, '2:30 install.partitions.oem.fs'],
  ['oem-encrypted', `${head}install: {encrypted_partitions: [COS_OEM]}\n`, '2:11 install.encrypted_partitions'],
  ['install-cloud-init', `${head}install: {cloud-init: [/x]}\n`, '2:11 install.cloud-init'],
  ['network-token', `${head}p2p: {network_token: abc}\n`, '2:7 p2p.network_token'],
  ['p2p-without-token', `${head}p2p: {auto: {enable: true}}\n`, '2:14 p2p.auto.enable'],
  ['p2p-without-role', `${head}p2p: {network_token: FILL-IN, auto: {enable: false}}\n`, '2:38 p2p.auto.enable'],
  ['server-and-agent', `${head}k3s: {enabled: true}\nk0s: {enabled: true}\n`, '3:7 k0s.enabled'],
  ['agent-without-server', `${head}k3s-agent: {enabled: true}\n`, '2:1 k3s-agent'],
  ['url-invalid', `${head}config_url: ftp://x\n`, '2:1 config_url'],
  ['setting-wrong', `${head}slipway: {finish: explode}\n`, '2:11 slipway.finish', 'installer-data'],
  ['setting-flag-only', `${head}slipway: {password-file: /x}\n`, '2:11 slipway.password-file', 'installer-data'],
  ['boot-stage-in-installer-data', `${head}stages: {boot: []}\n`, '2:10 stages.boot', 'installer-data'],
  ['more-problems', `${head}install:\n${Array.from({ length: 102 }, (_, index) => `  devise${index}: auto\n`).join('')}`, '103:3 install.devise100'],
  ['install-only-value-kept', `${head}helper: &x [a]\nenv: *x\n`, '2:12 helper'],
  ['cannot-cut', `${head}base: &b\n  before-install: []\nstages: *b\n`, '4:9 stages.before-install'],
];

const problemsOf = (document: string | Uint8Array, kind: string): readonly Problem[] => {
  const decoded = decodeText(typeof document === 'string' ? new TextEncoder().encode(document) : document, 'the-file');
  if (decoded.text === undefined) return decoded.problems;
  return kind === 'user-data'
    ? [...checkUserData(decoded.text, 'the-file'), ...stripUserData(decoded.text, 'the-file').problems]
    : [...checkInstallerData(decoded.text, 'the-file'), ...stripInstallerData(decoded.text, 'the-file').problems];
};

describe('every problem of a document', () => {
  test.each(rows.map(([id, document, where, kind = 'user-data']) => ({ id, document, where, kind })))('$id $where', ({ id, document, where, kind }) => {
    const problems = problemsOf(document, kind);
    expect(problems.map((problem) => problem.id)).toContain(id);
    const found = problems.find((problem) => problem.id === id);
    expect(found?.where).toBe(`the-file:${where}`);
    for (const problem of problems) {
      expect(problem.position).toMatchObject({ file: 'the-file', line: expect.any(Number) as number, column: expect.any(Number) as number, keyPath: expect.any(Array) as unknown[] });
      expect(Math.min(problem.position?.line ?? 0, problem.position?.column ?? 0)).toBeGreaterThan(0);
      expect(problem.what.length).toBeGreaterThan(10);
      expect(problem.hint.length).toBeGreaterThan(5);
    }
  });

  test('has a row here', () => {
    const files = ['src/scrub/strip.ts', ...['src/sources', 'src/sources/schema', 'src/scrub/strip'].flatMap((folder) => readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => `${folder}/${entry.name}`))];
    const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
    // What is no problem of a document: of volumes, addresses, plugins, answers.
    const elsewhere = /^(?:data-volume-.*|config-.*|tool-missing|provider-prompt|prerequisite-.*|plugin-failed|kernel-line-.*|merge-kinds|cannot-edit|cannot-merge|hostname.*|user-.*|no-admin-user|ssh-.*|url-(?!invalid).*|preset-.*|document-(?:missing|unreadable))$/;
    const ids = new Set([...text.matchAll(/\b(?:id: |report\([^'"]*?(?:\[[^\]]*\])?[^'"]*?, |wrong\(path, |problemHere\([^']*)'([a-z][a-z0-9]*(?:-[a-z0-9]+)+)'/g)].map(([, id]) => id ?? ''));
    const known = new Set(rows.map(([id]) => id));
    expect([...ids].filter((id) => !known.has(id) && !elsewhere.test(id))).toEqual([]);
    expect(ids.size).toBeGreaterThan(20);
  });
});
