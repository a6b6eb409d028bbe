import { createHash } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootStub } from '../../src/model/boot-stub.ts';
import { installerData, secrets, userData } from '../support/factory.ts';
import { createWorkshop, eventsOf, executable } from '../support/workshop.ts';
import type { Ended, Workshop } from '../support/workshop.ts';

/** Byte offset and size of a partition, from an independent reader of the table. */
const partitionAt = (image: string, number: number): { readonly start: number; readonly name: string } => {
  const table = JSON.parse(execFileSync('sfdisk', ['--json', image], { encoding: 'utf8' })) as {
    partitiontable: { partitions: { start: number; name: string }[] };
  };
  const row = table.partitiontable.partitions[number - 1];
  if (row === undefined) throw new Error(`no partition ${number}`);
  return { start: row.start * 512, name: row.name };
};

const readFromOem = (image: string, path: string): string =>
  spawnSync('debugfs', ['-R', `cat ${path}`, `${image}?offset=${partitionAt(image, 3).start}`], { encoding: 'utf8' }).stdout;

const bootCode = (image: string): Buffer => {
  const head = Buffer.alloc(440);
  const file = openSync(image, 'r');
  readSync(file, head, 0, 440, 0);
  closeSync(file);
  return head;
};

/** Changes whenever something is written to the file. */
const lastWritten = (image: string): string => {
  const { size, blocks, mtimeMs, ctimeMs } = statSync(image);
  return [size, blocks, mtimeMs, ctimeMs].join(' ');
};

const doneOf = (ended: Ended) => eventsOf(ended).findLast((event) => event.event === 'done');

