/** What an engine is given and what it gives back. */
import type { InstallEvent } from '../model/events.ts';
import type { PlannedInstall, PlannedPartition } from '../model/plan.ts';
import type { System } from '../system/port.ts';

/** The run's shared state: who writes the disk says so here, right before the first write. */
export interface RunState {
  diskTouched: boolean;
  /** Why a touched disk may boot or lack the mark, were the run to end now, in words; absent where it is marked and held back. */
  unsecured?: string;
  /** Other disks that the plan wipes: each is named here right before its first write. */
  readonly wiped: string[];
  /** The target is whole and bootable: an interrupt from here on changes nothing about that. */
  finished: boolean;
}

export interface EngineContext {
  readonly system: System;
  readonly planned: PlannedInstall;
  readonly signal: AbortSignal;
  readonly state: RunState;
  /** Events reach the front end redacted; an engine may pass on what a program printed. */
  emit(event: InstallEvent): void;
}

/** What is on the target after the engine ended. The target does not boot yet and carries the unfinished mark. */
export interface LaidDown {
  /** SHA-256 (hex) of the system images as they were before any stage ran. */
  readonly pristineImages: readonly string[];
  /** Root trees and image files of the pristine source that are at hand, to tell its strings from install-only ones. */
  readonly pristine: readonly string[];
  /** The partitions as they really are, where that may differ from the plan; audited in place of it. */
  readonly layout?: readonly PlannedPartition[];
  /** Runs `work` with encrypted partitions open: `device` holds the file system of the partition `name` (GPT name). */
  withOpen?<T>(work: (partitions: readonly { readonly name: string; readonly device: string; readonly encrypted: boolean }[]) => Promise<T>): Promise<T>;
  /** Wall 2: takes away what must not stay. Returns the paths it removed, and remarks. */
  scrub(): Promise<{ readonly removed: readonly string[]; readonly notes: readonly string[] }>;
  /** Wall 3: makes sure that the installed system cannot take install-only material in again; throws when it can't be shown. */
  close(): Promise<readonly string[]>;
  /** The positive check: partitions, images, kept configuration, boot files. Throws SlipwayError. */
  verify(): Promise<void>;
  /** Makes the disk bootable and takes the unfinished mark off. The last write. */
  activate(): Promise<void>;
}

export interface Engine {
  readonly name: 'builtin' | 'kairos-agent';
  /** Throws SlipwayError on failure and `signal.reason` on abort; `state.diskTouched` tells which exit code that is. */
  run(context: EngineContext): Promise<LaidDown>;
}
