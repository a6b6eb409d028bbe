/** Awkward documents, cut: what comes out is compared byte for byte with a file that a person has read. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { formatKeyPath, isError } from '../../src/model/problem.ts';
import { stripUserData } from '../../src/scrub/strip.ts';

const folder = new URL('strip-golden/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.in.yaml'))
  .map((name) => name.replace('.in.yaml', ''));
const removed = JSON.parse(read('removed.json')) as Record<string, string[]>;

/** What the document says, by the YAML library alone: none of our own reading is in it. */
const independentData = (text: string): unknown => {
  const document = parseDocument(text, { merge: true });
  expect(document.errors).toEqual([]);
  return document.toJS({ maxAliasCount: -1 }) ?? {};
};

const installOnlyKeys = ['config_url', 'env', 'debug', 'strict', 'cloud-init-paths', 'slipway'];
const installStage = /^(kairos-install\.(pre|after)|kairos-uki-install\.(pre|after)|before-install|after-install|after-install-chroot)(\.before|\.after)?$/;

/** The contract's definition once more, written down on its own and on plain data. */
const withoutInstallOnly = (data: Record<string, unknown>): Record<string, unknown> => {
  const result = { ...data };
  for (const key of installOnlyKeys) delete result[key];
  const { install, stages } = result;
  if ('install' in result) {
    const kept = Object.entries((install ?? {}) as Record<string, unknown>).filter(
      ([key, value]) => key === 'nousers' || (key === 'encrypted_partitions' && JSON.stringify(value).includes('"COS_OEM"')),
    );
    if (kept.length > 0) result['install'] = Object.fromEntries(kept);
    else delete result['install'];
  }
  if (typeof stages === 'object' && stages !== null) {
    const before = Object.entries(stages);
    const kept = before.filter(([name]) => !installStage.test(name));
    if (kept.length > 0 || before.length === 0) result['stages'] = Object.fromEntries(kept);
    else delete result['stages'];
  }
  return result;
};

describe('what is kept of awkward documents', () => {
  test('the suite is there', () => {
    expect(names.length).toBeGreaterThanOrEqual(35);
    expect(Object.keys(removed).toSorted()).toEqual(names.toSorted());
  });

  test.each(names)('%s', (name) => {
    const input = read(`${name}.in.yaml`);
    const split = stripUserData(input, 'user-data');
    expect(split.problems.filter(isError)).toEqual([]);
    expect(split.kept).toBe(read(`${name}.kept.yaml`));
    expect(split.removed.map((entry) => `${entry.line}: ${formatKeyPath(entry.keyPath)}`)).toEqual(removed[name]);
    expect(independentData(split.kept)).toEqual(withoutInstallOnly(independentData(input) as Record<string, unknown>));
    expect(split.kept.startsWith('#cloud-config')).toBe(true);
  });

  test.each(names)('%s: a second cut finds nothing', (name) => {
    const again = stripUserData(read(`${name}.kept.yaml`), 'user-data');
    expect(again.kept).toBe(read(`${name}.kept.yaml`));
    expect(again.removed).toEqual([]);
    expect(again.items).toEqual([]);
  });
});

describe('documents that are refused', () => {
  const expected: Readonly<Record<string, string>> = {
    'duplicate-key': 'duplicate-key',
    'install-stage-through-alias': 'cannot-cut',
    'install-through-root-merge': 'cannot-cut',
    'no-header': 'header-missing',
    'not-a-map': 'not-a-map',
    script: 'header-missing',
    'tab-indent': 'yaml-syntax',
    'two-documents': 'several-documents',
    'unquoted-template': 'unquoted-template',
  };

  test.each(Object.entries(expected))('%s', (name, id) => {
    const split = stripUserData(read(`refused/${name}.yaml`), 'user-data');
    expect(split.kept).toBe('');
    expect(split.problems.filter(isError).map((problem) => problem.id)).toContain(id);
    for (const problem of split.problems) {
      expect(problem.position?.line).toBeGreaterThan(0);
      expect(problem.hint).not.toBe('');
    }
  });

  test('every file has a row', () => {
    expect(readdirSync(new URL('refused/', folder)).toSorted()).toEqual(Object.keys(expected).map((name) => `${name}.yaml`).toSorted());
  });
});
