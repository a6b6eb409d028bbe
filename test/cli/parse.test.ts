import { describe, expect, test } from 'vitest';
import { parseCommandLine, readSettingFlags } from '../../src/cli/parse.ts';
import { settings } from '../../src/model/settings.ts';
import { helpText } from '../../src/cli/help.ts';

describe('parseCommandLine', () => {
  test('reads a command with its flags', () => {
    const parsed = parseCommandLine(['install', '--unattended', '--target-image', 'a.img', '--image-size=8G', '--config', 'a', '--config', 'b', '--json']);
    expect(parsed).toMatchObject({ command: 'install', problems: [], globals: { json: true } });
    expect(readSettingFlags(parsed.flags)).toEqual({
      layer: { unattended: true, 'target-image': 'a.img', 'image-size': 8 * 1024 ** 3, config: ['a', 'b'] },
      problems: [],
    });
  });

  test('without a command, unknown flags are kept apart and ignored', () => {
    expect(parseCommandLine(['--no-tui', '--source', 'oci:x'])).toMatchObject({ command: 'console', ignored: ['--no-tui'], problems: [], flags: { source: 'oci:x' } });
  });

  test.each([
    [['install', '--unattendet'], '--unattendet', 'did you mean --unattended?'],
    [['instal'], 'instal', 'did you mean "install"?'],
    [['install', '--source'], '--source', '--source oci:|docker:|dir:|file:|ocifile:'],
    [['install', '--source', 'dir:/a', '--source', 'dir:/b'], '--source', 'give it once'],
    [['install', '--unattended=yes'], '--unattended', 'write --unattended'],
    [['install', 'extra'], 'install', 'slipway install [FLAGS]'],
    [['audit'], 'audit', 'slipway audit TARGET'],
  ])('%j is a usage error', (argv, where, hint) => {
    expect(parseCommandLine(argv).problems).toContainEqual(expect.objectContaining({ id: 'usage', where, hint }));
  });

  test.each([
    ['image-size', 'huge'],
    ['finish', 'explode'],
    ['wait-for-data', '-1'],
    ['allow', 'everything'],
  ])('--%s %s is refused', (name, value) => {
    const { flags } = parseCommandLine(['install', `--${name}=${value}`]);
    expect(readSettingFlags(flags).problems).toMatchObject([{ where: `--${name}` }]);
  });
});

test('help names every setting and fits 80 columns', () => {
  const text = helpText('install');
  for (const row of settings) expect(text).toContain(`--${row.name}`);
  for (const line of [...text.split('\n'), ...helpText('').split('\n')]) expect(line.length).toBeLessThanOrEqual(80);
});
