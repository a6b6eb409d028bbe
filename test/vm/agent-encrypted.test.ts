/**
 * COS_OEM and COS_PERSISTENT encrypted by the real kairos-agent with a software TPM: read back from outside, scrubbed and searched through
 * its mappings, and opened at boot without a question. Without a TPM it is refused before anything is written.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { receiptSchema } from '../../src/model/receipt.ts';
import { liveIso, startLive } from '../iso/live.ts';
import { blankDisk, dataVolume, digestOf, example, fileOn, findOnDisk, namesOn, stringsOf } from '../iso/media.ts';
import { agentSource, makeAgentSource } from './agent-source.ts';
import { bootsWhat } from './boots.ts';
import { prepareLiveShell, startLiveShell } from './live-shell.ts';
import { partitionsOf } from './partition-table.ts';
import type { TableRow } from './partition-table.ts';
import { dataArguments } from './plug.ts';
import { openSerialShell } from './serial-shell.ts';
import { soak } from './soak.ts';
import { startTpm } from './tpm.ts';

const folder = 'build/test/agent-encrypted';
const iso = await liveIso();
const userData = example('user-data');
const installerData = example('installer-data').replace(/^\s*#!\/bin\/sh\n/m, '');
const strings = stringsOf(installerData, userData);
const install = `slipway install --unattended --wait-for-data 60 --device serial:DISK-A ${agentSource} --encrypt COS_OEM,COS_PERSISTENT --finish none`;

const passphrase = 'stand-in-passphrase-7c1f';

/** LUKS header of a partition, as cryptsetup reads it. */
const luksDump = (disk: string, { start }: TableRow): string => {
  const header = `${folder}/header`;
  execFileSync('dd', [`if=${disk}`, `of=${header}`, 'bs=1M', `skip=${(start * 512) / 1024 ** 2}`, 'count=16', 'status=none']);
  return execFileSync('cryptsetup', ['luksDump', header], { encoding: 'utf8' });
};

