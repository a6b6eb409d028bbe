/** From documents and answers to the configuration that is kept on the target. Pure. */
import { isMap, stringify } from 'yaml';
import type { Problem } from '../model/problem.ts';
import { formatKeyPath } from '../model/problem.ts';
import { stripUserData } from '../scrub/strip.ts';
import { addToList, addTopLevel, removeTopLevel, setScalar, setTopLevelText } from './edit.ts';
import { byteOrderMark, cloudConfigHeader, withHeader } from './header.ts';
import { lifeCycleBlocks } from './life-cycle-answers.ts';
import type { ResetDefaults, UpgradeDefaults } from './life-cycle-answers.ts';
import { localeSteps } from './locale-answers.ts';
import { mergeData } from './merge-data.ts';
import { mergeDocuments } from './merge-documents.ts';
import { mergeSpelled } from './merge.ts';
import { doubleQuoted, jsonAsYaml } from './quote.ts';
import type { Spelled } from './spelled.ts';
import { dataOfSpelled, emptyMap, printSpelled, spell, spelledText } from './spelled.ts';
import { hasAdmin } from './traps.ts';
import type { ParsedYaml } from './yaml-nodes.ts';
import { parseYaml } from './yaml.ts';
import { entriesOf, follow, pairOf, rootData } from './yaml-nodes.ts';

export { checkKeymap, checkTimezone } from './locale-answers.ts';

/** Answers that become configuration. */
export interface ConfigAnswers {
  readonly hostname?: string | undefined;
  readonly user?: string | undefined;
  /** Crypt hash; a clear password never comes here. */
  readonly passwordHash?: string | undefined;
  /** Literal keys, `github:USER`, `gitlab:USER`. */
  readonly sshKeys?: readonly string[] | undefined;
  /** Top-level keys with their values, merged over the documents as Kairos merges: answers to providers' questions. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
  /** As below /usr/share/zoneinfo: `Europe/Berlin`. */
  readonly timezone?: string | undefined;
  /** A console keymap: `de-latin1`. */
  readonly keymap?: string | undefined;
  /** What a reset of the node does by default. */
  readonly reset?: ResetDefaults | undefined;
  /** What an upgrade of the node does by default. */
  readonly upgrade?: UpgradeDefaults | undefined;
  /** Top-level keys of the cluster (`k3s`, `p2p`, `kubevip`, …), merged like `extra`. */
  readonly cluster?: Readonly<Record<string, unknown>> | undefined;
}

export interface KeptConfigInput {
  /** user-data documents in the order in which later ones win; whole texts, not cut yet. */
  readonly documents: readonly { readonly name: string; readonly text: string; readonly answers?: boolean }[];
  readonly answers: ConfigAnswers;
  /** `local-hostname` of meta-data: used where nothing else names the host. */
  readonly metaHostname: string | null;
}

/** Problems that the documents have by themselves are not repeated here: whoever read them has them. */
export interface KeptConfig {
  /** Begins `#cloud-config`. */
  readonly text: string;
  readonly problems: readonly Problem[];
}

const error = (id: string, what: string, where: string, hint: string): Problem => ({ id, severity: 'error', what, where, hint });

const file = 'kept configuration';

type Read = (text: string) => ParsedYaml | undefined;

/** Reads the text as it is between two changes once: what one change leaves is what the next one begins with. */
const readEachOnce = (): Read => {
  let last: { readonly text: string; readonly document: ParsedYaml | undefined } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, document: parseYaml(text, file).document };
    return last.document;
  };
};

/** Applies one change and proves it: the result must read as the expected data. */
const change = (
  text: string,
  what: string,
  edit: (document: ParsedYaml) => string | undefined,
  expect: (data: Record<string, unknown>) => void,
  problems: Problem[],
  read: Read,
): string => {
  const document = read(text);
  if (document === undefined) return text;
  const expected = structuredClone(rootData(document)) as Record<string, unknown>;
  expect(expected);
  const result = edit(document);
  const again = result === undefined ? undefined : read(result);
  if (result !== undefined && again !== undefined && sorted(rootData(again)) === sorted(expected)) return result;
  problems.push(error('cannot-edit', `the answer for ${what} cannot be put into this configuration`, file, 'write it into user-data by hand'));
  return text;
};

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );

