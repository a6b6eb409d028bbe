/**
 * Runs inside the virtual machine of audit-luks.test.ts, with COS_OEM and COS_PERSISTENT opened as /dev/mapper/oem and /dev/mapper/persistent: plants
 * material in both, audits the disk closed and opened, scrubs through the mappings and audits again. Prints one JSON line.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { checkClosure } from '../../src/engine/kairos-agent/close-target.ts';
import { isLuks } from '../../src/engine/kairos-agent/luks.ts';
import type { OpenPartition } from '../../src/engine/kairos-agent/luks.ts';
import { scrubTarget } from '../../src/engine/kairos-agent/scrub-target.ts';
import type { AuditReport } from '../../src/model/audit.ts';
import { auditTarget } from '../../src/scrub/audit.ts';
import { buildPatterns } from '../../src/scrub/patterns.ts';
import { createRealSystem } from '../../src/system/real.ts';

const disk = '/dev/disk/by-id/virtio-TARGET0';
const rounds = 5;
const system = createRealSystem();
const plants: { readonly kind: string; readonly secret: string }[] = [];
const plant = (kind: string): string => {
  const secret = createHash('sha256').update(`${kind} ${plants.length}`).digest('base64url').slice(0, 24);
  plants.push({ kind, secret });
  return secret;
};

const mounted = (name: string, fill: (folder: string) => void): void => {
  const folder = `/mnt/${name}`;
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', [`/dev/mapper/${name}`, folder]);
  fill(folder);
  execFileSync('umount', [folder]);
};
mounted('oem', (folder) => {
  mkdirSync(`${folder}/95_userdata`);
  for (let round = 0; round < rounds; round += 1) {
    writeFileSync(`${folder}/9${round}_custom.yaml`, `#cloud-config\nname: ${plant('COS_OEM: live file')}\n`);
    writeFileSync(`${folder}/95_userdata/${round}`, Buffer.from(plant('COS_OEM: utf-16'), 'utf16le'));
    writeFileSync(`${folder}/gone-${round}`, `x: ${plant('COS_OEM: deleted file')}\n`);
  }
  execFileSync('sync');
  for (let round = 0; round < rounds; round += 1) rmSync(`${folder}/gone-${round}`);
});
mounted('persistent', (folder) => {
  const logs = `${folder}/.state/var-log.bind/kairos`;
  mkdirSync(logs, { recursive: true });
  for (let round = 0; round < rounds; round += 1) {
    writeFileSync(`${logs}/agent-${round}.log`, `failed to run curl ${plant('COS_PERSISTENT: log')}\n`);
    writeFileSync(`${logs}/old-${round}.log.gz`, gzipSync(`${'a line of the log\n'.repeat(50)}token ${plant('COS_PERSISTENT: log.gz')}\n`));
    writeFileSync(`${logs}/form-${round}`, Buffer.from(`..${plant('COS_PERSISTENT: base64')}..`).toString('base64'));
  }
});

const { partitiontable } = JSON.parse(execFileSync('sfdisk', ['--json', disk], { encoding: 'utf8' })) as { partitiontable: { partitions: { start: number; size: number; name: string }[] } };
const rows = partitiontable.partitions.map(({ start, size, name }) => ({ name, start: start * 512, size: size * 512, label: `COS_${name.toUpperCase()}` }));
const keptText = '#cloud-config\nhostname: node-1\n';
const patterns = buildPatterns(plants.map(({ secret }, index) => ({ file: 'installer-data', keyPath: [index], value: secret, searched: true })), { keptTexts: [keptText] });

/** How many of each kind are found in places that `matches`. */
const found = (report: AuditReport, matches: RegExp): Readonly<Record<string, number>> => {
  const indices = new Set(report.hits.filter(({ place }) => matches.test(place)).map(({ from }) => Number(/\d+/.exec(from.replace('installer-data', ''))?.[0])));
  const counts: Record<string, number> = {};
  for (const [index, { kind }] of plants.entries()) counts[kind] = (counts[kind] ?? 0) + (indices.has(index) ? 1 : 0);
  return counts;
};
const audit = (through: boolean): Promise<AuditReport> =>
  auditTarget(system, {
    path: disk,
    partitions: [
      ...rows.map(({ label, start, size }) => ({ label, start, size })),
      ...(through ? rows.map(({ name, label, size }) => ({ label: `${label} (opened)`, start: 0, size, path: `/dev/mapper/${name}` })) : []),
    ],
    mode: 'written',
    patterns,
  });

const closed = await audit(false);
const opened = await audit(true);
const partitions: OpenPartition[] = rows.map(({ name, start, size }, index) => ({ number: index + 1, path: `${disk}-part${index + 1}`, name, start, size, device: `/dev/mapper/${name}`, encrypted: true }));
const kept = [{ name: '90_custom.yaml', mode: 0o640, bytes: keptText.length, sha256: createHash('sha256').update(keptText).digest('hex') }];
const scrubbed = await scrubTarget(system, { partitions, kept, keptFiles: { '90_custom.yaml': keptText }, signal: new AbortController().signal });
const closure = await checkClosure(system, partitions);
const after = await audit(true);
let text = '';
let mode = 0;
mounted('oem', (folder) => {
  text = readFileSync(`${folder}/90_custom.yaml`, 'utf8');
  mode = statSync(`${folder}/90_custom.yaml`).mode & 0o777;
});
console.log(
  `RESULT ${JSON.stringify({
    planted: plants.length,
    luks: await Promise.all(partitions.map(({ path }) => isLuks(system, path))),
    closed: found(closed, /./),
    opened: found(opened, /\(opened\)$/),
    openedRaw: found(opened, /^COS_[A-Z]+$/),
    after: found(after, /./),
    places: opened.places,
    readPath: opened.readPath,
    notes: scrubbed.notes,
    removed: scrubbed.removed.length,
    closure,
    kept: text === keptText && mode === 0o640,
    stuck: await system.cleanup.run(),
  })}`,
);
