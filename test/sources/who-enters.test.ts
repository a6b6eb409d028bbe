/** The node's name and who may enter it, read from kept configuration. */
import { expect, it } from 'vitest';
import { whoEnters } from '../../src/sources/who-enters.ts';

it('reads top level and stages, one entry a user', () => {
  const text = `#cloud-config
hostname: unit-7
users:
  - name: kairos
    passwd: $6$x$y
stages:
  initramfs:
    - users:
        kairos:
          ssh_authorized_keys: [github:one, ssh-ed25519 AAAA]
        operator:
          passwd: ""
  network:
    - authorized_keys:
        operator: [gitlab:two]
`;
  expect(whoEnters([text])).toEqual({
    hostname: 'unit-7',
    users: [
      { name: 'kairos', hasPassword: true, keys: 2 },
      { name: 'operator', hasPassword: false, keys: 1 },
    ],
  });
});

it('takes a host name from a stage, and nothing from an install stage or a broken file', () => {
  const stage = 'stages:\n  initramfs:\n    - hostname: from-stage\n  after-install:\n    - users:\n        gone: {}\n';
  expect(whoEnters(['a: [', stage])).toEqual({ hostname: 'from-stage', users: [] });
  expect(whoEnters([])).toEqual({ hostname: null, users: [] });
});
