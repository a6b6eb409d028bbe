/**
 * The leak paths of kairos-agent (docs/leak-paths.md, A1 to A26). Without a wall, what would lie there is found; with the second wall, what it
 * takes away is gone; and what the agent is given by the first wall holds nothing of it.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composeConfig } from '../../../src/engine/kairos-agent/config.ts';
import { maskKernelLine } from '../../../src/engine/kairos-agent/kernel-line.ts';
import { makeGateDirectory } from '../../../src/engine/kairos-agent/gates.ts';
import { stageFile } from '../../../src/engine/kairos-agent/stage-files.ts';
import type { OpenPartition } from '../../../src/engine/kairos-agent/luks.ts';
import { scrubTarget } from '../../../src/engine/kairos-agent/scrub-target.ts';
import type { MaterialItem } from '../../../src/model/audit.ts';
import { auditTarget, auditTree } from '../../../src/scrub/audit.ts';
import { buildPatterns } from '../../../src/scrub/patterns.ts';
import { stripInstallerData, stripUserData } from '../../../src/scrub/strip.ts';
import { createRealSystem } from '../../../src/system/real.ts';
import { whyNoLoop } from '../../engine/kairos-agent/loop-disk.ts';
import { missingTools } from '../plants-image.ts';
import { makeAgentDisk, partitions, places } from './agent-disk.ts';
import type { AgentDisk } from './agent-disk.ts';
import { agentPaths, secretOf } from './rows.ts';

const missing = missingTools();
const system = createRealSystem();
const folder = mkdtempSync(join(tmpdir(), 'slipway-leak-paths-'));
const signal = new AbortController().signal;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const items: readonly MaterialItem[] = agentPaths.map(({ id }) => ({ file: 'installer-data', keyPath: [id], value: secretOf(id), searched: true }));
const keptText = '#cloud-config\nhostname: node-1\n';
const patterns = buildPatterns(items, { keptTexts: [keptText] });

/** Places in which each path's residue is found. */
const findOn = async (disk: AgentDisk): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const report = await auditTarget(system, { path: disk.path, partitions: partitions.map(({ label, start, size }) => ({ label, start, size })), mode: 'full', patterns });
  const tpm = await auditTree(system, disk.tpm, patterns);
  const found = new Map<string, Set<string>>();
  const note = (from: string, place: string): void => void found.set(from, (found.get(from) ?? new Set()).add(place));
  for (const hit of report.hits) note(hit.from.replace('installer-data: ', ''), hit.place);
  for (const hit of tpm.hits) note(hit.from.replace('installer-data: ', ''), 'TPM');
  return found;
};

describe.skipIf(missing.length > 0)(`what kairos-agent would leave${missing.length > 0 ? ` (not here: ${missing.join(', ')})` : ''}`, () => {
  let disk: AgentDisk;
  let without: ReadonlyMap<string, ReadonlySet<string>>;
  let withScrub: ReadonlyMap<string, ReadonlySet<string>> | null = null;
  const devices: string[] = [];

  beforeAll(async () => {
    disk = makeAgentDisk(folder);
    without = await findOn(disk);
    if (whyNoLoop !== null) return;
    const open: OpenPartition[] = [];
    // The kernel here may not know vfat; the EFI partition is scrubbed on a machine.
    for (const [index, { name, start, size }] of partitions.entries()) {
      if (name === 'efi') continue;
      const device = execFileSync('losetup', ['--find', '--show', '--offset', String(start), '--sizelimit', String(size), disk.path], { encoding: 'utf8' }).trim();
      devices.push(device);
      open.push({ number: index + 1, path: device, name, start, size, device, encrypted: false });
    }
    await scrubTarget(system, {
      partitions: open,
      kept: [{ name: '90_custom.yaml', mode: 0o640, bytes: keptText.length, sha256: createHash('sha256').update(keptText).digest('hex') }],
      keptFiles: { '90_custom.yaml': keptText },
      signal,
    });
    execFileSync('sync');
    withScrub = await findOn(disk);
  }, 120_000);
  afterAll(async () => {
    await system.cleanup.run();
    for (const device of devices) execFileSync('losetup', ['--detach', device]);
  });

  test.each(agentPaths.map(({ id }) => [id] as const))('%s: without a wall the audit finds it, in its place', (id) => {
    expect([...(without.get(id) ?? [])]).toContain(places[id]);
  });

  test.skipIf(whyNoLoop !== null).each(agentPaths.map((path) => [path.id, (path.walls as readonly string[]).includes('scrubbed')] as const))('%s: taken away by the scrub: %s', (id, scrubbed) => {
    expect(withScrub?.has(id)).toBe(!scrubbed);
  });
});

