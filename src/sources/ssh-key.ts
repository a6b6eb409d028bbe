/** The shape of public SSH keys: a key that nobody can log in with looks like any other until the node is far away. Pure. */
import { cleanText } from '../model/foreign-text.ts';

const types: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
]);

/** Several keys in one line of text: commas or line ends between them. */
export const splitSshKeys = (text: string): readonly string[] =>
  text
    .split(/[,\r\n]/)
    .map((key) => key.trim())
    .filter((key) => key !== '');

/** The parts of a key's blob, each with its length before it (RFC 4253, 6.6); null where the lengths do not come out even. */
const partsOf = (blob: Uint8Array): readonly Uint8Array[] | null => {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return null;
    const end = at + 4 + view.getUint32(at);
    if (end > blob.length) return null;
    parts.push(blob.subarray(at + 4, end));
    at = end;
  }
  return parts;
};

const decode = (text: string): Uint8Array | null => (/^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0 ? Uint8Array.from(atob(text), (character) => character.charCodeAt(0)) : null);

/** What is wrong with a key, or null: `TYPE BASE64 comment` whose data names the same type, or an account that keys are fetched from. */
export const checkSshKey = (key: string): string | null => {
  if (/^git(?:hub|lab):/.test(key)) return /:[A-Za-z0-9][\w.-]{0,254}$/.test(key) ? null : 'an account is written github:NAME or gitlab:NAME';
  if (key.includes('PRIVATE KEY')) return 'this is a private key; the public one is wanted (.pub)';
  const [type = '', data = ''] = key.split(/\s+/);
  if (!types.has(type)) return 'a key begins with its type, such as ssh-ed25519; an account is written github:NAME or gitlab:NAME';
  const blob = decode(data);
  const parts = blob === null ? null : partsOf(blob);
  const [name, ...rest] = parts ?? [];
  if (name === undefined || rest.length === 0) return `what follows ${type} is no whole key: it may have been cut off`;
  const named = String.fromCharCode(...name);
  return named === type ? null : `it says ${type} and holds a key of another type`;
};

/** The first key that cannot be used, and why; null when all can. */
export const sshKeysProblem = (keys: readonly string[]): string | null => {
  for (const [index, key] of keys.entries()) {
    const wrong = checkSshKey(key);
    if (wrong !== null) return `SSH key${keys.length === 1 ? '' : ` ${index + 1} of ${keys.length}`} (${cleanText(key.length > 24 ? `${key.slice(0, 24)}...` : key, 40)}): ${wrong}`;
  }
  return null;
};
