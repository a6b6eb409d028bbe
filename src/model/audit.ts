/** What the audit says. It names key paths, never values. */

export const auditModes = ['full', 'written', 'off'] as const;
export type AuditMode = (typeof auditModes)[number];

export const patternEncodings = [
  'plain',
  'base64',
  'hex',
  'utf-16le',
  'utf-16be',
  'json-escaped',
  'yaml-escaped',
] as const;
export type PatternEncoding = (typeof patternEncodings)[number];

/** A piece of install-only material found where it must not be. */
export interface AuditHit {
  /** Label of the partition (`COS_OEM`), `GPT` for the areas outside, or a file's path. */
  readonly place: string;
  /** bytes from the start of the place */
  readonly offset: number;
  readonly encoding: PatternEncoding;
  /** What was unpacked or decoded at `offset` to find it: `gzip`, `squashfs /etc/motd`. */
  readonly inside?: string;
  /** Where the pattern came from: `installer-data: stages.before-install[0].commands[1]`. */
  readonly from: string;
}

/** A value that could not be searched for, and why. */
export interface NotSearchable {
  readonly from: string;
  readonly reason: 'shorter than 8 bytes' | 'also in the kept configuration' | 'fixed vocabulary' | 'also in the pristine source' | 'cannot be decoded' | 'is no text: only the texts in it are searched for';
}

export interface AuditReport {
  readonly mode: AuditMode;
  /** bytes that were read back and searched */
  readonly bytesRead: number;
  readonly patterns: number;
  readonly notSearchable: readonly NotSearchable[];
  readonly hits: readonly AuditHit[];
  /** What could not be searched, or not in full, in words; empty or absent: everything was. */
  readonly notes?: readonly string[];
  /** What was read, a row a place. */
  readonly places: readonly { readonly place: string; readonly bytes: number }[];
  /** How the page cache was got out of the way, in words. */
  readonly readPath: string;
  /** ms */
  readonly duration: number;
}

/** One piece of install-only material, held in memory only. */
export interface MaterialItem {
  /** Document name, e.g. `installer-data`. */
  readonly file: string;
  readonly keyPath: readonly (string | number)[];
  /** The scalar's value as text. Secret: never printed. */
  readonly value: string;
  /** False for what is stripped but whose effect is meant to stay (`install.device`, …). */
  readonly searched: boolean;
  /** What of it can't be searched for, whatever it says: an encoded content that cannot be read, or is no text. */
  readonly unreadable?: 'cannot be decoded' | 'is no text: only the texts in it are searched for';
}
