import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { redactYaml } from '../../screens/redact.ts';

const shown = (text: string, redaction: 'secrets' | 'everything' = 'secrets'): string => redactYaml(text, redaction).join('\n');

describe('what is shown of a configuration (invariant 6)', () => {
  it('blanks secrets and keeps the rest', () => {
    const text = `#cloud-config
hostname: node-7 # once called hunter2
users:
  - name: kairos
    passwd: "hunter2"
    ssh_authorized_keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIexample admin@site
p2p:
  network_token: b3RwOgogIGRodDoKICAgIGludGVydmFsOiA5MDAw
install:
  device: /dev/disk/by-id/nvme-Samsung_SSD_980
stages:
  boot:
    - files:
        - path: /etc/thing
          content: |
            first hunter2
            second
`;
    const result = shown(text);
    expect(result).not.toContain('hunter2');
    expect(result).not.toContain('b3Rw');
    expect(result).toContain('hostname: node-7');
    expect(result).toContain('ssh-ed25519 AAAAC3');
    expect(result).toContain('device: /dev/disk/by-id/nvme-Samsung_SSD_980');
    expect(result.split('\n')).toHaveLength(text.split('\n').length);
  });

  it('shows no value of install-only material', () => {
    const result = shown('#cloud-config\nstages:\n  before-install:\n    - name: Register\n      environment: {URL: "https://factory"}\n', 'everything');
    expect(result).not.toMatch(/Register|factory/);
    expect(result).toContain('before-install:');
  });

  it('shows nothing of a text that cannot be read', () => {
    expect(shown('a: [\npasswd: hunter2\n  b: "')).not.toContain('hunter2');
  });

  it('hides a password wherever it is put', () => {
    const name = fc.constantFrom('passwd', 'password', 'token', 'k3s_token', 'secret', 'private_key', 'passphrase');
    const secret = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9 :#'"!&*{}-]{7,30}[a-z]$/);
    fc.assert(
      fc.property(name, secret, fc.constantFrom('a', 'users'), (key, value, outer) => {
        expect(shown(stringify({ [outer]: [{ [key]: value, plain: 'yes' }] }))).not.toContain(value);
      }),
    );
  });
});