const stageNamesHost = (data: Readonly<Record<string, unknown>>): boolean => {
  const { stages } = data;
  if (typeof stages !== 'object' || stages === null) return false;
  return Object.values(stages)
    .filter(Array.isArray)
    .some((steps) => steps.some((step: unknown) => typeof step === 'object' && step !== null && 'hostname' in step));
};

const putHostname = (text: string, name: string, problems: Problem[], read: Read): string => {
  const document = read(text);
  if (document !== undefined && stageNamesHost(rootData(document))) {
    problems.push({ id: 'hostname-in-stage', severity: 'warning', what: 'a stage sets a host name too; at boot the last one to run wins', where: file, hint: 'take it out of the stage' });
  }
  return change(text, 'the host name', (parsed) => setTopLevelText(parsed, 'hostname', name), (data) => void (data['hostname'] = name), problems, read);
};

interface User {
  name: string;
  passwd?: string;
  groups?: string[];
  ssh_authorized_keys?: string[];
}

const newUser = (name: string, answers: ConfigAnswers): User => ({
  name,
  ...(answers.passwordHash === undefined ? {} : { passwd: answers.passwordHash }),
  groups: ['admin'],
  ...(answers.sshKeys === undefined || answers.sshKeys.length === 0 ? {} : { ssh_authorized_keys: [...answers.sshKeys] }),
});

const printOptions = { lineWidth: 0, compat: 'yaml-1.1' as const };

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? [...(value as unknown[])] : []);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Adds keys and a password to a user that is there already; the spelling of everything else stays. */
const amendUser = (user: Spelled, answers: ConfigAnswers): Spelled => {
  if (user.kind !== 'map') return user;
  const entries = new Map(user.entries);
  if (answers.passwordHash !== undefined) entries.set('passwd', spelledText(answers.passwordHash));
  const keys = (answers.sshKeys ?? []).map(spelledText);
  if (keys.length > 0) {
    const before = entries.get('ssh_authorized_keys') ?? { kind: 'list', items: [] };
    entries.set('ssh_authorized_keys', mergeSpelled(before, { kind: 'list', items: keys }, () => undefined));
  }
  return { kind: 'map', entries };
};

const putUser = (text: string, answers: ConfigAnswers, problems: Problem[], read: Read): string => {
  const document = read(text);
  if (document === undefined) return text;
  const users = asList(rootData(document)['users']).filter(isRecord);
  const name = answers.user ?? (users.length === 1 ? String(users[0]?.['name']) : undefined);
  if (name === undefined) {
    problems.push(error('user-missing', 'a password or SSH key is given, but no user to give it to', '--user', 'name the user with --user'));
    return text;
  }
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(name)) {
    problems.push(error('user-name', 'this is no user name', '--user', 'small letters, digits, "_" and "-", at most 32'));
    return text;
  }
  const index = users.findIndex((user) => user['name'] === name);
  const user = newUser(name, answers);
  const nothingNew = answers.passwordHash === undefined && (answers.sshKeys ?? []).length === 0;
  if (nothingNew && index !== -1) return text;
  if (nothingNew) {
    problems.push({ id: 'user-without-login', severity: 'warning', what: `the new user ${name} has neither a password nor an SSH key: nobody can log in`, where: '--user', hint: 'add --password-file or --ssh-key' });
  }
  const expectNew = (data: Record<string, unknown>): void => void (data['users'] = [...asList(data['users']), user]);
  if (index === -1) {
    return change(
      text,
      'the user',
      (parsed) => {
        const block = stringify([user], printOptions);
        const pair = pairOf(parsed, parsed.root, 'users');
        if (pair === undefined) return addTopLevel(parsed, stringify({ users: [user] }, printOptions), `"users": ${jsonAsYaml([user])}`);
        return addToList(parsed, pair.value, block) ?? rewriteUsers(parsed, (list) => [...list, spellData(user)]);
      },
      expectNew,
      problems,
      read,
    );
  }
  return change(
    text,
    'the user',
    (parsed) => {
      const list = follow(parsed, pairOf(parsed, parsed.root, 'users')?.value ?? null);
      const item = (list as { items?: unknown[] } | null)?.items?.[index];
      const passwd = isMap(item) ? pairOf(parsed, item, 'passwd')?.value : undefined;
      const onlyPassword = answers.passwordHash !== undefined && (answers.sshKeys ?? []).length === 0;
      const inPlace = onlyPassword && passwd !== undefined ? setScalar(parsed, passwd, answers.passwordHash ?? '') : undefined;
      return inPlace ?? rewriteUsers(parsed, (all) => all.map((entry, at) => (at === index ? amendUser(entry, answers) : entry)));
    },
    (data) => {
      const entry = asList(data['users'])[index] as Record<string, unknown>;
      if (answers.passwordHash !== undefined) entry['passwd'] = answers.passwordHash;
      const keys = asList(entry['ssh_authorized_keys']);
      for (const key of answers.sshKeys ?? []) if (!keys.includes(key)) keys.push(key);
      if ((answers.sshKeys ?? []).length > 0) entry['ssh_authorized_keys'] = keys;
    },
    problems,
    read,
  );
};

