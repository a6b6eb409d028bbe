/** A disk as kairos-agent would leave it with nobody around it: on every path of the matrix lies what it would hold. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { debugfs, insert, makeExt, put, run } from '../plants-image.ts';
import { secretOf } from './rows.ts';
import type { AgentPathId } from './rows.ts';

const MiB = 1024 * 1024;

export const partitions = [
  { name: 'efi', label: 'COS_GRUB', start: 1 * MiB, size: 16 * MiB },
  { name: 'oem', label: 'COS_OEM', start: 17 * MiB, size: 32 * MiB },
  { name: 'recovery', label: 'COS_RECOVERY', start: 49 * MiB, size: 32 * MiB },
  { name: 'state', label: 'COS_STATE', start: 81 * MiB, size: 64 * MiB },
  { name: 'persistent', label: 'COS_PERSISTENT', start: 145 * MiB, size: 64 * MiB },
] as const;
export type Place = (typeof partitions)[number]['label'] | 'TPM';

/** Where each path's residue lies. `TPM` is no part of the disk: what `tpm2_nvread` would give lies in a file. */
export const places: Readonly<Record<AgentPathId, Place>> = {
  A1: 'COS_OEM', A2: 'COS_OEM', A3: 'COS_OEM', A4: 'COS_OEM', A5: 'COS_OEM', A6: 'COS_OEM', A7: 'COS_STATE', A8: 'COS_PERSISTENT', A9: 'COS_PERSISTENT',
  A10: 'COS_PERSISTENT', A11: 'COS_PERSISTENT', A12: 'COS_PERSISTENT', A13: 'COS_OEM', A13d: 'COS_STATE', A14: 'COS_STATE', A15: 'COS_STATE', A16: 'COS_STATE', A17: 'COS_GRUB',
  A18: 'COS_GRUB', A19: 'COS_OEM', A20: 'COS_OEM', A21: 'COS_OEM', A22: 'TPM', A23: 'COS_PERSISTENT', A24: 'COS_OEM', A25: 'COS_GRUB', A26: 'COS_STATE',
};

const merged = (): string => `#cloud-config
# reader cmdline /run/initramfs/live/config.yaml
hostname: node-1
install:
  auto: true
  password: ${secretOf('A1')}
  from-the-kernel-line: ${secretOf('A21')}
config_url: https://factory.invalid/${secretOf('A19')}
env:
  - FACTORY_TOKEN=${secretOf('A20')}
from-the-root-of-the-medium: ${secretOf('A24')}
`;

const log = (id: AgentPathId): string => `${Array.from({ length: 200 }, (_, line) => `level=info line ${line}`).join('\n')}\nlevel=error msg="failed to run curl ${secretOf(id)}"\n`;

export interface AgentDisk {
  readonly path: string;
  /** What the TPM holds, as a file. */
  readonly tpm: string;
}

/** Builds the disk in `folder`. */
export const makeAgentDisk = (folder: string): AgentDisk => {
  const path = join(folder, 'agent.img');
  writeFileSync(path, '');
  truncateSync(path, 212 * MiB);
  run('sfdisk', ['-q', path], `label: gpt\n${partitions.map(({ name, start, size }) => `start=${start / 512}, size=${size / 512}, name=${name}`).join('\n')}\n`);
  const of = (name: (typeof partitions)[number]['name']) => partitions.find((partition) => partition.name === name) ?? partitions[0];
  const tree = (name: string): string => {
    mkdirSync(join(folder, name), { recursive: true });
    return join(folder, name);
  };

  const oem = tree('oem');
  put(join(oem, '90_custom.yaml'), merged());
  put(join(oem, '91_custom.yaml'), `#cloud-config\nname: ${secretOf('A2')}\n`);
  put(join(oem, '95_userdata/userdata'), `#cloud-config\nname: ${secretOf('A3')}\n`);
  put(join(oem, '10_user_custom_mounts.yaml'), `x: ${secretOf('A4')}\n`);
  put(join(oem, '10_ssh_hardening.yaml'), `x: ${secretOf('A5')}\n`);
  put(join(oem, 'grubenv'), `# GRUB Environment Block\nkcrypt.challenger=${secretOf('A6')}\n`.padEnd(1024, '#'));
  put(join(oem, 'left-by-a-stage'), secretOf('A13'));

  // The image of a system, uncompressed as kairos-agent writes it.
  const root = tree('root');
  put(join(root, `tmp/kairos-install-config-xxx.yaml${secretOf('A14')}/.keep`), '');
  put(join(root, 'etc/made-by-after-install-chroot'), secretOf('A15'));
  put(join(root, 'usr/bin/kairos-agent.install.after.hook'), `#!/bin/sh\n${secretOf('A16')}\n`);
  put(join(root, 'tmp/kairos-install-config-live'), secretOf('A26'));
  const active = join(folder, 'active.img');
  makeExt(active, 16 * MiB, root, ['-L', 'COS_ACTIVE']);

  const state = tree('state');
  put(join(state, 'grubcustom'), `set x=${secretOf('A7')}\n`);
  put(join(state, 'deleted-by-a-stage'), secretOf('A13d'));
  mkdirSync(join(state, 'cOS'));
  run('cp', ['--sparse=always', active, join(state, 'cOS/active.img')]);

  const persistent = tree('persistent');
  put(join(persistent, '.state/var-log.bind/kairos/agent.log'), log('A8'));
  put(join(persistent, '.state/var-log.bind/kairos/agent.log.1.gz'), gzipSync(log('A9')));
  put(join(persistent, '.kairos-state'), `first-install-source: oci:registry.invalid/${secretOf('A10')}\n`);
  put(join(persistent, '.state/var-lib-extensions.bind/bundle.sysext.raw'), secretOf('A11'));
  put(join(persistent, '.kairos/sentinel_firstboot'), secretOf('A12'));
  put(join(persistent, '.kairos/phonehome-credentials.yaml'), `token: ${secretOf('A23')}\n`);

  for (const [name, folderOf, options] of [['oem', oem, []], ['recovery', tree('recovery'), []], ['state', state, []], ['persistent', persistent, []]] as const) {
    const partition = of(name);
    const image = join(folder, `${name}.img`);
    makeExt(image, partition.size, folderOf, ['-L', partition.label, ...options]);
    if (name === 'state') debugfs(image, ['rm deleted-by-a-stage']);
    insert(path, image, partition.start);
  }
  const efi = of('efi');
  run('mkfs.vfat', ['-n', 'COS_GRUB', '-h', '2048', '--offset', String(efi.start / 512), path, String(efi.size / 1024)]);
  const esp = tree('esp/EFI');
  put(join(esp, 'kairos/active.efi.extra.d/x.sysext.raw'), secretOf('A17'));
  put(join(esp, 'loader/entries/norole_active.conf'), `cmdline ${secretOf('A18')}\n`);
  put(join(esp, 'BOOT/grub.cfg'), `set x=${secretOf('A25')}\n`);
  run('mcopy', ['-s', '-Q', '-i', `${path}@@${efi.start}`, esp, '::/']);
  const tpm = join(folder, 'tpm-nv');
  mkdirSync(tpm);
  writeFileSync(join(tpm, '0x1500000'), secretOf('A22'));
  return { path, tpm };
};
