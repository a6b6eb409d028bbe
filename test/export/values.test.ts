/** The single words of a manifest: what Kubernetes and the operator take. */
import { expect, test } from 'vitest';
import { isImageReference, isLabel, isPrintablePath, isSubdomain, isWebAddress, readDiskSize, readNodeCount } from '../../src/export/values.ts';

const none = ['', ' ', 'a b', 'a\n', 'a\nb', '\u2028'];

test.each([
  ['subdomain', isSubdomain, ['a', 'a-1.b', '0', 'a'.repeat(253)], ['a..b', '.a', 'a.', 'a.-b', 'A', 'a_b', 'a'.repeat(254)]],
  ['label', isLabel, ['a', 'a-1', 'a'.repeat(63)], ['a.b', '-a', 'a-', 'A', 'a'.repeat(64)]],
  ['image reference', isImageReference, ['busybox', 'registry.example:5000/kairos/ubuntu_24__x:v1.2-k3s', '[::1]:5000/a', 'Registry.example/a', `a@sha256:${'0'.repeat(64)}`, `a/b:t@sha256:${'0'.repeat(64)}`], ['a:', 'a/', '/a', 'a:b c', 'A', 'a;reboot', '$(reboot)', 'oci:r/a/b:c', 'a@sha256:00', `a:${'t'.repeat(129)}`]],
  ['web address', isWebAddress, ['http://boot.invalid/x', 'https://[::1]:8080/'], ['not a url', 'ftp://a/', 'http://', '/x', 'http://a/ b', 'http://a/\u00e9']],
  ['path', isPrintablePath, ['/etc/a', '/a b'], ['etc/a', '/a\nb', '/a\u2028']],
] as const)('%s', (_what, takes, good, bad) => {
  expect(good.filter((word) => !takes(word))).toEqual([]);
  expect([...bad, ...none].filter((word) => takes(word))).toEqual([]);
});

test('a disk size goes to AuroraBoot in MiB: it takes one with a unit for none', () => {
  expect(['32768', '32768M', '32Gi', '32G', '1T'].map(readDiskSize)).toEqual(['32768', '32768', '32768', '32768', '1048576']);
  expect(['nonsense', '0', '-1', '1.5G', '32GB', '1 G', ...none].filter((word) => readDiskSize(word) !== null)).toEqual([]);
});

test('a number of nodes is a whole number from 0', () => {
  expect(['0', '1', '2147483647'].map(readNodeCount)).toEqual([0, 1, 2147483647]);
  expect(['-1', '1e3', '0x1', '1.0', '+1', ' 1', '2147483648', ...none].filter((word) => readNodeCount(word) !== null)).toEqual([]);
});
