/** Keys that would let nobody in are told from those that do. */
import { describe, expect, it } from 'vitest';
import { checkSshKey, splitSshKeys, sshKeysProblem } from '../../src/sources/ssh-key.ts';

const part = (data: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, data.length]), data]);
/** A key of this type, with data enough to look like one. */
const keyOf = (type: string, named = type): string => `${type} ${Buffer.concat([part(Buffer.from(named)), part(Buffer.alloc(32, 7))]).toString('base64')}`;
const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';

describe('a key', () => {
  it.each([ed25519, `${ed25519} me@here and more`, keyOf('ssh-rsa'), keyOf('ecdsa-sha2-nistp256'), keyOf('sk-ssh-ed25519@openssh.com'), 'github:alice', 'gitlab:a.b-c_d'])('%s is one', (key) => {
    expect(checkSshKey(key)).toBeNull();
  });

  it.each([
    ['hello', 'begins with its type'],
    ['github:', 'github:NAME'],
    ['github:../x', 'github:NAME'],
    ['ssh-ed25519', 'no whole key'],
    ['ssh-ed25519 hello', 'no whole key'],
    [ed25519.slice(0, -8), 'cut off'],
    [keyOf('ssh-rsa', 'ssh-ed25519'), 'another type'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----', 'a private key'],
    ['AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl', 'begins with its type'],
  ])('%s is none', (key, why) => {
    expect(checkSshKey(key)).toContain(why);
  });
});

it('takes several, and says with which of them something is wrong', () => {
  expect(splitSshKeys(`${ed25519} a, github:bob\r\n${keyOf('ssh-rsa')}\n`)).toEqual([`${ed25519} a`, 'github:bob', keyOf('ssh-rsa')]);
  expect(sshKeysProblem([ed25519, 'github:bob'])).toBeNull();
  expect(sshKeysProblem([ed25519, 'hello', 'x'])).toMatch(/^SSH key 2 of 3 \(hello\): /);
  expect(sshKeysProblem(['hello'])).toMatch(/^SSH key \(hello\): /);
});
