/**
 * What the console asks the world besides the look at the machine: files of a volume, SSH keys, tokens, providers'
 * questions, the network of the live session. State, actions and commands; pure.
 */
import type { Volume } from '../../model/facts.ts';
import type { Prompt } from '../../sources/prompts.ts';
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

export type NetworkChange =
  | { readonly kind: 'dhcp'; readonly device: string }
  | { readonly kind: 'static'; readonly device: string; /** with prefix length */ readonly address: string; readonly gateway: string; readonly nameserver: string }
  | { readonly kind: 'proxy'; readonly url: string };

export interface SessionState {
  readonly files: Readonly<Record<string, Asked<readonly ListedFile[]>>>;
  readonly keys: Readonly<Record<string, Asked<readonly KeySummary[]>>>;
  readonly prompts: readonly Prompt[];
  readonly network: Asked<string> | null;
  readonly test: Asked<string> | null;
  readonly proxy: string;
}

export const emptySession: SessionState = { files: {}, keys: {}, prompts: [], network: null, test: null, proxy: '' };

export type SessionCommand =
  | { readonly do: 'list-files'; readonly volume: Volume }
  | { readonly do: 'read-file'; readonly volume: Volume; readonly name: string }
  | { readonly do: 'fetch-keys'; readonly from: string }
  | { readonly do: 'make-token' }
  | { readonly do: 'ask-providers' }
  | { readonly do: 'set-network'; readonly change: NetworkChange }
  | { readonly do: 'test-url'; readonly url: string };

/** `ask` starts something; the others bring what came of it. */
export type SessionAction =
  | { readonly type: 'ask'; readonly command: SessionCommand }
  | { readonly type: 'files-listed'; readonly volume: string; readonly result: Asked<readonly ListedFile[]> }
  | { readonly type: 'file-read'; readonly name: string; readonly text: string }
  | { readonly type: 'keys-fetched'; readonly from: string; readonly result: Asked<readonly KeySummary[]> }
  | { readonly type: 'token-made'; readonly token: string }
  | { readonly type: 'prompts-known'; readonly prompts: readonly Prompt[] }
  | { readonly type: 'network-set'; readonly result: Asked<string>; readonly proxy?: string }
  | { readonly type: 'url-tested'; readonly result: Asked<string> };

const types: ReadonlySet<string> = new Set<SessionAction['type']>(['ask', 'files-listed', 'file-read', 'keys-fetched', 'token-made', 'prompts-known', 'network-set', 'url-tested']);

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
    case 'read-file':
    case 'make-token':
    case 'ask-providers':
      return session;
  }
};

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
      return { changes: { document: { name: action.name, text: action.text }, useDocument: true, overlay: null, highlights: Object.fromEntries(Object.entries(state.highlights).filter(([name]) => name !== 'configuration')) }, commands: [], again: 'look' };
    case 'keys-fetched':
      return changed({ keys: { ...session.keys, [action.from]: action.result } });
    case 'token-made':
      return { changes: { extras: { ...state.extras, networkToken: action.token }, notice: 'a new token was made; every node of the cluster needs the same one' }, commands: [], again: 'plan' };
    case 'prompts-known':
      return changed({ prompts: action.prompts });
    case 'network-set':
      // New addresses are seen by looking again.
      return {
        ...changed({ network: action.result, ...(action.proxy === undefined ? {} : { proxy: action.proxy }) }),
        again: action.result.state === 'there' && action.proxy === undefined ? 'look' : null,
      };
    case 'url-tested':
      return changed({ test: action.result });
  }
};
