/**
 * A whole install in this process: real gathering, planner, engine and audit, into a disk image file, from a root tree of a few files.
 * What a test takes away is given from outside: an engine with a wall less, a system that does less than it is told.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gather } from '../../src/app/gather.ts';
import { runInstall } from '../../src/app/run-install.ts';
import { builtinEngine } from '../../src/engine/builtin/builtin.ts';
import { probeBuiltinEngine } from '../../src/engine/builtin/tools.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { AuditReport } from '../../src/model/audit.ts';
import type { InstallEvent } from '../../src/model/events.ts';
import type { SettingLayer } from '../../src/model/settings.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { createRealSystem } from '../../src/system/real.ts';
import type { System } from '../../src/system/port.ts';

/** Why no install can be made here; null when it can. */
export const whyNoInstall = await (async (): Promise<string | null> => {
  if (process.getuid?.() !== 0) return 'needs root';
  const { missing, canIsolateStages } = await probeBuiltinEngine(createRealSystem(), 'test');
  if (missing.length > 0) return `not here: ${missing.map(({ program }) => program).join(', ')}`;
  return canIsolateStages ? null : 'stages cannot be isolated here';
})();

export interface InstallWish {
  readonly userData: string;
  readonly installerData: string;
  /** `dir:` of the tree when left out. */
  readonly source?: string;
  readonly settings?: SettingLayer;
  readonly engine?: Engine;
  /** What the run is given in place of the real system. */
  readonly system?: (real: System) => System;
}

export interface Installed {
  /** The disk image file. */
  readonly image: string;
  readonly events: readonly InstallEvent[];
  readonly exitCode: number;
  /** What the audit said; null when the run did not come that far. */
  readonly audit: AuditReport | null;
  /** bytes from the start of the image */
  startOf(name: string): number;
  sizeOf(name: string): number;
  /** What debugfs prints for a request on a partition. */
  debugfs(name: string, request: string): string;
}

export interface InstallPlace {
  readonly folder: string;
  /** The root tree that is installed. */
  readonly tree: string;
  /** Writes a file below `folder`; returns its path. */
  write(name: string, data: string | Uint8Array): string;
  install(wish: InstallWish): Promise<Installed>;
  dispose(): void;
}

/** Bytes that no compressor makes smaller. */
export const noise = (seed: string, length: number): Buffer => createHash('shake256', { outputLength: length }).update(seed).digest();

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Row {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

export const createInstallPlace = (): InstallPlace => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-here-'));
  const tree = join(folder, 'tree');
  const write = (name: string, data: string | Uint8Array): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, data);
    return path;
  };
  write('tree/boot/vmlinuz', noise('kernel', 300_000));
  write('tree/boot/initrd', noise('initrd', 200_000));
  write('tree/etc/os-release', 'ID=debian\nNAME="A few files"\nVERSION_ID=12\n');
  write('tree/usr/bin/tool', '#!/bin/sh\necho tool\n');
  let count = 0;
  return {
    folder,
    tree,
    write,
    async install({ userData, installerData, source = `dir:${tree}`, settings = {}, engine = builtinEngine, system: changed = (real) => real }) {
      count += 1;
      const image = join(folder, `disk-${count}.img`);
      if (existsSync(image)) rmSync(image);
      const system = changed(createRealSystem());
      const { signal } = new AbortController();
      const flag: SettingLayer = {
        unattended: true,
        engine: 'builtin',
        'data-volume': 'none',
        config: [write(`given-${count}/user-data`, userData)],
        'installer-data': [write(`given-${count}/installer-data`, installerData)],
        'target-image': image,
        'image-size': 2 * 1024 ** 3,
        source,
        receipt: join(folder, 'receipts'),
        ...settings,
      };
      mkdirSync(join(folder, 'receipts'), { recursive: true });
      const input = await gather(system, { flag }, 'test', signal);
      const { planned, problems } = makePlan(input, sha256);
      if (planned === null) throw new Error(JSON.stringify(problems));
      const events: InstallEvent[] = [];
      for await (const event of runInstall({ system, planned, facts: input.facts, engine, engineVersion: 'test', version: 'test', signal })) events.push(event);
      const done = events.findLast((event) => event.event === 'done');
      const audit = events.find((event) => event.event === 'audit');
      const rows = (): readonly Row[] =>
        (JSON.parse(execFileSync('sfdisk', ['--json', image], { encoding: 'utf8' })) as { partitiontable: { partitions: readonly Row[] } }).partitiontable.partitions;
      const row = (name: string): Row => {
        const found = rows().find((candidate) => candidate.name === name);
        if (found === undefined) throw new Error(`no partition ${name}`);
        return found;
      };
      return {
        image,
        events,
        exitCode: done?.event === 'done' ? done.exitCode : -1,
        audit: audit?.event === 'audit' ? audit : null,
        startOf: (name) => row(name).start * 512,
        sizeOf: (name) => row(name).size * 512,
        debugfs: (name, request) => spawnSync('debugfs', ['-w', '-R', request, `${image}?offset=${row(name).start * 512}`], { encoding: 'utf8' }).stdout,
      };
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
};
