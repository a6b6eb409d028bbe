/** What an upgrade keeps, and that one which fails or is cut off anywhere leaves a node that starts and an upgrade that can be repeated. */
import { closeSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRecoveryEffects } from '../../src/app/recovery/effects.ts';
import { printGrubEnvironment } from '../../src/engine/grubenv.ts';
import type { RecoveryEvent } from '../../src/recovery/events.ts';
import { runCounted } from '../../src/recovery/store/counted.ts';
import { createExtStore } from '../../src/recovery/store/ext.ts';
import { createMountedStore } from '../../src/recovery/store/mounted.ts';
import { parseSwapMark, printSwapMark, tornBy } from '../../src/recovery/swap-mark.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { createNodeWorkshop } from './node-image.ts';
import type { NodeStatusJson, NodeWorkshop } from './node-image.ts';

let shop: NodeWorkshop;
beforeAll(() => {
  shop = createNodeWorkshop();
});
afterAll(() => shop.dispose());

const put = (image: string, partition: string, path: string, text: string): void => {
  const file = join(shop.folder, 'put');
  writeFileSync(file, text);
  shop.debugfs(image, partition, `rm ${path}`, true);
  shop.debugfs(image, partition, `write ${file} ${path}`, true);
};

const versions = async (image: string): Promise<Readonly<Record<string, string | null>>> => Object.fromEntries((await shop.status(image)).systems.map(({ name, version }) => [name, version?.replace('Kairos ', '') ?? null]));

/** Version of a system's kernel. */
const kernelOf = (image: string, name: string): string => /kernel of (\S+)/.exec(shop.debugfs(image, 'state', `cat /cOS/${name}.vmlinuz`))?.[1] ?? 'none';

const action = async (image: string, id: string) => (await shop.status(image)).actions.find((row) => row.id === id) as unknown as { kept: string[]; lost: string[]; refusal: { reason: string; way: string } | null };

/** A node whose active system is v2.0.0 and whose passive one is v1.0.0. */
const upgraded = async (): Promise<string> => {
  const image = shop.copy();
  expect(await shop.recovery(image, 'upgrade', '--source', shop.source('v2.0.0'), '--yes')).toMatchObject({ status: 0 });
  return image;
};

const assessment = (image: string, variables: Readonly<Record<string, string>>): void => put(image, 'state', '/boot_assessment', printGrubEnvironment(new Map(Object.entries(variables))) ?? '');

describe('what is known to work is kept', () => {
  test.each<[string, (image: string) => Promise<unknown>]>([
    ['the active system was given up on', (image) => Promise.resolve(assessment(image, { enable_boot_assessment_always: 'yes', last_boot_attempt: 'fallback' }))],
    ['it was given up on, and something else is chosen for the next boot alone', async (image) => {
      assessment(image, { enable_boot_assessment_always: 'yes', last_boot_attempt: 'fallback' });
      await shop.recovery(image, 'boot', 'recovery', '--yes');
    }],
    ['it is rolled back', (image) => shop.recovery(image, 'rollback', '--yes')],
    ['the active system was not started since the upgrade before', (image) => Promise.resolve(assessment(image, { enable_boot_assessment_always: 'yes', enable_boot_assessment: 'yes' }))],
  ])('%s: the passive one stays, and that is said before', async (_why, prepare) => {
    const image = await upgraded();
    await prepare(image);
    const { kept, lost } = await action(image, 'upgrade');
    expect(kept.join()).toContain('the passive system: ');
    expect(lost).toEqual(['the active system that is there now']);
    expect(await shop.recovery(image, 'upgrade', '--source', shop.source('v3.0.0'), '--yes')).toMatchObject({ status: 0 });
    expect(await versions(image)).toEqual({ active: 'v3.0.0', passive: 'v1.0.0', recovery: 'v1.0.0' });
    expect([kernelOf(image, 'active'), kernelOf(image, 'passive')]).toEqual(['v3.0.0', 'v1.0.0']);
    expect((await shop.status(image)).next).toEqual({ once: null, always: null, assessed: null });
  });

  test('an ordinary one says that the passive system goes; a damaged passive system is not kept in place of a whole one', async () => {
    const image = await upgraded();
    expect(await action(image, 'upgrade')).toMatchObject({ kept: ['configuration and data', 'the active system, as the passive one'], lost: ['the passive system that is there now'] });
    expect(await shop.recovery(image, 'rollback', '--yes')).toMatchObject({ status: 0 });
    put(image, 'state', '/cOS/passive.img', 'ruined');
    expect((await action(image, 'upgrade')).lost).toEqual(['the passive system that is there now']);
  });
});

