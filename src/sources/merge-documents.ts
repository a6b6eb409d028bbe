/** Several documents become one, newly written, as Kairos would merge them. Pure. */
import { isKeptInstallKey, mayBeKeptInstallKey } from '../scrub/strip/install-only.ts';
import type { Problem } from '../model/problem.ts';
import { formatKeyPath } from '../model/problem.ts';
import { cloudConfigHeader } from './header.ts';
import { mergeSpelled } from './merge.ts';
import type { Spelled } from './spelled.ts';
import { dataOfSpelled, emptyMap, printSpelled, spell } from './spelled.ts';
import { entriesOf } from './yaml-nodes.ts';
import { parseYaml } from './yaml.ts';

/** A document that goes into the merge. */
export interface DocumentText {
  /** For messages. */
  readonly name: string;
  readonly text: string;
  /** What the document was before its install-only keys were cut out of it. */
  readonly whole?: string;
}

type Entries = ReadonlyMap<string, Spelled>;

const entriesIn = (value: Spelled | undefined): Entries => (value?.kind === 'map' ? value.entries : new Map());

const withInstall = (root: Spelled, install: Entries): Spelled => {
  if (root.kind !== 'map') return root;
  const entries = new Map(root.entries);
  if (install.size > 0) entries.set('install', { kind: 'map', entries: install });
  else entries.delete('install');
  return { ...root, entries };
};

/** The keys of `install:` in a whole document that an installed node may read, whatever they say. */
const installOf = (whole: string, name: string): Entries => {
  const { document } = parseYaml(whole, name);
  if (document === undefined) return new Map();
  const install = entriesIn(spell(document, entriesOf(document, document.root).get('install') ?? null));
  return new Map([...install].filter(([key]) => mayBeKeptInstallKey(key)));
};

/**
 * Whether `install.encrypted_partitions` is kept hangs on what it says, and only the merge tells that: a later document may take COS_OEM
 * back (null), or add it. So the key goes into the merge as it was written, and is judged behind it.
 */
const spellForMerge = ({ name, text, whole }: DocumentText): Spelled => {
  const { document } = parseYaml(text, name);
  const root = document === undefined || document.root === null ? emptyMap : spell(document, document.root);
  return whole === undefined || document === undefined || text === '' ? root : withInstall(root, installOf(whole, name));
};

const withoutUnkept = (merged: Spelled): Spelled => {
  const install = [...entriesIn(entriesIn(merged).get('install'))];
  return withInstall(merged, new Map(install.filter(([key, value]) => isKeptInstallKey(key, dataOfSpelled(value)))));
};

/** The text of the merge; what cannot be merged goes to `problems`. With `whole` documents only what is kept of `install:` comes out. */
export const mergeDocuments = (documents: readonly DocumentText[], problems: Problem[]): string => {
  const error = (id: string, what: string, where: string, hint: string): void => void problems.push({ id, severity: 'error', what, where, hint });
  let merged: Spelled = emptyMap;
  for (const document of documents) {
    merged = mergeSpelled(merged, spellForMerge(document), (keyPath, first, second) =>
      error('merge-kinds', `is ${first} in an earlier document and ${second} here; Kairos cannot merge the two`, `${document.name} ${formatKeyPath(keyPath)}`, 'write the same kind of value in both'),
    );
  }
  if (documents.some(({ whole }) => whole !== undefined)) merged = withoutUnkept(merged);
  const body = merged.kind === 'map' && merged.entries.size > 0 ? printSpelled(merged) : '';
  if (body === undefined) error('cannot-merge', 'the documents cannot be written as one without changing what they say', 'kept configuration', 'put everything into one document');
  return `${cloudConfigHeader}\n${body ?? ''}`;
};
