/** What a target needs more consent for. Pure. */
import { describeContents, kairosLabelsOf, looksLikeKairos } from './contents.ts';
import type { Check } from './disk-case.ts';
import { hasIdentity } from './marks.ts';
import { reason } from './reasons.ts';

const networkTransports = /^(?:iscsi|fcoe|nbd|rbd|aoe)$/;

const networkDisk: Check = ({ disk, sysfs }) => {
  const nvme = sysfs?.nvmeTransport ?? '';
  if (networkTransports.test(disk.transport ?? '') || /^(?:rbd\d+|etherd!)/.test(disk.kname)) {
    return reason('network-disk', `it is reached over the network (${disk.transport ?? disk.kname})`);
  }
  return /^(?:tcp|rdma|fc)$/.test(nvme) ? reason('network-disk', `it is reached over the network (NVMe over ${nvme})`) : null;
};

const removable: Check = ({ disk, sysfs }) => {
  if (disk.transport === 'usb') return reason('removable', 'it is attached over USB');
  if (sysfs?.cardType === 'SD') return reason('removable', 'it is an SD card');
  return disk.removable || sysfs?.removable === true ? reason('removable', 'it is removable') : null;
};

const noSerial: Check = ({ disk, others }) =>
  hasIdentity(disk, others) ? null : reason('no-serial', 'it has no serial number or WWN of its own that tells it from other disks');

export const kairosInstall: Check = ({ all, unfinished, material }) => {
  if (unfinished) return null;
  const labels = kairosLabelsOf(all);
  if (!looksLikeKairos(labels)) return null;
  const { titles, untold } = material.insights;
  const title = all.map((device) => titles.get(device.kname)).find((text) => text?.startsWith('Kairos '));
  const why = all.map((device) => untold.get(device.kname)).find((text) => text !== undefined);
  const version = title ?? (why === undefined ? 'Kairos' : `Kairos of unknown version: ${why}`);
  return reason('kairos-install', `it holds an installed ${version} (${labels.join(', ')})`);
};

export const hasData: Check = ({ disk, all, partitions, unfinished, material }) => {
  if (unfinished) return null;
  if (partitions.length === 0 && disk.fstype === null && all.length === 1) {
    return material.signaturesKnown ? null : reason('has-data', 'what is on it cannot be seen (no udev, or not root)');
  }
  const count = partitions.length === 0 ? 'data' : `${partitions.length} partition${partitions.length === 1 ? '' : 's'}`;
  return reason('has-data', `it holds ${count} (${describeContents(disk, all, material.insights.titles)})`);
};

export const cautions: readonly Check[] = [kairosInstall, hasData, removable, networkDisk, noSerial];
