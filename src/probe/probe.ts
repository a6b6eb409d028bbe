/** Knows the machine: the one entry to everything in this folder. */
import type { Facts } from '../model/facts.ts';
import type { System } from '../system/port.ts';
import { factsOf, readDevices } from './facts.ts';
import { gatherMachine } from './gather.ts';
import { readTitles } from './titles.ts';

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** Skip the look inside file systems: for watching, where only coming and going counts. */
  readonly quick?: boolean;
}

/** Reads this machine. Never throws for what is missing, broken or slow: that is in `problems`. Under 10 s. */
export const probeMachine = async (system: System, options: ProbeOptions = {}): Promise<Facts> => {
  const raw = await gatherMachine(system, options.signal);
  const titles = options.quick === true ? new Map<string, string>() : await readTitles(system, readDevices(raw).devices, options.signal);
  return factsOf(raw, titles);
};
