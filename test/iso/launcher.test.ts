/**
 * The launcher on two consoles at once: real pseudo-terminals, Alpine's kind of shell, a root of its own, and a stand-in for the
 * executable. One has the pen, the other says where it is and takes it over, but not while a disk is being written.
 */
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { spawn } from '@lydell/node-pty';
import type { IPty } from '@lydell/node-pty';
import { afterEach, beforeEach, expect, test } from 'vitest';

const overlay = join(import.meta.dirname, '../../iso-overlay/rootfs');
const isRoot = process.getuid?.() === 0;

/** Says where it runs, ends at SIGTERM, and writes a disk from the moment on that /write is there. */
const standIn = `#!/bin/sh
trap 'echo it lets go; exit 0' TERM
echo "stand-in $* on $(tty)"
while :; do
  [ -e /write ] && : >/run/slipway/$$-writing-1
  [ -e /end ] && rm -f /end && exit 5
  sleep 0.2
done
`;

interface Console {
  /** `pts/3` */
  readonly name: string;
  type(text: string): void;
  sees(pattern: RegExp): Promise<void>;
  /** What came since the last thing that was seen. */
  rest(): string;
}

let root = '';
const terminals: IPty[] = [];

const put = (name: string, text: string, mode = 0o644): void => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
  chmodSync(join(root, name), mode);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-launcher-'));
  for (const folder of ['bin', 'dev/pts', 'proc', 'root', 'run']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  for (const applet of ['sh', 'cat', 'rm', 'mkdir', 'sleep', 'stty', 'tty', 'tee']) symlinkSync('busybox', join(root, 'bin', applet));
  for (const name of ['reboot', 'poweroff']) put(`bin/${name}`, `#!/bin/sh\necho ${name} >>/asked\n`, 0o755);
  put('dev/null', '');
  put('cmdline', 'root=live:CDLABEL=COS_LIVE slipway\n');
  put('system/installer/installer', standIn, 0o755);
  cpSync(join(overlay, 'usr'), join(root, 'usr'), { recursive: true });
});

afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 300));
  rmSync(root, { recursive: true, force: true });
});

/** A console with nothing on it yet. `begin` starts the launcher there, in a process namespace and mounts of its own. */
const openConsole = async (): Promise<Console & { begin(): void }> => {
  const enter = 'mount --make-rprivate / && mount -t proc proc "$0/proc" && mount --bind "$0/cmdline" "$0/proc/cmdline" && mount --bind /dev/pts "$0/dev/pts" && exec /usr/sbin/chroot "$0" /bin/sh /usr/lib/slipway/console "$1"';
  const terminal = spawn('/bin/sh', ['-c', `tty; read go; exec unshare --mount sh -c '${enter}' ${root} "$(tty | sed 's|^/dev/||')"`], { cols: 80, rows: 24, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TERM: 'vt100' } });
  terminals.push(terminal);
  let raw = '';
  let seen = 0;
  terminal.onData((data) => void (raw += data));
  const text = (): string => stripVTControlCharacters(raw).replaceAll('\r', '');
  const sees = async (pattern: RegExp): Promise<void> => {
    for (const end = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      const match = pattern.exec(text().slice(seen));
      if (match !== null) {
        seen += match.index + match[0].length;
        return;
      }
      if (Date.now() > end) throw new Error(`no ${pattern}; there is:\n${text().slice(seen)}`);
    }
  };
  await sees(/\/dev\/pts\/\d+\n/);
  return { name: /pts\/\d+/.exec(text())?.[0] ?? '', type: (keys) => terminal.write(keys), sees, rest: () => text().slice(seen), begin: () => terminal.write('\n') };
};

/** Both consoles with the launcher on them; the last one of the kernel line has the pen first. */
const both = async (): Promise<readonly [Console, Console]> => {
  const [first, second] = [await openConsole(), await openConsole()];
  put('sys/class/tty/console/active', `${second.name} ${first.name}\n`);
  first.begin();
  second.begin();
  await first.sees(new RegExp(`stand-in +on /dev/${first.name}`));
  await second.sees(new RegExp(`Slipway runs on ${first.name}\\.\\s+Press Enter to take it over to this console \\(${second.name}\\)`));
  return [first, second];
};

test.runIf(isRoot)('one console has the pen; the other takes it over, and back', async () => {
  const [first, second] = await both();
  second.type('\r');
  await first.sees(/it lets go/);
  await second.sees(new RegExp(`stand-in +on /dev/${second.name}`));
  await first.sees(new RegExp(`Slipway runs on ${second.name}\\.`));
  first.type('\r');
  await first.sees(new RegExp(`stand-in +on /dev/${first.name}`));
  await second.sees(new RegExp(`Slipway runs on ${first.name}\\.`));
}, 60_000);

test.runIf(isRoot)('while a disk is being written it cannot be taken over', async () => {
  const [first, second] = await both();
  put('write', '');
  await expect.poll(() => readFileSync(join(root, 'run/slipway/console.lock'), 'utf8')).toContain(first.name);
  await new Promise((resolve) => setTimeout(resolve, 800));
  second.type('\r');
  await second.sees(new RegExp(`Not now: Slipway on ${first.name} is writing a disk\\.`));
  await second.sees(/Press Enter to take it over/);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(first.rest()).not.toContain('it lets go');
}, 60_000);

test.runIf(isRoot)('how it ended stands there in words; it starts again only by a key', async () => {
  const [first, second] = await both();
  put('end', '');
  await first.sees(/Slipway ended with exit code 5: failed; the disk was not touched\s+Enter {2}start Slipway {5}s {2}a shell {5}r {2}reboot {5}p {2}power off/);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(first.rest()).not.toContain('stand-in');
  first.type('\r');
  await first.sees(/stand-in +on/);
  // A shell on the other console, meanwhile.
  second.type('\u0003');
  await second.sees(/A root shell of the live system/);
  second.type('echo "in $(tty)"\r');
  await second.sees(new RegExp(`in /dev/${second.name}`));
}, 60_000);
