/** Statuses for tests: a whole node, with what is to be different. */
import type { BootState, Facts } from '../../src/model/facts.ts';
import { deviceTarget } from '../../src/plan/target.ts';
import type { SystemRow } from '../../src/recovery/images.ts';
import type { SystemName } from '../../src/recovery/system-names.ts';
import { nodePartitionNames } from '../../src/recovery/node.ts';
import type { InstalledNode, NodePartition } from '../../src/recovery/node.ts';
import { statusOf } from '../../src/recovery/status.ts';
import type { NodeFiles, NodeStatus } from '../../src/recovery/status.ts';

const disk = { path: '/dev/vda', kname: 'vda', size: 8 * 1024 ** 3, model: null, serial: 'NODE-AB12', wwn: null, diskseq: 9, links: [] } as unknown as Facts['disks'][number];

export const nodeFor = (change: Partial<InstalledNode> = {}): InstalledNode => ({
  kind: 'running',
  path: '/dev/vda',
  text: '/dev/vda, 8 GiB, serial NODE-AB12',
  target: deviceTarget(disk),
  partitions: nodePartitionNames.map((name, index): NodePartition => ({ name, path: `/dev/vda${index + 2}`, offset: 0, size: 1024 ** 3, fstype: name === 'efi' ? 'vfat' : 'ext4', encrypted: false, uuid: null, mountpoint: name === 'oem' ? '/oem' : null })),
  unfinished: false,
  tableDamage: null,
  ...change,
});

export const systemRow = (name: SystemName, change: Partial<SystemRow> = {}): SystemRow => ({ name, present: true, size: 1000, damage: null, version: 'Kairos v1.0.0', files: { image: `/cOS/${name}.img`, kernel: `/cOS/${name}.vmlinuz`, initrd: `/cOS/${name}.initrd` }, ...change });

export const filesFor = (change: Partial<NodeFiles> = {}): NodeFiles => ({
  systems: [systemRow('active'), systemRow('passive'), systemRow('recovery')],
  health: { oem: 'clean', recovery: 'clean', state: 'clean', persistent: 'clean' },
  grubenv: new Map(),
  assessment: null,
  grubConfig: '# Written by Slipway.\n',
  config: [{ name: '90_custom.yaml', size: 10, mode: '0640', sha256: 'aa' }],
  closed: true,
  deployed: true,
  unfinishedUpgrades: [],
  sentinels: [],
  oemFree: 1024 * 1024,
  log: [],
  logFrom: null,
  ...change,
});

export const factsFor = (state: BootState, change: { readonly uki?: boolean; readonly kernelLine?: string } = {}): Facts =>
  ({ boot: { state, uki: change.uki ?? false, liveMedium: null }, kernelLine: change.kernelLine ?? '', nics: [{ name: 'eth0', mac: null, carrier: true, addresses: ['10.0.0.2/24'], speed: null }], disks: [disk] }) as unknown as Facts;

export const statusFor = (state: BootState, files: Partial<NodeFiles> = {}, node: Partial<InstalledNode> = {}, change: { readonly uki?: boolean; readonly kernelLine?: string } = {}): NodeStatus =>
  statusOf(nodeFor(node), factsFor(state, change), filesFor(files));
