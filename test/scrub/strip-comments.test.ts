/** Comments in what is cut are material; number signs in values are none, and hide none that comes behind them. */
import { expect, test } from 'vitest';
import { commentsOf } from '../../src/scrub/strip/tokens.ts';
import { stripUserData, stripWholeUserData } from '../../src/scrub/strip.ts';
import type { ParsedYaml } from '../../src/sources/yaml-nodes.ts';
import { parseYaml } from '../../src/sources/yaml.ts';

const commentsIn = (text: string): readonly string[] => commentsOf(text, (parseYaml(text, 'user-data').document as ParsedYaml).tokens).map(({ source }) => source);

test.each([
  ['#cloud-config\na: b\n', ['#cloud-config']],
  ['#cloud-config\na: "x # y" # last\n', ['#cloud-config', '# last']],
  ['a: x#y\nb: |\n  # text\n  z\n# ## end #\n', ['# ## end #']],
  ['### a ###\na: [b, # c\n  d] # e\n# f', ['### a ###', '# c', '# e', '# f']],
  ['a: "#"\n', []],
])('%j', (text, expected) => {
  expect(commentsIn(text)).toEqual(expected);
});

test('each under the key that it belongs to', () => {
  const text = '#cloud-config\nhostname: a\nenv: # of env\n# inner\n- A="#b"\ninstall:\n  # of device\n  device: auto # behind\n  # of iso\n  iso: "x#y"\n';
  for (const strip of [stripUserData, stripWholeUserData]) {
    const comments = strip(text, 'user-data').items.filter(({ value }) => /^(?:of|inner|behind)/.test(value));
    expect(comments.map(({ keyPath, value }) => `${keyPath.join('.')}: ${value}`)).toEqual(['env: of env', 'env: inner', 'install.device: of device', 'install.iso: behind', 'install.iso: of iso']);
  }
});
