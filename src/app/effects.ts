/** What the front ends can set in motion. The console and the unattended mode share these, and nothing else. */
import type { Problem } from '../model/problem.ts';
import type { InstallEvent } from '../model/events.ts';
import type { Disk, Facts, Volume } from '../model/facts.ts';
import type { PlannedInstall } from '../model/plan.ts';
import type { SettingLayers } from '../model/settings.ts';
import type { Line } from '../system/port.ts';
import type { PlanInput, PlanOutcome } from '../plan/input.ts';
import type { GivenDocument } from '../sources/load-sources.ts';
import type { Prompt } from '../sources/prompts.ts';
import type { Plugin } from '../sources/plugins.ts';
import type { Applied, Decision, Prerequisite } from '../sources/prerequisites.ts';
import type { KeySummary, ListedFile, NameList } from './console/session.ts';
import type { NetworkChange } from '../model/network-change.ts';

/** Told of plugins that fail, hang or talk nonsense: none of them ends anything. */
export type OnTrouble = (problem: Problem) => void;

export interface Effects {
  /** Probes, finds and reads configuration, looks at the source and the engines. Reads only. */
  gather(layers: SettingLayers, signal: AbortSignal, onProgress?: (text: string) => void, instead?: GivenDocument): Promise<PlanInput>;
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
  /** A shell on the terminal; waits for its end. Throws SlipwayError. Left out where a recorded machine is played. */
  shell?(line: Line, signal: AbortSignal): Promise<void>;
  /** Plain files in the root of a volume, read without mounting it. Throws SlipwayError. */
  listFiles?(volume: Volume): Promise<readonly ListedFile[]>;
  /** One of them as text. Throws SlipwayError. */
  readVolumeFile?(volume: Volume, name: string): Promise<string>;
  /** The keys behind `github:USER` or `gitlab:USER` as they are now. Throws SlipwayError. */
  fetchKeys?(from: string, signal: AbortSignal): Promise<readonly KeySummary[]>;
  /** A new edgevpn network token. */
  makeToken?(): string;
  /** What providers want to know. */
  askProviders?(signal: AbortSignal, onTrouble?: OnTrouble): Promise<readonly Prompt[]>;
  /** Changes the network of the live session; says what it came to. Throws SlipwayError. */
  setNetwork?(change: NetworkChange, signal: AbortSignal): Promise<string>;
  /** Fetches an address as the install would; says how that went. Throws SlipwayError. */
  testUrl?(url: string, signal: AbortSignal): Promise<string>;
  /** Switches swap off and unmounts what holds a disk, as it was shown and confirmed; says what was done. Throws SlipwayError. */
  releaseDisk?(disk: Disk, signal: AbortSignal): Promise<string>;
  /** Timezones or keymaps that this machine has, by name. */
  listNames?(list: NameList): Promise<readonly string[]>;
  /** What the image's own checks want settled before the install. */
  askChecks?(config: string, signal: AbortSignal, onTrouble?: OnTrouble): Promise<readonly Prerequisite[]>;
  /** Hands answers to the check that asked. */
  applyChecks?(plugin: Plugin, decisions: readonly Decision[], config: string, signal: AbortSignal, onTrouble?: OnTrouble): Promise<readonly Applied[]>;
  /** Writes a report (text without secrets) into a new file on a volume; returns its path there. Throws SlipwayError. */
  saveReport?(volume: Volume, report: string): Promise<string>;
}
