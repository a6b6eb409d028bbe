/** Where receipts go: a server that answers late or not at all, folders and volumes that hold one of that name already. */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Receipt } from '../../src/model/receipt.ts';
import { receiptFileName, writeReceipts } from '../../src/receipt/write.ts';
import { createRealSystem } from '../../src/system/real.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-receipts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const receipt = (serial: string | null, time = '2026-11-21T08:00:00.000Z'): Receipt => ({ time, machine: { serial, uuid: 'UUID-1', macs: [], disks: [] } }) as unknown as Receipt;

/** A system whose waits are counted instead of waited for. */
const quick = () => {
  const real = createRealSystem();
  const waits: number[] = [];
  return { system: { ...real, sleep: (ms: number) => Promise.resolve(void waits.push(ms)) }, waits, real };
};

const serve = async (answers: readonly number[]) => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      // Whoever is sent on asks again with GET, which delivers nothing.
      response.statusCode = request.method === 'POST' ? (answers[bodies.length] ?? 500) : 200;
      if (response.statusCode === 301) response.setHeader('location', '/elsewhere');
      bodies.push(body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/receipts`, bodies, stop: () => new Promise((resolve) => server.close(resolve)) };
};

const never = new AbortController().signal;

describe('by POST', () => {
  test.each<[string, readonly number[], number, RegExp | null]>([
    ['is taken at once', [200], 1, null],
    ['is taken at the third attempt', [503, 500, 201], 3, null],
    ['is refused by a server in trouble three times', [500, 500, 500], 3, /answered 500/],
    ['is refused for good: no second attempt', [403], 1, /answered 403/],
    ['is not taken by a server that sends on', [301], 1, /answered 301/],
  ])('%s', async (_what, answers, attempts, wrong) => {
    const server = await serve(answers);
    const { system, waits } = quick();
    const { written, problems } = await writeReceipts(system, [server.url], receipt('SN-1'), never);
    await server.stop();
    expect(server.bodies).toHaveLength(attempts);
    expect(waits).toHaveLength(attempts - 1);
    expect(new Set(server.bodies).size).toBe(1);
    expect(JSON.parse(server.bodies[0] ?? '')).toMatchObject({ machine: { serial: 'SN-1' } });
    expect(written).toEqual(wrong === null ? [server.url] : []);
    if (wrong === null) expect(problems).toEqual([]);
    else expect(problems).toMatchObject([{ id: 'receipt-not-written', severity: 'warning', what: expect.stringMatching(wrong) as string }]);
  });

  test('no server at all is said, and the other places still get theirs', async () => {
    const server = await serve([200]);
    await server.stop();
    const { system, waits } = quick();
    const place = mkdtempSync(join(folder, 'place-'));
    const { written, problems } = await writeReceipts(system, [server.url, place], receipt('SN-1'), never);
    expect(waits).toHaveLength(2);
    expect(problems).toHaveLength(1);
    expect(written).toEqual([join(place, receiptFileName(receipt('SN-1')))]);
  });
});

test('a time limit that is over ends requests, not the install, and the other places get theirs', async () => {
  const place = mkdtempSync(join(folder, 'place-'));
  const over = AbortSignal.abort(new DOMException('too late', 'TimeoutError'));
  const { written, problems } = await writeReceipts(quick().system, ['http://127.0.0.1:9/', { path: '/dev/slipway-no-such-volume', fstype: 'ext4' }, place], receipt('SN-1'), over);
  expect(problems).toMatchObject([{ id: 'receipt-not-written', severity: 'warning' }, { id: 'receipt-not-written', severity: 'warning' }]);
  expect(written).toHaveLength(1);
});

describe('as a file', () => {
  test('one a machine and run; a serial number is only a name', () => {
    expect(receiptFileName(receipt('SN-1'))).not.toBe(receiptFileName(receipt('SN-2')));
    expect(receiptFileName(receipt('SN-1'))).not.toBe(receiptFileName(receipt('SN-1', '2026-11-21T08:00:00.001Z')));
    expect(receiptFileName(receipt('../../etc/passwd'))).toBe('slipway-receipt-.._.._etc_passwd-2026-11-21T080000000Z.json');
    expect(receiptFileName(receipt(null))).toContain('UUID-1');
  });

  test('in a folder: one that is there is not replaced', async () => {
    const place = mkdtempSync(join(folder, 'place-'));
    const name = receiptFileName(receipt('SN-1'));
    writeFileSync(join(place, name), 'first');
    const { written, problems } = await writeReceipts(quick().system, [place], receipt('SN-1'), never);
    expect(written).toEqual([]);
    expect(problems).toMatchObject([{ id: 'receipt-not-written' }]);
    expect(readFileSync(join(place, name), 'utf8')).toBe('first');
    expect(readdirSync(place)).toEqual([name]);
  });

  test('on a FAT volume: written and read back, and one that is there is not replaced', async () => {
    const image = join(folder, 'volume.img');
    writeFileSync(image, '');
    truncateSync(image, 8 * 1024 * 1024);
    execFileSync('mkfs.vfat', ['-n', 'SLIPWAY', image]);
    const name = receiptFileName(receipt('SN-1'));
    const read = (): string => execFileSync('mtype', ['-i', image, `::/${name}`], { encoding: 'utf8' });
    const { system, real } = quick();
    expect(await writeReceipts(system, [{ path: image, fstype: 'vfat' }], receipt('SN-1'), never)).toMatchObject({ written: [`${image}:/${name}`], problems: [] });
    const first = read();
    expect(JSON.parse(first)).toMatchObject({ machine: { serial: 'SN-1' } });
    const again = await writeReceipts(system, [{ path: image, fstype: 'vfat' }], { ...receipt('SN-1'), result: 'failed' } as unknown as Receipt, never);
    expect(again.written).toEqual([]);
    expect(again.problems).toMatchObject([{ id: 'receipt-not-written' }]);
    expect(read()).toBe(first);
    expect(await writeReceipts(system, [{ path: image, fstype: 'vfat' }], receipt('SN-2'), never)).toMatchObject({ problems: [] });
    expect(await real.cleanup.run()).toEqual([]);
  });
});
