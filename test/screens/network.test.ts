/** The network of the live session: asked for, checked, done, and tested. */
import { describe, expect, it } from 'vitest';
import { checkNetworkChange, setNetwork, testUrl } from '../../src/system/live-network.ts';
import { keysAddress, summarizeKeys } from '../../src/app/console/ssh-keys.ts';
import { listVolumeFiles, parseExtListing, parseFatListing, parseIsoListing, readVolumeFile } from '../../src/app/console/volume-files.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import type { System } from '../../src/system/port.ts';
import { SlipwayError } from '../../src/model/problem.ts';
import { fakeEffects } from '../app/fake-effects.ts';
import type { FakeEffects } from '../app/fake-effects.ts';
import { keys, startPerson } from './helper.ts';

const recorded = (commands: Readonly<Record<string, string>> = {}): System =>
  createRecordedSystem({
    slipwayRecording: 1,
    commands: Object.fromEntries(Object.entries(commands).map(([command, stdout]) => [command, { stdout, stderr: '', exitCode: 0 }])),
    files: {},
    links: {},
    directories: {},
  });
const never = new AbortController().signal;

it.each([
  [80, 24],
  [120, 40],
])('is visited from the first screen and left to it, at %ix%i', async (columns, rows) => {
  const person = await startPerson({ columns, rows });
  await person.sees('This machine');
  await person.type('t');
  await person.sees('The network of this session');
  await person.sees(/> enp1s0\s+connected\s+1000 Mbit\/s\s+192.168.122.17\/24/);
  for (const line of person.lines()) expect(line.length).toBeLessThanOrEqual(columns);
  await person.type(' 10.0.0.9\r');
  await person.sees('dhcp, or an address with its prefix');
  expect(person.effects.networkChanges).toEqual([]);
  await person.type('\u001510.0.0.9/24 10.0.0.1 9.9.9.9\r');
  await person.sees('done as asked');
  await person.type(`${keys.down} http://proxy:3128\r`);
  await person.sees(/Proxy\s+http:\/\/proxy:3128/);
  await person.type(`${keys.up} dhcp\r`);
  expect(person.effects.networkChanges).toEqual([
    { kind: 'static', device: 'enp1s0', address: '10.0.0.9/24', gateway: '10.0.0.1', nameserver: '9.9.9.9' },
    { kind: 'proxy', url: 'http://proxy:3128' },
    { kind: 'dhcp', device: 'enp1s0' },
  ]);
  await person.type(`${keys.end} https://registry.example/v2/\r`);
  await person.sees('answered with status 200');
  await person.type(keys.enter);
  await person.sees('This machine');
  expect(person.text()).toContain(' 1/4');
  await person.leave();
});

/** The first change and the first test fail. */
const failingOnce = (): FakeEffects => {
  const fake = fakeEffects();
  let [changes, tests] = [0, 0];
  const fail = (what: string): never => {
    throw new SlipwayError({ id: 'network', severity: 'error', what, where: 'enp1s0', hint: '' });
  };
  return {
    ...fake,
    setNetwork: async (change, signal) => (changes++ === 0 ? fail('no answer from the DHCP server') : (fake.setNetwork?.(change, signal) ?? '')),
    testUrl: async (url, signal) => (tests++ === 0 ? fail('there is no route') : (fake.testUrl?.(url, signal) ?? '')),
  };
};

it('keeps what was typed in its field when it did not work', async () => {
  const person = await startPerson({ effects: failingOnce() });
  await person.sees('This machine');
  await person.type('t');
  await person.sees('The network of this session');
  await person.type(' 10.0.0.9/24 10.0.0.1\r');
  await person.sees('no answer from the DHCP server');
  await person.sees('enp1s0 [10.0.0.9/24 10.0.0.1_');
  await person.type(`${keys.backspace}2\r`);
  await person.sees('done as asked');
  expect(person.text()).not.toContain('[10.0.0.9');
  await person.type(`${keys.end} https://registry.example/\r`);
  await person.sees('there is no route');
  await person.sees('[https://registry.example/_');
  await person.type(keys.enter);
  await person.sees('answered with status 200');
  expect(person.text()).not.toContain('[https');
  await person.leave();
});

it('asks again in plain mode when it did not work, and takes a proxy out by a word', async () => {
  const person = await startPerson({ effects: failingOnce(), plain: true, columns: 200, rows: 300 });
  await person.sees('Enter continues');
  await person.type('network\n');
  await person.sees('Number changes or tests it');
  await person.type('1\n10.0.0.9/24\n');
  await person.sees(/no answer from the DHCP server[^]*enp1s0, Enter leaves it/);
  await person.type('10.0.0.9/24\n');
  await person.sees(/done as asked[^]*Number changes or tests it/);
  await person.type('2\nhttp://proxy:3128\n');
  await person.sees('2. Proxy http://proxy:3128');
  await person.type('2\n');
  await person.sees('Proxy, Enter leaves it, none takes it out');
  await person.type('none\n');
  await person.sees(/2\. Proxy http:[^]*2\. Proxy none/);
  await person.type('quit\n');
  await person.result;
});

