/** What the front ends can set in motion. The console and the unattended mode share these, and nothing else. */
import type { InstallEvent } from '../model/events.ts';
import type { Facts, Volume } from '../model/facts.ts';
import type { PlannedInstall } from '../model/plan.ts';
import type { SettingLayers } from '../model/settings.ts';
import type { PlanInput, PlanOutcome } from '../plan/input.ts';

export interface Effects {
  /** Probes, finds and reads configuration, looks at the source and the engines. Reads only. */
  gather(layers: SettingLayers, signal: AbortSignal, onProgress?: (text: string) => void): Promise<PlanInput>;
  /** The planner. Pure; here so that both front ends are given the same one. */
  plan(input: PlanInput): PlanOutcome;
  /** Yields facts anew whenever a disk or volume comes or goes. Ends with the signal. */
  watch(signal: AbortSignal): AsyncIterable<Facts>;
  /** Executes a plan; ends with exactly one `done` event. Never throws. */
  install(planned: PlannedInstall, signal: AbortSignal): AsyncIterable<InstallEvent>;
  /** SHA-512 crypt (`$6$`) hash; the password is not kept anywhere. */
  hashPassword(password: string): Promise<string>;
  /** After success: reboot, power off, or nothing. */
  finish(action: 'reboot' | 'poweroff' | 'shell' | 'none'): Promise<void>;
  /** Writes a report (text without secrets) into a new file on a volume; returns its path there. Throws SlipwayError. */
  saveReport?(volume: Volume, report: string): Promise<string>;
}
