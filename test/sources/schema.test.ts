/** Wrong kinds and traps: what is said, where, how badly. */
import { describe, expect, test } from 'vitest';
import { checkUserData } from '../../src/sources/user-data.ts';
import { checkToken, makeToken } from '../../src/sources/edgevpn-token.ts';

const check = (body: string): string[] => checkUserData(`#cloud-config\n${body}`, 'u').map((problem) => `${problem.severity} ${problem.id} ${problem.where.replace('u:', '')}`);

describe('wrong kinds', () => {
  test.each([
    ['users: {name: x}\n', 'error wrong-type 2:1 users'],
    ['users:\n  - passwd: $6$x\n', 'error wrong-type 3:5 users[0].name'],
    ['users:\n  - {name: x, groups: admin}\n', 'error wrong-type 3:15 users[0].groups'],
    ['install:\n  device: sda\n', 'error wrong-type 3:3 install.device'],
    ['install:\n  firmware: uefi\n', 'error wrong-type 3:3 install.firmware'],
    ['install:\n  extra-partitions:\n    - size: 100\n', 'error wrong-type 4:7 install.extra-partitions[0].name'],
    ['install:\n  extra-partitions: [{name: "", size: 100}]\n', 'error wrong-type 3:23 install.extra-partitions[0].name'],
    ['install:\n  partitions: {oem: {size: 64M}}\n', 'error wrong-type 3:22 install.partitions.oem.size'],
    ['install:\n  auto: maybe\n', 'error wrong-type 3:3 install.auto'],
    ['k3s: {enabled: "true", args: --a}\n', 'error wrong-type 2:24 k3s.args'],
    ['p2p: {role: boss}\n', 'error wrong-type 2:7 p2p.role'],
    ['kubevip: {interface: true}\n', 'error wrong-type 2:11 kubevip.interface'],
    ['stages: {boot: [{files: [{path: /a, permissions: "0644"}]}]}\n', 'error wrong-type 2:37 stages.boot[0].files[0].permissions'],
    ['stages: {boot: [{users: [{name: x}]}]}\n', 'error wrong-type 2:18 stages.boot[0].users'],
    ['stages: {boot: [{commands: echo}]}\n', 'error wrong-type 2:18 stages.boot[0].commands'],
    ['phonehome: {heartbeat_interval: 30}\n', 'error wrong-type 2:13 phonehome.heartbeat_interval'],
    ['phonehome: {allowed_commands: [rm]}\n', 'error wrong-type 2:32 phonehome.allowed_commands[0]'],
    ['bundles: [a]\n', 'error wrong-type 2:11 bundles[0]'],
    // yip reads sizes into a number without a sign.
    ['stages: {boot: [{layout: {add_partitions: [{size: -5}]}}]}\n', 'error wrong-type 2:45 stages.boot[0].layout.add_partitions[0].size'],
    ['stages: {boot: [{layout: {expand_partition: {size: -5}}}]}\n', 'error wrong-type 2:46 stages.boot[0].layout.expand_partition.size'],
    ['stages: {boot: [{commands: ["echo \\uD800"]}]}\n', 'error wrong-type 2:29 stages.boot[0].commands[0]'],
    ['stages: {boot: [{environment: {A: "\\uDC00"}}]}\n', 'error wrong-type 2:32 stages.boot[0].environment.A'],
  ])('%j', (body, expected) => {
    expect(check(body)).toContain(expected);
  });

  test('an extra partition without a name is told with the consequence', () => {
    const problems = checkUserData('#cloud-config\ninstall: {extra-partitions: [{size: 5}]}\n', 'u').filter(({ id }) => id === 'wrong-type');
    expect(problems.map(({ what }) => what)).toEqual(['each extra partition needs a name: kairos-agent refuses the install']);
  });

  test('what Go reads all the same passes', () => {
    expect(check('hostname: 5\nk3s: {enabled: yes, args: [1, true]}\nuki-max-entries: 3\nreset:\nlogs: {journal: [k3s]}\ninstall: {device: "", source: registry.example/x/y:z, auto: on}\n')).toEqual([]);
  });

  test('a key that holds half a character is no key; a whole one outside of the basic plane is fine', () => {
    expect(check('stages: {boot: [{environment: {"A\\uD800": x}}]}\n').filter((line) => line.startsWith('error wrong-type 2:32'))).toHaveLength(1);
    expect(check('stages: {boot: [{commands: ["echo \\uD83D\\uDE00 \u{1F600}"]}]}\n')).toEqual([]);
  });

  test('a mistake is told once', () => {
    expect(check('stages:\n  boot: {commands: [a]}\n')).toEqual(['error wrong-type 3:3 stages.boot']);
  });

  test('no value is ever quoted', () => {
    const secret = 'S3CR3T';
    for (const body of [`users: ${secret}\n`, `p2p: {network_token: ${secret}}\n`, `install: {device: ${secret}}\n`, `users: [{name: x, passwd: ${secret}}]\n`, `config_url: ${secret}\n`]) {
      const problems = checkUserData(`#cloud-config\n${body}`, 'u');
      expect(problems.length).toBeGreaterThan(0);
      expect(JSON.stringify(problems)).not.toContain(secret);
    }
  });
});

