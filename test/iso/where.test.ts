/** What opens on which consoles: the overlay's own script, under both shells that images have. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readKernelLine } from '../../src/sources/kernel-line.ts';

const script = join(import.meta.dirname, '../../iso-overlay/rootfs/usr/lib/slipway/where');
const roots: string[] = [];

const machine = (line: string, active: string, sentinel?: string): string => {
  const root = mkdtempSync(join(tmpdir(), 'slipway-where-'));
  roots.push(root);
  const files: [string, string][] = [['proc/cmdline', `${line}\n`], ['sys/class/tty/console/active', `${active}\n`]];
  if (sentinel !== undefined) files.push([`run/cos/${sentinel}`, '1']);
  for (const [name, text] of files) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
};

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

describe.each([['dash'], ['busybox', 'sh']])('%s', (...shell) => {
  const where = (line: string, active = 'ttyS0 tty1', sentinel?: string): string[] =>
    execFileSync(shell[0] ?? 'sh', [...shell.slice(1), script, machine(line, active, sentinel)], { encoding: 'utf8' }).trim().split('\n');

  test.each([
    ['root=live:CDLABEL=COS_LIVE slipway', 'live_mode', 'install'],
    ['root=live:CDLABEL=COS_LIVE install-mode-interactive', 'live_mode', 'install'],
    ['root=live:CDLABEL=COS_LIVE interactive-install', undefined, 'install'],
    // Kairos's own installers keep their words.
    ['root=live:CDLABEL=COS_LIVE install-mode', 'live_mode', 'off'],
    ['root=live:CDLABEL=COS_LIVE nodepair.enable', 'live_mode', 'off'],
    ['root=live:CDLABEL=COS_LIVE', 'live_mode', 'off'],
    ['root=live:CDLABEL=COS_LIVE slipway slipway.unattended', 'live_mode', 'unattended'],
    ['root=live:CDLABEL=COS_LIVE slipway slipway.unattended=false', 'live_mode', 'install'],
    ['root=live:CDLABEL=COS_LIVE slipway=shell', 'live_mode', 'shell'],
    ['root=live:CDLABEL=COS_LIVE slipway=recovery', 'live_mode', 'recovery'],
    ['root=live:CDLABEL=COS_LIVE slipway install-mode-interactive slipway=off', 'live_mode', 'off'],
    ['rd.immucore.uki install-mode-interactive', 'uki_install_mode', 'install'],
    ['root=LABEL=COS_SYSTEM recovery-mode', 'recovery_mode', 'recovery'],
    ['root=LABEL=COS_SYSTEM recovery-mode', undefined, 'recovery'],
    ['root=LABEL=COS_SYSTEM recovery-mode slipway=off', 'recovery_mode', 'off'],
    ['root=LABEL=COS_SYSTEM kairos.remote_recovery_mode recovery-mode', 'recovery_mode', 'off'],
    ['root=LABEL=COS_SYSTEM kairos.reset', 'autoreset_mode', 'off'],
    // An installed system is left alone, whatever its kernel line says.
    ['root=LABEL=COS_ACTIVE slipway slipway.unattended', 'active_mode', 'off'],
    ['root=LABEL=COS_PASSIVE install-mode-interactive', 'passive_mode', 'off'],
    ['quiet', undefined, 'off'],
  ] as const)('%s (%s): %s', (line, sentinel, mode) => {
    expect(where(line, 'ttyS0 tty1', sentinel)[0]).toBe(`mode=${mode}`);
  });

  /** Every way in which a switch may be written, and some in which it may not. */
  const spelled = ['', '=', ...['true', 'yes', '1', 'false', 'no', '0', 'TRUE', 'Yes', 'On', 'on', 'OFF', 'off', 'y', 'N', 'yn', '2', '"yes"', '"no"', '"yes" x="', '*'].map((value) => `=${value}`), '=yes=no', 'x', '-x=yes'].map((end) => `slipway.unattended${end}`);
  const lines = [
    ...spelled,
    ...spelled.map((word) => `slipway.unattended ${word}`),
    ...spelled.map((word) => `${word} slipway.unattended=no`),
    ...['"slipway.unattended=yes"', 'slipway."unattended"=1', 'x="a slipway.unattended"', 'x="a\tslipway.unattended=yes', 'a\tslipway.unattended\tb', 'slipway.unattended=yes""', '""', 'x.slipway.unattended', 'slipway-unattended'],
  ];

  test('unattended is what the program takes for it, and nothing else', () => {
    const said = (line: string): boolean => where(`root=live:CDLABEL=COS_LIVE ${line}`)[0] === 'mode=unattended';
    const read = (line: string): boolean => readKernelLine(`root=live:CDLABEL=COS_LIVE ${line}`).layer.unattended === true;
    expect(lines.map((line) => `${line}: ${said(line)}`)).toEqual(lines.map((line) => `${line}: ${read(line)}`));
    expect(new Set(lines.map(read)).size).toBe(2);
  });

  test('the last console of the kernel line has the pen; tty1 is always one of them', () => {
    expect(where('root=live:LABEL=X slipway', 'ttyS0 tty1').slice(2)).toEqual(['pen=tty1', 'tty=tty1', 'tty=ttyS0']);
    expect(where('root=live:LABEL=X slipway', 'tty0 ttyS1').slice(2)).toEqual(['pen=ttyS1', 'tty=tty1', 'tty=ttyS1']);
    expect(where('root=live:LABEL=X slipway', '').slice(2)).toEqual(['pen=tty1', 'tty=tty1']);
    expect(where('root=live:LABEL=X slipway', 'ttyAMA0 hvc0').slice(2)).toEqual(['pen=hvc0', 'tty=tty1', 'tty=ttyAMA0', 'tty=hvc0']);
  });
});