describe('COS_OEM that cannot take the boot choice', () => {
  test('full: it is refused, and nothing is touched', async () => {
    const image = await upgraded();
    writeFileSync(join(shop.folder, 'filler'), Buffer.alloc(64 * 1024 * 1024, 1));
    shop.debugfs(image, 'oem', `write ${join(shop.folder, 'filler')} /filler`, true);
    const before = statSync(image, { bigint: true }).mtimeNs;
    expect((await action(image, 'upgrade')).refusal?.reason).toBe('COS_OEM is full');
    expect(await shop.recovery(image, 'upgrade', '--source', shop.source('v3.0.0'), '--yes')).toMatchObject({ status: 4 });
    expect(statSync(image, { bigint: true }).mtimeNs).toBe(before);
  });

  test('encrypted and not open: it is refused', async () => {
    const image = shop.copy();
    const { start } = shop.partition(image, 'oem');
    const file = openSync(image, 'r+');
    writeSync(file, Buffer.alloc(4096), 0, 4096, start);
    writeSync(file, Buffer.from('LUKS\xba\xbe\x00\x01', 'latin1'), 0, 8, start);
    closeSync(file);
    expect((await action(image, 'upgrade')).refusal?.reason).toContain('encrypted and not open');
  });

  test('it takes no file: the systems are as they were', async () => {
    const image = await upgraded();
    shop.debugfs(image, 'oem', 'mkdir /grubenv.slipway-try.new', true);
    expect(await shop.recovery(image, 'upgrade', '--source', shop.source('v3.0.0'), '--yes')).toMatchObject({ status: 6 });
    expect(await versions(image)).toEqual({ active: 'v2.0.0', passive: 'v1.0.0', recovery: 'v1.0.0' });
    expect((await shop.status(image)).problems).toEqual([]);
  });
});

/** Runs an upgrade of the image in which the power goes before the write of that number. Returns whether it went. */
const cutBefore = async (image: string, write: number, ofRecovery = false): Promise<boolean> => {
  const real = createRealSystem();
  let count = 0;
  const goes = (command: readonly string[]): boolean => {
    const at = command.indexOf('debugfs');
    if (at >= 0 && command[at + 1] === '-w') count += 1;
    return count >= write;
  };
  const off = (): Promise<never> => Promise.reject(new Error('the power went'));
  const system: typeof real = {
    ...real,
    run: (command, options) => (goes(command) ? off() : real.run(command, options)),
    stream: (command, options) => (goes(command) ? off() : real.stream(command, options)),
  };
  const effects = createRecoveryEffects(system, { image });
  const events: RecoveryEvent[] = [];
  await effects.look(new AbortController().signal);
  await effects.run(ofRecovery ? 'upgrade-recovery' : 'upgrade', { options: { source: shop.source('v3.0.0') }, file: null }, new AbortController().signal, (event) => void events.push(event));
  await real.cleanup.run();
  return events.some((event) => event.event === 'done' && !event.ok);
};

/** A system with parts of two versions must not be called whole. */
const noneIsMixed = (image: string, { systems }: NodeStatusJson): void => {
  for (const { name, damage, version } of systems) {
    if (name !== 'recovery' && damage === null) expect(`${name} ${kernelOf(image, name)}`).toBe(`${name} ${version?.replace('Kairos ', '')}`);
  }
};

