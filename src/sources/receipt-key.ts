/** The key that signs receipts: `slipway.receipt_key` of installer-data. Checked when it is read, so that no install ends at it. */
import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** DER head of a PKCS#8 ed25519 private key; 32 raw bytes follow (RFC 8410). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Reads an ed25519 private key: PEM, or base64 of PKCS#8 DER or of the 32 raw bytes. Throws on anything else. */
export const readPrivateKey = (text: string): KeyObject => {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, 'base64');
  const der = bytes.length === 32 ? Buffer.concat([pkcs8Head, bytes]) : bytes;
  const key = trimmed.startsWith('-----BEGIN') ? createPrivateKey(trimmed) : createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an ed25519 key');
  return key;
};

/** True when `text` is a key that receipts can be signed with. */
export const isReceiptKey = (text: string): boolean => {
  try {
    readPrivateKey(text);
    return true;
  } catch {
    return false;
  }
};
