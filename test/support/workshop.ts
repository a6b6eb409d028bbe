/**
 * A place to install in: a temporary folder, data volumes made from texts, and the shipped executable run on them. Writes to files of
 * its own only.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const executable = resolve('dist/slipway');
export const sampleSource = resolve('build/sample-source/root');

export interface Ended {
  readonly pid: number;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface JsonEvent {
  readonly time: string;
  readonly event: string;
  readonly [key: string]: unknown;
}

export interface Workshop {
  readonly folder: string;
  /** An iso9660 image labelled `cidata` that holds these files; returns its path. */
  dataVolume(files: Readonly<Record<string, string>>, label?: string): string;
  /** Arguments of an unattended install into `image`. */
  installArguments(options: { readonly volume?: string; readonly image?: string; readonly source?: string; readonly size?: string }, ...more: readonly string[]): readonly string[];
  run(args: readonly string[], options?: { readonly onEvent?: (event: JsonEvent, child: ChildProcess) => void }): Promise<Ended>;
  dispose(): void;
}

export const eventsOf = (ended: Ended): readonly JsonEvent[] =>
  ended.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonEvent);

export const createWorkshop = (): Workshop => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-'));
  let count = 0;
  return {
    folder,
    dataVolume(files, label = 'cidata') {
      count += 1;
      const tree = join(folder, `volume-${count}`);
      mkdirSync(tree);
      for (const [name, text] of Object.entries(files)) writeFileSync(join(tree, name), text);
      const image = `${tree}.iso`;
      const made = spawnSync('xorriso', ['-as', 'mkisofs', '-quiet', '-V', label, '-J', '-R', '-o', image, tree], { encoding: 'utf8' });
      if (made.status !== 0) throw new Error(`xorriso: ${made.stderr}`);
      return image;
    },
    installArguments: ({ volume, image, source = `dir:${sampleSource}`, size = '4G' }, ...more) => [
      'install', '--unattended', '--json', '--engine', 'builtin',
      ...(volume === undefined ? [] : ['--data-volume', volume]),
      '--target-image', image ?? join(folder, 'disk.img'),
      '--image-size', size,
      '--source', source,
      '--receipt', folder,
      ...more,
    ],
    run: (args, options = {}) =>
      new Promise((done, failed) => {
        const child = spawn(executable, args, { stdio: ['ignore', 'pipe', 'pipe'] });
        let stdout = '';
        let stderr = '';
        let rest = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          stdout += text;
          rest += text;
          const lines = rest.split('\n');
          rest = lines.pop() ?? '';
          if (options.onEvent !== undefined) for (const line of lines) options.onEvent(JSON.parse(line) as JsonEvent, child);
        });
        child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
        child.once('error', failed);
        child.once('close', (code) => done({ pid: child.pid ?? 0, code, stdout, stderr }));
      }),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
};
