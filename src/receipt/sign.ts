/** Signs and checks receipts with ed25519 (node:crypto). Signed is the canonical JSON of the receipt without its signature. */
import { createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { canonicalJson } from '../plan/canonical.ts';
import type { Receipt } from '../model/receipt.ts';
import { readPrivateKey } from '../sources/receipt-key.ts';

/** DER head of an ed25519 public key; 32 raw bytes follow (RFC 8410). */
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

/** Reads an ed25519 public key: PEM, or base64 of SPKI DER or of the 32 raw bytes. Throws on anything else. */
export const readPublicKey = (text: string): KeyObject => {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, 'base64');
  const der = bytes.length === 32 ? Buffer.concat([spkiHead, bytes]) : bytes;
  const key = trimmed.startsWith('-----BEGIN') ? createPublicKey(trimmed) : createPublicKey({ key: der, format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an ed25519 key');
  return key;
};

const signedBytes = (receipt: Receipt): Buffer => {
  const { signature: _, ...rest } = receipt;
  return Buffer.from(canonicalJson(rest), 'utf8');
};

/** The receipt with its signature. `key` as `readPrivateKey` takes it; throws when it is none. */
export const signReceipt = (receipt: Receipt, key: string): Receipt => {
  const privateKey = readPrivateKey(key);
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64');
  const value = sign(null, signedBytes(receipt), privateKey).toString('base64');
  return { ...receipt, signature: { algorithm: 'ed25519', publicKey, value } };
};

/** True when the receipt's signature was made by `key` over just these contents. */
export const hasValidSignature = (receipt: Receipt, key: string): boolean =>
  receipt.signature !== undefined &&
  verify(null, signedBytes(receipt), readPublicKey(key), Buffer.from(receipt.signature.value, 'base64'));
