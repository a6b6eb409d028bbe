/** Whole journeys with the shipped executable: a recorded machine that brings an install run along, which is played as if it happened. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { slipwayPath, startSession } from './pty.ts';
import type { Session, SessionOptions } from './pty.ts';

const patience = 30_000;
const pause = (duration: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));
const folder = mkdtempSync(join(tmpdir(), 'slipway-played-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Row = Readonly<Record<string, unknown>>;
const phase = (name: string, after = 150, step?: string): Row => ({ after, event: 'phase', phase: name, ...(step === undefined ? {} : { step }) });

const goodRun: readonly Row[] = [
  phase('engine', 300, 'Write the partition table'),
  { after: 100, event: 'log', text: 'sfdisk: 6 partitions' },
  { after: 300, event: 'progress', phase: 'engine', fraction: 0.5, bytes: 1_500_000_000, total: 3_000_000_000, bytesPerSecond: 40_000_000 },
  phase('scrub'),
  { event: 'scrub', removed: ['stages.before-install[0]'] },
  phase('close'),
  phase('audit'),
  { event: 'audit', bytesRead: 1_288_490_188, patterns: 14 },
  phase('receipt'),
  { event: 'receipt', written: ['/run/slipway/receipt.json'] },
  phase('finish'),
  { after: 100, event: 'done', exitCode: 0, result: 'installed', diskTouched: true, text: 'installed and proven' },
];

const failedRun: readonly Row[] = [
  phase('engine', 300, 'Make the file systems'),
  { after: 100, event: 'log', level: 'error', text: 'mkfs.ext4: device is full' },
  { event: 'problem', id: 'mkfs-failed', severity: 'error', what: 'mkfs.ext4 ended with exit code 1', where: '/dev/sdb4', hint: 'look at the log' },
  { after: 100, event: 'done', exitCode: 6, result: 'failed', diskTouched: true, text: 'making the file systems failed' },
];

/** Lays down without an end: 1,000 lines a second, in gulps as a pipe hands them over, for nine seconds. */
const streamingRun: readonly Row[] = [
  phase('engine', 0, 'Lay down the system'),
  ...Array.from({ length: 9000 }, (_, line): Row => ({ after: line % 100 === 0 ? 100 : 0, event: 'log', text: `line ${line} of what the engine says` })),
  { event: 'done', exitCode: 0, result: 'installed', diskTouched: true, text: 'installed and proven' },
];

/** Two disks, one of them empty, no data volume; and this run. */
const machineWith = (run: readonly Row[]): string => {
  const path = join(folder, `${run.length}-${String(run.at(-1)?.['exitCode'])}.json`);
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync('test/machines/sata.json', 'utf8')) as object), engine: run }));
  return path;
};

const start = (run: readonly Row[], more: readonly string[] = [], options: SessionOptions = {}): Session => startSession([slipwayPath, 'install', '--machine', machineWith(run), ...more], options);

const at = (screen: string): RegExp => new RegExp(`^SLIPWAY \\S+ ${screen} \\S+ \\S+ (?:ASKING|BLOCKED|CONFIRM)$`, 'm');

/** From the first screen to the review; the node is called unit-7 and entered by operator. */
const toReview = async (session: Session): Promise<void> => {
  await session.sees(at('WELCOME'), patience);
  session.type('\r');
  await session.sees('Where does', patience);
  session.type('\r');
  await session.sees('(*) none', patience);
  session.type('\r');
  await session.sees('Who is this machine', patience);
  session.type('unit-7\roperator\r');
  await session.sees(/> Password/, patience);
  session.type('\r\r\r\r\r');
  await session.sees('Which disk?', patience);
  session.type('\r');
  await session.sees('Enter begins to write', patience);
};

const expectGivenBack = async (session: Session): Promise<void> => {
  for (const until = Date.now() + 5000; Date.now() < until && session.onSecondScreen(); ) await pause(20);
  expect(session.onSecondScreen()).toBe(false);
};

if (!existsSync(slipwayPath)) console.warn('skipped: dist/slipway is not built');