describe('changes', () => {
  it('takes nothing that ip would misread', () => {
    const at = (address: string, device = 'eth0') => checkNetworkChange({ kind: 'static', device, address, gateway: '', nameserver: '' });
    for (const address of ['10.0.0.9/24', 'fd00::9/64', '0.0.0.0/0']) expect(at(address)).toBeNull();
    for (const address of ['10.0.0.9', '10.0.0.256/24', '10.0.0.9/33', '1.2.3/8', '-x/8', '10.0.0.9/24;reboot']) expect(at(address)).not.toBeNull();
    expect(at('10.0.0.9/24', '-all')).not.toBeNull();
    expect(checkNetworkChange({ kind: 'proxy', url: 'http://user:secret@proxy:1' })).not.toBeNull();
    expect(checkNetworkChange({ kind: 'proxy', url: 'file:///etc/shadow' })).not.toBeNull();
  });

  it('touches nothing on a played machine, and refuses before it does anything', async () => {
    expect(await setNetwork(recorded(), { kind: 'dhcp', device: 'eth0' }, never)).toContain('simulated');
    await expect(setNetwork(recorded(), { kind: 'dhcp', device: '../x' }, never)).rejects.toThrow('choose a network card');
  });

  it('uses ip for addresses and whatever DHCP client there is', async () => {
    const ran: string[] = [];
    const system: System = {
      ...recorded(),
      real: true,
      run: async (command) => {
        ran.push(command.join(' '));
        const missing = command[0] === 'networkctl' || command[0] === 'nmcli' || command[0] === 'resolvectl';
        return { stdout: '', stderr: '', exitCode: missing ? null : 0, missing, timedOut: false, truncated: false };
      },
      writeFile: async (path, data) => void ran.push(`write ${path} ${String(data).trim()}`),
    };
    await setNetwork(system, { kind: 'static', device: 'eth0', address: '10.0.0.9/24', gateway: '10.0.0.1', nameserver: '9.9.9.9' }, never);
    expect(ran).toEqual([
      'ip link set dev eth0 up',
      'ip addr flush dev eth0',
      'ip addr add 10.0.0.9/24 dev eth0',
      'ip route replace default via 10.0.0.1 dev eth0',
      'resolvectl dns eth0 9.9.9.9',
      'write /etc/resolv.conf nameserver 9.9.9.9',
    ]);
    expect(await setNetwork(system, { kind: 'dhcp', device: 'eth0' }, never)).toContain('(dhcpcd)');
  });

  it('calls any answer of a server an answer, and says why there was none', async () => {
    const system: System = { ...recorded(), fetch: async () => ({ status: 401, bytes: new Uint8Array(), text: '' }) };
    expect(await testUrl(system, 'https://registry.example/v2/', never)).toContain('registry.example answered with status 401');
    await expect(testUrl(system, 'ftp://x', never)).rejects.toThrow('this is no address');
  });
});

describe('keys of an account', () => {
  it('asks only the two places, and only for a name', () => {
    expect(keysAddress('github:alice')).toBe('https://github.com/alice.keys');
    expect([keysAddress('github:../evil'), keysAddress('https://x'), keysAddress('gitlab:')]).toEqual([null, null, null]);
  });

  it('shows fingerprints as ssh-keygen does', () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
    expect(summarizeKeys(`${key} me@here\n<html>\n`)).toEqual([{ type: 'ssh-ed25519', fingerprint: 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU' }]);
  });
});

describe('files of a volume', () => {
  it('reads the listings of the tools', () => {
    expect(parseIsoListing("Drive current\ndr-xr-xr-x    2 0        0               0 Jan  1  2026 'folder'\n-r--r--r--    1 0        0              12 Jan  1 2026 'user-data'\n")).toEqual([{ name: 'user-data', size: 12 }]);
    expect(parseFatListing('::/node.yaml\n::/FOLDER/\n')).toEqual([{ name: 'node.yaml', size: null }]);
    expect(parseExtListing('/2/040755/0/0/./4096/\n/12/100644/0/0/user-data/512/\n/13/120777/0/0/link/3/\n')).toEqual([{ name: 'user-data', size: 512 }]);
  });

  it('offers no name that could be taken for something else, and none that is too big', async () => {
    const volume = { path: '/dev/sdb', label: 'X', fstype: 'ext4', size: 1, kind: 'other' as const };
    const system = recorded({ 'debugfs -R ls -p / /dev/sdb': '/12/100644/0/0/ok.yaml/10/\n/13/100644/0/0/-rf/10/\n/14/100644/0/0/a b;c/10/\n/15/100644/0/0/big/99999999/\n' });
    expect(await listVolumeFiles(system, volume)).toEqual([{ name: 'ok.yaml', size: 10 }]);
    await expect(readVolumeFile(system, volume, '../etc/shadow')).rejects.toThrow('cannot be read here');
    await expect(listVolumeFiles(recorded(), volume)).rejects.toThrow('debugfs is not installed');
    await expect(listVolumeFiles(system, { ...volume, fstype: 'zfs' })).rejects.toThrow('its file system cannot be read here');
  });
});
