/** The OpenRC service, in a root of its own with the shell of Alpine: what it makes of the inittabs of both kinds of init. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const overlay = join(import.meta.dirname, '../../iso-overlay/rootfs');
const roots: string[] = [];

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** Starts the service where `init` is process 1, on a kernel line. Gives the inittab as it is then, and the signals that were sent. */
const start = (init: 'busybox' | 'init', line: string, inittab: string): { readonly inittab: string; readonly signals: string } => {
  const root = mkdtempSync(join(tmpdir(), 'slipway-openrc-'));
  roots.push(root);
  const put = (name: string, text: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  mkdirSync(join(root, 'bin'));
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  for (const applet of ['sh', 'cat', 'sed', 'readlink', 'tail']) symlinkSync('busybox', join(root, 'bin', applet));
  if (init === 'init') copyFileSync('/bin/busybox', join(root, 'bin/init'));
  put('proc/cmdline', `${line}\n`);
  mkdirSync(join(root, 'proc/1'));
  symlinkSync(`/bin/${init}`, join(root, 'proc/1/exe'));
  put('sys/class/tty/console/active', 'ttyS0 tty1\n');
  put('etc/inittab', inittab);
  put('signals', '');
  put('dev/null', '');
  cpSync(join(overlay, 'usr'), join(root, 'usr'), { recursive: true });
  cpSync(join(overlay, 'etc/init.d'), join(root, 'etc/init.d'), { recursive: true });
  // What openrc-run gives a service, and a process 1 of its own.
  const run = 'ebegin() { :; }; eend() { return "$1"; }; kill() { echo "$*" >>/signals; }; . /etc/init.d/slipway-console; start; start';
  execFileSync('/usr/sbin/chroot', [root, '/bin/sh', '-c', run], { env: { PATH: '/bin' }, encoding: 'utf8' });
  return { inittab: readFileSync(join(root, 'etc/inittab'), 'utf8'), signals: readFileSync(join(root, 'signals'), 'utf8') };
};

const busyboxTable = ['::sysinit:/sbin/openrc sysinit', 'tty1::respawn:/sbin/getty 38400 tty1', 'tty2::respawn:/sbin/getty 38400 tty2', 'ttyS0::respawn:/sbin/getty -L 115200 ttyS0 vt100', '::ctrlaltdel:/sbin/reboot', ''].join('\n');
const sysvinitTable = ['id:2:initdefault:', '1:2345:respawn:/sbin/getty --noclear 38400 tty1', '2:23:respawn:/sbin/getty 38400 tty2', '#T0:23:respawn:/sbin/getty -L ttyS0 9600 vt100', 'T0:23:respawn:/sbin/getty -L ttyS0 115200 vt100', ''].join('\n');
const live = 'root=live:CDLABEL=COS_LIVE slipway';
const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)("busybox's init: the consoles are Slipway's, other terminals stay; started twice it is the same", () => {
  const { inittab, signals } = start('busybox', live, busyboxTable);
  expect(inittab.split('\n')).toEqual([
    '::sysinit:/sbin/openrc sysinit', 'tty2::respawn:/sbin/getty 38400 tty2', '::ctrlaltdel:/sbin/reboot',
    'tty1::respawn:/usr/lib/slipway/console tty1', 'ttyS0::respawn:/usr/lib/slipway/console ttyS0', '',
  ]);
  expect(signals).toBe('-HUP 1\n-HUP 1\n');
});

test.runIf(isRoot)('sysvinit: the same', () => {
  const { inittab } = start('init', live, sysvinitTable);
  expect(inittab.split('\n')).toEqual([
    'id:2:initdefault:', '2:23:respawn:/sbin/getty 38400 tty2', '#T0:23:respawn:/sbin/getty -L ttyS0 9600 vt100',
    '1:2345:respawn:/usr/lib/slipway/console tty1', 'S0:2345:respawn:/usr/lib/slipway/console ttyS0', '',
  ]);
});

test.runIf(isRoot)('where Slipway has nothing to open, nothing is changed and init is left alone', () => {
  const { inittab, signals } = start('busybox', 'root=LABEL=COS_ACTIVE', busyboxTable);
  expect(inittab).toBe(busyboxTable);
  expect(signals).toBe('');
});
