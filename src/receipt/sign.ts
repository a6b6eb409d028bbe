/** Signs and checks receipts with ed25519 (node:crypto). Signed is the canonical JSON of the receipt without its signature. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { canonicalJson } from '../plan/canonical.ts';
import type { Receipt } from '../model/receipt.ts';

/** DER head of a PKCS#8 ed25519 private key; 32 raw bytes follow (RFC 8410). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

/** Reads a private key: PEM, or base64 of PKCS#8 DER or of the 32 raw bytes. Throws on anything else. */
export const readPrivateKey = (text: string): KeyObject => {
  const trimmed = text.trim();
  if (trimmed.startsWith('-----BEGIN')) return createPrivateKey(trimmed);
  const bytes = Buffer.from(trimmed, 'base64');
  const der = bytes.length === 32 ? Buffer.concat([pkcs8Head, bytes]) : bytes;
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an ed25519 key');
  return key;
};

/** Reads a public key: PEM, or base64 of SPKI DER or of the 32 raw bytes. Throws on anything else. */
export const readPublicKey = (text: string): KeyObject => {
  const trimmed = text.trim();
  if (trimmed.startsWith('-----BEGIN')) return createPublicKey(trimmed);
  const bytes = Buffer.from(trimmed, 'base64');
  const der = bytes.length === 32 ? Buffer.concat([spkiHead, bytes]) : bytes;
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
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
