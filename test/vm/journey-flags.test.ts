/**
 * Without a person and without a data volume: by the kernel line, with the configuration from an HTTP server; and every exit code
 * once, as a script and as whoever reads the serial line see it.
 */
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodeMeaning } from '../../src/model/exit-code.ts';
import type { ExitCode } from '../../src/model/exit-code.ts';
import { startLive } from '../iso/live.ts';
import { blankDisk, digestOf, example, findOnDisk } from '../iso/media.ts';
import type { LiveShell } from './live-shell.ts';
import { sampleSource, startLiveShell } from './live-shell.ts';
import { Machine } from './machine.ts';

const folder = 'build/test/flags';
const token = 'LEAKED-TOKEN-4f1e7c0a93b2';
const files: Readonly<Record<string, string>> = {
  '/user-data': example('user-data'),
  '/not-valid': '#cloud-config\nusers:\n  - name: 7\n    groups: {}\n',
  '/strict': '#cloud-config\nhostname: strict-node\nstrict: true\nstages:\n  kairos-install.pre:\n    - name: Look at the line power\n      commands:\n        - exit 3\n',
  '/leaks': `#cloud-config\nstages:\n  after-install:\n    - name: Leaves a token behind\n      commands:\n        - echo ${token} > /run/cos/oem/token\n`,
};

const server = createServer((request, response) => {
  const text = files[request.url ?? ''];
  response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'text/yaml' }).end(text);
});
/** The host, as a machine on QEMU's own network sees it. */
let address = '';

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://10.0.2.2:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

test('by the kernel line, configuration from an HTTP server, power off', async () => {
  const disk = blankDisk(`${folder}/kernel-line.img`, 4.5 * 1024 ** 3);
  const times: string[] = [];
  const words = [
    'slipway', 'slipway.unattended', 'slipway.device=serial:DISK-A', `slipway.config=${address}/user-data`, 'slipway.engine=builtin', 'slipway.hostname=line-node',
    'slipway.finish=poweroff', 'slipway.future=1',
  ];
  {
    await using live = await startLive({ firmware: 'bios', medium: 'usb-disk', words: words.join(' '), drives: [{ file: disk, serial: 'DISK-A', snapshot: false }], args: ['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net'] });
    const [ended] = await live.machine.waitForLine(/(?:done|failed) \(exit code \d+\).*/, 1_200_000);
    times.push(`end of the run ${live.elapsed().toFixed(0)} s`);
    expect(ended).toMatch(/^done \(exit code 0\): installed to/);
    await live.machine.waitForEnd(120_000);
    times.push(`off ${live.elapsed().toFixed(0)} s`);
    // A word of a later version, or of another program, is told and does not stop the line.
    expect(live.machine.text).toMatch(/warning: kernel line, slipway\.future: /);
    expect(live.machine.text).toMatch(/source +file:/);
  }
  const begin = Date.now();
  await using machine = await Machine.start({ firmware: 'bios', memory: 2048, drives: [{ file: disk, serial: 'DISK-A' }] });
  const [marker] = await machine.waitForLine(/SLIPWAY-LIVE booted .*|cannot start the system.*/, 300_000);
  times.push(`boots from its disk ${((Date.now() - begin) / 1000).toFixed(0)} s`);
  expect(marker).toContain('mode=active hostname=line-node users=operator oem=ok persistent=ok');
  console.log(`kernel line: ${times.join(', ')}`);
}, 1_800_000);

