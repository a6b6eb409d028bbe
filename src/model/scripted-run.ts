/** The install run that a recorded machine brings along (`engine` of a recording): events, each with the time to wait before it. */
import * as z from 'zod';
import { auditModes, patternEncodings } from './audit.ts';
import { exitCodes } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { phases } from './events.ts';
import { cleanText } from './foreign-text.ts';

const count = z.int().min(0);
/** What somebody else wrote, on its way to a screen. */
const text = z.string().transform((value) => cleanText(value, 400));
const texts = z.array(text).default([]);

const event = z.discriminatedUnion('event', [
  z.object({ event: z.literal('phase'), phase: z.enum(phases), step: text.optional() }),
  z.object({ event: z.literal('progress'), phase: z.enum(phases), fraction: z.number().min(0).max(1).nullable(), bytes: count.default(0), total: count.nullable().default(null), bytesPerSecond: count.nullable().default(null) }),
  z.object({ event: z.literal('log'), level: z.enum(['debug', 'info', 'warn', 'error']).default('info'), text }),
  z.object({ event: z.literal('problem'), id: text, severity: z.enum(['error', 'warning', 'info']), what: text, where: text, hint: text }),
  z.object({ event: z.literal('scrub'), removed: texts, notes: texts }),
  z.object({
    event: z.literal('audit'),
    mode: z.enum(auditModes).default('written'),
    bytesRead: count.default(0),
    patterns: count.default(0),
    notSearchable: z.tuple([]).default([]),
    hits: z.array(z.object({ place: text, offset: count, encoding: z.enum(patternEncodings).default('plain'), from: text })).default([]),
    notes: texts,
    places: z.tuple([]).default([]),
    readPath: text.default('nothing was read'),
    duration: count.default(0),
  }),
  z.object({ event: z.literal('receipt'), written: texts }),
  z.object({
    event: z.literal('done'),
    exitCode: z.literal(Object.values(exitCodes) as [ExitCode, ...ExitCode[]]),
    result: text,
    diskTouched: z.boolean().default(false),
    text,
  }),
]);

/** ms before the event */
const after = z.number().min(0).max(3_600_000).default(0);

const endsWithDone = (rows: readonly { readonly event: string }[]): boolean => rows.findIndex((row) => row.event === 'done') === rows.length - 1 && rows.length > 0;

/** Takes the `engine` of a recording; unknown keys are left out. */
export const scriptedRunSchema = z.array(z.object({ after }).and(event)).max(10_000).refine(endsWithDone, 'one "done", as the last event, is wanted');
