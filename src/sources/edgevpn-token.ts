/**
 * EdgeVPN network tokens (mudler/edgevpn `pkg/node/options.go`, `GenerateNewConnectionData`): base64 of a YAML document.
 * Upstream draws the keys from a generator that isn't cryptographic; here the caller hands in one that is.
 */
import { parseYaml } from './yaml.ts';
import { rootData } from './yaml-nodes.ts';

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const keyLength = 43;
/** seconds; the library's default */
const interval = 9000;
/** bytes */
const maxMessageSize = 20 * 1024 * 1024;

/** Draws letters without bias: bytes beyond the last whole multiple of 62 are drawn again. */
const randomText = (length: number, randomBytes: (count: number) => Uint8Array): string => {
  const limit = 256 - (256 % letters.length);
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < limit && text.length < length) text += letters[byte % letters.length];
    }
  }
  return text;
};

/** A new token. `randomBytes` must be a cryptographic source. */
export const makeToken = (randomBytes: (count: number) => Uint8Array): string => {
  const key = (): string => randomText(keyLength, randomBytes);
  const otp = (name: string): readonly string[] => [`  ${name}:`, `    interval: ${interval}`, `    key: "${key()}"`, `    length: ${keyLength}`];
  const lines = [
    'otp:',
    ...otp('dht'),
    ...otp('crypto'),
    `room: "${key()}"`,
    `rendezvous: "${key()}"`,
    `mdns: "${key()}"`,
    `max_message_size: ${maxMessageSize}`,
    '',
  ];
  return Buffer.from(lines.join('\n'), 'utf8').toString('base64');
};

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong with a token, in words; null when it can be used. The words never quote the token. */
export const checkToken = (token: string): string | null => {
  const bare = token.trim();
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(bare) || bare.length % 4 !== 0) return 'it is not base64';
  const { document } = parseYaml(Buffer.from(bare, 'base64').toString('utf8'), 'token');
  if (document === undefined) return 'it does not hold a YAML document';
  const data = rootData(document);
  const { otp } = data;
  for (const name of ['dht', 'crypto']) {
    const part = isMap(otp) ? otp[name] : undefined;
    if (!isMap(part)) return `it lacks otp.${name}`;
    if (typeof part['key'] !== 'string' || part['key'] === '') return `it lacks otp.${name}.key`;
    // An interval of 2^63-1 (what `generate-token` writes) stays text here: no JavaScript number holds it.
    if (!/^\d+$/.test(String(part['interval']))) return `otp.${name}.interval is not a number of seconds`;
    if (typeof part['length'] !== 'number') return `otp.${name}.length is not a number`;
  }
  for (const name of ['room', 'rendezvous', 'mdns']) {
    const value = data[name];
    if (typeof value !== 'string' || value === '') return `it lacks ${name}`;
  }
  return typeof data['max_message_size'] === 'number' ? null : 'it lacks max_message_size';
};
