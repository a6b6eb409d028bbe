/**
 * The leak paths of the builtin engine and of both (docs/leak-paths.md, B1 to B14): whole installs, each with one wall taken away from outside (an
 * engine or a system that does less than the real one), and the audit sees what comes through.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../src/cli/parse.ts';
import { recoveryCommand } from '../../../src/cli/recovery.ts';
import { builtinEngine } from '../../../src/engine/builtin/builtin.ts';
import type { Engine, EngineContext, LaidDown } from '../../../src/engine/engine.ts';
import type { AuditReport } from '../../../src/model/audit.ts';
import type { InstallEvent } from '../../../src/model/events.ts';
import { auditTarget, auditTree } from '../../../src/scrub/audit.ts';
import { buildPatterns } from '../../../src/scrub/patterns.ts';
import type { PatternSet } from '../../../src/scrub/patterns.ts';
import { stripInstallerData } from '../../../src/scrub/strip.ts';
import type { System } from '../../../src/system/port.ts';
import { createRealSystem } from '../../../src/system/real.ts';
import { createInstallPlace, whyNoInstall } from '../install-here.ts';
import type { Installed, InstallPlace, InstallWish } from '../install-here.ts';
import { writeAt } from '../plants-image.ts';
import { secretOf } from './rows.ts';
import type { BuiltinPathId } from './rows.ts';

const userData = '#cloud-config\nhostname: node-1\nusers:\n  - name: admin\n    passwd: "$6$a$b"\n    groups: [admin]\n';

/** Install-only material with a value for every path; `commands` run in before-install. */
const dataWith = (...commands: readonly string[]): string =>
  `#cloud-config\nstages:\n  before-install:\n    - name: ${secretOf('B1')}\n      files:\n        - path: /etc/slipway-leak/token\n          permissions: 0600\n          content: "${secretOf('B6')}"\n      commands: ${JSON.stringify(['cat /etc/slipway-leak/token', `: ${secretOf('B12')}`, ...commands])}\n`;

/** Another engine around the builtin one. */
const around = (change: { readonly before?: (context: EngineContext) => EngineContext; readonly after?: (laid: LaidDown, context: EngineContext) => LaidDown }): Engine => ({
  name: 'builtin',
  async run(context) {
    const given = change.before?.(context) ?? context;
    const laid = await builtinEngine.run(given);
    return change.after?.(laid, given) ?? laid;
  },
});

const placesOf = (audit: AuditReport | null): readonly string[] => [...new Set(audit?.hits.map((hit) => hit.place))].sort();
const pathsOf = (audit: AuditReport | null): readonly string[] => [...new Set(audit?.hits.map((hit) => hit.from.replace(/^.*: /, '')))];
const name = (id: BuiltinPathId, what: string): string => `${id}: ${what}`;

