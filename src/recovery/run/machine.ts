/** Actions on this machine and not on a disk: network, power, a shell. */
import { cleanText } from '../../model/foreign-text.ts';
import { readNetworkChange } from '../../model/network-change.ts';
import { checkNetworkChange, setNetwork } from '../../system/live-network.ts';
import { nodeError, stepsOf } from './context.ts';
import type { ActionContext, ActionResult } from './context.ts';

/** Whatever this system has to ask for an address with; the first that is there. */
const renewals: readonly (readonly string[])[] = [
  ['networkctl', 'renew'],
  ['nmcli', 'device', 'reapply'],
  ['udhcpc', '-n', '-q', '-t', '3', '-i'],
  ['dhclient', '-1', '-v'],
];

const describe = (context: ActionContext): string =>
  context.status.network
    .filter(({ name }) => name !== 'lo')
    .map(({ name, carrier, addresses }) => `${cleanText(name, 20)}: ${carrier === false ? 'no cable' : addresses.length === 0 ? 'no address' : addresses.join(', ')}`)
    .join('; ') || 'no network interface';

/** `word`: an interface that shall ask for an address again, or have the given one; without it is only looked. */
export const runNetwork = async (context: ActionContext): Promise<ActionResult> => {
  const { system, options, status, signal } = context;
  const { word } = options;
  if (word === undefined) return { text: describe(context) };
  const nic = status.network.find(({ name }) => name === word);
  if (nic === undefined) throw nodeError('network-interface', 'is no network interface of this machine', word, `there are ${status.network.map(({ name }) => name).join(', ') || 'none'}`);
  if (options.address !== undefined && !/^dhcp$/i.test(options.address.trim())) {
    const change = readNetworkChange(word, options.address);
    const wrong = typeof change === 'string' ? change : checkNetworkChange(change);
    if (typeof change === 'string' || wrong !== null) throw nodeError('network-address', `not understood: ${cleanText(options.address, 80)}`, word, wrong ?? '');
    const set = stepsOf(context, [`set the address of ${word}`]);
    set();
    const text = await setNetwork(system, change, signal);
    const { stdout } = await system.run(['ip', '-brief', 'address', 'show', 'dev', word], { timeout: 10_000, signal });
    if (change.kind === 'static' && !stdout.includes(change.address)) throw nodeError('network-no-address', 'does not have the address afterwards', word, 'look at it in a shell: ip address');
    return { text };
  }
  const step = stepsOf(context, [`ask for an address on ${word}`]);
  step();
  await system.run(['ip', 'link', 'set', word, 'up'], { timeout: 10_000, signal });
  for (const command of renewals) {
    const result = await system.run([...command, word], { timeout: 60_000, signal });
    if (result.missing) continue;
    const { stdout } = await system.run(['ip', '-brief', 'address', 'show', 'dev', word], { timeout: 10_000, signal });
    const address = /\b\d+\.\d+\.\d+\.\d+\/\d+|\b(?!fe80)[0-9a-f:]+:[0-9a-f:]+\/\d+/i.exec(stdout)?.[0];
    if (address === undefined) throw nodeError('network-no-address', 'got no address', word, 'check the cable and the DHCP server');
    return { text: `${word}: ${address}` };
  }
  throw nodeError('tool-missing', 'no program to ask for an address with is installed', 'networkctl, nmcli, udhcpc, dhclient', 'set it by hand in a shell: ip address add …');
};

const powerCommands: Readonly<Record<string, readonly (readonly string[])[]>> = {
  reboot: [['systemctl', 'reboot'], ['reboot', '-f']],
  poweroff: [['systemctl', 'poweroff'], ['poweroff', '-f']],
};

export const runPower = async (context: ActionContext): Promise<ActionResult> => {
  const { word } = context.options;
  const commands = powerCommands[word ?? ''];
  if (word === undefined || commands === undefined) throw nodeError('power-word', 'takes reboot or poweroff', `power ${word ?? ''}`.trim(), 'slipway recovery power reboot');
  await context.system.run(['sync'], { timeout: 60_000 });
  for (const command of commands) {
    if ((await context.system.run(command, { timeout: 30_000 })).exitCode === 0) return { text: word === 'reboot' ? 'rebooting' : 'powering off' };
  }
  throw nodeError('power-failed', 'this system did not take the request', word, 'do it by hand');
};

/** The program ends with 0, and whoever started it gives the shell (as kairos-agent does after its installer). */
export const runShell = (): Promise<ActionResult> => Promise.resolve({ text: 'leaving for a shell' });