describe('every exit code, on the serial line', () => {
  const good = `${folder}/good.img`;
  const bad = `${folder}/bad.img`;
  let shell: LiveShell;
  const times: string[] = [];

  beforeAll(async () => {
    for (const disk of [good, bad]) blankDisk(disk, 2.25 * 1024 ** 3);
    // The superblock of COS_RECOVERY, behind 2 MiB, the loaders' 64 and COS_OEM's 64: the disk holds half an install by then.
    const badSector = (130 * 1024 ** 2 + 1024) / 512;
    shell = await startLiveShell({ disks: [{ file: good, serial: 'GOOD' }, { file: bad, serial: 'BAD', badSector }], log: `${folder}/shell.log` });
  }, 600_000);
  afterAll(async () => {
    await shell[Symbol.asyncDispose]();
    console.log(`exit codes: ${times.join(', ')}`);
  });

  /** Runs `slipway install --unattended` with `flags`, and holds exit code and words against `code`. `environment`: `NAME=value `. */
  const install = async (code: ExitCode, flags: string, words: RegExp, environment = ''): Promise<string> => {
    const before = [good, bad].map(digestOf);
    const begin = Date.now();
    const ended = await shell.run(`${environment}slipway install --unattended ${flags}`, 900_000);
    times.push(`${code}: ${((Date.now() - begin) / 1000).toFixed(0)} s`);
    expect(ended.text).toMatch(words);
    expect(ended.code).toBe(code);
    if (code !== 2) expect(ended.text).toMatch(new RegExp(`(?:done|failed) \\(exit code ${code}\\): `));
    if (code !== 0 && code !== 6 && code !== 7) expect([good, bad].map(digestOf)).toEqual(before);
    return ended.text;
  };

  test('2: a flag that does not exist', async () => {
    await install(2, '--devise /dev/vda', /--devise.*did you mean.*--device/s);
  }, 300_000);

  test('3: a configuration that is not valid', async () => {
    await install(3, `--device serial:GOOD --config ${address}/not-valid ${sampleSource}`, /not-valid.*users/s);
  }, 300_000);

  test('4: no such disk', async () => {
    await install(4, `--device serial:NOT-HERE --config ${address}/user-data ${sampleSource}`, /NOT-HERE.*the disk was not touched/s);
  }, 300_000);

  test('8: no data volume, and another plan than the approved one', async () => {
    await install(8, `--device serial:GOOD --data-volume NOT-THERE ${sampleSource}`, /NOT-THERE.*the disk was not touched/s);
    await install(8, `--device serial:GOOD --config ${address}/user-data --expect-plan ${'0'.repeat(64)} ${sampleSource}`, /not the expected one.*the disk was not touched/s);
  }, 600_000);

  test('70: a fault in the program itself', async () => {
    // The runtime that the executable is built with loads a script first, which makes a part of the language fail as no machine does: what a bug looks like.
    expect(await shell.run(`echo 'TextEncoder.prototype.encodeInto = () => { throw new Error("this was never to happen") };' > /run/fault.js`)).toMatchObject({ code: 0 });
    await install(70, `--device serial:GOOD --config ${address}/user-data --installer-data ${address}/leaks ${sampleSource}`, /a bug in slipway \(.*\); the disk was not touched/, 'BUN_OPTIONS=--preload=/run/fault.js ');
  }, 300_000);

  test('130: Ctrl-C while it waits for a data volume', async () => {
    const before = digestOf(good);
    shell.machine.write(`slipway install --unattended --device serial:GOOD --wait-for-data 300 ${sampleSource}; echo "<$?>"\r`);
    await shell.machine.waitFor(/\[2\/10\] sources/, 120_000);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    shell.machine.write('\u0003');
    const [said, code] = await shell.machine.waitFor(/failed \(exit code 130\): interrupted; the disk was not touched\s+<(\d+)>/, 60_000);
    expect(said).toContain('interrupted');
    expect(Number(code)).toBe(130);
    expect(digestOf(good)).toBe(before);
  }, 400_000);

  test('5: a strict stage fails before the disk is touched', async () => {
    await install(5, `--device serial:GOOD --config ${address}/strict ${sampleSource}`, /a strict stage failed.*the disk was not touched/s);
  }, 600_000);

  test('6: the disk has a bad sector', async () => {
    const before = digestOf(bad);
    await install(6, `--device serial:BAD --config ${address}/user-data ${sampleSource}`, /the disk was written to and is marked as unfinished: it does not boot/);
    expect(digestOf(bad)).not.toBe(before);
  }, 900_000);

  test('7: a stage leaves a token behind', async () => {
    const text = await install(7, `--device serial:GOOD --config ${address}/user-data --installer-data ${address}/leaks ${sampleSource}`, /found: COS_OEM/);
    // What was found is on the disk, and is told without being told.
    expect(findOnDisk(good, [token])).toContain(token);
    expect(text).not.toContain(token);
  }, 900_000);

  test('0: done, and done already', async () => {
    await install(0, `--device serial:GOOD --config ${address}/user-data ${sampleSource}`, /installed to/);
    expect(findOnDisk(good, [token])).toEqual([]);
    const finished = digestOf(good);
    await install(0, `--device serial:GOOD --config ${address}/user-data ${sampleSource}`, /already holds a finished install/);
    expect(digestOf(good)).toBe(finished);
  }, 1_200_000);

  test('the words of the README are those of the program', () => {
    expect(Object.keys(exitCodeMeaning).map(Number)).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 70, 130]);
  });
});
