/** The commands and their flags, once: parsing, help and the reference table come from here. */
import { settings } from '../model/settings.ts';
import { exportFlags } from './export-flags.ts';
import { recoveryActionNames, recoveryFlags } from './recovery-flags.ts';

export interface Flag {
  readonly name: string;
  /** Empty for switches. */
  readonly values: string;
  readonly help: string;
  readonly repeatable?: boolean;
}

export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** How many words may follow: [least, most]. */
  readonly words: readonly [number, number];
}

const settingFlags: readonly Flag[] = settings.map((row) => ({
  name: row.name,
  values: row.values,
  help: `${row.help} (default: ${row.fallback})`,
  repeatable: row.kind === 'list',
}));

/** Flags that every command takes. */
export const globalFlags: readonly Flag[] = [
  { name: 'machine', values: 'FILE', help: 'play a recorded machine instead of this one; nothing real is touched' },
  { name: 'json', values: '', help: 'machine-readable output' },
  { name: 'plain', values: '', help: 'append-only questions instead of screens' },
  { name: 'no-color', values: '', help: 'no colour' },
  { name: 'log', values: 'FILE', help: 'write the log there too' },
  { name: 'version', values: '', help: 'print the version' },
  { name: 'help', values: '', help: 'print help' },
];

export const commands: readonly Command[] = [
  { name: 'install', usage: 'install [FLAGS]', summary: 'installs; with --unattended it asks nothing', flags: settingFlags, words: [0, 0] },
  { name: 'plan', usage: 'plan [FLAGS]', summary: 'prints the plan and its hash; touches nothing', flags: settingFlags, words: [0, 0] },
  { name: 'probe', usage: 'probe [--record FILE]', summary: 'prints what was found on this machine', flags: [{ name: 'record', values: 'FILE', help: 'record this machine for a bug report' }], words: [0, 0] },
  { name: 'validate', usage: 'validate FILE…', summary: 'checks cloud-config and installer-data files', flags: [{ name: 'kind', values: 'user-data|installer-data', help: 'what the files are (default: by their name)' }], words: [1, Infinity] },
  { name: 'scrub', usage: 'scrub PATH…', summary: 'removes install-only material from cloud-config files', flags: [{ name: 'dry-run', values: '', help: 'print a diff, write nothing' }], words: [1, Infinity] },
  {
    name: 'audit',
    usage: 'audit TARGET',
    summary: 'searches a directory, disk image or block device for install-only material',
    flags: [
      { name: 'installer-data', values: 'FILE', help: 'what to search for; repeatable', repeatable: true },
      { name: 'config', values: 'FILE', help: 'a cloud-config whose install-only parts are searched for; repeatable', repeatable: true },
      { name: 'secrets-file', values: 'FILE', help: 'strings to search for, one a line' },
      { name: 'pristine', values: 'PATH', help: 'tree or file of the image that was installed: strings that it holds too are not searched for' },
      { name: 'mode', values: 'full|written', help: 'how much is read (default: full)' },
    ],
    words: [1, 1],
  },
  {
    name: 'recovery',
    usage: 'recovery [ACTION [WORD…]] [FLAGS]',
    summary: `an installed node: its status, or one action: ${recoveryActionNames.join(', ')}`,
    flags: recoveryFlags,
    words: [0, 5],
  },
  { name: 'receipt', usage: 'receipt verify FILE', summary: "checks a receipt's shape and signature", flags: [{ name: 'key', values: 'FILE', help: "the signer's public key" }], words: [2, 2] },
  {
    name: 'export',
    usage: 'export KIND [FLAGS]',
    summary: 'writes files for other systems: cidata (a data volume), osartifact, nodeop, nodeopupgrade (Kairos operator)',
    flags: [...settingFlags, ...exportFlags],
    words: [1, 1],
  },
  { name: 'token', usage: 'token', summary: 'prints a new edgevpn network token', flags: [], words: [0, 0] },
];

/** Flags of the form without a command, which `kairos-agent interactive-install` starts. */
export const consoleFlags: readonly Flag[] = [{ name: 'source', values: 'URI', help: 'the image to install' }];