describe('the first wall: what the agent is given', () => {
  const userData = `#cloud-config\nhostname: node-1\ninstall:\n  password: ${secretOf('A1')}\n  cloud-init: ["${secretOf('A2')}"]\nconfig_url: https://factory.invalid/${secretOf('A19')}\nenv: ["TOKEN=${secretOf('A20')}"]\n`;
  const installerData = `#cloud-config\nstages:\n  before-install:\n    - commands: ["echo ${secretOf('A9')}"]\n`;
  const user = stripUserData(userData, 'user-data');
  const installer = stripInstallerData(installerData, 'installer-data');
  const search = buildPatterns([...user.items, ...installer.items], { keptTexts: [user.kept] });
  const audit = async (name: string, text: string): Promise<number> => {
    const place = join(folder, name);
    mkdirSync(place);
    writeFileSync(join(place, '90_custom.yaml'), text);
    return (await auditTree(system, place, search)).hits.length;
  };

  test('A1, A2, A19, A20, A24: the configuration that it merges and writes holds nothing; the unsplit one would', async () => {
    const given = composeConfig(user.kept, { install: { device: '/dev/vda' }, 'cloud-init-paths': ['/dev/slipway-x'] });
    expect(await audit('split', given)).toBe(0);
    expect(await audit('unsplit', userData)).toBeGreaterThan(3);
    expect(await audit('stages merged', `${userData}${installerData}`)).toBeGreaterThan(4);
  });

  test('A8, A15: stages lie on devtmpfs, which no disk backs and no node keeps', async () => {
    expect(await audit('stage file', stageFile(installer.steps))).toBeGreaterThan(0);
    if (process.getuid?.() !== 0) return;
    const place = await makeGateDirectory(system);
    expect(execFileSync('stat', ['--file-system', '--format=%T', place], { encoding: 'utf8' }).trim()).toMatch(/^(?:tmpfs|devtmpfs)$/);
    await system.cleanup.run();
    expect(existsSync(place)).toBe(false);
  });

  test('A21: words of the kernel line that it would merge are kept from it', async () => {
    const line = `quiet install.password=${secretOf('A1')} config_url=https://factory.invalid/${secretOf('A19')} console=ttyS0`;
    expect(await audit('kernel line', line)).toBeGreaterThan(0);
    expect(await audit('masked kernel line', maskKernelLine(line).text)).toBe(0);
  });
});

describe('the third wall', () => {
  /** What an installed node does at each boot (kairos-init `00_datasource.yaml`): the condition is that the path does not exist. */
  const boot = (oem: string, volume: string): void =>
    void execFileSync('/bin/sh', ['-euc', '[ ! -e "$1/95_userdata" ] || exit 0; mkdir "$1/95_userdata"; cp "$2/user-data" "$1/95_userdata/userdata"', 'boot', oem, volume]);

  test('A3: with the folder in place a boot takes nothing in; without it the audit finds what was pulled', async () => {
    const volume = join(folder, 'volume');
    mkdirSync(volume);
    writeFileSync(join(volume, 'user-data'), `#cloud-config\ninstall:\n  x: ${secretOf('A3')}\n`);
    const hits = async (name: string, closed: boolean): Promise<number> => {
      const oem = join(folder, name);
      mkdirSync(closed ? join(oem, '95_userdata') : oem, { recursive: true });
      boot(oem, volume);
      boot(oem, volume);
      return (await auditTree(system, oem, patterns)).hits.length;
    };
    expect(await hits('closed', true)).toBe(0);
    expect(await hits('open', false)).toBeGreaterThan(0);
  });
});
