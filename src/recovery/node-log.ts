/**
 * The last lines that the node's own system wrote, with the place that they are from. In a running recovery /var/log is that of recovery
 * itself: what the failed system said lies on COS_PERSISTENT (kairos.md 7.6), where neither is mounted. Reads only.
 */
import { cleanText } from '../model/foreign-text.ts';
import { SlipwayError } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { isUsablePath } from './store.ts';
import type { Store } from './store.ts';

/** Lines in all. */
const most = 12;

/** Bigger ones are not copied to memory for their last lines. bytes */
const biggestLog = 8 * 1024 * 1024;
const biggestJournal = 128 * 1024 * 1024;

const kept = '/.state/var-log.bind';

export interface NodeLog {
  readonly lines: readonly string[];
  /** In words; null: nothing can be read. */
  readonly from: string | null;
}

interface Source {
  readonly name: string;
  readonly lines: readonly string[];
}

const quietly = async <T>(work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SlipwayError) return null;
    throw error;
  }
};

const linesOf = (text: string): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-most)
    .map((line) => cleanText(line, 300));

/** The agent's own log first, then the others as they are sorted. */
const byWeight = (left: string, right: string): number => Number(left !== 'agent.log') - Number(right !== 'agent.log') || left.localeCompare(right);

/** Shares the lines out; one that has fewer leaves room to the others. Each line says where it is from where there are several. Pure. */
export const shareOut = (sources: readonly Source[]): readonly string[] => {
  const filled = sources.filter(({ lines }) => lines.length > 0);
  let room = most;
  return filled.flatMap(({ name, lines }, index) => {
    const taken = lines.slice(-Math.ceil(room / (filled.length - index)));
    room -= taken.length;
    return taken.length === 0 || room < 0 ? [] : taken.map((line) => (filled.length === 1 ? line : `${name}: ${line}`));
  });
};

const together = (place: string, sources: readonly Source[]): NodeLog => {
  const filled = sources.filter(({ lines }) => lines.length > 0).slice(0, 4);
  return filled.length === 0 ? { lines: [], from: null } : { lines: shareOut(filled), from: `${place}: ${filled.map(({ name }) => name).join(', ')}` };
};

/** The persistent journal: the newest of its files, read by journalctl where that is installed. */
const journalOn = async (system: System, persistent: Store): Promise<Source> => {
  const scratch = await system.memoryDirectory('journal');
  try {
    for (const { name: machine, kind } of (await persistent.list(`${kept}/journal`)) ?? []) {
      const file = `${kept}/journal/${machine}/system.journal`;
      if (kind !== 'directory' || !isUsablePath(file)) continue;
      const stat = await persistent.stat(file);
      if (stat?.kind !== 'file' || stat.size > biggestJournal) continue;
      const taken = await persistent.take(file, scratch);
      const read = await system.run(['journalctl', '--file', taken.file, '--no-pager', '--output=short-iso', `--lines=${most}`], { timeout: 30_000, maxBytes: 1024 * 1024 });
      if (read.exitCode === 0) return { name: 'journal', lines: linesOf(read.stdout).filter((line) => !line.startsWith('-- ')) };
    }
    return { name: 'journal', lines: [] };
  } finally {
    await system.remove(scratch);
  }
};

const logsOn = async (persistent: Store): Promise<readonly Source[]> => {
  const names = ((await persistent.list(`${kept}/kairos`)) ?? []).map(({ name }) => name).filter((name) => name.endsWith('.log') && isUsablePath(`${kept}/kairos/${name}`)).toSorted(byWeight);
  const sources: Source[] = [];
  for (const name of names) sources.push({ name: `kairos/${name}`, lines: linesOf((await persistent.readText(`${kept}/kairos/${name}`, biggestLog)) ?? '') });
  return sources;
};

const logsHere = async (system: System): Promise<readonly Source[]> => {
  const names = ((await system.list('/var/log/kairos')) ?? []).filter((name) => name.endsWith('.log')).toSorted(byWeight);
  return Promise.all(names.map(async (name) => ({ name: `kairos/${name}`, lines: linesOf((await system.readText(`/var/log/kairos/${name}`, biggestLog)) ?? '') })));
};

const readKeptLog = async (system: System, persistent: Store): Promise<NodeLog> => {
  const journal = await quietly(() => journalOn(system, persistent));
  const logs = await quietly(() => logsOn(persistent));
  return together(`COS_PERSISTENT, ${kept.slice(1)}`, [...(journal === null ? [] : [journal]), ...(logs ?? [])]);
};

/**
 * `runs`: what of the node this machine runs. The log of its recovery is shown only where that of the system which failed cannot be had.
 */
export const readNodeLog = async (system: System, persistent: Store | null, runs: 'system' | 'recovery' | 'nothing'): Promise<NodeLog> => {
  const here = runs === 'system' ? together('this system, /var/log', await logsHere(system)) : null;
  if (here !== null && here.from !== null) return here;
  const there = persistent === null ? null : await readKeptLog(system, persistent);
  if (there !== null && there.from !== null) return there;
  return runs === 'recovery' ? together('recovery itself, /var/log', await logsHere(system)) : { lines: [], from: null };
};
