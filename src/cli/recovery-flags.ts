/** Flags and words of `slipway recovery`. */
import type { Flag } from './commands.ts';

/** The actions as they are written on the command line. */
export const recoveryActionNames = ['status', 'reset', 'reinstall', 'upgrade', 'boot', 'rollback', 'redeploy', 'edit', 'scrub', 'audit', 'fsck', 'unlock', 'network', 'remote', 'logs', 'shell', 'power'] as const;

export const recoveryFlags: readonly Flag[] = [
  { name: 'image', values: 'FILE', help: 'a disk image file instead of this machine' },
  { name: 'device', values: 'PATH', help: 'another disk of this machine' },
  { name: 'yes', values: '', help: 'consent to what the action loses; needed for every action that writes' },
  { name: 'oem', values: '', help: 'reset: COS_OEM with the configuration, too' },
  { name: 'source', values: 'URI', help: 'upgrade: the image, as for an install' },
  { name: 'recovery', values: '', help: 'upgrade: the recovery system instead of the active one' },
  { name: 'undo', values: '', help: 'rollback: take it back' },
  { name: 'config', values: 'FILE|URL', help: 'edit, reinstall: the new configuration; audit: what to search for; repeatable', repeatable: true },
  { name: 'installer-data', values: 'FILE', help: 'audit: what to search for; repeatable', repeatable: true },
  { name: 'secrets-file', values: 'FILE', help: 'audit: strings to search for, one a line' },
  { name: 'pristine', values: 'PATH', help: 'audit: the system image that was installed, a file or an unpacked tree: what it holds itself is not a find' },
  { name: 'output', values: 'DIRECTORY|DEVICE|URL|qr', help: 'logs: where the bundle goes (default: the current directory)' },
  { name: 'passphrase-file', values: 'FILE', help: 'unlock: its first line opens what neither TPM nor key server does' },
  { name: 'token-file', values: 'FILE', help: 'logs: a token to be sent along to an address' },
];