const spellData = (value: unknown): Spelled => {
  const { document } = parseYaml(stringify(value, printOptions), file);
  return document === undefined ? emptyMap : spell(document, document.root);
};

/** Puts top-level keys in: new ones at the end, others merged and written anew. */
const putExtra = (text: string, extra: Readonly<Record<string, unknown>>, problems: Problem[], read: Read): string => {
  let result = text;
  for (const [key, value] of Object.entries(extra)) {
    const clash = (keyPath: readonly (string | number)[], first: string, second: string): void => {
      problems.push(error('merge-kinds', `is ${first} in the configuration and ${second} in an answer`, formatKeyPath(keyPath), 'write the same kind of value in both'));
    };
    const before = ((): Spelled | undefined => {
      const document = read(result);
      const node = document === undefined ? undefined : entriesOf(document, document.root).get(key);
      return document === undefined || node === undefined ? undefined : spell(document, node);
    })();
    const known = problems.length;
    const merged = before === undefined ? spellData(value) : mergeSpelled(before, spellData(value), clash, [key]);
    if (problems.length > known) continue;
    const printed = printSpelled({ kind: 'map', entries: new Map([[key, merged]]) });
    if (printed === undefined) {
      problems.push(error('cannot-merge', `the answer for "${key}" cannot be written into this configuration without changing what it says`, file, 'write it into user-data by hand'));
      continue;
    }
    const data = dataOfSpelled(merged);
    result = change(
      result,
      `"${key}"`,
      (parsed) => {
        const without = removeTopLevel(parsed, key);
        const rest = without === undefined ? undefined : parseYaml(without, file).document;
        return rest === undefined ? undefined : addTopLevel(rest, printed, `${doubleQuoted(key)}: ${jsonAsYaml(data)}`);
      },
      (expected) => void (expected[key] = data),
      problems,
      read,
    );
  }
  return result;
};

/** The last way: `users` is taken out and written anew at the end. */
const rewriteUsers = (document: ParsedYaml, edit: (users: readonly Spelled[]) => readonly Spelled[]): string | undefined => {
  const before = spell(document, entriesOf(document, document.root).get('users') ?? null);
  const users: Spelled = { kind: 'list', items: edit(before.kind === 'list' ? before.items : []) };
  const without = removeTopLevel(document, 'users');
  const parsed = without === undefined ? undefined : parseYaml(without, file).document;
  if (parsed === undefined) return undefined;
  const printed = printSpelled({ kind: 'map', entries: new Map([['users', users]]) });
  return printed === undefined ? undefined : addTopLevel(parsed, printed, `"users": ${jsonAsYaml(dataOfSpelled(users))}`);
};

