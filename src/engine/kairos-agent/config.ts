/**
 * What the agent is given: the kept configuration with an `install:` map for this run. Pure. The agent writes whatever it merges to
 * COS_OEM (`pkg/elemental` CopyCloudConfig), so nothing install-only goes into the configuration; stages are read from directories
 * named by `cloud-init-paths` (`pkg/utils/runstage.go`), which the agent also looks into from the target's chroot.
 */
import type { Node, Pair, YAMLMap } from 'yaml';
import { isMap } from 'yaml';
import { kairosPartitionNames } from '../../model/labels.ts';
import type { PlannedPartition } from '../../model/plan.ts';
import { cloudConfigHeader, withHeader } from '../../sources/header.ts';
import { jsonAsYaml } from '../../sources/quote.ts';
import { parseYaml } from '../../sources/yaml.ts';
import { rootData, startOf } from '../../sources/yaml-nodes.ts';

const MiB = 1024 * 1024;

/**
 * Keys of `install:` that are not handed on: this engine decides on them (`device`, `source`, partitions and encryption from
 * the plan), must never set them (`auto`, `reboot`, `poweroff`), hands them over without writing them (`env`), or they name
 * files that would be copied to the target (`cloud-init`).
 */
const ownKeys = ['device', 'source', 'auto', 'reboot', 'poweroff', 'no-format', 'no_format', 'force', 'partitions', 'extra-partitions', 'encrypted_partitions', 'env', 'cloud-init', 'image', 'grub_options'] as const;

/** Partitions whose size the agent takes from `install.partitions` (it raises recovery and state to what the image needs). */
const sizedNames = ['efi', 'oem', 'recovery', 'state'];

export interface InstallMapInput {
  readonly install: Readonly<Record<string, unknown>>;
  /** The kernel's name of the disk: never a rule, a link or `auto`. */
  readonly device: string;
  readonly layout: readonly PlannedPartition[];
  /** COS_PERSISTENT has a size of its own; otherwise the agent gives it the rest of the disk. */
  readonly fixedPersistent: boolean;
  readonly grubOptions: Readonly<Record<string, string>>;
  /** Trusted Boot: partition sizes are left to the agent, which loses names and labels of a partition named there. */
  readonly uki: boolean;
  /** A source that the agent's `--source` flag does not take (`docker:`); null where the flag is used. */
  readonly source: string | null;
}

/** The `install:` map for this run. Throws when the device is not a plain kernel name. */
export const installMap = ({ install, device, layout, fixedPersistent, grubOptions, uki, source }: InstallMapInput): Readonly<Record<string, unknown>> => {
  if (!/^\/dev\/[a-z][\w-]*$/.test(device)) throw new Error(`${device} is not a kernel name of a disk`);
  const handedOn = Object.fromEntries(Object.entries(install).filter(([key, value]) => !(ownKeys as readonly string[]).includes(key) && value !== null && value !== undefined));
  const encrypted = layout.filter((partition) => partition.encrypted).map((partition) => partition.label);
  const sized = layout.filter(({ name }) => sizedNames.includes(name) || (name === 'persistent' && fixedPersistent));
  const sizes = Object.fromEntries(sized.map(({ name, size }) => [name, { size: Math.floor(size / MiB) }]));
  const extra = layout
    .filter(({ name }) => !(kairosPartitionNames as readonly string[]).includes(name))
    .map(({ name, label, fs, size }) => ({ name, size: Math.floor(size / MiB), fs, ...(label === '' ? {} : { label }) }));
  return {
    ...handedOn,
    device,
    ...(source === null ? {} : { source }),
    ...(uki ? {} : { partitions: sizes }),
    ...(extra.length === 0 ? {} : { 'extra-partitions': extra }),
    ...(encrypted.length === 0 ? {} : { encrypted_partitions: encrypted }),
    ...(Object.keys(grubOptions).length === 0 ? {} : { grub_options: grubOptions }),
  };
};

/** Text of the root's entry for `key`, from its first character to where the next entry begins; null without one. */
const extentOf = (root: YAMLMap, key: string, end: number): readonly [number, number] | null => {
  const pairs = root.items as Pair<Node, Node | null>[];
  const index = pairs.findIndex((pair) => (pair.key as { value?: unknown }).value === key);
  const pair = pairs[index];
  if (pair === undefined) return null;
  const next = pairs[index + 1];
  return [startOf(pair.key), next === undefined ? end : startOf(next.key)];
};

/**
 * `kept` with top-level keys set to plain data, everything else byte for byte as it was. What the agent merges is thus what is kept and
 * the `additions`; it is read again and compared. Throws when that can't be done.
 */
export const composeConfig = (kept: string, additions: Readonly<Record<string, unknown>>): string => {
  const { document } = parseYaml(kept, 'kept configuration');
  if (document === undefined) throw new Error('the kept configuration does not parse');
  const before = rootData(document);
  const written = Object.entries(additions)
    .map(([key, value]) => `${key}: ${jsonAsYaml(value)}\n`)
    .join('');
  const verdict = (text: string): string | null => {
    const again = parseYaml(text, 'agent configuration').document;
    return again !== undefined && JSON.stringify(sorted(rootData(again))) === JSON.stringify(sorted({ ...before, ...additions })) ? text : null;
  };
  let text = document.text;
  if (isMap(document.root) && document.root.flow !== true) {
    const cuts = Object.keys(additions)
      .map((key) => extentOf(document.root as YAMLMap, key, document.text.length))
      .filter((cut) => cut !== null)
      .toSorted(([left], [right]) => right - left);
    for (const [start, end] of cuts) text = text.slice(0, start) + text.slice(end);
  }
  const appended = verdict(withHeader(`${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${written}`));
  if (appended !== null) return appended;
  // A configuration on one line, in several documents, or with an end mark: as JSON, which is YAML too.
  const rewritten = verdict(`${cloudConfigHeader}\n${jsonAsYaml({ ...before, ...additions })}\n`);
  if (rewritten === null) throw new Error('the configuration for the agent would say something else than the kept one');
  return rewritten;
};

/** The same data with the keys of every map in order. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, sorted(item)] as const)
      .toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );
};
