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

test('words that Kairos merges over everything are shown, without their values', () => {
  const { problems } = readKernelLine('quiet install.device=/dev/S3CR3T config_url=http://S3CR3T kairos.config=k3s.enabled=true cos.setup=S3CR3T root=live:X installer=x');
  expect(problems.map((problem) => [problem.severity, problem.where])).toEqual([
    ['warning', 'kernel line, install.device'], ['warning', 'kernel line, config_url'], ['warning', 'kernel line, kairos.config'], ['warning', 'kernel line, cos.setup'],
  ]);
  expect(JSON.stringify(problems)).not.toContain('S3CR3T');
});
