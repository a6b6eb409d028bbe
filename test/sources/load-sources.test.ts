/** Documents from files and addresses, `config_url` chains, precedence: with a real server on this machine. */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Facts } from '../../src/model/facts.ts';
import { isError } from '../../src/model/problem.ts';
import { resolveAnswers } from '../../src/model/settings.ts';
import type { SettingLayer } from '../../src/model/settings.ts';
import { buildKeptConfig } from '../../src/sources/answers-to-config.ts';
import { loadSources } from '../../src/sources/load-sources.ts';
import { readConfigText } from '../../src/sources/read-config.ts';
import type { System } from '../../src/system/port.ts';
import { createRealSystem } from '../../src/system/real.ts';

const real = createRealSystem();
const system: System = { ...real, sleep: () => Promise.resolve() };
const work = mkdtempSync(join(tmpdir(), 'slipway-config-'));
let server: Server;
let base = '';
let flaky = 0;

const answers: Readonly<Record<string, () => { status?: number; body?: string | Uint8Array; location?: string }>> = {
  '/plain': () => ({ body: '#cloud-config\nhostname: far\nk3s: {enabled: true}\n' }),
  '/chain': () => ({ body: `#cloud-config\nconfig_url: ${base}/plain\nname: middle\n` }),
  '/circle': () => ({ body: `#cloud-config\nconfig_url: ${base}/circle\n` }),
  '/moved': () => ({ status: 302, location: '/plain' }),
  '/html': () => ({ body: '<!DOCTYPE html><html>login</html>' }),
  '/headless': () => ({ body: 'hostname: x\n' }),
  '/latin1': () => ({ body: Buffer.from('#cloud-config\nhostname: gr\xfcn\n', 'latin1') }),
  '/utf16': () => ({ body: Buffer.from('\uFEFF#cloud-config\n', 'utf16le') }),
  '/big': () => ({ body: `#cloud-config\n# ${'x'.repeat(1024 * 1024)}\n` }),
  '/flaky': () => (flaky++ < 2 ? { status: 503 } : { body: '#cloud-config\nhostname: third\n' }),
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const { status = 200, body = '', location } = answers[new URL(request.url ?? '/', 'http://x').pathname]?.() ?? { status: 404 };
    response.writeHead(status, location === undefined ? {} : { location }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(work, { recursive: true, force: true });
});

const file = (name: string, text: string): string => {
  const path = join(work, name);
  writeFileSync(path, text);
  return path;
};

const facts = { volumes: [] } as unknown as Facts;
const load = (layer: SettingLayer, refresh?: () => Promise<Facts>) =>
  loadSources(system, facts, resolveAnswers({ flag: layer }), new AbortController().signal, refresh);

describe('one document', () => {
  const idOf = async (from: string): Promise<string | undefined> => (await readConfigText(system, from)).problems[0]?.id;
  test('an address is read, moved or not', async () => {
    expect((await readConfigText(system, `${base}/plain`)).text).toContain('hostname: far');
    expect((await readConfigText(system, `${base}/moved`)).text).toContain('hostname: far');
  });
  test('a server that comes up late is asked again', async () => {
    expect((await readConfigText(system, `${base}/flaky`)).text).toContain('third');
    expect(flaky).toBe(3);
  });
  test('each kind of trouble has a name', async () => {
    expect(await idOf(`${base}/none`)).toBe('url-status');
    expect(await idOf(`${base}/html`)).toBe('url-html');
    expect(await idOf(`${base}/latin1`)).toBe('document-encoding');
    expect(await idOf(`${base}/utf16`)).toBe('document-encoding');
    expect(await idOf(`${base}/big`)).toBe('url-too-big');
    expect(await idOf('http://127.0.0.1:1/x')).toBe('url-unreachable');
    expect(await idOf('http://{{ .Values.node }}/x')).toBe('url-template');
    expect(await idOf('/nowhere')).toBe('config-missing');
    expect(await idOf(work)).toBe('config-not-a-file');
    expect(await idOf('preset:no-such')).toBe('preset-unknown');
    expect(await idOf('preset:../../package')).toBe('preset-unknown');
  });
  test('user, password and query of an address are never shown', async () => {
    for (const url of ['http://user:S3CR3T@127.0.0.1:1/x', 'http://127.0.0.1:1/x?token=S3CR3T#S3CR3T', `${base}/none?S3CR3T`, 'http://S3CR3T:x', 'http://[S3CR3T/']) {
      const read = await readConfigText(system, url);
      expect(read.problems).toHaveLength(1);
      expect(JSON.stringify(read.problems)).not.toContain('S3CR3T');
    }
  });
});