describe('cut off', () => {
  test('before any of its writes: no mixed system is called whole, and repeating it mends it', async () => {
    const base = await upgraded();
    let torn = 0;
    let write = 0;
    for (let went = true; went; ) {
      // Between the first write and the sixth only files beside the old ones come and go.
      write = write === 1 ? 6 : write + 1;
      const image = join(shop.folder, 'cut.img');
      writeFileSync(image, '');
      const { execFileSync } = await import('node:child_process');
      execFileSync('cp', ['--sparse=always', base, image]);
      went = await cutBefore(image, write);
      const status = await shop.status(image);
      noneIsMixed(image, status);
      if (status.systems.some(({ damage }) => damage !== null)) torn += 1;
      if (status.systems.some(({ damage }) => damage !== null)) expect(status.problems.map(({ id }) => id)).toContain('node-upgrade-unfinished');
      expect(await shop.recovery(image, 'upgrade', '--source', shop.source('v3.0.0'), '--yes')).toMatchObject({ status: 0 });
      // After one that went through there is another passive system: the one that it put there.
      const mended = await shop.status(image);
      expect(mended.systems.map(({ version }) => version)).toEqual(['Kairos v3.0.0', went ? 'Kairos v2.0.0' : 'Kairos v3.0.0', 'Kairos v1.0.0']);
      noneIsMixed(image, mended);
      expect(mended.problems).toEqual([]);
      expect(shop.debugfs(image, 'state', 'ls -p /cOS')).not.toMatch(/\.new|slipway-swap/);
    }
    expect(torn).toBeGreaterThan(2);
    expect(write).toBeGreaterThan(10);
  }, 300_000);

  test('of the recovery system: a reset from mixed parts is refused until it is repeated', async () => {
    const image = shop.copy();
    let write = 4;
    while ((await shop.status(image)).systems.every(({ damage }) => damage === null) && write < 20) {
      await cutBefore(image, write, true);
      write += 1;
    }
    const status = await shop.status(image);
    expect(status.problems).toContainEqual(expect.objectContaining({ id: 'node-upgrade-unfinished', where: 'recovery system' }));
    expect((await action(image, 'reset')).refusal?.reason).toContain('two versions');
    expect(await shop.recovery(image, 'upgrade', '--recovery', '--source', shop.source('v3.0.0'), '--yes')).toMatchObject({ status: 0 });
    expect((await shop.status(image)).problems).toEqual([]);
    expect((await action(image, 'reset')).refusal).toBe(null);
  }, 60_000);

  test('a reset takes the note away, too', async () => {
    const image = await upgraded();
    put(image, 'state', '/cOS/slipway-swap', printSwapMark({ system: 'active', keepsOld: true, whole: true }));
    expect((await shop.status(image)).problems.map(({ id }) => id)).toEqual(['node-upgrade-unfinished']);
    expect(await shop.recovery(image, 'reset', '--yes')).toMatchObject({ status: 0 });
    expect((await shop.status(image)).problems).toEqual([]);
  });

  test('the note', () => {
    const mark = { system: 'active', keepsOld: true, whole: true } as const;
    expect(parseSwapMark(printSwapMark(mark))).toEqual(mark);
    for (const text of ['', 'null', '[]', '{"system":"other"}']) expect(parseSwapMark(text)).toBe(null);
    const before = ['active.img', 'active.img.new', 'active.vmlinuz', 'active.vmlinuz.new', 'active.initrd', 'active.initrd.new'];
    expect(tornBy(mark, before)).toEqual([]);
    expect(tornBy(mark, before.filter((name) => !name.endsWith('.new')))).toEqual([]);
    expect(tornBy(mark, before.filter((name) => name !== 'active.img'))).toEqual(['active', 'passive']);
    expect(tornBy(mark, before.filter((name) => name !== 'active.img.new'))).toEqual(['active', 'passive']);
    expect(tornBy({ ...mark, keepsOld: false }, before.filter((name) => name !== 'active.img.new'))).toEqual(['active']);
    expect(tornBy({ ...mark, whole: false }, before.filter((name) => name !== 'active.img'))).toEqual([]);
  });
});

