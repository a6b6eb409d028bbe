/**
 * The audit against a plain uncached read (`dd bs=4M iflag=direct`) and against `grep -c -a -F -f`, of the same target in
 * the same run, with 200 patterns; and with 200 secrets in all their forms. Peak memory is that of a process of its own.
 * Runs under bun, as the shipped executable does, and under Node; `AUDIT_BENCH_MIB` sets the size of the target. Memory again
 * with a target of packed images that nobody vouches for.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditTarget } from '../../src/scrub/audit.ts';
import type { PatternSet } from '../../src/scrub/patterns.ts';
import { buildPatterns } from '../../src/scrub/patterns.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { makePackedTarget } from './packed-target.ts';
import { median, report } from './timing.ts';

const MiB = 1024 * 1024;
const rounds = 5;
const bun = ['node_modules/@oven/bun-linux-x64/bin/bun', 'node_modules/@oven/bun-linux-aarch64/bin/bun'].find((path) => existsSync(path));

const secrets = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => createHash('sha256').update(`bench ${index}`).digest('base64').slice(0, 12 + (index % 24)));

const setOf = (kind: string): PatternSet => {
  const all = buildPatterns(
    secrets(200).map((value, index) => ({ file: 'installer-data', keyPath: [index], value, searched: true })),
    { keptTexts: [] },
  );
  return kind === 'plain' ? { ...all, patterns: all.patterns.pick((index) => all.patterns.encodingAt(index) === 'plain').pick((index) => index < 200) } : all;
};

/** As a disk looks: a third programs and text, a third noise, a third zeros; a hit at the end. */
const makeTarget = (path: string, size: number): void => {
  const binary = readFileSync(process.execPath);
  const text = readFileSync('package-lock.json');
  const noise = Buffer.alloc(MiB);
  const file = openSync(path, 'w');
  for (let at = 0; at < size; at += MiB) {
    const turn = (at / MiB) % 6;
    let piece: Buffer = Buffer.alloc(MiB);
    if (turn < 2) {
      const from = (at * 7) % Math.max(1, binary.length - MiB);
      binary.copy(piece, 0, from, from + MiB);
      if (turn === 1) text.copy(piece, 0, 0, Math.min(MiB, text.length));
    } else if (turn < 4) {
      for (let i = 0; i < MiB; i += 32) createHash('sha256').update(`${at} ${i}`).digest().copy(noise, i);
      piece = noise;
    }
    writeSync(file, piece);
  }
  writeSync(file, Buffer.from(secrets(1)[0] ?? ''), 0, undefined, size - 100);
  closeSync(file);
  execFileSync('sync', [path]);
};

/** One audit in a process of its own: prints bytes, ms and the peak of memory (kB). */
const auditOnce = async (path: string, kind: string): Promise<void> => {
  const patterns = setOf(kind);
  const result = await auditTarget(createRealSystem(), { path, partitions: [], mode: 'full', patterns });
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  console.log(JSON.stringify({ bytes: result.bytesRead, duration: result.duration, peak, hits: result.hits.length, patterns: patterns.patterns.length, how: result.readPath }));
};

interface Row {
  readonly bytes: number;
  readonly duration: number;
  readonly peak: number;
  readonly hits: number;
  readonly patterns: number;
  readonly how: string;
}

const rate = (bytes: number, ms: number): string => `${(bytes / 1e6 / (ms / 1000)).toFixed(0)} MB/s`;

const timed = (command: string, args: readonly string[]): number => {
  const begin = process.hrtime.bigint();
  const { status } = spawnSync(command, args, { stdio: 'ignore' });
  if (status !== 0 && !(command === 'grep' && status === 1)) throw new Error(`${command} ended with ${status}`);
  return Number(process.hrtime.bigint() - begin) / 1e6;
};

const main = (): void => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-audit-'));
  try {
    const size = Number(process.env['AUDIT_BENCH_MIB'] ?? 1536) * MiB;
    const path = join(directory, 'target.img');
    makeTarget(path, size);
    const runtimes: readonly (readonly [string, readonly string[]])[] = [['node', []], ...(bun === undefined ? [] : [[bun, ['run']] as const])];
    for (const kind of ['plain', 'all']) {
      const list = join(directory, `patterns-${kind}`);
      // grep takes lines: the forms that hold no line end.
      const lines = [...setOf(kind).patterns].map(({ bytes }) => Buffer.from(bytes)).filter((bytes) => !bytes.includes(10) && !bytes.includes(0));
      writeFileSync(list, Buffer.concat(lines.flatMap((bytes) => [bytes, Buffer.from('\n')])));
      const times: { dd: number[]; grep: number[]; audits: Row[][] } = { dd: [], grep: [], audits: runtimes.map(() => []) };
      for (let round = 0; round < rounds; round += 1) {
        times.dd.push(timed('dd', [`if=${path}`, 'of=/dev/null', 'bs=4M', 'iflag=direct', 'status=none']));
        runtimes.forEach(([runtime, args], index) => {
          const out = execFileSync(runtime, [...args, process.argv[1] ?? '', path, kind], { encoding: 'utf8' });
          times.audits[index]?.push(JSON.parse(out) as Row);
        });
        if (round < 2) times.grep.push(timed('grep', ['-c', '-a', '-F', '-f', list, path]));
      }
      const [dd, grep] = [median(times.dd), Math.min(...times.grep)];
      runtimes.forEach(([runtime], index) => {
        const rows = times.audits[index] ?? [];
        const name = `${runtime.includes('bun') ? 'bun' : 'node'}, ${rows[0]?.patterns ?? 0} patterns`;
        const audit = median(rows.map((row) => row.duration));
        report(`audit / dd iflag=direct (${name})`, audit / dd, 2, `${rate(size, audit)}, dd ${rate(size, dd)}`);
        report(`audit / grep -F -f (${name})`, audit / grep, 1, `grep ${rate(size, grep)} with ${lines.length} lines`);
        report(`peak memory / 150 MB (${name})`, Math.max(...rows.map((row) => row.peak)) / 150_000, 1, `${Math.max(...rows.map((row) => row.peak)) / 1000} MB`);
        if (rows.some((row) => row.hits === 0)) throw new Error('the audit missed the pattern at the end');
        if (kind === 'plain' && index === 0) console.log(`     ${rows[0]?.how ?? ''}`);
      });
    }
    const packed = join(directory, 'packed.img');
    makePackedTarget(directory, packed);
    for (const [runtime, args] of runtimes) {
      const row = JSON.parse(execFileSync(runtime, [...args, process.argv[1] ?? '', packed, 'all'], { encoding: 'utf8' })) as Row;
      const name = `${runtime.includes('bun') ? 'bun' : 'node'}, packed images, ${row.patterns} patterns`;
      report(`peak memory / 150 MB (${name})`, row.peak / 150_000, 1, `${row.peak / 1000} MB, ${(row.duration / 1000).toFixed(1)} s`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const [, , target, kind] = process.argv;
if (target === undefined) main();
else await auditOnce(target, kind ?? 'plain');
