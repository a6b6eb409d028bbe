/** Notices disks and volumes that come and go, within a second, by looking at a few names. */
import type { Facts } from '../model/facts.ts';
import type { System } from '../system/port.ts';
import { within } from './limit.ts';
import { probeMachine } from './probe.ts';

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

/** A text that is the same as long as nothing came or went. */
export const glance = async (system: System, removable: Map<string, boolean> = new Map()): Promise<string> => {
  const lists = await Promise.all(folders.map((folder) => system.list(folder)));
  const disks = lists[1] ?? [];
  for (const name of removable.keys()) if (!disks.includes(name)) removable.delete(name);
  return [...lists.map((names) => (names ?? []).join(' ')), await sizesOf(system, disks, removable)].join('\n');
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

/**
 * Yields the facts anew whenever a disk or volume came, went or changed; never for the state at the start. Ends with the
 * signal. While nothing happens it costs a few directory listings a look.
 */
export const watchMachine = async function* (system: System, signal: AbortSignal): AsyncGenerator<Facts, void, void> {
  const removable = new Map<string, boolean>();
  let seen = await glance(system, removable);
  let known: string | undefined;
  while (!signal.aborted) {
    await pause(system, signal);
    if (signal.aborted) return;
    const now = await glance(system, removable);
    if (now === seen) continue;
    seen = now;
    const facts = await probeMachine(system, { signal });
    if (signal.aborted) return;
    const text = essence(facts);
    // Probing itself may open a device and make its links flicker.
    if (text !== known) yield facts;
    known = text;
  }
};
