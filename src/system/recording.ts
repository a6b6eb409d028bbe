/**
 * The recorded machine: the format of the file, and how it changes over time. Pure. Checked by hand and not by a schema: the first frame
 * of a played machine waits for it, and loading the schema library would take longer than everything before that frame.
 */
import type { Problem } from '../model/problem.ts';

/** The command that a recording keeps the network addresses under. */
export const addressCommand = 'ip -j addr';

export interface RecordedCommand {
  readonly stdout: string;
  readonly stderr: string;
  /** null: it never answers */
  readonly exitCode: number | null;
}

type Named<T> = Readonly<Record<string, T>>;

interface RecordedParts {
  readonly commands: Named<RecordedCommand>;
  /** `base64:…` for files that aren't text. */
  readonly files: Named<string>;
  readonly links: Named<string>;
  readonly directories: Named<readonly string[]>;
}

type Volumes = Named<Named<string>>;

export interface RecordedChange extends RecordedParts {
  /** ms since the machine was opened */
  readonly after: number;
  readonly volumes: Volumes;
  /** Commands, files, links, directories and volumes that are gone from then on. */
  readonly gone: readonly string[];
}

export interface Recording extends RecordedParts {
  readonly slipwayRecording: 1;
  readonly volumes?: Volumes;
  readonly changes?: readonly RecordedChange[];
  /** The install run that is played on it; read when it is wanted (`src/app/scripted-run.ts`). */
  readonly engine?: unknown;
}

/** Takes a value of the file at a place in it; throws where it is something else than it should be. */
type Read<T> = (value: unknown, place: string) => T;

const wrong = (place: string, wanted: string): never => {
  throw new TypeError(`${place}: ${wanted} is wanted`);
};

const text: Read<string> = (value, place) => (typeof value === 'string' ? value : wrong(place, 'text'));
const map: Read<Named<unknown>> = (value, place) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Named<unknown>) : wrong(place, 'a map');

const at = (place: string, name: string): string => (place === '' ? name : `${place}.${name}`);

const mapOf =
  <T>(read: Read<T>): Read<Named<T>> =>
  (value, place) =>
    Object.fromEntries(Object.entries(map(value, place)).map(([name, each]) => [name, read(each, at(place, name))]));

const listOf =
  <T>(read: Read<T>): Read<readonly T[]> =>
  (value, place) =>
    Array.isArray(value) ? value.map((each, index) => read(each, at(place, String(index)))) : wrong(place, 'a list');

const command: Read<RecordedCommand> = (value, place) => {
  const { stdout = '', stderr = '', exitCode = 0 } = map(value, place);
  return {
    stdout: text(stdout, at(place, 'stdout')),
    stderr: text(stderr, at(place, 'stderr')),
    exitCode: exitCode === null || Number.isSafeInteger(exitCode) ? (exitCode as number | null) : wrong(at(place, 'exitCode'), 'a whole number or null'),
  };
};

const volumesOf = mapOf(mapOf(text));

const parts = (value: Named<unknown>, place: string): RecordedParts => {
  const { commands = {}, files = {}, links = {}, directories = {} } = value;
  return {
    commands: mapOf(command)(commands, at(place, 'commands')),
    files: mapOf(text)(files, at(place, 'files')),
    links: mapOf(text)(links, at(place, 'links')),
    directories: mapOf(listOf(text))(directories, at(place, 'directories')),
  };
};

const change: Read<RecordedChange> = (value, place) => {
  const row = map(value, place);
  const { after, volumes = {}, gone = [] } = row;
  return {
    ...parts(row, place),
    after: typeof after === 'number' && after >= 0 ? after : wrong(at(place, 'after'), 'a time in ms'),
    volumes: volumesOf(volumes, at(place, 'volumes')),
    gone: listOf(text)(gone, at(place, 'gone')),
  };
};

/** A recording from parsed JSON; defaults are filled in, unknown keys left out. Throws TypeError with the place that is wrong. */
export const readRecording = (value: unknown): Recording => {
  const row = map(value, 'recording');
  if (row['slipwayRecording'] !== 1) return wrong('slipwayRecording', '1');
  const { volumes, changes, engine } = row;
  return {
    slipwayRecording: 1,
    ...parts(row, ''),
    ...(volumes === undefined ? {} : { volumes: volumesOf(volumes, 'volumes') }),
    ...(changes === undefined ? {} : { changes: listOf(change)(changes, 'changes') }),
    ...(engine === undefined ? {} : { engine }),
  };
};

/** What a machine says at one moment. */
export interface RecordedState extends RecordedParts {
  readonly volumes: Volumes;
}

export type RecordingReading = { readonly recording: Recording } | { readonly problem: Problem };

/** Reads a recording's text; `where` names the file in messages. */
export const parseRecording = (json: string, where: string): RecordingReading => {
  const refuse = (what: string): RecordingReading => ({
    problem: { id: 'recording-invalid', severity: 'error', what, where, hint: 'make one with: slipway probe --record FILE' },
  });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return refuse('it is not JSON');
  }
  try {
    return { recording: readRecording(value) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return refuse(`it is not a recorded machine (${error.message})`);
  }
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
