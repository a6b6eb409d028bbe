/**
 * What is valid and still goes wrong: the traps of kairos.md 3 and 14, each with its consequence. Pure; the document has
 * passed the schema or is looked at as far as it goes.
 */
import type { Node } from 'yaml';
import { isMap, isScalar, isSeq } from 'yaml';
import { isFalse, isTrue } from '../model/truth.ts';
import { isInstallOnlyStage } from '../scrub/strip/install-only.ts';
import type { Report } from './problem-collector.ts';
import { judgePassword } from './clear-password.ts';
import { checkToken } from './edgevpn-token.ts';
import type { KeyPath, ParsedYaml } from './yaml-nodes.ts';
import { entriesOf, follow, toData } from './yaml-nodes.ts';

type Data = Readonly<Record<string, unknown>>;

const asMap = (value: unknown): Data => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : {});
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** yip fetches every key that is an address, whatever its scheme: an account (`github:NAME`, `gitlab:NAME`), or `https://…`. */
const isRemoteKey = (key: unknown): boolean => typeof key === 'string' && /^(?:git(?:hub|lab)|[a-z][a-z0-9+.-]*:)/i.test(key);

/** Of the keys at the top level these wait for the network; all others are put in place by the stage boot. */
const waitsForNetwork = (key: unknown): boolean => typeof key === 'string' && /^git(?:hub|lab)/.test(key);

/** Stands in presets where somebody has to write a value. */
export const placeholder = 'FILL-IN';

const walkScalars = (document: ParsedYaml, node: Node | null, path: KeyPath, visit: (text: string, path: KeyPath) => void): void => {
  const target = follow(document, node);
  if (isMap(target)) for (const [key, value] of entriesOf(document, target)) walkScalars(document, value, [...path, key], visit);
  else if (isSeq(target)) target.items.forEach((item, index) => walkScalars(document, item as Node | null, [...path, index], visit));
  else if (isScalar(target) && typeof target.value === 'string') visit(target.value, path);
};

/** Keys that have to be fetched, in a stage that has no network yet. `stage`: null for the top level. */
const checkKeys = (keys: unknown, path: KeyPath, stage: string | null, report: Report): void => {
  const early = /^(?:rootfs|initramfs|boot|fs)(?:\.|$)/.test(stage ?? 'boot');
  if (!early || !asList(keys).some((key) => isRemoteKey(key) && !(stage === null && waitsForNetwork(key)))) return;
  const what = stage === null ? 'keys from an address are fetched by the stage boot, which has no network yet: they will be missing' : `github: and gitlab: keys, and those from an address, need the network, which the stage ${stage} does not have: they will be missing`;
  report(path, 'keys-before-network', what, 'put them into the stage "network"', 'warning');
};

const checkUser = (user: Data, path: KeyPath, stage: string | null, report: Report): void => {
  const password = judgePassword(user['passwd']);
  if (password !== 'fine') {
    const useless = password === 'unusable' ? '; and nobody gets in by it: what begins with $ or ! is taken for a hash, and this is none' : '';
    report([...path, 'passwd'], 'password-in-clear', `the password is kept in clear text, readable on the node${useless}`, 'write its hash: openssl passwd -6', 'warning');
  }
  if ('lockPasswd' in user) report([...path, 'lockPasswd'], 'unknown-key', '"lockPasswd" is left out', 'write "lock_passwd"', 'warning');
  checkKeys(user['ssh_authorized_keys'], [...path, 'ssh_authorized_keys'], stage, report);
};

const checkUsers = (data: Data, report: Report): void => {
  asList(data['users']).forEach((user, index) => checkUser(asMap(user), ['users', index], null, report));
  checkKeys(data['ssh_authorized_keys'], ['ssh_authorized_keys'], null, report);
  for (const [stage, steps] of Object.entries(asMap(data['stages']))) {
    asList(steps).forEach((step, index) => {
      for (const [name, user] of Object.entries(asMap(asMap(step)['users']))) checkUser(asMap(user), ['stages', stage, index, 'users', name], stage, report);
      for (const [name, keys] of Object.entries(asMap(asMap(step)['authorized_keys']))) checkKeys(keys, ['stages', stage, index, 'authorized_keys', name], stage, report);
    });
  }
};

