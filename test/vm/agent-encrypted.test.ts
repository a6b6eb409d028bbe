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
import { startLiveShell } from './live-shell.ts';
import { Machine } from './machine.ts';
import { dataArguments } from './plug.ts';
import { soak } from './soak.ts';
import { startTpm } from './tpm.ts';

const folder = 'build/test/agent-encrypted';
const iso = await liveIso();
const userData = example('user-data');
const installerData = example('installer-data').replace(/finish: none/, 'finish: poweroff\n  device: serial:TARGET0\n  engine: kairos-agent\n  source: dir:/run/rootfsbase\n  encrypt: COS_OEM,COS_PERSISTENT');
const strings = stringsOf(installerData, userData).filter((text) => text !== 'kairos-agent' && !text.startsWith('COS_OEM'));
const words = 'slipway install-mode-interactive slipway.unattended slipway.wait-for-data=60';

const passphrase = 'stand-in-passphrase-7c1f';

interface Row {
  readonly name: string;
  /** 512-byte sectors */
  readonly start: number;
  readonly size: number;
}

const partitions = (disk: string): readonly Row[] => (JSON.parse(execFileSync('sfdisk', ['--json', disk], { encoding: 'utf8' })) as { partitiontable: { partitions: readonly Row[] } }).partitiontable.partitions;

/** LUKS header of a partition, as cryptsetup reads it. */
const luksDump = (disk: string, { start }: Row): string => {
  const header = `${folder}/header`;
  execFileSync('dd', [`if=${disk}`, `of=${header}`, 'bs=1M', `skip=${(start * 512) / 1024 ** 2}`, 'count=16', 'status=none']);
  return execFileSync('cryptsetup', ['luksDump', header], { encoding: 'utf8' });
};

describe.runIf(iso.agent)('kairos-agent encrypts', () => {
  const disk = `${folder}/disk.img`;
  const data = `${folder}/data.img`;
  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    blankDisk(disk, 4.75 * 1024 ** 3);
    dataVolume(data, { 'user-data': userData, 'installer-data': installerData, 'meta-data': example('meta-data') });
  });

  test('not without a TPM: refused, nothing written', async () => {
    const own = blankDisk(`${folder}/no-tpm.img`, 3 * 1024 ** 3);
    const before = digestOf(own);
    await using shell = await startLiveShell({ disks: [{ file: own, serial: 'DISK-A' }], data, log: `${folder}/no-tpm.log` });
    await makeAgentSource(shell);
    const { code, text } = await shell.run(`slipway install --unattended --wait-for-data 60 --device serial:DISK-A ${agentSource} --finish none`, 180_000);
    expect(text).toMatch(/exit code 4\).*no TPM.*the disk was not touched/);
    expect(code).toBe(4);
    expect(digestOf(own)).toBe(before);
    console.log(`encrypted, no TPM: refused after ${shell.elapsed().toFixed(0)} s`);
  }, 600_000);

  test('with a key server, which a plugin asks (here a stand-in for it), without a TPM', async () => {
    const own = blankDisk(`${folder}/key-server.img`, 3 * 1024 ** 3);
    const kept = `${userData}\nkcrypt:\n  challenger:\n    challenger_server: http://10.0.2.2:8082\n`;
    const volume = dataVolume(`${folder}/key-server.data.img`, { 'user-data': kept, 'installer-data': example('installer-data').replace(/^\s*#!\/bin\/sh\n/m, '') });
    const install = `slipway install --unattended --wait-for-data 60 --device serial:DISK-A ${agentSource} --encrypt COS_OEM,COS_PERSISTENT --finish none`;
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
      const row = partitions(own).find((candidate) => candidate.name === name);
      if (row === undefined) throw new Error(`${name} is not there`);
      expect(luksDump(own, row)).toMatch(new RegExp(`Label:\\s+COS_${name.toUpperCase()}`));
      execFileSync('cryptsetup', ['open', '--test-passphrase', '--key-file', '-', `${folder}/header`], { input: passphrase });
    }
    expect(findOnDisk(own, [...strings, passphrase, 'factory-node is up'])).toEqual([]);
  }, 1_800_000);

  test.runIf(soak)('with a TPM: both partitions, read back, searched, opened at boot without a question (npm run soak)', async () => {
    const times: string[] = [];
    {
      await using tpm = await startTpm(`${folder}/tpm`);
      await using live = await startLive({ firmware: 'bios', medium: 'usb-cdrom', words, drives: [{ file: disk, serial: 'TARGET0', snapshot: false }], memory: 3072, args: [...dataArguments(data), ...tpm.args] });
      const [ended] = await live.machine.waitForLine(/(?:done|failed) \(exit code \d+\).*/, 2_400_000);
      times.push(`end of the run ${live.elapsed().toFixed(0)} s`);
      expect(ended).toMatch(/^done \(exit code 0\): installed to/);
      await live.machine.waitForEnd(120_000);
    }
    const receipt = receiptSchema.parse(JSON.parse(fileOn(data, namesOn(data).find((name) => name.startsWith('slipway-receipt')) ?? '')));
    expect(receipt.result).toBe('installed');
    const rows = partitions(disk);
    for (const name of ['oem', 'persistent']) {
      const row = rows.find((candidate) => candidate.name === name);
      if (row === undefined) throw new Error(`${name} is not there`);
      expect(luksDump(disk, row)).toMatch(new RegExp(`Label:\\s+COS_${name.toUpperCase()}`));
    }
    // Outside the encryption there is neither what was install-only nor what is kept.
    expect(findOnDisk(disk, [...strings, 'factory-node is up'])).toEqual([]);
    {
      await using tpm = await startTpm(`${folder}/tpm`);
      const begin = Date.now();
      await using booted = await Machine.start({ firmware: 'bios', memory: 2048, drives: [{ file: disk, serial: 'TARGET0', snapshot: false }], args: tpm.args });
      const [marker] = await booted.waitForLine(/SLIPWAY-LIVE booted .*|cannot start the system.*/, 400_000);
      times.push(`boots ${((Date.now() - begin) / 1000).toFixed(0)} s`);
      expect(marker).toContain('mode=active hostname=factory-node users=operator oem=ok persistent=ok');
      expect(booted.text).toMatch(/COS_OEM: encrypted, opened by the TPM[^]*COS_PERSISTENT: encrypted, opened by the TPM|COS_PERSISTENT: encrypted, opened by the TPM/);
    }
    console.log(`encrypted: ${times.join(', ')}`);
  }, 3_000_000);
});
