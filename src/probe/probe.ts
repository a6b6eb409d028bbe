/** Knows the machine: the one entry to everything in this folder. */
import type { Facts } from '../model/facts.ts';
import type { System } from '../system/port.ts';
import { probeLimits } from './asker.ts';
import { factsOf, readDevices } from './facts.ts';
import { gatherMachine } from './gather.ts';
import { noInsights, readInsights } from './insights.ts';

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** Skip the look inside file systems: for a quick comparison. */
  readonly quick?: boolean;
}

/** Reads this machine. Never throws for what is missing, broken or slow: that is in `problems`. Under 10 s. */
export const probeMachine = async (system: System, options: ProbeOptions = {}): Promise<Facts> => {
  const begin = system.now();
  const raw = await gatherMachine(system, options.signal);
  const left = Math.max(probeLimits.inside, probeLimits.whole - (system.now() - begin));
  const insights = options.quick === true ? noInsights : await readInsights(system, readDevices(raw).devices, left, options.signal);
  return factsOf(raw, insights);
};
