/**
 * Keeps an unfinished disk from booting, and the mark on it, around an agent that knows of neither. BIOS: the boot code is ours
 * until the end. UEFI: the loader has a name that no firmware looks for. See docs/agent-engine.md for what window remains.
 */
import { SlipwayError } from '../../model/problem.ts';
import { mustRun } from '../command.ts';
import type { System } from '../../system/port.ts';
import { bootCodeSize, bootStub, isBootStub } from '../../model/boot-stub.ts';

/** Names that firmware starts by itself from a disk (UEFI specification, 3.5.1.1), without case. */
const loaderName = /^boot(?:x64|ia32|aa64|arm|riscv64|loongarch64)\.efi$/i;
const heldSuffix = '.off';
const heldName = /^boot(?:x64|ia32|aa64|arm|riscv64|loongarch64)\.efi\.off$/i;

const sector = 512;

/** The boot code of `disk`. Throws SlipwayError. */
const readBootCode = async (system: System, disk: string): Promise<Uint8Array> => {
  const file = await system.open(disk);
  try {
    const buffer = new Uint8Array(sector);
    if ((await file.read(buffer, 0)) < bootCodeSize) throw new SlipwayError({ id: 'read-failed', severity: 'error', what: 'its first sector cannot be read', where: disk, hint: 'see the kernel log' });
    return buffer.slice(0, bootCodeSize);
  } finally {
    await file.close();
  }
};

/** Where a FAT file system would have its parameters: grub-install leaves what it finds there (GRUB `util/setup.c`, `GRUB_BOOT_MACHINE_BPB_*`). */
const parameterBlock = [0x03, 0x5a] as const;

/** A boot loader's code without the part of ours that it was written around. */
const withoutStub = (code: Uint8Array): Uint8Array => {
  const stub = bootStub();
  const [start, end] = parameterBlock;
  const clean = code.slice();
  if (clean.subarray(start, end).every((byte, index) => byte === stub[start + index])) clean.fill(0, start, end);
  return clean;
};

/** Writes 440 bytes of boot code; `file` holds them. */
const writeBootCode = (system: System, disk: string, file: string): Promise<unknown> =>
  mustRun(system, 'write the boot code', ['dd', `if=${file}`, `of=${disk}`, `bs=${bootCodeSize}`, 'count=1', 'conv=notrunc,fsync'], { timeout: 60_000 });

export interface HoldBack {
  /** Puts our boot code on the disk. */
  holdBios(): Promise<void>;
  /** Renames the loaders on an EFI partition that is mounted at `root`. Returns how many. */
  holdUefi(root: string): Promise<number>;
  /** The agent's boot code was seen and taken away: BIOS can boot the disk once it is put back. */
  hasBiosCode(): boolean;
  /** Puts the boot code back, or clears ours where there was none (UEFI). */
  releaseBios(): Promise<void>;
  /** Gives the loaders on an EFI partition mounted at `root` their names. Returns how many. */
  releaseUefi(root: string): Promise<number>;
}

/** Names in EFI/BOOT, whatever its case; FAT has one folder, a test's ext4 may have two. */
const bootFolders = async (system: System, root: string): Promise<readonly string[]> => {
  const folders: string[] = [];
  for (const efi of (await system.list(root)) ?? []) {
    if (efi.toLowerCase() !== 'efi') continue;
    for (const boot of (await system.list(`${root}/${efi}`)) ?? []) {
      if (boot.toLowerCase() === 'boot') folders.push(`${root}/${efi}/${boot}`);
    }
  }
  return folders;
};

const renameAll = async (system: System, root: string, wanted: RegExp, to: (name: string) => string): Promise<number> => {
  let count = 0;
  for (const folder of await bootFolders(system, root)) {
    for (const name of (await system.list(folder)) ?? []) {
      if (!wanted.test(name)) continue;
      await mustRun(system, `rename ${name}`, ['mv', '-f', `${folder}/${name}`, `${folder}/${to(name)}`], { timeout: 30_000 });
      count += 1;
    }
  }
  return count;
};

/** Loaders that are in the way of firmware on an EFI partition mounted at `root`: `active` could be started, `held` could not. */
export const countLoaders = async (system: System, root: string): Promise<{ readonly active: number; readonly held: number }> => {
  const names = (await Promise.all((await bootFolders(system, root)).map(async (folder) => (await system.list(folder)) ?? []))).flat();
  return { active: names.filter((name) => loaderName.test(name)).length, held: names.filter((name) => heldName.test(name)).length };
};

/** `workspace` is memory-backed: the agent's boot code waits there. */
export const createHoldBack = (system: System, disk: string, workspace: string): HoldBack => {
  const saved = `${workspace}/boot-code`;
  const stub = `${workspace}/boot-stub`;
  let found = false;
  // The looks in between and the gate may meet at one loader: one after the other, or the second would not find what it renames.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine;
    return mine;
  };
  return {
    holdBios: () => inTurn(async () => {
      const code = await readBootCode(system, disk);
      if (isBootStub(code)) return;
      if (code.some((byte) => byte !== 0)) {
        await system.writeFile(saved, withoutStub(code), { mode: 0o600 });
        found = true;
      }
      await system.writeFile(stub, bootStub(), { mode: 0o600 });
      await writeBootCode(system, disk, stub);
    }),
    holdUefi: (root) => inTurn(async () => {
      const count = await renameAll(system, root, loaderName, (name) => `${name}${heldSuffix}`);
      // The name that firmware looks for may have reached the disk: the other one must, too, and not in half a minute.
      if (count > 0 && (await system.run(['sync', '-f', root], { timeout: 60_000 })).exitCode !== 0) await system.run(['sync'], { timeout: 120_000 });
      return count;
    }),
    hasBiosCode: () => found,
    async releaseBios() {
      if (!found) await system.writeFile(saved, new Uint8Array(bootCodeSize), { mode: 0o600 });
      await writeBootCode(system, disk, saved);
    },
    releaseUefi: (root) => renameAll(system, root, heldName, (name) => name.slice(0, -heldSuffix.length)),
  };
};