describe.skipIf(whyNoInstall !== null)(`the builtin engine${whyNoInstall === null ? '' : ` (${whyNoInstall})`}`, { timeout: 120_000 }, () => {
  let place: InstallPlace;
  beforeAll(() => {
    place = createInstallPlace();
  });
  afterAll(() => place.dispose());
  const install = (wish: Partial<InstallWish>): Promise<Installed> => place.install({ userData, installerData: dataWith(), ...wish });
  const auditOf = async (data: string, files: Readonly<Record<string, string>>): Promise<AuditReport> => {
    const folder = join(place.folder, `texts-${createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 8)}`);
    mkdirSync(folder);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    return auditTree(createRealSystem(), folder, patternsOf(data));
  };
  const patternsOf = (data: string): PatternSet => buildPatterns(stripInstallerData(data, 'installer-data').items, { keptTexts: [userData] });
  const debugfs = (image: string, offset: number, ...requests: readonly string[]): void => {
    const script = place.write('requests', `${requests.join('\n')}\n`);
    execFileSync('debugfs', ['-w', '-f', script, `${image}?offset=${offset}`], { stdio: 'ignore' });
  };

  test('with all walls the audit finds nothing', async () => {
    const { exitCode, audit } = await install({});
    expect([exitCode, audit?.hits]).toEqual([0, []]);
  });

  test(name('B1', 'a configuration written as it was given is found in COS_OEM'), async () => {
    const text = `${userData}${dataWith().replace('#cloud-config\n', '')}`;
    const engine = around({
      before: (context) => ({
        ...context,
        planned: {
          ...context.planned,
          plan: { ...context.planned.plan, kept: context.planned.plan.kept.map((file) => ({ ...file, bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') })) },
          material: { ...context.planned.material, keptFiles: { '90_custom.yaml': text } },
        },
      }),
    });
    const { exitCode, audit } = await install({ engine });
    expect([exitCode, placesOf(audit)]).toEqual([7, ['COS_OEM']]);
  });

  test(name('B2', 'what a stage writes into the target\'s trees is found in each of them'), async () => {
    const trees = { oem: 'COS_OEM', state: 'COS_STATE', persistent: 'COS_PERSISTENT', recovery: 'COS_RECOVERY', efi: 'COS_GRUB' } as const;
    const commands = Object.keys(trees).map((tree) => `mkdir -p /run/cos/${tree}/EFI; cp /etc/slipway-leak/token /run/cos/${tree}/EFI/x`);
    const { exitCode, audit } = await install({ installerData: dataWith(...commands) });
    expect([exitCode, placesOf(audit)]).toEqual([7, Object.values(trees).toSorted()]);
  });

  test(name('B3', 'a system image that a stage could change is unpacked and searched: it is not the one that was made before'), async () => {
    const tree = join(place.folder, 'changed');
    place.write('changed/etc/enrol', `${'line of text\n'.repeat(400)}${secretOf('B6')}\n`);
    execFileSync('mksquashfs', [tree, join(place.folder, 'changed.squashfs'), '-quiet', '-no-progress'], { stdio: 'ignore' });
    const engine = around({
      after: (laid, { planned }) => ({
        ...laid,
        verify: () => {
          debugfs(planned.plan.target.path, planned.plan.layout.find((partition) => partition.name === 'state')?.start ?? 0, 'rm /cOS/active.img', `write ${join(place.folder, 'changed.squashfs')} /cOS/active.img`);
          return Promise.resolve();
        },
      }),
    });
    const { exitCode, audit } = await install({ engine });
    expect([exitCode, placesOf(audit)]).toEqual([7, ['COS_STATE']]);
    expect(audit?.hits.map((hit) => hit.inside)).toContain('squashfs /etc/enrol');
  });

  test(name('B4', 'a file written and removed in memory leaves nothing; on the target it is found in free blocks'), async () => {
    const installerData = dataWith(`echo ${secretOf('B4')} > /run/cos/oem/gone; sync; rm /run/cos/oem/gone`);
    expect(await install({ installerData })).toMatchObject({ exitCode: 0 });
    const engine = around({
      after: (laid, { planned }) => ({
        ...laid,
        async verify() {
          const start = planned.plan.layout.find((partition) => partition.name === 'oem')?.start ?? 0;
          debugfs(planned.plan.target.path, start, `write ${place.write('gone', secretOf('B4'))} /gone`);
          debugfs(planned.plan.target.path, start, 'rm /gone');
          await laid.verify();
        },
      }),
    });
    const { exitCode, audit } = await install({ installerData, engine });
    expect([exitCode, placesOf(audit)]).toEqual([7, ['COS_OEM']]);
  });

  test(name('B5', 'install-only text in the GRUB environment is found'), async () => {
    const engine = around({ before: (context) => ({ ...context, planned: { ...context.planned, material: { ...context.planned.material, grubOptions: { extra_cmdline: secretOf('B6') } } } }) });
    const { exitCode, audit } = await install({ engine });
    expect([exitCode, placesOf(audit)]).toEqual([7, ['COS_OEM']]);
  });

  test(name('B6', 'what a stage prints is in no event and no log; before it is redacted it is there'), async () => {
    const raw: InstallEvent[] = [];
    const engine = around({
      before: (context) => ({
        ...context,
        emit: (event) => {
          raw.push(event);
          context.emit(event);
        },
      }),
    });
    const { exitCode, events } = await install({ engine });
    expect(exitCode).toBe(0);
    expect((await auditOf(dataWith(), { log: JSON.stringify(events) })).hits).toEqual([]);
    expect((await auditOf(dataWith(), { log: JSON.stringify(raw) })).hits.length).toBeGreaterThan(0);
  });

  test(name('B7', 'a receipt holds none of what an engine reports in words'), async () => {
    const engine = around({ after: (laid) => ({ ...laid, scrub: async () => ({ removed: [`COS_OEM: ${secretOf('B6')}`], notes: [...(await laid.scrub()).notes, `stages left ${secretOf('B6')}`] }) }) });
    const { exitCode, events } = await install({ engine });
    expect(exitCode).toBe(0);
    const written = events.flatMap((event) => (event.event === 'receipt' ? event.written : []));
    const receipts = written.filter((path) => path.startsWith(place.folder)).map((path) => readFileSync(path, 'utf8'));
    expect(receipts.length).toBeGreaterThan(0);
    expect((await auditOf(dataWith(), { receipt: receipts.join('\n') })).hits).toEqual([]);
    expect((await auditOf(dataWith(), { receipt: receipts.join('\n').replaceAll('[redacted]', secretOf('B6')) })).hits.length).toBeGreaterThan(0);
  });

  /** What an installed node does at each boot while a data volume is attached: it pulls unless the path exists (kairos-init `00_datasource.yaml`). */
  const boot = (installed: Installed): void => {
    if (/Type: directory/.test(installed.debugfs('oem', 'stat /95_userdata'))) return;
    debugfs(installed.image, installed.startOf('oem'), 'mkdir /95_userdata', `write ${place.write('pulled', dataWith())} /95_userdata/userdata`);
  };
  const auditAgain = async (installed: Installed): Promise<readonly string[]> =>
    placesOf(await auditTarget(createRealSystem(), { path: installed.image, partitions: [{ label: 'COS_OEM', start: installed.startOf('oem'), size: installed.sizeOf('oem') }], mode: 'full', patterns: patternsOf(dataWith()) }));

  test(name('B8', 'a data volume that stays attached is not pulled in; without the folder the run fails, and a boot would pull it in'), async () => {
    const closed = await install({});
    boot(closed);
    expect([closed.exitCode, await auditAgain(closed)]).toEqual([0, []]);
    const open = await install({
      engine: around({
        after: (laid, { planned }) => ({
          ...laid,
          async verify() {
            debugfs(planned.plan.target.path, planned.plan.layout.find((partition) => partition.name === 'oem')?.start ?? 0, 'rmdir /95_userdata');
            await laid.verify();
          },
        }),
      }),
    });
    expect(open.exitCode).toBe(6);
    expect(open.events.filter((event) => event.event === 'problem').map((event) => event.id)).toContain('closure-missing');
    boot(open);
    expect(await auditAgain(open)).toEqual(['COS_OEM']);
  });

  test(name('B9', 'a reset closes again what was open'), async () => {
    const reset = async (installed: Installed, ...more: readonly string[]): Promise<number> => {
      const system = createRealSystem();
      const output = { print: () => undefined, error: () => undefined, isLost: false, isTerminal: false, columns: 80 };
      const code = await recoveryCommand(parseCommandLine(['recovery', 'reset', ...more, '--yes', '--image', installed.image]), system, output, new AbortController().signal);
      expect(await system.cleanup.run()).toEqual([]);
      return code;
    };
    for (const more of [[], ['--oem']]) {
      const installed = await install({});
      debugfs(installed.image, installed.startOf('oem'), 'rmdir /95_userdata');
      expect(await reset(installed, ...more)).toBe(0);
      boot(installed);
      expect(await auditAgain(installed)).toEqual([]);
      // The same without the reset.
      debugfs(installed.image, installed.startOf('oem'), 'rmdir /95_userdata');
      boot(installed);
      expect(await auditAgain(installed)).toEqual(['COS_OEM']);
    }
  });

  test(name('B10', 'the workspace of the stages is in memory and goes; on a disk and kept, it is found'), async () => {
    const used: string[] = [];
    const noted = (real: System): System => ({
      ...real,
      async memoryDirectory(purpose) {
        const path = await real.memoryDirectory(purpose);
        used.push(path);
        expect(execFileSync('stat', ['--file-system', '--format=%T', path], { encoding: 'utf8' }).trim()).toMatch(/^(?:tmpfs|ramfs)$/);
        return path;
      },
    });
    expect(await install({ system: noted })).toMatchObject({ exitCode: 0 });
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((path) => existsSync(path))).toEqual([]);

    // A stage that fails in the middle leaves what it was given where it was given to it.
    const kept = join(place.folder, 'kept-workspace');
    const hoarding = (real: System): System => ({
      ...real,
      async memoryDirectory(purpose) {
        const path = await real.memoryDirectory(purpose);
        real.cleanup.add('keep a copy', () => Promise.resolve(existsSync(path) ? void execFileSync('cp', ['-a', path, join(kept, purpose)]) : undefined));
        return path;
      },
      remove: (path) => (used.some((known) => path.startsWith(known)) || /\/(?:upper|tmp|run)$/.test(path) ? Promise.resolve() : real.remove(path)),
    });
    mkdirSync(kept);
    expect(await install({ system: hoarding })).toMatchObject({ exitCode: 0 });
    const report = await auditTree(createRealSystem(), kept, patternsOf(dataWith()));
    expect(report.hits.some((hit) => hit.place.endsWith('etc/slipway-leak/token'))).toBe(true);
  });

  test(name('B11', 'what was on the disk before is gone; on a disk that is not emptied first it is found'), async () => {
    const settings = { 'allow-data-loss': true, 'target-image': join(place.folder, 'used.img') };
    const soil = (): void => {
      execFileSync('truncate', ['--size=2G', settings['target-image']]);
      writeAt(settings['target-image'], 2000 * 512, Buffer.from(secretOf('B6')));
    };
    soil();
    expect(await install({ settings: { ...settings, reinstall: true } })).toMatchObject({ exitCode: 0 });
    soil();
    const lazy = (real: System): System => ({ ...real, run: (command, options) => real.run(command[0] === 'truncate' ? ['true'] : command, options) });
    const { exitCode, events } = await install({ settings: { ...settings, reinstall: true }, system: lazy });
    const audit = events.find((event) => event.event === 'audit');
    expect([exitCode, audit?.event === 'audit' ? placesOf(audit) : null]).toEqual([7, ['GPT']]);
  });

  test.each([
    ['B12', 'a swap partition', 'COS_PERSISTENT', 3 * 1024 * 1024],
    ['B13', 'slack, journals and blocks that no file has', 'COS_STATE', 5 * 1024 * 1024 + 77],
    ['B14', 'the table and the gaps between partitions', 'GPT', 1500 * 512],
  ] as const)('%s: planted in %s it is found', async (_, what, label, offset) => {
    const engine = around({
      after: (laid, { planned }) => ({
        ...laid,
        verify: () => {
          const partition = planned.plan.layout.find((row) => row.label === label);
          if (what === 'a swap partition' && partition !== undefined) writeAt(planned.plan.target.path, partition.start + 4086, Buffer.from('SWAPSPACE2'));
          writeAt(planned.plan.target.path, (partition?.start ?? 0) + offset, Buffer.from(secretOf('B6')));
          return Promise.resolve();
        },
      }),
    });
    const { exitCode, audit } = await install({ engine });
    expect([exitCode, placesOf(audit)]).toEqual([7, [label]]);
    expect(pathsOf(audit)).toEqual(['stages.before-install[0].files[0].content']);
  });
});