/** Permissions written in decimal: `644` is `01204`. Only the spelling tells. */
const checkPermissions = (document: ParsedYaml, report: Report): void => {
  const stages = entriesOf(document, document.root).get('stages');
  for (const [stage, list] of entriesOf(document, stages)) {
    const steps = follow(document, list);
    if (!isSeq(steps)) continue;
    steps.items.forEach((step, index) => {
      for (const kind of ['files', 'directories', 'downloads']) {
        const rows = follow(document, entriesOf(document, step).get(kind));
        if (!isSeq(rows)) continue;
        rows.items.forEach((row, at) => {
          const scalar = follow(document, entriesOf(document, row).get('permissions'));
          if (isScalar(scalar) && typeof scalar.value === 'number' && /^[1-7][0-7]{2}$/.test(scalar.source ?? '')) {
            report(['stages', stage, index, kind, at, 'permissions'], 'permissions-decimal', `${scalar.source} is a decimal number here, that is octal ${Number(scalar.source).toString(8)}`, `write 0${scalar.source}`, 'warning');
          }
        });
      }
    });
  }
};

/** What contradicts itself in an `install:` map, of either kind of document. */
export const checkInstallContradictions = (install: unknown, report: Report): void => {
  if (isTrue(asMap(install)['reboot']) && isTrue(asMap(install)['poweroff'])) {
    report(['install', 'poweroff'], 'reboot-and-poweroff', 'reboot and poweroff exclude each other', 'keep one of them');
  }
};

const checkHardening = (data: Data, report: Report): void => {
  if (isTrue(asMap(data['install'])['ssh_hardening']) && !asList(data['users']).some((user) => asList(asMap(user)['ssh_authorized_keys']).length > 0)) {
    report(['install', 'ssh_hardening'], 'ssh-hardening-without-keys', 'ssh_hardening needs a top-level user with ssh_authorized_keys: kairos-agent refuses the configuration otherwise (users in stages do not count)', 'add a key to a user under "users:"');
  }
};

const checkInstall = (data: Data, report: Report): void => {
  const install = asMap(data['install']);
  for (const [name, part] of Object.entries(asMap(install['partitions']))) {
    if ('fs' in asMap(part)) report(['install', 'partitions', name, 'fs'], 'partition-fs-ignored', 'Kairos makes this partition ext4, whatever stands here', 'remove the key', 'warning');
  }
  if (asList(install['cloud-init']).length > 0) {
    report(['install', 'cloud-init'], 'install-cloud-init', 'these files would be copied to the node by kairos-agent as they are; Slipway does not pass them on', 'name them with --config instead', 'warning');
  }
};

const checkOemEncryption = (data: Data, report: Report): void => {
  if (asList(asMap(data['install'])['encrypted_partitions']).includes('COS_OEM')) {
    report(['install', 'encrypted_partitions'], 'oem-encrypted', 'an encrypted COS_OEM is supported on Trusted Boot images only; elsewhere the boot selection becomes unreliable', 'leave COS_OEM out unless the image is a Trusted Boot one', 'warning');
  }
};

