/** COS_STATE's boot configuration: which UUIDs it names, and the configuration written anew when it is lost. */
import { grubConfig } from '../../engine/builtin/grub.ts';
import { uuidFor } from '../../engine/builtin/uuids.ts';
import { fatAt } from '../../engine/builtin/file-systems.ts';
import type { System } from '../../system/port.ts';
import { partitionOf } from '../node.ts';
import type { InstalledNode } from '../node.ts';

export interface NodeUuids {
  readonly state: string | null;
  readonly oem: string | null;
  readonly recovery: string | null;
  readonly persistent: string | null;
}

const uuid = '([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})';

/** The UUIDs that a configuration of Slipway's names: those that the node boots by. */
export const uuidsInConfig = (text: string): NodeUuids => {
  const find = (pattern: string): string | null => new RegExp(pattern, 'i').exec(text)?.[1] ?? null;
  return {
    state: find(`cos-img/filename=/cOS/active\\.img rd\\.slipway\\.image-uuid=${uuid}`),
    recovery: find(`cos-img/filename=/cOS/recovery\\.img rd\\.slipway\\.image-uuid=${uuid}`),
    oem: find(`rd\\.slipway\\.oem-uuid=${uuid}`),
    persistent: find(`rd\\.slipway\\.persistent-uuid=${uuid}`),
  };
};

/** The UUID of COS_STATE that the boot loader on the EFI partition looks for: it survives the loss of COS_STATE. */
const uuidInLoader = async (system: System, node: InstalledNode): Promise<string | null> => {
  const efi = partitionOf(node, 'efi');
  if (efi === null) return null;
  const folder = await system.memoryDirectory('recovery');
  try {
    const where = efi.offset === 0 ? efi.path : fatAt(efi.path, { start: efi.offset });
    const copied = await system.run(['mcopy', '-n', '-i', where, '::/EFI/BOOT/BOOTX64.EFI', `${folder}/loader`], { timeout: 30_000 });
    const bytes = copied.exitCode === 0 ? await system.readBytes(`${folder}/loader`, 16 * 1024 * 1024) : null;
    return bytes === null ? null : (new RegExp(`--fs-uuid --set=root ${uuid}`, 'i').exec(Buffer.from(bytes).toString('latin1'))?.[1] ?? null);
  } finally {
    await system.remove(folder);
  }
};

/** What the node boots by: its configuration where it can be read, then the boot loader, the kernel line, the file systems. */
export const bootUuids = async (system: System, node: InstalledNode, config: string | null, kernelLine: string): Promise<NodeUuids> => {
  const inConfig = uuidsInConfig(config ?? '');
  const inKernelLine = node.kind === 'running' ? uuidsInConfig(kernelLine) : uuidsInConfig('');
  const own = (name: 'state' | 'oem' | 'recovery' | 'persistent'): string | null => inConfig[name] ?? inKernelLine[name] ?? partitionOf(node, name)?.uuid ?? null;
  return { state: inConfig.state ?? (await uuidInLoader(system, node)) ?? own('state'), oem: own('oem'), recovery: own('recovery'), persistent: own('persistent') };
};

/** The configuration as an install writes it, for these UUIDs. */
export const bootConfigFor = (uuids: Readonly<Record<keyof NodeUuids, string>>, title: string): string => {
  let text = grubConfig('', title);
  for (const [name, label] of [['state', 'COS_STATE'], ['oem', 'COS_OEM'], ['recovery', 'COS_RECOVERY'], ['persistent', 'COS_PERSISTENT']] as const) {
    text = text.replaceAll(uuidFor('', label), uuids[name]);
  }
  return text;
};
