/** The network of the live session: addresses by hand or by DHCP, a proxy, and the test of an address. Gone with the next start. */
import { cleanText } from '../model/foreign-text.ts';
import { SlipwayError } from '../model/problem.ts';
import type { NetworkChange } from '../model/network-change.ts';
import type { System } from './port.ts';

/** ms; DHCP servers may take their time */
const dhcpTimeout = 30_000;
const testTimeout = 10_000;

const fail = (what: string, where: string, hint: string): SlipwayError => new SlipwayError({ id: 'live-network', severity: 'error', what, where, hint });

const v4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$|\/)|(?=$|\/))){4}/;
const isAddress = (text: string): boolean => (text.includes(':') ? /^[0-9a-fA-F:.]{2,45}$/.test(text) : new RegExp(`${v4.source}$`).test(text));
const isDevice = (text: string): boolean => /^[A-Za-z0-9][\w.@:-]{0,14}$/.test(text);

/** What is wrong with a change, or null. Checked before anything is done. */
export const checkNetworkChange = (change: NetworkChange): string | null => {
  if (change.kind === 'proxy') return change.url === '' || /^https?:\/\/[^\s/@]+(?::\d+)?\/?$/.test(change.url) ? null : 'a proxy is written http://HOST:PORT';
  if (!isDevice(change.device)) return 'choose a network card';
  if (change.kind === 'dhcp') return null;
  const [address = '', prefix = ''] = change.address.split('/');
  if (!isAddress(address) || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (address.includes(':') ? 128 : 32)) return 'an address is written with its prefix: 192.168.1.10/24';
  if (change.gateway !== '' && !isAddress(change.gateway)) return 'the gateway is no address';
  return change.nameserver === '' || isAddress(change.nameserver) ? null : 'the name server is no address';
};

const ip = async (system: System, ...words: readonly string[]): Promise<void> => {
  const result = await system.run(['ip', ...words], { timeout: 10_000 });
  if (result.missing) throw fail('ip is not installed', 'the network', 'install the package iproute2');
  if (result.exitCode !== 0) throw fail(cleanText(result.stderr, 120) || `ended with exit code ${result.exitCode ?? 'unknown'}`, `ip ${words.join(' ')}`, 'check the values');
};

/** Programs that ask a DHCP server, the gentle one first. */
const dhcpClients = (device: string): readonly (readonly string[])[] => [
  ['networkctl', 'reconfigure', device],
  ['nmcli', 'device', 'reapply', device],
  ['dhcpcd', '-n', '-w', '-t', '20', device],
  ['udhcpc', '-n', '-q', '-i', device],
  ['dhclient', '-1', device],
];

const askDhcp = async (system: System, device: string): Promise<string> => {
  await ip(system, 'link', 'set', 'dev', device, 'up');
  for (const command of dhcpClients(device)) {
    const result = await system.run(command, { timeout: dhcpTimeout });
    if (!result.missing && result.exitCode === 0) return `${device} asks for an address by DHCP (${command[0]})`;
  }
  throw fail('no DHCP client could do it', device, 'is a cable plugged in? give the address by hand otherwise');
};

/** A name server: systemd-resolved where it runs, else the file that everybody reads. */
const setNameserver = async (system: System, device: string, nameserver: string): Promise<void> => {
  const asked = await system.run(['resolvectl', 'dns', device, nameserver], { timeout: 10_000 });
  if (!asked.missing && asked.exitCode === 0) return;
  await system.writeFile('/etc/resolv.conf', `nameserver ${nameserver}\n`, { mode: 0o644 });
};

const setStatic = async (system: System, change: Extract<NetworkChange, { kind: 'static' }>): Promise<string> => {
  const { device, address, gateway, nameserver } = change;
  await ip(system, 'link', 'set', 'dev', device, 'up');
  await ip(system, 'addr', 'flush', 'dev', device);
  await ip(system, 'addr', 'add', address, 'dev', device);
  if (gateway !== '') await ip(system, ...(gateway.includes(':') ? ['-6'] : []), 'route', 'replace', 'default', 'via', gateway, 'dev', device);
  if (nameserver !== '') await setNameserver(system, device, nameserver);
  return `${device} has ${address}${gateway === '' ? '' : `, by way of ${gateway}`}`;
};

/** Names by which programs, and this one, know a proxy. */
const proxyNames = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'] as const;

/** Does it; says what it came to. Throws SlipwayError. */
export const setNetwork = async (system: System, change: NetworkChange, signal: AbortSignal): Promise<string> => {
  const wrong = checkNetworkChange(change);
  if (wrong !== null) throw fail(wrong, 'the network', 'change it and try again');
  signal.throwIfAborted();
  if (!system.real) return 'simulated: nothing was changed';
  if (change.kind === 'dhcp') return askDhcp(system, change.device);
  if (change.kind === 'static') return setStatic(system, change);
  for (const name of proxyNames) {
    if (change.url === '') delete process.env[name];
    else process.env[name] = change.url;
  }
  return change.url === '' ? 'no proxy is used' : `addresses are fetched through ${cleanText(change.url, 100)}`;
};

/** Fetches the beginning of an address; any answer of the server proves that it can be reached. Throws SlipwayError. */
export const testUrl = async (system: System, url: string, signal: AbortSignal): Promise<string> => {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) throw fail('this is no address', url === '' ? 'the test' : cleanText(url, 80), 'write https://HOST/PATH');
  const begin = system.now();
  try {
    const { status } = await system.fetch(url, { timeout: testTimeout, maxBytes: 1024 * 1024, signal });
    return `${parsed.host} answered with status ${status} after ${system.now() - begin} ms`;
  } catch (error) {
    // The answer was longer than what was asked for: it can be reached.
    if (error instanceof SlipwayError && error.problem.id === 'url-too-big') return `${parsed.host} answered after ${system.now() - begin} ms`;
    throw error;
  }
};
