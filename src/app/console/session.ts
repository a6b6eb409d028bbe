/**
 * What the console asks the world besides the look at the machine: files of a volume, SSH keys, tokens, providers'
 * questions, the network of the live session. State, actions and commands; pure.
 */
import type { Disk, Volume } from '../../model/facts.ts';
import type { NetworkChange } from '../../model/network-change.ts';
import type { Problem } from '../../model/problem.ts';
import type { Applied, Decision, Prerequisite } from '../../sources/prerequisites.ts';
import type { Prompt } from '../../sources/prompts.ts';
import { keyOf, noChecks, pendingByPlugin } from './checks.ts';
import type { ChecksState } from './checks.ts';
import type { ConsoleState } from '../state.ts';

export interface ListedFile {
  readonly name: string;
  /** bytes; null where the listing does not say */
  readonly size: number | null;
}

/** A key of an account: enough to tell it by. */
export interface KeySummary {
  readonly type: string;
  /** `SHA256:…` as ssh-keygen prints it */
  readonly fingerprint: string;
}

/** An answer that is under way, there, or failed. */
export type Asked<T> = { readonly state: 'asking' } | { readonly state: 'there'; readonly value: T } | { readonly state: 'failed'; readonly text: string };

/** Lists of names that the machine has. */
export type NameList = 'timezone' | 'keymap';

export interface SessionState {
  readonly files: Readonly<Record<string, Asked<readonly ListedFile[]>>>;
  readonly keys: Readonly<Record<string, Asked<readonly KeySummary[]>>>;
  readonly prompts: readonly Prompt[];
  readonly network: Asked<string> | null;
  readonly test: Asked<string> | null;
  readonly proxy: string;
  /** What came of freeing a disk, for the disk screen. */
  readonly released: Asked<string> | null;
  /** What can be picked on this machine. */
  readonly names: Readonly<Partial<Record<NameList, Asked<readonly string[]>>>>;
  readonly checks: ChecksState;
  /** What is wrong with the text in the editor, as it was when it was checked. */
  readonly draft: { readonly text: string; readonly problems: readonly Problem[] } | null;
}

export const emptySession: SessionState = { files: {}, keys: {}, prompts: [], network: null, test: null, released: null, proxy: '', names: {}, checks: noChecks, draft: null };

const answered = <Value>(all: Readonly<Record<string, Asked<Value>>>): Readonly<Record<string, Asked<Value>>> => Object.fromEntries(Object.entries(all).filter(([, { state }]) => state !== 'asking'));

const answeredOne = <Value>(one: Asked<Value> | null): Asked<Value> | null => (one?.state === 'asking' ? null : one);

/** Without what was under way when the console was left: nobody brings an answer to it any more. */
export const restedSession = (session: SessionState): SessionState => ({
  ...session,
  files: answered(session.files),
  keys: answered(session.keys),
  names: answered(session.names as Readonly<Record<string, Asked<readonly string[]>>>),
  network: answeredOne(session.network),
  test: answeredOne(session.test),
  released: answeredOne(session.released),
  // Without the configuration that they were asked for they are asked anew.
  checks: { ...session.checks, applying: false, asked: answeredOne(session.checks.asked), config: session.checks.asked?.state === 'asking' ? null : session.checks.config },
});

export type SessionCommand =
  | { readonly do: 'list-files'; readonly volume: Volume }
  | { readonly do: 'read-file'; readonly volume: Volume; readonly name: string }
  | { readonly do: 'fetch-keys'; readonly from: string }
  | { readonly do: 'make-token' }
  | { readonly do: 'ask-providers' }
  | { readonly do: 'set-network'; readonly change: NetworkChange }
  | { readonly do: 'test-url'; readonly url: string }
  | { readonly do: 'release-disk'; readonly disk: Disk }
  | { readonly do: 'list-names'; readonly list: NameList }
  | { readonly do: 'check-text'; readonly text: string }
  | { readonly do: 'ask-checks'; readonly config: string }
  | { readonly do: 'apply-checks'; readonly config: string; readonly by: ReturnType<typeof pendingByPlugin> };

/** `ask` starts something; the others bring what came of it. */
export type SessionAction =
  | { readonly type: 'ask'; readonly command: SessionCommand }
  | { readonly type: 'files-listed'; readonly volume: string; readonly result: Asked<readonly ListedFile[]> }
  | { readonly type: 'file-read'; readonly name: string; readonly text: string }
  | { readonly type: 'keys-fetched'; readonly from: string; readonly result: Asked<readonly KeySummary[]> }
  | { readonly type: 'token-made'; readonly token: string }
  | { readonly type: 'prompts-known'; readonly prompts: readonly Prompt[] }
  | { readonly type: 'network-set'; readonly result: Asked<string>; readonly proxy?: string }
  | { readonly type: 'url-tested'; readonly result: Asked<string> }
  | { readonly type: 'disk-released'; readonly disk: string; readonly result: Asked<string> }
  | { readonly type: 'names-listed'; readonly list: NameList; readonly result: Asked<readonly string[]> }
  | { readonly type: 'text-checked'; readonly text: string; readonly problems: readonly Problem[] }
  | { readonly type: 'checks-known'; readonly result: Asked<readonly Prerequisite[]> }
  | { readonly type: 'decide'; readonly check: Prerequisite; readonly decision: Decision | null }
  /** Hands every waiting decision over. */
  | { readonly type: 'apply-checks' }
  | { readonly type: 'checks-applied'; readonly results: readonly { readonly plugin: Prerequisite['plugin']; readonly applied: readonly Applied[] }[] };