describe.runIf(iso.agent)('kairos-agent encrypts', () => {
  const data = `${folder}/data.img`;
  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    blankDisk(`${folder}/made`, 0);
    dataVolume(data, { 'user-data': userData, 'installer-data': installerData, 'meta-data': example('meta-data') });
  });

  test('not without a TPM: refused, nothing written', async () => {
    const own = blankDisk(`${folder}/no-tpm.img`, 3 * 1024 ** 3);
    const before = digestOf(own);
    await using shell = await startLiveShell({ disks: [{ file: own, serial: 'DISK-A' }], data, log: `${folder}/no-tpm.log` });
    await makeAgentSource(shell);
    const { code, text } = await shell.run(install, 180_000);
    expect(text).toMatch(/exit code 4\).*no TPM.*the disk was not touched/);
    expect(code).toBe(4);
    expect(digestOf(own)).toBe(before);
    console.log(`encrypted, no TPM: refused after ${shell.elapsed().toFixed(0)} s`);
  }, 600_000);

  test.runIf(soak)('with a key server, which a plugin asks (here a stand-in for it), without a TPM (npm run soak)', async () => {
    const own = blankDisk(`${folder}/key-server.img`, 3 * 1024 ** 3);
    const kept = `${userData}\nkcrypt:\n  challenger:\n    challenger_server: http://10.0.2.2:8082\n`;
    const volume = dataVolume(`${folder}/key-server.data.img`, { 'user-data': kept, 'installer-data': installerData });
    {
      await using shell = await startLiveShell({ disks: [{ file: own, serial: 'DISK-A' }], data: volume, log: `${folder}/key-server.log` });
      await makeAgentSource(shell);
      const refused = await shell.run(install, 120_000);
      expect(refused.text).toMatch(/no plugin that asks a key server/);
      expect(refused.code).toBe(4);
      // go-pluggable's protocol: an event on stdin, one JSON object on stdout.
      const plugin = Buffer.from(`#!/bin/sh\ncat >/dev/null\nprintf '{"state":"","data":"${passphrase}","error":"","log":""}'\n`).toString('base64');
      await shell.run(`mkdir -p /system/discovery && echo ${plugin} | base64 -d > /system/discovery/kcrypt-discovery-stand-in && chmod 755 /system/discovery/kcrypt-discovery-stand-in`);
      const { code, text } = await shell.run(install, 1_200_000);
      expect(text).toMatch(/done \(exit code 0\): installed to/);
      expect(text).not.toContain(passphrase);
      expect(code).toBe(0);
      const { text: mapped } = await shell.run('dmsetup ls --target crypt; ls /dev/mapper');
      expect(mapped).not.toMatch(/vd\w\d/);
      console.log(`encrypted with a key server: ${shell.elapsed().toFixed(0)} s`);
    }
    for (const name of ['oem', 'persistent']) {
      const row = partitionsOf(own).find((candidate) => candidate.name === name);
      if (row === undefined) throw new Error(`${name} is not there`);
      expect(luksDump(own, row)).toMatch(new RegExp(`Label:\\s+COS_${name.toUpperCase()}`));
      execFileSync('cryptsetup', ['open', '--test-passphrase', '--key-file', '-', `${folder}/header`], { input: passphrase });
    }
    expect(findOnDisk(own, [...strings, passphrase, 'factory-node is up'])).toEqual([]);
  }, 1_800_000);

  // Ten minutes and more beside other machines.
  test.runIf(soak)('with a TPM: both partitions, read back, searched, opened at boot without a question (npm run soak)', async () => {
    const own = blankDisk(`${folder}/tpm.img`, 3 * 1024 ** 3);
    const { source } = await prepareLiveShell();
    const times: string[] = [];
    {
      // A chip cannot be plugged in, so this machine is not restored.
      await using tpm = await startTpm(`${folder}/tpm`);
      await using live = await startLive({
        firmware: 'bios', medium: 'usb-cdrom', words: 'slipway=shell',
        drives: [{ file: own, serial: 'DISK-A', snapshot: false }, { file: source, serial: 'SOURCE', readOnly: true }],
        args: [...dataArguments(data), ...tpm.args],
      });
      await live.machine.waitFor(/A root shell of the live system/, 300_000);
      await live.machine.waitFor(/[#] $/m, 60_000);
      const shell = openSerialShell(live.machine);
      expect(await shell.run('mkdir -p /run/source && mount -o ro /dev/disk/by-label/SOURCE /run/source', 60_000)).toMatchObject({ code: 0 });
      await makeAgentSource(shell, { encrypted: true });
      times.push(`live system with the source ${live.elapsed().toFixed(0)} s`);
      // First stopped while its mappings are open: they are closed, and nothing of it stays mounted in any namespace.
      const stopped = await shell.run(
        `${install} >/run/out 2>&1 & job=$!; until dmsetup ls --target crypt 2>/dev/null | grep -q vd || ! kill -0 $job 2>/dev/null; do sleep 0.2; done; echo "open: $(dmsetup ls --target crypt)"; kill -INT $job; wait $job; code=$?; tail -n 12 /run/out; echo "mappings: $(dmsetup ls --target crypt)"; echo "mounts $(cat /proc/[0-9]*/mountinfo | grep -c ' /run/cos/')"; sh -c "exit $code"`,
        1_200_000,
      );
      expect(stopped.text).toMatch(/open: .*vd\w\d/);
      expect(stopped.text).toMatch(/mappings: No devices found/);
      expect(stopped.text).toContain('mounts 0');
      expect(stopped.text).toMatch(/the disk was written to and is marked as unfinished: it does not boot/);
      expect(stopped.code).toBe(6);
      times.push(`stopped with open mappings ${live.elapsed().toFixed(0)} s`);
      const begin = Date.now();
      const { code, text } = await shell.run(install, 1_200_000);
      times.push(`install ${((Date.now() - begin) / 1000).toFixed(0)} s`);
      expect(text).toMatch(/done \(exit code 0\): installed to/);
      expect(code).toBe(0);
      expect((await shell.run('dmsetup ls --target crypt; ls /dev/mapper')).text).not.toMatch(/vd\w\d/);
    }
    const receipt = receiptSchema.parse(JSON.parse(fileOn(data, namesOn(data).find((name) => name.startsWith('slipway-receipt')) ?? '')));
    expect(receipt.result).toBe('installed');
    for (const name of ['oem', 'persistent']) {
      const row = partitionsOf(own).find((candidate) => candidate.name === name);
      if (row === undefined) throw new Error(`${name} is not there`);
      expect(luksDump(own, row)).toMatch(new RegExp(`Version:\\s+2\\s[^]*Label:\\s+COS_${name.toUpperCase()}`));
    }
    // Outside the encryption there is neither what was install-only nor what is kept.
    expect(findOnDisk(own, [...strings, 'factory-node is up'])).toEqual([]);
    {
      await using tpm = await startTpm(`${folder}/tpm`);
      const { said, text, seconds } = await bootsWhat(own, { memory: 2048, args: tpm.args });
      times.push(`boots ${seconds.toFixed(0)} s`);
      expect(said).toContain('mode=active hostname=factory-node users=operator oem=ok persistent=ok');
      expect(text).toContain('COS_OEM: encrypted, opened by the TPM');
      expect(text).toContain('COS_PERSISTENT: encrypted, opened by the TPM');
      expect(text).not.toMatch(/passphrase|password/i);
    }
    console.log(`encrypted: ${times.join(', ')}`);
  }, 2_400_000);
});
