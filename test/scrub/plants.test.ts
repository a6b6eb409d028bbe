/** Invariant 3: what is left behind is found, wherever it is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditReport, MaterialItem } from '../../src/model/audit.ts';
import { auditTarget } from '../../src/scrub/audit.ts';
import { buildPatterns } from '../../src/scrub/patterns.ts';
import { chunkSize } from '../../src/scrub/search/read-back.ts';
import type { System } from '../../src/system/port.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { createRandom, findPlain, missingTools, plantImage } from './plants-image.ts';
import type { Plant, PlantedImage } from './plants-image.ts';

const missing = missingTools();
const rounds = 9;

const itemOf = (secret: string, index: number): MaterialItem => ({ file: 'installer-data', keyPath: ['stages', 'before-install', index], value: secret, searched: true });
const nameOf = (index: number): string => `installer-data: stages.before-install[${index}]`;

describe.skipIf(missing.length > 0)(`planted leaks${missing.length > 0 ? ` (not here: ${missing.join(', ')})` : ''}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-plants-'));
  const real = createRealSystem();
  // Without the extent map the image is read from its first byte on: the borders of reads lie where plants lie across them.
  const missingCommand = { stdout: '', stderr: '', exitCode: null, missing: true, timedOut: false, truncated: false };
  const system: System = { ...real, run: (command, options) => (command[0] === 'filefrag' ? Promise.resolve(missingCommand) : real.run(command, options)) };
  let image: PlantedImage;
  let report: AuditReport;
  // As many that are nowhere.
  const random = createRandom('nowhere');
  const absent = Array.from({ length: 300 }, () => random.secret());

  beforeAll(async () => {
    image = plantImage(directory, 'plants', rounds, chunkSize);
    const items = [...image.plants.map(({ secret }) => secret), ...absent].map(itemOf);
    report = await auditTarget(system, { path: image.path, partitions: image.partitions, mode: 'full', patterns: buildPatterns(items, { keptTexts: [] }) });
  }, 180_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('every one of at least 200 is found, in its place', () => {
    const found = new Map<string, Set<string>>();
    for (const hit of report.hits) found.set(hit.from, (found.get(hit.from) ?? new Set()).add(hit.place));
    const isFound = (plant: Plant, index: number): boolean => found.get(nameOf(index))?.has(plant.place) === true;
    const rows = new Map<string, { planted: number; found: number }>();
    image.plants.forEach((plant, index) => {
      const row = rows.get(plant.kind) ?? { planted: 0, found: 0 };
      rows.set(plant.kind, { planted: row.planted + 1, found: row.found + (isFound(plant, index) ? 1 : 0) });
    });
    const total = image.plants.filter(isFound).length;
    console.log([`planted ${image.plants.length}, found ${total} (${((100 * total) / image.plants.length).toFixed(1)} %)`, ...[...rows].map(([kind, row]) => `  ${row.found}/${row.planted} ${kind}`)].join('\n'));
    expect(image.plants.length).toBeGreaterThanOrEqual(200);
    expect(image.plants.filter((plant, index) => !isFound(plant, index)).map(({ kind }) => kind)).toEqual([]);
  });

  test('the kinds are those that matter', () => {
    const kinds = new Set(image.plants.map(({ kind }) => kind));
    const wanted = [
      'ext4: live file', 'vfat: live file', 'ext4: deleted file', 'ext4: renamed file', 'ext4: journal', 'ext4: slack space', 'swap',
      'active.img: live file', 'active.img: deleted file', ...['gzip', 'xz', 'zstd', 'lz4'].map((name) => `squashfs ${name}: block`),
      'log.gz', 'log.xz', 'deleted log.gz', 'deleted log.xz', 'journal: xz', 'journal: lz4', 'journal: zstd', 'ext4: base64', 'ext4: utf-16le', 'ext4: utf-16be', 'across two reads',
    ];
    expect(wanted.filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  test('nothing is found that is not there', () => {
    const known = new Set(image.plants.map((_, index) => nameOf(index)));
    expect(report.hits.filter((hit) => !known.has(hit.from))).toEqual([]);
    expect(report.notes ?? []).toEqual([]);
  });

  test('what counts as packed or in pieces does not stand there as it is', () => {
    // LZ4 stores as it is what did not stand there shortly before.
    const hidden = image.plants.filter(({ kind }) => /gz|xz|zst|squashfs|journal: |two pieces/.test(kind) && !/^squashfs lz4: (?:block|link)/.test(kind));
    expect(hidden.length).toBeGreaterThan(100);
    const plain = findPlain(image.path, hidden.map(({ secret }) => secret));
    expect(hidden.filter(({ secret }) => plain.has(secret)).map(({ kind }) => kind)).toEqual([]);
  });

  test('no report holds a value, and the target is read whole', () => {
    const text = JSON.stringify(report);
    expect(image.plants.filter(({ secret }) => text.includes(secret))).toEqual([]);
    expect(report.readPath).toContain('read from the medium');
    expect(report.places.map(({ place }) => place).sort()).toEqual(['GPT', ...image.partitions.map(({ label }) => label)].sort());
  });
});