describe('traps', () => {
  test.each([
    ['users: [{name: x, passwd: plain}]\n', 'warning password-in-clear 2:19 users[0].passwd'],
    ['users: [{name: x, lockPasswd: true}]\n', 'warning unknown-key 2:19 users[0].lockPasswd'],
    ['stages: {initramfs: [{users: {x: {ssh_authorized_keys: ["github:x"]}}}]}\n', 'warning keys-before-network 2:35 stages.initramfs[0].users.x.ssh_authorized_keys'],
    ['stages: {boot: [{authorized_keys: {x: [a], y: [a, "github:y"]}}]}\n', 'warning keys-before-network 2:44 stages.boot[0].authorized_keys.y'],
    ['stages: {fs.after: [{authorized_keys: {x: ["GitLab:x"]}}]}\n', 'warning keys-before-network 2:40 stages."fs.after"[0].authorized_keys.x'],
    ['stages: {rootfs: [{users: {x: {ssh_authorized_keys: ["https://x/y.keys"]}}}]}\n', 'warning keys-before-network 2:32 stages.rootfs[0].users.x.ssh_authorized_keys'],
    ['users: [{name: x, ssh_authorized_keys: ["https://x/y.keys"]}]\n', 'warning keys-before-network 2:19 users[0].ssh_authorized_keys'],
    ['ssh_authorized_keys: ["GitHub:x"]\n', 'warning keys-before-network 2:1 ssh_authorized_keys'],
    ['stages: {boot: [{files: [{path: /a, permissions: 644}]}]}\n', 'warning permissions-decimal 2:37 stages.boot[0].files[0].permissions'],
    ['install: {reboot: true, poweroff: true}\n', 'error reboot-and-poweroff 2:25 install.poweroff'],
    ['install: {ssh_hardening: true}\nstages: {boot: [{users: {x: {ssh_authorized_keys: [a]}}}]}\n', 'error ssh-hardening-without-keys 2:11 install.ssh_hardening'],
    ['install: {partitions: {oem: {fs: xfs}}}\n', 'warning partition-fs-ignored 2:30 install.partitions.oem.fs'],
    ['install: {encrypted_partitions: [COS_OEM]}\n', 'warning oem-encrypted 2:11 install.encrypted_partitions'],
    ['p2p: {network_token: abc}\n', 'error network-token 2:7 p2p.network_token'],
    ['p2p: {auto: {enable: true}}\n', 'error p2p-without-token 2:14 p2p.auto.enable'],
    ['p2p: {vpn: {vpn: true}}\n', 'warning unknown-key 2:13 p2p.vpn.vpn'],
    ['k3s: {enabled: true}\nk3s-agent: {enabled: true}\n', 'error server-and-agent 3:13 k3s-agent.enabled'],
    ['k3s-agent: {enabled: true}\n', 'warning agent-without-server 2:1 k3s-agent'],
    ['options: [a]\n', 'warning wrong-type 2:1 options'],
    ['config_url: ftp://x\n', 'error url-invalid 2:1 config_url'],
    ['kcrypt: {challenger: {challenger_sever: x}}\n', 'warning unknown-key 2:23 kcrypt.challenger.challenger_sever'],
    ['hostname: FILL-IN\n', 'error placeholder 2:1 hostname'],
    ['hostname: {{ trunc 4 .MachineID }}\n', 'error unquoted-template 2:11 hostname'],
  ])('%j', (body, expected) => {
    expect(check(body)).toContain(expected);
  });

  test('the right forms pass', () => {
    const token = makeToken((count) => crypto.getRandomValues(new Uint8Array(count)));
    expect(
      check(
        `p2p: {network_token: ${token}, auto: {enable: true}}\nusers: [{name: x, passwd: "$6$a$b", groups: [admin], ssh_authorized_keys: ["github:x"]}]\n` +
          'install: {ssh_hardening: true}\nssh_authorized_keys: ["gitlab:y"]\nstages: {network: [{users: {y: {ssh_authorized_keys: ["gitlab:y"]}}, authorized_keys: {x: ["github:x"]}}], reconcile: [{authorized_keys: {x: ["github:x"]}}], boot: [{authorized_keys: {x: ["ssh-ed25519 AAAA me", "from=\\"10.0.0.1:22\\" ssh-rsa AAAA", "sk-ssh-ed25519@openssh.com AAAA a:b"]}, files: [{path: /a, permissions: 0644}]}]}\n',
      ),
    ).toEqual([]);
  });
});

