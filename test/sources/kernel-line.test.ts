import { describe, expect, test } from 'vitest';
import { kernelWords, readKernelLine } from '../../src/sources/kernel-line.ts';

describe('words of the kernel line', () => {
  test.each([
    ['a b\tc\n', ['a', 'b', 'c']],
    ['a="b c" d', ['a=b c', 'd']],
    ['"a=b c" d', ['a=b c', 'd']],
    ['a=b" c"d e', ['a=b cd', 'e']],
    ['a="open to the end', ['a=open to the end']],
    ['a="" b', ['a=', 'b']],
    ['', []],
  ])('%j', (line, words) => {
    expect(kernelWords(line)).toEqual(words);
  });
});

describe('settings', () => {
  test('switches, values, lists by repetition, the last one of the rest', () => {
    const { layer, problems } = readKernelLine(
      'BOOT_IMAGE=/x quiet slipway.unattended slipway.device=serial:A slipway.device="model:Fast Disk*" slipway.config=https://a/1?x=y slipway.config=preset:minimal slipway.wait-for-data=60 slipway.image-size=2G',
    );
    expect(problems).toEqual([]);
    expect(layer).toEqual({
      unattended: true, device: 'model:Fast Disk*', config: ['https://a/1?x=y', 'preset:minimal'], 'wait-for-data': 60, 'image-size': 2 * 1024 ** 3,
    });
  });

  test('a wrong word stops the run instead of being left out', () => {
    const { layer, problems } = readKernelLine('slipway.devise=/dev/sda slipway.finish=explode slipway.expect-plan=x slipway.password-file=/x slipway.wait-for-data');
    expect(layer).toEqual({});
    expect(problems.map((problem) => [problem.id, problem.severity])).toEqual([
      ['kernel-line-ignored', 'warning'], ['setting-wrong', 'error'], ['setting-flag-only', 'error'], ['setting-flag-only', 'error'], ['setting-wrong', 'error'],
    ]);
    expect(problems[0]?.hint).toBe('did you mean "device"?');
  });
});

test('words of Kairos that have no effect are named with what to write instead, without their values', () => {
  const { problems, configUrl } = readKernelLine('quiet install.device=/dev/S3CR3T config_url=http://x/S3CR3T kairos.config=k3s.enabled=S3CR3T cos.setup=S3CR3T stages.boot[0].name=S3CR3T kcrypt.challenger.challenger_server=S3CR3T root=live:X installer=x');
  expect(configUrl).toBe('http://x/S3CR3T');
  expect(problems.map(({ id, severity, where, hint }) => [id, severity, where, hint])).toEqual([
    ['kernel-line-ignored', 'warning', 'kernel line, install.device', 'write slipway.device='],
    ['kernel-line-ignored', 'warning', 'kernel line, kairos.config', expect.stringContaining('config_url=')],
    ['kernel-line-ignored', 'warning', 'kernel line, cos.setup', 'write config_url='],
    ['kernel-line-ignored', 'warning', 'kernel line, stages.boot[0].name', expect.stringContaining('config_url=')],
    ['kernel-line-overrides', 'warning', 'kernel line, kcrypt.challenger.challenger_server', expect.stringContaining('slipway.kms=')],
  ]);
  expect(JSON.stringify(problems)).not.toContain('S3CR3T');
});

test.each([
  ['config_url=http://a/1', 'http://a/1'],
  ['kairos.config_url=http://a/1', 'http://a/1'],
  ['config_url=http://a/1 kairos.config_url="http://b/2 x"', 'http://b/2 x'],
  ['config_url=', null],
  ['config_url', null],
])('a configuration by %j', (line, expected) => {
  expect(readKernelLine(line)).toEqual({ layer: {}, configUrl: expected, problems: [] });
});
