/** What goes into a bundle of logs, redacted, as texts by name. Reads only. */
import { mustRun } from '../../engine/command.ts';
import { agentEnvironment } from '../../engine/kairos-agent/agent-environment.ts';
import { redactKernelLine } from '../../model/kernel-line-redaction.ts';
import { SlipwayError } from '../../model/problem.ts';
import type { System } from '../../system/port.ts';
import { partitionOf } from '../node.ts';
import { isUsablePath, openStore } from '../store.ts';
import type { Store } from '../store.ts';
import type { ActionContext } from '../run/context.ts';
import { createNodeRedactor } from './redact-node.ts';

/** bytes of one log; older lines go first */
const longest = 4 * 1024 * 1024;

const commands: Readonly<Record<string, readonly string[]>> = {
  'journal.log': ['journalctl', '--no-pager', '--boot', '--lines=5000', '--output=short-iso'],
  'kernel.log': ['dmesg'],
  'addresses.txt': ['ip', 'address'],
  'block-devices.txt': ['lsblk', '--output', 'NAME,SIZE,TYPE,FSTYPE,LABEL,PARTLABEL,MOUNTPOINTS'],
  'mounts.txt': ['findmnt', '--noheadings', '--real'],
};

/** Kairos's own logs (kairos.md 2: default files of `kairos-agent logs`). */
const folders = ['/var/log/kairos', '/run/immucore', '/run/slipway'];

const logsIn = async (system: System, folder: string): Promise<readonly (readonly [string, string])[]> => {
  const names = ((await system.list(folder)) ?? []).filter((name) => name.endsWith('.log'));
  const rows = await Promise.all(names.map(async (name) => [`${folder.slice(1).replaceAll('/', '-')}-${name}`, (await system.readText(`${folder}/${name}`, 64 * 1024 * 1024)) ?? ''] as const));
  return rows.filter(([, text]) => text !== '');
};

const ofThisSystem = async (context: ActionContext): Promise<readonly (readonly [string, string])[]> => {
  const { system } = context;
  const rows: (readonly [string, string])[] = [];
  for (const [name, command] of Object.entries(commands)) {
    const { stdout, missing } = await system.run(command, { timeout: 30_000, maxBytes: 64 * 1024 * 1024 });
    if (!missing && stdout !== '') rows.push([name, stdout]);
  }
  rows.push(['kernel-line.txt', redactKernelLine((await system.readText('/proc/cmdline')) ?? '')]);
  for (const folder of folders) rows.push(...(await logsIn(system, folder)));
  return rows;
};

/** The agent's own bundle is not redacted: it is unpacked in memory, and its texts go through the redactor as all others. */
const ofTheAgent = async (context: ActionContext, agent: string): Promise<readonly (readonly [string, string])[]> => {
  const { system, signal } = context;
  const scratch = await system.memoryDirectory('agent-logs');
  try {
    const made = await system.run([agent, 'logs', '--output', `${scratch}/logs.tar.gz`], { timeout: 120_000, signal, environment: await agentEnvironment(system) });
    if (made.exitCode !== 0) {
      context.emit({ event: 'log', level: 'warn', text: 'kairos-agent logs failed; the bundle goes without it' });
      return [];
    }
    await system.makeDirectory(`${scratch}/tree`, 0o700);
    await mustRun(system, 'unpack the agent\'s logs', ['tar', '-xzf', `${scratch}/logs.tar.gz`, '-C', `${scratch}/tree`, '--no-same-owner'], { signal });
    return [...(await logsIn(system, `${scratch}/tree/journal`))].map(([name, text]) => [`agent-journal-${name.split('-').at(-1) ?? name}`, text] as const);
  } finally {
    await system.remove(scratch);
  }
};

const quietly = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SlipwayError) return otherwise;
    throw error;
  }
};

const ofTheNode = async (oem: Store | null, persistent: Store | null, running: boolean): Promise<readonly (readonly [string, string])[]> => {
  const rows: (readonly [string, string])[] = [];
  const take = async (store: Store | null, path: string, name: string): Promise<void> => {
    const text = store === null ? null : await quietly(() => store.readText(path, 64 * 1024 * 1024), null);
    if (text !== null && text !== '') rows.push([name, text]);
  };
  await take(oem, '/grubenv', 'grubenv.txt');
  if (running || persistent === null) return rows;
  const folder = '/.state/var-log.bind/kairos';
  for (const { name } of (await quietly(() => persistent.list(folder), null)) ?? []) if (/^[\w.-]+\.log$/.test(name)) await take(persistent, `${folder}/${name}`, `node-${name}`);
  return rows;
};

const configsOf = async (oem: Store | null): Promise<readonly { name: string; text: string }[]> => {
  if (oem === null) return [];
  const names = ((await quietly(() => oem.list('/'), null)) ?? []).filter(({ name }) => /\.ya?ml$/.test(name) && isUsablePath(`/${name}`));
  const rows = await Promise.all(names.map(async ({ name }) => ({ name, text: (await quietly(() => oem.readText(`/${name}`), null)) ?? '' })));
  return rows.filter(({ text }) => text !== '');
};

/** Every text of the bundle, by its name in it. */
export const collectLogs = async (context: ActionContext): Promise<ReadonlyMap<string, string>> => {
  const { system, node, status, means } = context;
  const storeOf = (name: 'oem' | 'persistent'): Store | null => {
    const partition = partitionOf(node, name);
    return partition === null ? null : openStore(system, partition);
  };
  const [oem, persistent] = [storeOf('oem'), storeOf('persistent')];
  const configs = await configsOf(oem);
  const redact = createNodeRedactor(configs);
  const running = node.kind === 'running';
  const rows = [
    ['status.json', `${JSON.stringify(status, undefined, 2)}\n`] as const,
    ...(node.kind === 'image' ? [] : await ofThisSystem(context)),
    ...(await ofTheNode(oem, persistent, running)),
    ...configs.map(({ name, text }) => [`oem-${name.replaceAll(/[^\w.@+-]/g, '_')}.txt`, text] as const),
    ...(running && means.agent !== null ? await ofTheAgent(context, means.agent) : []),
  ];
  return new Map(rows.map(([name, text]) => [name, redact(text.length > longest ? text.slice(-longest) : text)]));
};