const checkCluster = (data: Data, report: Report): void => {
  const p2p = asMap(data['p2p']);
  const token = p2p['network_token'];
  if (typeof token === 'string' && token !== '' && token !== placeholder && !token.includes('{{')) {
    const wrong = checkToken(token);
    if (wrong !== null) report(['p2p', 'network_token'], 'network-token', `this is no edgevpn token: ${wrong}`, 'make one with `slipway token`');
  }
  const auto = asMap(p2p['auto']);
  if ((token === '' || token === undefined || token === null) && isTrue(auto['enable'])) {
    report(['p2p', 'auto', 'enable'], 'p2p-without-token', 'automatic mode needs a network token; without one the nodes never meet', 'set p2p.network_token (`slipway token`)');
  }
  if (typeof token === 'string' && token !== '' && isFalse(auto['enable']) && p2p['role'] === undefined) {
    report(['p2p', 'auto', 'enable'], 'p2p-without-role', 'with automatic mode off the node gets no role', 'set p2p.role', 'warning');
  }
  if ('vpn' in asMap(p2p['vpn'])) report(['p2p', 'vpn', 'vpn'], 'unknown-key', 'the provider reads "create"; "vpn" is left out', 'write "create"', 'warning');
  const agent = asMap(data['k3s-agent']);
  const [first, second] = ['k3s', 'k3s-agent', 'k0s', 'k0s-worker'].filter((name) => isTrue(asMap(data[name])['enabled']));
  if (first !== undefined && second !== undefined) {
    report([second, 'enabled'], 'server-and-agent', `${first} and ${second} are both enabled; a node is one of them`, 'disable one');
  }
  if (isTrue(agent['enabled']) && p2p['network_token'] === undefined && asMap(agent['env'])['K3S_URL'] === undefined && !asList(agent['args']).some((arg) => /^--server(?:=|$)/.test(String(arg)))) {
    report(['k3s-agent'], 'agent-without-server', 'a k3s agent needs a server to join', 'set env.K3S_URL and env.K3S_TOKEN, or "--server" in args', 'warning');
  }
};

const checkRest = (document: ParsedYaml, data: Data, report: Report): void => {
  if (Array.isArray(data['options'])) report(['options'], 'wrong-type', '"options" is a list in the published schema and a map in the program: it cannot be right', 'use grub_options', 'warning');
  const url = data['config_url'];
  if (typeof url === 'string' && url !== '' && !/^https?:\/\//i.test(url) && !url.includes('{{')) {
    report(['config_url'], 'url-invalid', '"config_url" takes an http or https address', 'write https://HOST/PATH');
  }
  walkScalars(document, document.root, [], (text, path) => {
    if (text === placeholder || text.includes(`<${placeholder}`)) report(path, 'placeholder', 'this is still to be filled in', `replace ${placeholder} by your value`);
  });
};

/** The traps of a document that stay traps whatever other documents and answers are merged with it. */
export const checkTraps = (document: ParsedYaml, report: Report): void => {
  const data = asMap(toData(document, document.root));
  checkUsers(data, report);
  checkPermissions(document, report);
  checkInstall(data, report);
  checkRest(document, data, report);
};

/**
 * What is missing in a configuration as a whole, or contradicts itself: another document or an answer may bring it, or bring it about.
 * @param data of a document that stands alone, or of everything that was merged
 */
export const checkWholeTraps = (data: Data, report: Report): void => {
  checkInstallContradictions(data['install'], report);
  checkHardening(data, report);
  checkCluster(data, report);
};

/** The same for a document that stands alone, of which nothing is known but the document: no engine, no image. */
export const checkAloneTraps = (data: Data, report: Report): void => {
  checkWholeTraps(data, report);
  checkOemEncryption(data, report);
};

/** True when somebody can administer the node: a user in the group admin in any stage that stays, or no users wanted. */
export const hasAdmin = (data: Data): boolean => {
  if (isTrue(asMap(data['install'])['nousers'])) return true;
  const isAdmin = (user: unknown): boolean => {
    const { groups, primary_group: primary } = asMap(user);
    return primary === 'admin' || asList(groups).includes('admin') || groups === 'admin';
  };
  if (asList(data['users']).some(isAdmin)) return true;
  return Object.entries(asMap(data['stages'])).some(
    ([stage, steps]) => !isInstallOnlyStage(stage) && asList(steps).some((step) => Object.values(asMap(asMap(step)['users'])).some(isAdmin)),
  );
};
