/** File systems in files behind loop devices: block devices that a test may write, on any Linux with root. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const sh = (command: string): string => {
  const result = spawnSync('/bin/sh', ['-euc', command], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command}: ${result.stderr}`);
  return result.stdout.trim();
};

/** Why loop devices cannot be used here; null when they can. */
export const whyNoLoop = ((): string | null => {
  if (process.getuid?.() !== 0) return 'needs root';
  const found = spawnSync('losetup', ['--find'], { encoding: 'utf8' });
  return found.status === 0 ? null : 'there are no loop devices';
})();

export interface LoopDisk {
  readonly device: string;
  readonly file: string;
  /** Mounts it, runs the shell text with $M set, unmounts it. */
  fill(script: string): void;
  /** Where the bytes are found in the raw file, -1 if nowhere. */
  find(text: string): number;
}

export interface LoopDisks {
  readonly folder: string;
  ext4(name: string, label: string, mib: number): LoopDisk;
  /** An empty disk. */
  blank(name: string, mib: number): LoopDisk;
  dispose(): void;
}

export const createLoopDisks = (): LoopDisks => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-loop-'));
  const devices: string[] = [];
  const blank = (name: string, mib: number): LoopDisk => {
    const file = join(folder, `${name}.img`);
    writeFileSync(file, '');
    truncateSync(file, mib * 1024 * 1024);
    const device = sh(`losetup --find --show ${file}`);
    devices.push(device);
    return {
      device,
      file,
      fill(script) {
        const place = join(folder, `fill-${name}`);
        sh(`mkdir -p ${place}; mount ${device} ${place}; (M=${place}; ${script}); sync; umount ${place}; rmdir ${place}`);
      },
      find(text) {
        sh(`sync; blockdev --flushbufs ${device}`);
        return readFileSync(file).indexOf(text);
      },
    };
  };
  return {
    folder,
    blank,
    ext4(name, label, mib) {
      const disk = blank(name, mib);
      sh(`mkfs.ext4 -q -F -L ${label} ${disk.device}`);
      return disk;
    },
    dispose() {
      for (const device of devices) spawnSync('losetup', ['--detach', device]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