/** The keys that answers beyond the host and its user come to. */
export const dataOfAnswers = (answers: ConfigAnswers): Readonly<Record<string, unknown>> => {
  const steps = localeSteps(answers);
  const data = mergeData(answers.extra ?? {}, answers.cluster ?? {});
  return { ...mergeData(data, lifeCycleBlocks(answers)), ...(steps.length === 0 ? {} : { stages: { initramfs: steps } }) };
};

/** Those answers as a document of their own, or null when there are none. */
export const documentOfAnswers = (answers: ConfigAnswers): string | null => {
  const data = dataOfAnswers(answers);
  return Object.keys(data).length === 0 ? null : `${cloudConfigHeader}\n${stringify(data, printOptions)}`;
};

/** One text to start editing from: the only document as it is, several merged, none as an empty one. Nothing is cut. */
export const textToEdit = (documents: KeptConfigInput['documents']): string => {
  if (documents.length === 0) return `${cloudConfigHeader}\n`;
  const [only] = documents;
  if (documents.length === 1 && only !== undefined) return only.text;
  const merged = mergeDocuments(documents, []);
  // What it names was fetched and is in here already.
  const { document } = parseYaml(merged, file);
  return (document === undefined ? undefined : removeTopLevel(document, 'config_url')) ?? merged;
};

const hostName = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?$/;

/**
 * The kept configuration. With one user-data document and no answers it is the byte-exact cut; several documents are
 * merged as Kairos merges them and written anew; answers are put in with as few changed bytes as possible.
 */
export const buildKeptConfig = ({ documents, answers, metaHostname }: KeptConfigInput): KeptConfig => {
  const problems: Problem[] = [];
  const read = readEachOnce();
  const kept = documents.filter((document) => document.answers !== true).map(({ name, text }) => ({ name, text: stripUserData(text, name).kept, whole: text }));
  let text = `${cloudConfigHeader}\n`;
  if (kept.length === 1) text = kept[0]?.text ?? text;
  else if (kept.length > 1) text = mergeDocuments(kept, problems);
  text = withHeader(text.startsWith(byteOrderMark) ? text.slice(1) : text);

  const data = ((): Readonly<Record<string, unknown>> => {
    const document = read(text);
    return document === undefined ? {} : rootData(document);
  })();
  const fromMeta = metaHostname !== null && data['hostname'] === undefined && !stageNamesHost(data) ? metaHostname : undefined;
  const hostname = answers.hostname ?? fromMeta;
  if (hostname !== undefined) {
    // A template ({{ trunc 4 .MachineID }}) is rendered at boot.
    if (hostName.test(hostname) || /^[\w.-]*\{\{[^\n{}"]+\}\}[\w.-]*$/.test(hostname)) text = putHostname(text, hostname, problems, read);
    else problems.push(error('hostname', 'this is no host name', answers.hostname === undefined ? 'meta-data local-hostname' : '--hostname', 'letters, digits, "-" and "."; at most 253'));
  }
  const wantsUser = answers.user !== undefined || answers.passwordHash !== undefined || (answers.sshKeys ?? []).length > 0;
  if (wantsUser) text = putUser(text, answers, problems, read);
  for (const { name, text: answered } of documents.filter((document) => document.answers === true)) {
    const { document } = parseYaml(answered, name);
    if (document !== undefined) text = putExtra(text, rootData(document), problems, read);
  }
  text = putExtra(text, dataOfAnswers(answers), problems, read);
  const result = read(text);
  if (result !== undefined && !hasAdmin(rootData(result))) {
    problems.push({
      id: 'no-admin-user',
      severity: 'warning',
      what: 'no user is in the group admin: kairos-agent refuses to install, upgrade and reset such a node',
      where: file,
      hint: 'add a user (--user), or set install.nousers: true',
    });
  }
  return { text, problems };
};
