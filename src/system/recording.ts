/** The recorded machine: the format of the file, and how it changes over time. Pure. */
import * as z from 'zod';
import type { Problem } from '../model/problem.ts';

const commandSchema = z.object({
  stdout: z.string().default(''),
  stderr: z.string().default(''),
  /** null: it never answers */
  exitCode: z.number().int().nullable().default(0),
});

/** `base64:…` for files that aren't text. */
const parts = {
  commands: z.record(z.string(), commandSchema).default({}),
  files: z.record(z.string(), z.string()).default({}),
  links: z.record(z.string(), z.string()).default({}),
  directories: z.record(z.string(), z.array(z.string())).default({}),
};

const volumesSchema = z.record(z.string(), z.record(z.string(), z.string()));

const changeSchema = z.object({
  /** ms since the machine was opened */
  after: z.number().nonnegative(),
  ...parts,
  volumes: volumesSchema.default({}),
  /** Commands, files, links, directories and volumes that are gone from then on. */
  gone: z.array(z.string()).default([]),
});

export const recordingSchema = z.object({
  slipwayRecording: z.literal(1),
  ...parts,
  volumes: volumesSchema.optional(),
  changes: z.array(changeSchema).optional(),
  engine: z.unknown().optional(),
});

export type Recording = z.infer<typeof recordingSchema>;
export type RecordedChange = z.infer<typeof changeSchema>;

/** What a machine says at one moment. */
export interface RecordedState {
  readonly commands: Readonly<Record<string, { readonly stdout: string; readonly stderr: string; readonly exitCode: number | null }>>;
  readonly files: Readonly<Record<string, string>>;
  readonly links: Readonly<Record<string, string>>;
  readonly directories: Readonly<Record<string, readonly string[]>>;
  readonly volumes: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export type RecordingReading = { readonly recording: Recording } | { readonly problem: Problem };

/** Reads a recording's text; `where` names the file in messages. */
export const parseRecording = (text: string, where: string): RecordingReading => {
  const wrong = (what: string): RecordingReading => ({
    problem: { id: 'recording-invalid', severity: 'error', what, where, hint: 'make one with: slipway probe --record FILE' },
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return wrong('it is not JSON');
  }
  const result = recordingSchema.safeParse(json);
  if (result.success) return { recording: result.data };
  const [issue] = result.error.issues;
  return wrong(`it is not a recorded machine (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`);
};

const without = <T>(map: Readonly<Record<string, T>>, gone: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !gone.includes(key)));

/** The machine `elapsed` ms after it was opened: each change that is due laid over the one before. */
export const stateAt = (recording: Recording, elapsed: number): RecordedState => {
  let state: RecordedState = { ...recording, volumes: recording.volumes ?? {} };
  const due = (recording.changes ?? []).filter((change) => change.after <= elapsed).toSorted((one, other) => one.after - other.after);
  for (const { gone, commands, files, links, directories, volumes } of due) {
    state = {
      commands: { ...without(state.commands, gone), ...commands },
      files: { ...without(state.files, gone), ...files },
      links: { ...without(state.links, gone), ...links },
      directories: { ...without(state.directories, gone), ...directories },
      volumes: { ...without(state.volumes, gone), ...volumes },
    };
  }
  return state;
};

const base64Mark = 'base64:';

export const decodeContent = (content: string): Uint8Array =>
  content.startsWith(base64Mark) ? Buffer.from(content.slice(base64Mark.length), 'base64') : Buffer.from(content, 'utf8');

/** Text stays text; what isn't UTF-8 becomes `base64:…`, and so does text that begins like that. */
export const encodeContent = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes).toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(Buffer.from(bytes)) && !text.includes('\0') && !text.startsWith(base64Mark);
  return isText ? text : `${base64Mark}${Buffer.from(bytes).toString('base64')}`;
};
