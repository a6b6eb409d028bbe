/** `meta-data` of a data volume: `instance-id` and `local-hostname`, as cloud-init's NoCloud has them. */
import type { Problem } from '../model/problem.ts';
import { parseYaml } from './yaml.ts';
import { rootData } from './yaml-nodes.ts';

export interface MetaData {
  readonly instanceId: string | null;
  readonly localHostname: string | null;
  readonly problems: readonly Problem[];
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Reads it; trouble is a warning, because nothing depends on it. */
export const readMetaData = (source: string, file: string): MetaData => {
  const { document, problems } = parseYaml(source, file);
  const data = document === undefined ? {} : rootData(document);
  return {
    instanceId: text(data['instance-id']),
    localHostname: text(data['local-hostname']),
    problems: problems.map((problem) => ({ ...problem, severity: 'warning' })),
  };
};