describe('partitions that are missing from the table', () => {
  test.each([['state', ['reset', 'reset-oem', 'reinstall', 'upgrade', 'boot', 'rollback']], ['persistent', ['reset', 'reset-oem', 'reinstall', 'redeploy']], ['recovery', ['reset', 'upgrade-recovery']], ['oem', ['reset', 'upgrade', 'boot', 'edit']]])('%s', async (name, ids) => {
    const { execFileSync } = await import('node:child_process');
    const image = shop.copy();
    const table = JSON.parse(execFileSync('sfdisk', ['--json', image], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as { partitiontable: { partitions: { name: string }[] } };
    const index = table.partitiontable.partitions.findIndex((row) => row.name === name) + 1;
    execFileSync('sfdisk', ['--quiet', '--no-reread', '--delete', image, String(index)], { stdio: 'ignore' });
    const before = statSync(image, { bigint: true }).mtimeNs;
    for (const id of ids) {
      const { refusal } = await action(image, id);
      expect([id, refusal?.reason]).toEqual([id, expect.stringContaining('there is no COS_')]);
      expect([id, refusal?.way]).toEqual([id, 'install again: slipway install']);
    }
    expect(await shop.recovery(image, 'reset', '--yes')).toMatchObject({ status: 4 });
    expect(statSync(image, { bigint: true }).mtimeNs).toBe(before);
    expect(JSON.stringify((await shop.status(image)).problems)).not.toContain('upgrade --recovery');
  });
});

test('a reset that did not end cannot be walked out of', async () => {
  const image = shop.copy();
  put(image, 'oem', '/grubenv', printGrubEnvironment(new Map([['slipway_reset', 'running'], ['saved_entry', 'recovery']])) ?? '');
  for (const words of [['boot', 'active'], ['boot', 'passive'], ['boot', 'cos'], ['rollback'], ['upgrade', '--source', shop.source('v2.0.0')]]) {
    const ended = await shop.recovery(image, ...words, '--yes');
    expect([words[0], ended.status, ended.stdout]).toEqual([words[0], 4, expect.stringContaining('repeat the reset first')]);
  }
  expect(await shop.recovery(image, 'boot', 'recovery', '--yes')).toMatchObject({ status: 0 });
  expect(await shop.recovery(image, 'reset', '--yes')).toMatchObject({ status: 0 });
  expect(await shop.recovery(image, 'boot', 'active', '--yes')).toMatchObject({ status: 0 });
});

describe('progress', () => {
  test.each([['upgrade', ['upgrade', '--source']], ['reset', ['reset']]])('of %s comes from the bytes that were moved, and reaches its end', async (_action, words) => {
    const image = shop.copy();
    const ended = await shop.recovery(image, ...words, ...(words.includes('--source') ? [shop.source('v2.0.0')] : []), '--yes', '--json');
    const events = ended.stdout.split('\n').map((line) => JSON.parse(line) as RecoveryEvent);
    const writes = events.slice(events.findIndex((event) => event.event === 'step' && event.text.startsWith('write the new')));
    const progress = writes.filter((event) => event.event === 'progress');
    expect(progress.at(-1)).toMatchObject({ fraction: 1 });
    for (const { bytes, total } of progress) expect(bytes).toBeLessThanOrEqual(total ?? 0);
  });

  test('a command that writes for long is heard of while it does, in the bytes that it wrote', async () => {
    const said: number[] = [];
    const result = await runCounted(createRealSystem(), ['/bin/sh', '-c', 'for i in 1 2 3 4; do head -c 1000000 /dev/zero; sleep 0.4; done >"$1"; echo trouble >&2', 'sh', join(shop.folder, 'slow')], (more) => void said.push(more));
    expect(result).toMatchObject({ exitCode: 0, missing: false, stderr: 'trouble' });
    expect(said.length).toBeGreaterThan(1);
    expect((await runCounted(createRealSystem(), ['/bin/no-such-program'], () => undefined)).missing).toBe(true);
  });

  test('both ways to a partition count every byte three times', async () => {
    const folder = join(shop.folder, 'mounted');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(shop.folder, 'part'), Buffer.alloc(2_000_000, 'x'));
    const image = shop.copy();
    const stores = [createMountedStore(createRealSystem(), folder, 'COS_STATE'), createExtStore(createRealSystem(), { path: image, offset: shop.partition(image, 'state').start, label: 'COS_STATE' })];
    for (const store of stores) {
      let bytes = 0;
      await store.put(join(shop.folder, 'part'), '/part', (more) => {
        bytes += more;
      });
      // What a short command wrote is over before it was looked at.
      expect(bytes).toBeGreaterThanOrEqual(2_000_000);
      await expect(store.put(join(shop.folder, 'none'), '/part', () => undefined)).rejects.toThrow();
    }
  });
});
