/** A redacted bundle of logs: into a directory, onto a volume, to an address, or its short form as a QR code. */
import { isIP } from 'node:net';
import { mustRun } from '../../engine/command.ts';
import { shownUrl } from '../../model/shown-url.ts';
import { qrRows } from '../../receipt/qr.ts';
import { collectLogs } from '../logs/collect.ts';
import type { NodeStatus } from '../status.ts';
import { nodeError, stepsOf } from './context.ts';
import type { ActionContext, ActionResult } from './context.ts';

const capitals = (text: string, limit: number): string => text.toUpperCase().replaceAll(/[^0-9A-Z.-]+/g, '-').slice(0, limit);

/** What is wrong with the node in one line for a QR code: state, versions, ids of the problems; no names, no values. Pure. */
export const shortForm = (status: NodeStatus): string =>
  ['SLIPWAY-NODE:1', capitals(status.boot.state, 12), ...status.systems.map((row) => `${row.name[0]?.toUpperCase() ?? ''}-${row.damage === null ? 'OK' : 'BAD'}`), ...[...new Set(status.problems.map(({ id }) => capitals(id.replace('node-', ''), 20)))]].join(':').slice(0, 180);

const bundleName = (context: ActionContext): string => {
  const { target } = context.node;
  const name = (target === null ? 'machine' : target.kind === 'device' ? (target.identity.serial ?? target.identity.kname) : (target.path.split('/').at(-1) ?? 'image')).replaceAll(/[^\w.-]+/g, '_').slice(0, 64);
  return `slipway-logs-${name}-${new Date(context.system.now()).toISOString().replaceAll(/[:.-]/g, '')}.tar.gz`;
};

const pack = async (context: ActionContext, texts: ReadonlyMap<string, string>): Promise<string> => {
  const { system, signal } = context;
  const scratch = await system.memoryDirectory('logs');
  await system.makeDirectory(`${scratch}/logs`, 0o700);
  for (const [name, text] of texts) await system.writeFile(`${scratch}/logs/${name}`, text, { mode: 0o600 });
  const bundle = `${scratch}/${bundleName(context)}`;
  await mustRun(system, 'pack the logs', ['tar', '-czf', bundle, '-C', scratch, 'logs'], { signal });
  return bundle;
};

/** Tokens go to https, or to an address in the own network: never in clear over somebody else's. */
export const mayCarryToken = (url: string): boolean => {
  const parsed = URL.parse(url);
  if (parsed === null) return false;
  const { protocol, hostname } = parsed;
  return protocol === 'https:' || hostname === 'localhost' || (isIP(hostname) === 4 && /^(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(hostname));
};

const send = async (context: ActionContext, bundle: string, url: string): Promise<string> => {
  const { system, options, signal } = context;
  const bytes = await system.readBytes(bundle, 64 * 1024 * 1024);
  if (bytes === null) throw nodeError('logs-too-big', 'is bigger than 64 MiB', bundle, 'write it to a volume');
  const body = JSON.stringify({ slipwayLogs: 1, name: bundle.split('/').at(-1), ...(options.token === undefined ? {} : { token: options.token }), data: Buffer.from(bytes).toString('base64') });
  const { status } = await system.fetch(url, { method: 'POST', body, timeout: 60_000, maxBytes: 64 * 1024, signal });
  if (status < 200 || status > 299) throw nodeError('logs-refused', `the server answered ${status}`, shownUrl(url), 'check the address and the token');
  return shownUrl(url);
};

const copyToVolume = async (context: ActionContext, bundle: string, device: string): Promise<string> => {
  const { system } = context;
  if (context.node.partitions.some(({ path }) => path === device) || context.node.path === device) throw nodeError('logs-place', 'is a part of the node itself', device, 'attach a stick, or name a directory');
  const name = bundle.split('/').at(-1) ?? '';
  const scratch = await system.memoryDirectory('volume');
  const mounted = await system.run(['mount', '-o', 'rw,nosuid,nodev,noexec', device, scratch], { timeout: 60_000 });
  if (mounted.exitCode === 0) {
    const undo = system.cleanup.add(`unmount ${device}`, async () => void (await mustRun(system, `unmount ${device}`, ['umount', scratch], { timeout: 120_000 })));
    try {
      await mustRun(system, 'write the bundle', ['cp', '--no-clobber', bundle, `${scratch}/${name}`]);
    } finally {
      await undo();
    }
  } else await mustRun(system, 'write the bundle', ['mcopy', '-n', '-i', device, bundle, `::/${name}`]);
  return `${device}:/${name}`;
};

export const runLogs = async (context: ActionContext): Promise<ActionResult> => {
  const { system, options, status } = context;
  const output = options.output ?? '.';
  if (options.token !== undefined && !mayCarryToken(output)) throw nodeError('logs-token', 'a token is sent to https, or within the own network', shownUrl(output), 'give an https address');
  if (output === 'qr') return { text: [shortForm(status), ...qrRows(shortForm(status))].join('\n') };
  const step = stepsOf(context, ['collect and redact', `write to ${shownUrl(output)}`]);
  step();
  const bundle = await pack(context, await collectLogs(context));
  step();
  const real = await system.realPath(output);
  const kind = real === null ? null : ((await system.stat(real))?.kind ?? null);
  let written: string;
  if (/^https?:\/\//.test(output)) written = await send(context, bundle, output);
  else if (kind === 'block' && real !== null) written = await copyToVolume(context, bundle, real);
  else if (kind === 'directory') {
    written = `${output.replace(/\/+$/, '')}/${bundle.split('/').at(-1) ?? ''}`;
    await mustRun(system, 'write the bundle', ['cp', '--no-clobber', bundle, written]);
  } else throw nodeError('logs-place', 'is neither a directory, a device nor an address', shownUrl(output), 'name one with --output');
  return { text: `redacted logs in ${written}`, written: [written] };
};
