/** The receipt of an install: what was done, to which machine, and what the audit found. No secrets, no install-only values. */
import * as z from 'zod';

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);

export const receiptSchema = z
  .strictObject({
    slipwayReceipt: z.literal(1),
    version: z.string().meta({ description: 'version of slipway' }),
    time: z.iso.datetime().meta({ description: 'when the receipt was written, UTC' }),
    machine: z.strictObject({
      serial: z.string().nullable(),
      uuid: z.string().nullable(),
      macs: z.array(z.string()),
      disks: z.array(z.string()).meta({ description: 'serials of all disks that were there' }),
      target: z.string().meta({ description: 'the disk or image file that was written' }),
      targetSerial: z.string().nullable(),
    }),
    engine: z.strictObject({ name: z.enum(['builtin', 'kairos-agent']), version: z.string() }),
    source: z.strictObject({
      uri: z.string(),
      digest: z.string().nullable().meta({ description: 'SHA-256 of the system image as written, hex' }),
      release: z.record(z.string(), z.string()),
    }),
    planHash: hex64,
    partitions: z.array(
      z.strictObject({
        label: z.string(),
        size: z.int().meta({ description: 'bytes' }),
        fs: z.string(),
        encrypted: z.boolean(),
        verified: z.string().meta({ description: 'how it was checked, in words' }),
      }),
    ),
    keptConfig: z.array(z.strictObject({ name: z.string(), sha256: hex64 })),
    scrub: z.strictObject({
      removed: z.array(z.string()).meta({ description: 'key paths and files, never values' }),
      closed: z.array(z.string()),
      notes: z.array(z.string()),
    }),
    audit: z
      .strictObject({
        mode: z.enum(['full', 'written', 'off']),
        bytesRead: z.int(),
        patterns: z.int(),
        notSearchable: z.int(),
        hits: z.int(),
        readPath: z.string(),
      })
      .nullable(),
    timings: z.record(z.string(), z.number()).meta({ description: 'ms per phase' }),
    result: z.enum(['installed', 'installed-unproven']),
    signature: z
      .strictObject({ algorithm: z.literal('ed25519'), publicKey: z.string(), value: z.string() })
      .optional()
      .meta({ description: 'over the canonical JSON (sorted keys) of the receipt without this key; base64' }),
  })
  .meta({ title: 'Slipway install receipt' });

export type Receipt = z.infer<typeof receiptSchema>;
