import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { receiptSchema } from '../../src/model/receipt.ts';
import type { Receipt } from '../../src/model/receipt.ts';
import { Machine } from './machine.ts';
import { partitionsOf } from './partition-table.ts';

const image = 'build/try/disk.img';

const newestReceipt = (): Receipt => {
  const names = readdirSync('build/try').filter((name) => name.startsWith('slipway-receipt'));
  const newest = names.toSorted((left, right) => statSync(`build/try/${left}`).mtimeMs - statSync(`build/try/${right}`).mtimeMs).at(-1);
  if (newest === undefined) throw new Error('try wrote no receipt');
  return receiptSchema.parse(JSON.parse(readFileSync(`build/try/${newest}`, 'utf8')));
};

/** Where COS_OEM begins, bytes, from an independent reader of the table. */
const oemStart = (): number => {
  const oem = partitionsOf(image).find((partition) => partition.name === 'oem');
  if (oem === undefined) throw new Error('no partition oem');
  return oem.start * 512;
};

describe('what npm run try made', () => {
  let receipt: Receipt;
  beforeAll(() => {
    const tried = spawnSync('node', ['scripts/try.ts', '--unattended'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    expect(tried.stderr + tried.stdout).toContain('npm run try:boot');
    expect(tried.status).toBe(0);
    expect(existsSync(image)).toBe(true);
    receipt = newestReceipt();
  });

  test('COS_OEM holds what was planned', () => {
    const kept = spawnSync('debugfs', ['-R', 'cat /90_custom.yaml', `${image}?offset=${oemStart()}`]).stdout;
    expect(receipt.keptConfig).toEqual([{ name: '90_custom.yaml', sha256: createHash('sha256').update(kept).digest('hex') }]);
    const example = readFileSync('cloud-configs/examples/factory/user-data', 'utf8');
    // Every line of the kept part is a line of the example: it was cut, not written anew.
    const lines = new Set(example.split('\n'));
    for (const line of kept.toString('utf8').split('\n')) expect(lines).toContain(line);
  });

  test.each(['bios', 'uefi'] as const)('boots with %s to its marker, with the hostname and user of the configuration', async (firmware) => {
    const begin = Date.now();
    const machine = await Machine.start({ firmware, drives: [{ file: image, serial: 'TARGET0' }] });
    try {
      const [marker] = await machine.waitForLine(/SLIPWAY-SAMPLE booted .*/);
      console.log(`${firmware}: marker after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
      expect(marker).toContain('mode=active hostname=factory-node users=operator oem=ok persistent=ok');
      await machine.waitFor(/factory-node login:/);
      machine.write('operator\r');
      await machine.waitFor(/assword:/);
      machine.write('slipway\r');
      await machine.waitFor(/[$#] $/m);
      machine.write('echo "i am $(id -un) on $(hostname) in $(id -Gn)"\r');
      await machine.waitFor(/i am operator on factory-node in .*admin/);
    } finally {
      await machine.stop();
    }
  });
});
