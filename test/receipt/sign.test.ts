import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Receipt } from '../../src/model/receipt.ts';
import { receiptSchema } from '../../src/model/receipt.ts';
import { hasValidSignature, signReceipt } from '../../src/receipt/sign.ts';

const receipt: Receipt = {
  slipwayReceipt: 1,
  version: '0.1.0',
  time: '2026-01-02T03:04:05.000Z',
  machine: { serial: 'S1', uuid: null, macs: [], disks: [], target: '/dev/vda', targetSerial: 'D1' },
  engine: { name: 'builtin', version: '0.1.0' },
  source: { uri: 'dir:/x', digest: null, release: {} },
  planHash: '0'.repeat(64),
  partitions: [],
  keptConfig: [],
  scrub: { removed: [], closed: [], notes: [] },
  audit: null,
  timings: {},
  result: 'installed-unproven',
};

describe('signReceipt', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const raw = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('base64');
  const publicPem = publicKey.export({ format: 'pem', type: 'spki' }).toString();

  test.each([['PEM', pem], ['32 raw bytes', raw]])('signs with a key given as %s', (_, key) => {
    const signed = signReceipt(receipt, key);
    expect(receiptSchema.parse(signed)).toEqual(signed);
    expect(hasValidSignature(signed, publicPem)).toBe(true);
  });

  test('no other kind of key, which would be called ed25519 in the receipt', () => {
    const { privateKey: other, publicKey: otherPublic } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    expect(() => signReceipt(receipt, other.export({ format: 'pem', type: 'pkcs8' }).toString())).toThrow('not an ed25519 key');
    expect(() => hasValidSignature(signReceipt(receipt, pem), otherPublic.export({ format: 'pem', type: 'spki' }).toString())).toThrow('not an ed25519 key');
  });

  test('a changed receipt, another key and no signature are noticed', () => {
    const signed = signReceipt(receipt, pem);
    const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString();
    expect(hasValidSignature({ ...signed, result: 'installed' }, publicPem)).toBe(false);
    expect(hasValidSignature(signed, other)).toBe(false);
    expect(hasValidSignature(receipt, publicPem)).toBe(false);
  });
});
