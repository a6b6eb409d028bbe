/** The public keys of an account, as `github:USER` or `gitlab:USER` will bring them at first boot. */
import { createHash } from 'node:crypto';
import { cleanText } from '../../model/foreign-text.ts';
import { SlipwayError } from '../../model/problem.ts';
import type { System } from '../../system/port.ts';
import type { KeySummary } from './session.ts';

/** ms */
const timeout = 10_000;
const maxBytes = 256 * 1024;

const hosts = { github: 'https://github.com/', gitlab: 'https://gitlab.com/' } as const;

const fail = (what: string, where: string, hint: string): SlipwayError => new SlipwayError({ id: 'ssh-keys', severity: 'error', what, where, hint });

/** Where the keys are, or null when this names no account. */
export const keysAddress = (from: string): string | null => {
  const match = /^(github|gitlab):([A-Za-z0-9][\w.-]{0,254})$/.exec(from.trim());
  return match?.[2] === undefined ? null : `${hosts[match[1] as keyof typeof hosts]}${match[2]}.keys`;
};

/** Type and fingerprint of each line that is a key. */
export const summarizeKeys = (text: string): readonly KeySummary[] =>
  text.split('\n').flatMap((line) => {
    const match = /^((?:ssh|ecdsa|sk)-[\w@.-]+) ([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(line.trim());
    if (match?.[1] === undefined || match[2] === undefined) return [];
    const digest = createHash('sha256').update(Buffer.from(match[2], 'base64')).digest('base64').replace(/=+$/, '');
    return [{ type: cleanText(match[1], 40), fingerprint: `SHA256:${digest}` }];
  });

/** Throws SlipwayError. */
export const fetchKeys = async (system: System, from: string, signal: AbortSignal): Promise<readonly KeySummary[]> => {
  const address = keysAddress(from);
  if (address === null) throw fail('this names no account', from, 'write github:NAME or gitlab:NAME');
  const { status, text } = await system.fetch(address, { timeout, maxBytes, signal });
  if (status === 404) throw fail('there is no such account', from, 'check the name');
  if (status !== 200) throw fail(`the server answered with status ${status}`, from, 'try again later');
  return summarizeKeys(text);
};