describe('all of them', () => {
  test('config_url is fetched, merged over what names it, and gone from what is kept', async () => {
    const path = file('with-url.yaml', `#cloud-config\nhostname: near\nconfig_url: ${base}/chain\n`);
    const sources = await load({ config: [path] });
    expect(sources.problems.filter(isError)).toEqual([]);
    expect(sources.documents.map((document) => document.name)).toEqual([path, `${base}/chain`, `${base}/plain`]);
    const { text } = buildKeptConfig({ documents: sources.documents, answers: {}, metaHostname: null });
    expect(text).toBe('#cloud-config\nhostname: far\nname: middle\nk3s:\n  enabled: true\n');
    expect(sources.removed).toEqual([`${path}: config_url`, `${base}/chain: config_url`]);
  });
  test('a fetch that fails is an error here, not a silent loss later', async () => {
    const sources = await load({ config: [file('dead-url.yaml', `#cloud-config\nconfig_url: ${base}/none\n`)] });
    expect(sources.problems.filter(isError).map((problem) => problem.id)).toEqual(['url-status']);
    expect(sources.keptText).toBeNull();
    expect((await load({ config: [file('headless.yaml', `#cloud-config\nconfig_url: ${base}/headless\n`)] })).problems.filter(isError).map((problem) => problem.id)).toEqual(['header-missing']);
  });
  test('a circle ends', async () => {
    expect((await load({ config: [file('circle.yaml', `#cloud-config\nconfig_url: ${base}/circle\n`)] })).problems.map((problem) => problem.id)).toContain('config-url-circle');
  });
  test('installer-data stays apart, its install block wins, its settings are read', async () => {
    const sources = await load({
      config: [file('u.yaml', '#cloud-config\nhostname: a\ninstall: {device: /dev/sda, grub_options: {extra_cmdline: x}}\n')],
      'installer-data': [file('i.yaml', '#cloud-config\ninstall: {device: /dev/sdb}\nslipway: {finish: poweroff}\nstages: {before-install: [{commands: [secret-thing]}]}\n')],
    });
    expect(sources.problems).toEqual([]);
    expect(sources.install).toEqual({ device: '/dev/sdb', grub_options: { extra_cmdline: 'x' } });
    expect(sources.settings).toEqual({ finish: 'poweroff' });
    expect(sources.keptText).toBe('#cloud-config\nhostname: a\n');
    expect(sources.steps.map((step) => step.stage)).toEqual(['before-install']);
    expect(sources.items.some((item) => item.value === 'secret-thing' && item.searched)).toBe(true);
  });
  test('unattended without anything is an error; with a configuration it is none', async () => {
    expect((await load({ unattended: true })).problems.map((problem) => problem.id)).toEqual(['data-volume-missing']);
    expect((await load({})).problems).toEqual([]);
    expect((await load({ unattended: true, config: [file('v.yaml', '#cloud-config\nhostname: a\n')] })).problems).toEqual([]);
  });
  test.skipIf(!existsSync('/usr/sbin/mkfs.ext4') || !existsSync('/usr/sbin/debugfs'))('a data volume that appears late is waited for', async () => {
    const folder = join(work, 'late');
    const path = join(work, 'late.img');
    mkdirSync(folder);
    writeFileSync(join(folder, 'user-data'), '#cloud-config\nhostname: late\n');
    execFileSync('/usr/sbin/mkfs.ext4', ['-q', '-L', 'SLIPWAY', '-d', folder, path, '8M'], { stdio: 'ignore' });
    let looks = 0;
    const volume = { path, label: 'SLIPWAY', fstype: 'ext4', size: 1, kind: 'data-volume' };
    const sources = await load({ 'wait-for-data': 60 }, async () => {
      looks += 1;
      return looks === 3 ? ({ volumes: [volume] } as unknown as Facts) : facts;
    });
    expect(looks).toBe(3);
    expect(sources.problems).toEqual([]);
    expect(sources.keptText).toBe('#cloud-config\nhostname: late\n');
    expect(sources.dataVolume).toMatchObject({ path, label: 'SLIPWAY', fstype: 'ext4' });
  });
});

describe('config_url of the kernel line', () => {
  const loadWith = (layer: Parameters<typeof resolveAnswers>[0], path = '/chain') => loadSources(system, facts, resolveAnswers(layer), new AbortController().signal, undefined, undefined, `${base}${path}`);
  test('is fetched with what it names, and is a configuration: nobody waits for a volume', async () => {
    const { documents, problems } = await loadWith({ flag: { unattended: true } });
    expect(problems.filter(isError)).toEqual([]);
    expect(documents.map(({ name, kind }) => [name, kind])).toEqual([[`${base}/chain`, 'user-data'], [`${base}/plain`, 'user-data']]);
  });
  test('is merged over what the kernel line and installer-data name, under what a flag names', async () => {
    const near = file('near', '#cloud-config\nhostname: near\n');
    expect((await loadWith({ 'kernel-line': { config: [near] } }, '/plain')).keptText).toContain('hostname: far');
    expect((await loadWith({ flag: { config: [near] } }, '/plain')).keptText).toContain('hostname: near');
  });
  test('one that cannot be had is an error', async () => {
    expect((await loadWith({}, '/none')).problems.map(({ id }) => id)).toEqual(['url-status']);
  });
});
