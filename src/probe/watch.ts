/** Notices disks and volumes that come and go, are mounted or freed, within a second, by looking at a few names. */
import type { Facts } from '../model/facts.ts';
import type { System } from '../system/port.ts';
import type { InsightMemory } from './insight-memory.ts';
import { within } from './limit.ts';
import { sightMachine } from './probe.ts';
import type { Sight } from './probe.ts';

/** ms between two looks. With the probe after it a change is known well within a second. */
export const watchInterval = 400;

/** Folders whose names change when a device, a partition or a label comes or goes. */
const folders = ['/sys/class/block', '/sys/block', '/dev/disk/by-label', '/dev/disk/by-uuid', '/dev/disk/by-diskseq'] as const;

/** ms. A device that doesn't say its size in this time counts as unchanged, and holds the others up no longer. */
const patience = 300;

/** A reader's or drive's device stays when its medium changes: its size doesn't. */
const sizesOf = async (system: System, names: readonly string[], removable: Map<string, boolean>): Promise<string> => {
  const sizes = await Promise.all(
    names.map(async (name) => {
      let takesMedia = removable.get(name);
      if (takesMedia === undefined) {
        takesMedia = (await system.readText(`/sys/block/${name}/removable`))?.trim() === '1';
        removable.set(name, takesMedia);
      }
      const size = takesMedia ? await within(system, patience, system.readText(`/sys/block/${name}/size`), null, () => undefined) : null;
      return size === null ? '' : `${name}=${size.trim()}`;
    }),
  );
  return sizes.join(' ');
};

/** Mounts of devices and what is swapped on: they take a disk or free it, and no name changes with them. */
const usesOf = async (system: System): Promise<string> => {
  const [mounts, swaps] = await Promise.all([system.readText('/proc/self/mountinfo', 16 * 1024 * 1024), system.readText('/proc/swaps')]);
  return [...(mounts ?? '').split('\n').filter((line) => / - \S+ \/dev\//.test(line)), ...(swaps ?? '').split('\n').map((line) => line.split(/\s/)[0] ?? '')].join('\n');
};

/** A text that is the same as long as nothing came or went, was mounted or freed. `last`: what does not answer in time counts as unchanged. */
export const glance = async (system: System, removable: Map<string, boolean> = new Map(), last: { uses: string } = { uses: '' }): Promise<string> => {
  const lists = await Promise.all(folders.map((folder) => system.list(folder)));
  const disks = lists[1] ?? [];
  for (const name of removable.keys()) if (!disks.includes(name)) removable.delete(name);
  const [sizes, uses] = await Promise.all([sizesOf(system, disks, removable), within(system, patience, usesOf(system), last.uses, () => undefined)]);
  last.uses = uses;
  return [...lists.map((names) => (names ?? []).join(' ')), sizes, uses].join('\n');
};

/** What of the facts a watcher cares for: disks and volumes, not addresses or memory. */
const essence = (facts: Facts): string => JSON.stringify([facts.disks, facts.volumes]);

const pause = async (system: System, signal: AbortSignal): Promise<void> => {
  try {
    await system.sleep(watchInterval, signal);
  } catch {
    // aborted: the loop sees it
  }
};

/** The longest pause, in looks, between two attempts at a machine of which something cannot be read. */
const longestPause = 32;

/** Something of the machine could not be read: what was told is not to be relied on. Addresses are not what is watched. */
const isPartial = (facts: Facts): boolean => facts.problems.some(({ id }) => id.startsWith('probe-') && id !== 'probe-ip');

/** A look inside file systems that goes on while the watch does. */
interface Inside {
  readonly stop: AbortController;
  facts: Facts | null;
}

const beginInside = (lookInside: Sight['lookInside']): Inside => {
  const inside: Inside = { stop: new AbortController(), facts: null };
  void lookInside(inside.stop.signal).then(
    (facts) => (inside.facts = facts),
    () => undefined,
  );
  return inside;
};

/**
 * Yields the facts anew whenever a disk or volume came, went or changed; never for the state at the start. What takes a look inside a file
 * system follows by itself. Ends with the signal. While nothing happens it costs a few directory listings a look.
 */
export const watchMachine = async function* (system: System, signal: AbortSignal): AsyncGenerator<Facts, void, void> {
  const removable = new Map<string, boolean>();
  const memory: InsightMemory = new Map();
  const last = { uses: '' };
  let seen = await glance(system, removable, last);
  let sighted: string | undefined;
  let told: string | undefined;
  let inside: Inside | null = null;
  let failures = 0;
  let looksToGo = 0;
  try {
    while (!signal.aborted) {
      await pause(system, signal);
      if (signal.aborted) return;
      if (inside?.facts != null) {
        const { facts } = inside;
        inside = null;
        if (essence(facts) !== told) yield facts;
        told = essence(facts);
      }
      const now = await glance(system, removable, last);
      looksToGo -= 1;
      // One probe may fail in the very moment of a change, and nothing changes after it.
      if (now === seen && (failures === 0 || looksToGo > 0)) continue;
      seen = now;
      inside?.stop.abort();
      const sight: Sight = await sightMachine(system, memory, signal);
      if (signal.aborted) return;
      failures = isPartial(sight.facts) ? failures + 1 : 0;
      looksToGo = Math.min(2 ** (failures - 1), longestPause);
      const text = essence(sight.facts);
      // Probing itself may open a device and make its links flicker.
      if (text !== sighted && text !== told) {
        yield sight.facts;
        told = text;
      }
      sighted = text;
      inside = beginInside(sight.lookInside);
    }
  } finally {
    inside?.stop.abort();
  }
};