const types: ReadonlySet<string> = new Set<SessionAction['type']>(['ask', 'files-listed', 'file-read', 'keys-fetched', 'token-made', 'prompts-known', 'network-set', 'url-tested', 'disk-released', 'names-listed', 'text-checked', 'checks-known', 'decide', 'apply-checks', 'checks-applied']);

export const isSessionAction = (action: { readonly type: string }): action is SessionAction => types.has(action.type);

export interface SessionStep {
  readonly changes: Partial<ConsoleState>;
  readonly commands: readonly SessionCommand[];
  /** What has to be done again because of it. */
  readonly again: 'plan' | 'look' | null;
}

const asking = { state: 'asking' } as const;

/** What is shown while an answer is under way. */
const begin = (session: SessionState, command: SessionCommand): SessionState => {
  switch (command.do) {
    case 'list-files':
      return { ...session, files: { ...session.files, [command.volume.path]: asking } };
    case 'fetch-keys':
      return { ...session, keys: { ...session.keys, [command.from]: asking } };
    case 'set-network':
      return { ...session, network: asking };
    case 'test-url':
      return { ...session, test: asking };
    case 'list-names':
      return { ...session, names: { ...session.names, [command.list]: asking } };
    case 'ask-checks':
      return { ...session, checks: { ...session.checks, asked: session.checks.asked ?? asking, config: command.config } };
    case 'apply-checks':
      return { ...session, checks: { ...session.checks, applying: true } };
    case 'check-text':
    case 'read-file':
    case 'make-token':
    case 'ask-providers':
      return session;
    case 'release-disk':
      return { ...session, released: asking };
  }
};

/** The checks are asked anew when the configuration that they judge is another one. */
export const checksAfterLook = (state: ConsoleState): { readonly session: SessionState; readonly commands: readonly SessionCommand[] } => {
  const { session, input } = state;
  const config = input?.sources.keptText ?? '';
  if (session.checks.config === config) return { session, commands: [] };
  const command: SessionCommand = { do: 'ask-checks', config };
  return { session: begin(session, command), commands: [command] };
};

/** What was typed for the network stays in its field until it worked. */
const fieldAfter = (state: ConsoleState, result: Asked<string>): Partial<ConsoleState> => (result.state === 'there' ? { focus: { ...state.focus, network: 0 } } : {});

/** The text that the editor works on. */
export const editorText = 'editor';

export const reduceSession = (state: ConsoleState, action: SessionAction): SessionStep => {
  const { session } = state;
  const changed = (next: Partial<SessionState>, more: Partial<ConsoleState> = {}): SessionStep => ({ changes: { session: { ...session, ...next }, ...more }, commands: [], again: null });
  switch (action.type) {
    case 'ask':
      return { changes: { session: begin(session, action.command) }, commands: [action.command], again: null };
    case 'files-listed':
      return changed({ files: { ...session.files, [action.volume]: action.result } });
    case 'file-read':
      return { changes: { document: { name: action.name, text: action.text }, useDocument: true, overlay: null, marks: Object.fromEntries(Object.entries(state.marks).filter(([name]) => name !== 'configuration')) }, commands: [], again: 'look' };
    case 'keys-fetched':
      return changed({ keys: { ...session.keys, [action.from]: action.result } });
    case 'token-made':
      return { changes: { extras: { ...state.extras, networkToken: action.token }, notice: 'a new token was made; every node of the cluster needs the same one' }, commands: [], again: 'plan' };
    case 'prompts-known':
      return changed({ prompts: action.prompts });
    case 'network-set':
      // New addresses are seen by looking again.
      return {
        ...changed({ network: action.result, ...(action.proxy === undefined ? {} : { proxy: action.proxy }) }, fieldAfter(state, action.result)),
        again: action.result.state === 'there' && action.proxy === undefined ? 'look' : null,
      };
    case 'url-tested':
      return changed({ test: action.result }, fieldAfter(state, action.result));
    case 'disk-released': {
      const { result } = action;
      // Also after a failure: some of it may have been undone.
      return { ...changed({ released: result.state === 'there' ? { ...result, value: `${action.disk}: ${result.value}` } : result }), again: 'look' };
    }
    case 'names-listed':
      return changed({ names: { ...session.names, [action.list]: action.result } });
    case 'text-checked':
      return changed({ draft: { text: action.text, problems: action.problems } });
    case 'checks-known':
      return changed({ checks: { ...session.checks, asked: action.result } });
    case 'decide': {
      const key = keyOf(action.check);
      const { [key]: _before, ...decisions } = session.checks.decisions;
      // Another answer has to be handed over anew.
      const { [key]: _applied, ...applied } = session.checks.applied;
      return changed({ checks: { ...session.checks, applied, decisions: action.decision === null ? decisions : { ...decisions, [key]: action.decision } } }, { notice: '' });
    }
    case 'apply-checks': {
      const by = pendingByPlugin(session.checks);
      if (by.length === 0 || session.checks.applying) return changed({});
      const command: SessionCommand = { do: 'apply-checks', config: session.checks.config ?? '', by };
      return { changes: { session: begin(session, command) }, commands: [command], again: null };
    }
    case 'checks-applied': {
      const applied = Object.fromEntries(action.results.flatMap(({ plugin, applied: list }) => list.map((item) => [keyOf({ plugin, id: item.id }), item])));
      // A check may have changed the machine.
      return { ...changed({ checks: { ...session.checks, applying: false, applied: { ...session.checks.applied, ...applied } } }), again: 'look' };
    }
  }
};