/** What a run left mounted, in memory-backed storage, or running: its folders carry its process id. */
const leftBy = ({ pid }: Ended): readonly string[] => [
  ...readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter((line) => line.includes(`/slipway/${pid}-`)),
  ...['/run/slipway', '/dev/shm/slipway'].flatMap((folder) => (existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${pid}-`)) : [])),
  ...spawnSync('pgrep', ['--full', '--list-full', `/slipway/${pid}-`], { encoding: 'utf8' }).stdout.split('\n').filter((line) => line !== ''),
];

/** Names, sizes, modes and times of the host's own files. */
const hostFiles = (): string =>
  execFileSync('find', ['/etc', '/usr', '/boot', '/opt', '/srv', '/home', '-xdev', '-printf', '%p %s %m %T@ %y\n'], { encoding: 'utf8', maxBuffer: 1 << 30 });

describe('slipway install --unattended, the executable on real input', () => {
  let workshop: Workshop;
  let volume: string;
  beforeAll(() => {
    workshop = createWorkshop();
    volume = workshop.dataVolume({ 'user-data': userData, 'installer-data': installerData });
  });
  afterAll(() => workshop.dispose());

  describe('a whole install', () => {
    let ended: Ended;
    let image: string;
    let before: string;
    beforeAll(async () => {
      image = join(workshop.folder, 'whole.img');
      before = hostFiles();
      ended = await workshop.run(workshop.installArguments({ volume, image }));
    });

    test('ends with 0 and says what it did', () => {
      expect(ended.stderr).toBe('');
      expect(doneOf(ended)).toMatchObject({ exitCode: 0, ok: true, result: 'installed' });
      const phases = eventsOf(ended).filter((event) => event.event === 'phase').map((event) => event['phase']);
      expect(phases).toEqual(['probe', 'sources', 'plan', 'confirm', 'engine', 'scrub', 'close', 'audit', 'receipt', 'finish']);
      expect(eventsOf(ended).find((event) => event.event === 'audit')).toMatchObject({ mode: 'written', hits: [] });
      expect(ended.code).toBe(0);
    });

    test('keeps what is kept, byte for byte, and derived effects of the stages', () => {
      const kept = readFromOem(image, '/90_custom.yaml');
      expect(kept).toContain('hostname: factory-node');
      expect(kept).toContain('permissions: 0644');
      expect(kept).not.toContain('after-install');
      expect(kept).not.toContain('grub_options');
      const plan = eventsOf(ended).find((event) => event.event === 'plan')?.['plan'] as { kept: { sha256: string }[] };
      expect(createHash('sha256').update(kept).digest('hex')).toBe(plan.kept[0]?.sha256);
      expect(readFromOem(image, '/device-id')).toMatch(/^[0-9a-f]{16}\n$/);
      const stat = execFileSync('debugfs', ['-R', 'stat /90_custom.yaml', `${image}?offset=${partitionAt(image, 3).start}`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      expect(stat).toMatch(/Mode:\s+0640/);
    });

    test('grep finds no install-only string on the raw image', () => {
      const patterns = join(workshop.folder, 'patterns');
      const grep = (): { status: number | null; stdout: string } => spawnSync('grep', ['-a', '-o', '-F', '-f', patterns, image], { encoding: 'utf8' });
      writeFileSync(patterns, [...secrets, 'USERDATA-STAGE-SECRET-99', ''].join('\n'));
      // 1 is "no match"; 2 would be "could not read".
      expect(grep()).toMatchObject({ status: 1, stdout: '' });
      // The same search does find what is kept.
      writeFileSync(patterns, 'hostname: factory-node\n');
      expect(grep()).toMatchObject({ status: 0, stdout: 'hostname: factory-node\n' });
    }, 180_000);

    test('shows no secret in what it prints', () => {
      for (const secret of [...secrets.filter((text) => !text.startsWith('https:')), 'USERDATA-STAGE-SECRET-99', '$6$kairosdemo']) expect(ended.stdout).not.toContain(secret);
    });

    test('leaves the host as it was', () => {
      expect(hostFiles() === before).toBe(true);
      expect(existsSync('/etc/slipway-test')).toBe(false);
      expect(leftBy(ended)).toEqual([]);
    });

    test('writes a receipt that verifies', async () => {
      const receipt = readdirSync(workshop.folder).find((name) => name.startsWith('slipway-receipt')) ?? '';
      const verified = await workshop.run(['receipt', 'verify', join(workshop.folder, receipt)]);
      expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('installed on') as unknown });
    });

    test('a second run with the same configuration writes nothing', async () => {
      const first = lastWritten(image);
      const again = await workshop.run(workshop.installArguments({ volume, image }));
      expect(doneOf(again)).toMatchObject({ exitCode: 0, already: true });
      expect(lastWritten(image)).toBe(first);
    });
  });

  test('plan and install agree on the hash, and another plan is refused with 8', async () => {
    const image = join(workshop.folder, 'planned.img');
    const [, ...flags] = workshop.installArguments({ volume, image });
    const planned = await workshop.run(['plan', ...flags]);
    const { hash } = JSON.parse(planned.stdout) as { hash: string };
    expect(existsSync(image)).toBe(false);
    const wrong = await workshop.run(['install', ...flags, '--expect-plan', '0'.repeat(64)]);
    expect(wrong.code).toBe(8);
    const right = await workshop.run(['install', ...flags, '--expect-plan', hash]);
    expect(right.code).toBe(0);
  });

  test('a stage that leaves its secret on the target is found by the audit: exit code 7, and the disk does not boot', async () => {
    const leaking = installerData.replace('cat /etc/slipway-test/token', 'cp /etc/slipway-test/token /run/cos/oem/leaked');
    const image = join(workshop.folder, 'leak.img');
    const ended = await workshop.run(workshop.installArguments({ volume: workshop.dataVolume({ 'user-data': userData, 'installer-data': leaking }), image }));
    expect(ended.code).toBe(7);
    const audit = eventsOf(ended).find((event) => event.event === 'audit') as unknown as { hits: { place: string; from: string }[] };
    expect(audit.hits.map((hit) => hit.place)).toContain('COS_OEM');
    expect(audit.hits[0]?.from).toMatch(/installer-data.*before-install/);
    expect(ended.stdout).not.toContain('FILE-CONTENT-SECRET-77');
    expect(partitionAt(image, 1).name).toBe('slipway-unfinished');
    expect(bootCode(image).equals(bootStub())).toBe(true);
  });

  describe('standard output on a full disk', () => {
    const onFull = (...words: readonly string[]) => spawnSync('sh', ['-c', 'exec "$@" >/dev/full', 'sh', executable, ...words], { encoding: 'utf8' });
    const said = 'slipway: standard output cannot be written (ENOSPC); what follows is lost\n';

    test('does not stop an install half-way: it goes on to its end (invariant 9)', () => {
      const image = join(workshop.folder, 'full-log.img');
      expect(onFull(...workshop.installArguments({ volume, image }))).toMatchObject({ status: 0, stderr: said });
      expect(partitionAt(image, 1).name).toBe('bios');
    });

    test('fails what is there for its output alone', () => {
      expect(onFull('token')).toMatchObject({ status: 5, stderr: said });
    });
  });

  describe('interrupted', () => {
    const slow = installerData.replace('cat /etc/slipway-test/token', 'sleep 60');
    const untilEvent = async (name: string, volumeToUse: string, when: (event: Record<string, unknown>) => boolean): Promise<{ ended: Ended; image: string }> => {
      const image = join(workshop.folder, `interrupted-${name}.img`);
      let sent = false;
      const ended = await workshop.run(workshop.installArguments({ volume: volumeToUse, image }), {
        onEvent: (event, child) => {
          if (!sent && when(event)) {
            sent = true;
            child.kill('SIGINT');
          }
        },
      });
      expect(sent).toBe(true);
      return { ended, image };
    };

    test('before the first write: 130, no image, nothing left', async () => {
      const sleeping = workshop.dataVolume({ 'user-data': userData, 'installer-data': slow });
      const { ended, image } = await untilEvent('before', sleeping, (event) => event['event'] === 'log' && String(event['text']).includes('enrolling'));
      expect(ended.code).toBe(130);
      expect(doneOf(ended)).toMatchObject({ exitCode: 130, diskTouched: false, text: expect.stringContaining('not touched') as unknown });
      expect(existsSync(image)).toBe(false);
      expect(leftBy(ended)).toEqual([]);
    });

    test.each([
      ['while writing', 'writing', (event: Record<string, unknown>) => event['event'] === 'log' && String(event['text']).startsWith('writing COS_STATE')],
      ['while scrubbing', 'scrubbing', (event: Record<string, unknown>) => event['event'] === 'phase' && event['phase'] === 'scrub'],
    ])('%s: 6, marked as unfinished, nothing left', async (_, name, when) => {
      const { ended, image } = await untilEvent(name, volume, when);
      expect(ended.code).toBe(6);
      expect(doneOf(ended)).toMatchObject({ exitCode: 6, diskTouched: true, text: expect.stringContaining('unfinished') as unknown });
      expect(partitionAt(image, 1).name).toBe('slipway-unfinished');
      expect(leftBy(ended)).toEqual([]);
      // The next run needs nobody's consent to start over.
      const again = await workshop.run(workshop.installArguments({ volume, image }));
      expect(again.code).toBe(0);
    });
  });

  describe('bad input ends with a clear error and nothing written', () => {
    const refuse = async (name: string, args: (image: string) => readonly string[]): Promise<{ ended: Ended; said: string }> => {
      const image = join(workshop.folder, `bad-${name}.img`);
      const ended = await workshop.run(args(image));
      expect(existsSync(image)).toBe(false);
      return { ended, said: ended.stdout + ended.stderr };
    };

    test('no data volume', async () => {
      const { ended, said } = await refuse('no-volume', (image) => workshop.installArguments({ volume: join(workshop.folder, 'nothing-here.iso'), image }));
      expect(ended.code).toBe(8);
      expect(said).toContain('nothing-here.iso');
    });

    test('broken YAML names file, line and column', async () => {
      const broken = workshop.dataVolume({ 'user-data': '#cloud-config\nhostname: [a\nusers: x\n', 'installer-data': installerData });
      const { ended, said } = await refuse('yaml', (image) => workshop.installArguments({ volume: broken, image }));
      expect(ended.code).toBe(3);
      expect(said).toMatch(/user-data:\d+:\d+/);
    });

    test('a boot stage in installer-data belongs into user-data', async () => {
      const boot = workshop.dataVolume({ 'user-data': userData, 'installer-data': '#cloud-config\nstages:\n  boot:\n    - commands: [echo hi]\n' });
      const { ended, said } = await refuse('boot', (image) => workshop.installArguments({ volume: boot, image }));
      expect(ended.code).toBe(3);
      expect(said).toContain('user-data');
      expect(said).toMatch(/installer-data:3/);
    });

    test('an image that is too small', async () => {
      const { ended, said } = await refuse('small', (image) => workshop.installArguments({ volume, image, size: '700M' }));
      expect(ended.code).toBe(4);
      expect(said).toMatch(/700 MiB are too small.*need \d+ MiB/);
    });

    test('a source that is not there', async () => {
      const { ended, said } = await refuse('source', (image) => workshop.installArguments({ volume, image, source: 'dir:/nowhere/at/all' }));
      expect(ended.code).toBe(3);
      expect(said).toContain('/nowhere/at/all');
    });

    test('a stage that the engine does not run, by name', async () => {
      const chroot = workshop.dataVolume({ 'user-data': userData, 'installer-data': '#cloud-config\nstages:\n  after-install-chroot:\n    - commands: [echo hi]\n' });
      const { ended, said } = await refuse('chroot', (image) => workshop.installArguments({ volume: chroot, image }));
      expect(ended.code).toBe(3);
      expect(said).toContain('after-install-chroot');
    });

    test('an unknown flag', async () => {
      const { ended, said } = await refuse('flag', (image) => workshop.installArguments({ volume, image }, '--unatended'));
      expect(ended.code).toBe(2);
      expect(said).toContain('--unattended');
    });

    test('an image with partitions on it, without consent', async () => {
      const image = join(workshop.folder, 'full.img');
      writeFileSync(image, '');
      execFileSync('truncate', ['--size=4G', image]);
      execFileSync('sfdisk', ['--quiet', image], { input: 'label: gpt\nsize=100MiB, name=precious\n' });
      const before = lastWritten(image);
      const ended = await workshop.run(workshop.installArguments({ volume, image }));
      expect(ended.code).toBe(4);
      expect(ended.stdout).toContain('precious');
      expect(ended.stdout).toContain('--allow-data-loss');
      expect(lastWritten(image)).toBe(before);
      const agreed = await workshop.run(workshop.installArguments({ volume, image }, '--allow-data-loss'));
      expect(agreed.code).toBe(0);
      expect(statSync(image).size).toBe(4 * 1024 ** 3);
    });
  });
});
