/** A disk image with a node on it, laid down by the real program from a tree of a few files; copies of it are cheap. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markerProgram } from '../../src/engine/builtin/boot-assessment.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import { recoveryCommand } from '../../src/cli/recovery.ts';
import { createRealSystem } from '../../src/system/real.ts';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const config = `#cloud-config
hostname: field-node
users:
  - name: operator
    passwd: "$6$fixture$0123456789abcdefghijklmnop"
    groups: [admin]
k3s:
  token: CLUSTER-TOKEN-1f2e3d4c5b
`;

export interface NodeWorkshop {
  readonly folder: string;
  /** A tree that can be installed, of that version; `marks`: its system says when it is up. */
  source(version: string, marks?: boolean): string;
  /** A fresh copy of the installed image. */
  copy(): string;
  /** `slipway recovery …` on the image, in this process. */
  recovery(image: string, ...args: readonly string[]): Promise<Ended>;
  /** What `status --json` says. */
  status(image: string): Promise<NodeStatusJson>;
  /** Runs a debugfs request on a partition; changes it where `write`. */
  debugfs(image: string, partition: string, request: string, write?: boolean): string;
  /** Byte offset and size of a partition, from sfdisk. */
  partition(image: string, name: string): { readonly start: number; readonly size: number };
  dispose(): void;
}

export interface NodeStatusJson {
  readonly made: string;
  readonly systems: readonly { readonly name: string; readonly damage: string | null; readonly version: string | null }[];
  readonly partitions: readonly { readonly name: string; readonly health: string }[];
  readonly problems: readonly { readonly id: string; readonly where: string }[];
  readonly actions: readonly { readonly id: string; readonly refusal: { readonly reason: string; readonly way: string } | null }[];
  readonly resetUnfinished: boolean;
  readonly oemFull: boolean;
  readonly closed: boolean | null;
  readonly deployed: boolean | null;
  readonly next: { readonly once: string | null; readonly always: string | null };
}

export const createNodeWorkshop = (): NodeWorkshop => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-node-'));
  const base = join(folder, 'base.img');
  const slipway = (...args: readonly string[]): Ended => spawnSync(process.execPath, ['src/main.ts', ...args], { encoding: 'utf8' });
  let count = 0;

  const recovery = async (image: string, ...args: readonly string[]): Promise<Ended> => {
    const parsed = parseCommandLine(['recovery', ...args, '--image', image]);
    if (parsed.problems.length > 0) return { status: 2, stdout: '', stderr: parsed.problems.map(({ what }) => what).join('\n') };
    const system = createRealSystem();
    const printed: string[] = [];
    const errors: string[] = [];
    const output = { print: (text: string) => void printed.push(text), error: (text: string) => void errors.push(text), isLost: false, isTerminal: false, columns: 80 };
    const status = await recoveryCommand(parsed, system, output, new AbortController().signal);
    const stuck = await system.cleanup.run();
    if (stuck.length > 0) throw new Error(stuck.join('; '));
    return { status, stdout: printed.join('\n'), stderr: errors.join('\n') };
  };

  const source = (version: string, marks = false): string => {
    const tree = join(folder, `tree-${version}`);
    mkdirSync(join(tree, 'boot'), { recursive: true });
    mkdirSync(join(tree, 'etc'), { recursive: true });
    writeFileSync(join(tree, 'boot/vmlinuz-1'), `kernel of ${version}\n`.repeat(3000));
    writeFileSync(join(tree, 'boot/initrd.img-1'), `initrd of ${version}\n`.repeat(3000));
    writeFileSync(join(tree, 'etc/kairos-release'), `KAIROS_VERSION="${version}"\nKAIROS_NAME="fixture"\n`);
    if (marks) {
      mkdirSync(join(tree, 'usr/lib/slipway'), { recursive: true });
      writeFileSync(join(tree, markerProgram), '#!/bin/sh\n');
    }
    return `dir:${tree}`;
  };

  const partition = (image: string, name: string) => {
    const table = JSON.parse(execFileSync('sfdisk', ['--json', image], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as { partitiontable: { partitions: { start: number; size: number; name: string }[] } };
    const row = table.partitiontable.partitions.find((candidate) => candidate.name === name);
    if (row === undefined) throw new Error(`no partition ${name}`);
    return { start: row.start * 512, size: row.size * 512 };
  };

  writeFileSync(join(folder, 'user-data'), config);
  const made = slipway('install', '--unattended', '--engine', 'builtin', '--data-volume', 'none', '--config', join(folder, 'user-data'), '--target-image', base, '--image-size', '3G', '--source', source('v1.0.0'), '--receipt', folder, '--audit', 'off');
  if (made.status !== 0) throw new Error(`the fixture could not be installed: ${made.stdout}${made.stderr}`);

  return {
    folder,
    source,
    copy() {
      count += 1;
      const image = join(folder, `node-${count}.img`);
      execFileSync('cp', ['--sparse=always', base, image]);
      return image;
    },
    recovery,
    async status(image) {
      const { stdout, stderr } = await recovery(image, 'status', '--json');
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout) as NodeStatusJson;
    },
    debugfs: (image, name, request, write = false) =>
      execFileSync('debugfs', [...(write ? ['-w'] : []), '-R', request, `${image}?offset=${partition(image, name).start}`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    partition,
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
};