describe.skipIf(!existsSync(slipwayPath))('the executable plays an install', () => {
  it('from the first question to the end in plain mode, over a line of 9600 baud', async () => {
    const session = start(goodRun, ['--plain'], { speed: 960, rows: 400, columns: 200, environment: { TERM: 'dumb', LANG: '' } });
    const answers: readonly (readonly [prompt: RegExp, line: string])[] = [
      [/Enter continues, r looks again: $/, ''],
      [/Enter goes on with what is read: $/, ''],
      [/Hostname, [^:]*: $/, 'unit-7'],
      [/User, [^:]*: $/, 'operator'],
      [/Password, [^:]*: $/, ''],
      [/Once more, [^:]*: $/, ''],
      [/SSH keys[^:]*: $/, 'github:operator'],
      [/Timezone, [^:]*: $/, ''],
      [/Keymap, [^:]*: $/, ''],
      [/Number of the disk[^:]*: $/, '1'],
      [/Type install to begin: $/, 'install'],
      [/Number; Enter takes the one with the star: $/, ''],
    ];
    for (const [prompt, line] of answers) {
      // What was received may be ahead of what the line has brought: a person answers what can be read.
      await session.sees(new RegExp(prompt.source.replace(/ \$$/, '')), 60_000);
      session.type(`${line}\r`);
    }
    expect(await session.ended(60_000)).toBe(0);
    expect(session.raw()).toMatch(/^[\r\n -~]*$/);
    expect(session.raw()).toContain('SIMULATED');
    expect(session.raw()).toContain('phase audit');
    expect(session.raw()).toContain('Node: unit-7; user operator');
    expect(session.raw()).toContain('installed and proven');
  }, 240_000);

  it('fails, says how the disk is, and tries again with every answer kept', async () => {
    const session = start(failedRun);
    for (const round of [1, 2]) {
      if (round === 1) await toReview(session);
      else await session.sees('Enter begins to write', patience);
      const review = /^ Node .*$/m.exec(session.text())?.[0];
      expect(review).toContain('unit-7');
      expect(review).toContain('operator');
      expect(session.text()).toContain('/dev/sdb');
      session.type('\r');
      await session.sees('The install failed.', patience);
      expect(session.text()).toContain('WAS WRITTEN TO');
      expect(session.text()).toContain('mkfs.ext4');
      if (round === 1) session.type('r');
    }
    // Back to the first screen: what was typed is still in its fields.
    session.type('c');
    await session.sees(at('WELCOME'), patience);
    session.type('\r');
    await session.sees('Where does', patience);
    session.type('\r');
    await session.sees('[unit-7', patience);
    expect(session.text()).toContain('[operator');
    session.type('\u0003y');
    expect(await session.ended(patience)).toBe(130);
    await expectGivenBack(session);
  }, 180_000);

  it('aborts when told to, and says so', async () => {
    const session = start(streamingRun);
    await toReview(session);
    session.type('\r');
    await session.sees('Lay down the system', patience);
    session.type('\u0003');
    await session.sees('Abort the install?', patience);
    session.type('n');
    await session.sees('Lay down the system', patience);
    session.type('ay');
    await session.sees('Stopped.', patience);
    expect(session.text()).toContain('the simulated run was interrupted');
    session.type('qy');
    expect(await session.ended(patience)).toBe(130);
    await expectGivenBack(session);
  }, 120_000);

  it('answers keys while a thousand lines a second come', async () => {
    const session = start(streamingRun);
    await toReview(session);
    session.type('\r');
    await session.sees('Lay down the system', patience);
    const took: number[] = [];
    for (let turn = 0; turn < 8; turn++) {
      const begin = performance.now();
      session.type('?');
      await session.sees('Keys', patience);
      took.push(performance.now() - begin);
      session.type('q');
      await session.sees('Lay down the system', patience);
    }
    session.type('o');
    await session.sees(/lines \d+ to \d+ of \d+/, patience);
    const lineCount = (): number => Number(/lines \d+ to \d+ of (\d+)/.exec(session.text())?.[1]);
    const before = lineCount();
    await pause(1000);
    // Still coming: the keys were answered in the midst of it.
    expect(lineCount()).toBeGreaterThan(before);
    session.type('q');
    await session.sees('What next?', patience);
    session.type('\r');
    expect(await session.ended(patience)).toBe(0);
    await expectGivenBack(session);
    // How fast is measured by scripts/bench; a key that waited for the lines would have waited for seconds.
    expect(took.toSorted((left, right) => left - right)[4]).toBeLessThan(1000);
  }, 120_000);

  it.each([
    ['with brackets around it', (text: string) => `\u001B[200~${text}\u001B[201~`],
    ['raw', (text: string) => text],
  ])('takes a paste, %s', async (_, paste) => {
    const session = start(goodRun);
    await session.sees(at('WELCOME'), patience);
    session.type('\r');
    await session.sees('Where does', patience);
    session.type('e');
    await session.sees('Secrets are shown here', patience);
    session.type('\u001B[B');
    session.type(paste('hostname: pasted\rstages:\r  boot:\r    - name: a\r'));
    await session.sees('hostname: pasted', patience);
    for (const line of ['2 +hostname: pasted', '3 +stages:', '4 {3}boot:', '5 {5}- name: a']) await session.sees(new RegExp(line.replace('{3}', ' +').replace('{5}', ' +')), patience);
    session.type('\u0018');
    await session.sees('(*) edited here', patience);
    session.type('\r');
    await session.sees('Who is this machine', patience);
    session.type(`\t${paste('operator')}`);
    await session.sees('[operator_', patience);
    session.type('\t\t\t');
    session.type(paste('github:one, github:two'));
    await session.sees('[github:one, github:two', patience);
    session.type('\u0003y');
    expect(await session.ended(patience)).toBe(130);
    await expectGivenBack(session);
  }, 120_000);
});