describe('network tokens', () => {
  const token = makeToken((count) => crypto.getRandomValues(new Uint8Array(count)));
  test('are base64 of the YAML that edgevpn reads', () => {
    expect(checkToken(token)).toBeNull();
    const text = Buffer.from(token, 'base64').toString('utf8');
    expect(text.match(/(?:key|room|rendezvous|mdns): "[a-zA-Z0-9]{43}"/g)).toHaveLength(5);
    expect(text).toContain('max_message_size: 20971520');
  });
  test('are never the same, and every letter comes up', () => {
    const all = Array.from({ length: 200 }, () => makeToken((count) => crypto.getRandomValues(new Uint8Array(count))));
    expect(new Set(all).size).toBe(200);
    const letters = new Set(all.flatMap((one) => [...Buffer.from(one, 'base64').toString('utf8').matchAll(/"([a-zA-Z0-9]{43})"/g)].flatMap((match) => [...(match[1] ?? '')])));
    expect(letters.size).toBe(62);
  });
  test('drawing is without bias: bytes beyond 4 times 62 are left out', () => {
    let calls = 0;
    const text = Buffer.from(makeToken((count) => new Uint8Array(count).fill(calls++ % 2 === 0 ? 255 : 61)), 'base64').toString('utf8');
    expect(text).toContain(`room: "${'9'.repeat(43)}"`);
  });
  test.each([
    ['', 'it is not base64'],
    ['abc', 'it is not base64'],
    [Buffer.from('room: x\n').toString('base64'), 'it lacks otp.dht'],
    [Buffer.from('"open').toString('base64'), 'it does not hold a YAML document'],
  ])('%j', (bad, why) => {
    expect(checkToken(bad)).toBe(why);
  });
  test('the interval that generate-token writes does not fit a number and is fine', () => {
    const text = Buffer.from(token, 'base64').toString('utf8').replaceAll('9000', '9223372036854775807');
    expect(checkToken(Buffer.from(text).toString('base64'))).toBeNull();
  });
});
