/** The event stream of an install. `install --json` prints one a line, with `time` in front. */
import type { ExitCode } from './exit-code.ts';
import type { Problem } from './problem.ts';
import type { AuditReport } from './audit.ts';

/** The steps of a run in their order. */
export const phases = [
  'probe',
  'sources',
  'plan',
  'confirm',
  'engine',
  'scrub',
  'close',
  'audit',
  'receipt',
  'finish',
] as const;
export type Phase = (typeof phases)[number];

export type InstallEvent =
  | { readonly event: 'plan'; readonly hash: string; readonly plan: unknown }
  | { readonly event: 'phase'; readonly phase: Phase; readonly index: number; readonly of: number; readonly step?: string }
  | {
      readonly event: 'progress';
      readonly phase: Phase;
      /** 0 to 1; null where there is no measure, then it is a heartbeat */
      readonly fraction: number | null;
      readonly bytes: number;
      readonly total: number | null;
      readonly bytesPerSecond: number | null;
      /** How fast the medium is read that the system was started from; absent or null where it is not known. */
      readonly sourceBytesPerSecond?: number | null;
    }
  | { readonly event: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly text: string }
  | ({ readonly event: 'problem' } & Problem)
  | { readonly event: 'scrub'; readonly removed: readonly string[]; readonly notes: readonly string[] }
  | ({ readonly event: 'audit' } & AuditReport)
  | { readonly event: 'receipt'; readonly written: readonly string[]; /** The receipt in one line, for a QR code. */ readonly line?: string }
  | {
      readonly event: 'done';
      readonly exitCode: ExitCode;
      readonly ok: boolean;
      /** `installed`, `installed-unproven`, `already`, `failed`, `interrupted` */
      readonly result: string;
      readonly already?: boolean;
      readonly diskTouched: boolean;
      readonly text: string;
    };
