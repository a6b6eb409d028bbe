/** Knows the machine: the one entry to everything in this folder. */
import type { Facts } from '../model/facts.ts';
import type { System } from '../system/port.ts';
import { probeLimits } from './asker.ts';
import { factsOf, readDevices } from './facts.ts';
import { gatherMachine } from './gather.ts';
import { identities, recall, remember } from './insight-memory.ts';
import type { InsightMemory } from './insight-memory.ts';
import { noInsights, readInsights } from './insights.ts';
import { steadyClock } from './limit.ts';

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** Skip the look inside file systems: for a quick comparison. */
  readonly quick?: boolean;
}

/** Reads this machine. Never throws for what is missing, broken or slow: that is in `problems`. Under 10 s. */
export const probeMachine = async (system: System, options: ProbeOptions = {}): Promise<Facts> => {
  const begin = steadyClock();
  const raw = await gatherMachine(system, options.signal);
  const left = Math.max(probeLimits.inside, probeLimits.whole - (steadyClock() - begin));
  const insights = options.quick === true ? noInsights : await readInsights(system, readDevices(raw).devices, left, options.signal);
  return factsOf(raw, insights);
};

export interface Sight {
  /** What can be told at once: with what is remembered of file systems, and no look inside others. */
  readonly facts: Facts;
  /** Looks inside those, remembers what is there, and tells the whole. */
  readonly lookInside: (signal: AbortSignal) => Promise<Facts>;
}

/** `probeMachine` in two steps, for who waits for a disk to come and not for what is on it. */
export const sightMachine = async (system: System, memory: InsightMemory, signal: AbortSignal): Promise<Sight> => {
  const raw = await gatherMachine(system, signal);
  const { devices } = readDevices(raw);
  const identityOf = identities(devices, raw.sysfs);
  const known = recall(memory, devices, identityOf);
  return {
    facts: factsOf(raw, known),
    lookInside: async (patience) => {
      const insights = await readInsights(system, devices, probeLimits.part, patience, known);
      if (!patience.aborted) remember(memory, insights, devices, identityOf);
      return factsOf(raw, insights);
    },
  };
};
