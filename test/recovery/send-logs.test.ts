/** Logs to an address: what arrives, with which token, and what is said when the server does not want it. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodeWorkshop } from './node-image.ts';
import type { NodeWorkshop } from './node-image.ts';

let shop: NodeWorkshop;
let server: Server;
let address: string;
const received: { body: { slipwayLogs: number; name: string; token?: string; data: string } }[] = [];
beforeAll(async () => {
  shop = createNodeWorkshop();
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (more: string) => (text += more));
    request.on('end', () => {
      received.push({ body: JSON.parse(text) as (typeof received)[number]['body'] });
      response.writeHead(request.url === '/no' ? 403 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  shop.dispose();
});

test('the bundle arrives whole, with the token and without the node\'s secrets', async () => {
  const token = join(shop.folder, 'token');
  writeFileSync(token, 'upload-token-1\n');
  const ended = await shop.recovery(shop.copy(), 'logs', '--output', `${address}/yes`, '--token-file', token, '--json');
  expect(ended.status).toBe(0);
  expect(ended.stdout).not.toContain('upload-token-1');
  const { body } = received.at(-1) ?? { body: { slipwayLogs: 0, name: '', data: '' } };
  expect(body).toMatchObject({ slipwayLogs: 1, token: 'upload-token-1', name: expect.stringMatching(/^slipway-logs-.*\.tar\.gz$/) });
  const all = execFileSync('tar', ['-xzO'], { input: Buffer.from(body.data, 'base64'), encoding: 'utf8' });
  expect(all).toContain('hostname: field-node');
  expect(all).not.toContain('CLUSTER-TOKEN');
});

test('a server that refuses is a failure', async () => {
  const ended = await shop.recovery(shop.copy(), 'logs', '--output', `${address}/no`);
  expect(ended.status).toBe(5);
  expect(ended.stdout).toContain('the server answered 403');
  const withPassword = await shop.recovery(shop.copy(), 'logs', '--output', `${address.replace('://', '://line3:Pw-of-the-server@')}/no?key=Key-of-the-server`);
  expect(withPassword.status).toBe(5);
  expect(`${withPassword.stdout}${withPassword.stderr}`).not.toMatch(/Pw-of-the-server|Key-of-the-server/);
});

test('a token does not go over somebody else\'s network in clear', async () => {
  const token = join(shop.folder, 'token');
  writeFileSync(token, 'upload-token-1\n');
  const before = received.length;
  expect(await shop.recovery(shop.copy(), 'logs', '--output', 'http://logs.example.com/', '--token-file', token)).toMatchObject({ status: 2 });
  expect(await shop.recovery(shop.copy(), 'logs', '--output', shop.folder, '--token-file', token)).toMatchObject({ status: 2 });
  expect(received).toHaveLength(before);
});

test('as a QR code, and to nowhere', async () => {
  const shown = await shop.recovery(shop.copy(), 'logs', '--output', 'qr');
  expect(shown.status).toBe(0);
  expect(shown.stdout).toMatch(/SLIPWAY-NODE:1:NOT-RUNNING:A-OK:P-OK:R-OK\n[█▀▄ ]+\n/);
  expect(await shop.recovery(shop.copy(), 'logs', '--output', '/nowhere/at/all')).toMatchObject({ status: 5 });
});
