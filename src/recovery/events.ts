/** What an action says while it runs. `--json` prints one a line, with `time` in front; it ends with exactly one `done`, however it ends. */
import type { AuditReport } from '../model/audit.ts';
import type { ExitCode } from '../model/exit-code.ts';
import type { Problem } from '../model/problem.ts';
import type { ActionId } from './actions.ts';

export type RecoveryEvent =
  | { readonly event: 'action'; readonly action: ActionId; readonly target: string; readonly by: 'slipway' | 'kairos-agent'; readonly kept: readonly string[]; readonly lost: readonly string[] }
  | { readonly event: 'step'; readonly index: number; readonly of: number; readonly text: string }
  | { readonly event: 'progress'; readonly fraction: number | null; readonly bytes: number; readonly total: number | null }
  | { readonly event: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly text: string }
  | ({ readonly event: 'problem' } & Problem)
  /** Of `audit` on the command line: the whole report. */
  | { readonly event: 'audit'; readonly report: AuditReport }
  | {
      readonly event: 'done';
      readonly action: ActionId;
      readonly exitCode: ExitCode;
      readonly ok: boolean;
      /** `done`, `refused`, `failed`, `interrupted` */
      readonly result: string;
      readonly diskTouched: boolean;
      readonly text: string;
      /** Files that were written for the person: a bundle of logs. */
      readonly written: readonly string[];
    };
