/**
 * UUIDs for this plan's disk. They follow from the plan's hash, which holds the disk's identity: two disks never share
 * one, unlike those of kairos-agent, whose constants make a second Kairos disk ambiguous; and a repeated run makes the same.
 */
import { createHash } from 'node:crypto';

/** A version 8 (custom) UUID from the plan's hash and a name. */
export const uuidFor = (planHash: string, name: string): string => {
  const bytes = createHash('sha256').update(`${planHash}:${name}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

/** A FAT volume id: 8 hex digits. */
export const fatIdFor = (planHash: string): string => uuidFor(planHash, 'fat').slice(0, 8);
