import { describe, expect, test } from 'vitest';
import type { SourceFacts } from '../../src/model/facts.ts';
import { checkImageFacts } from '../../src/plan/check-source.ts';

const source = (release: Readonly<Record<string, string>>, more: Partial<SourceFacts> = {}): SourceFacts => ({ uri: 'dir:/x', kind: 'dir', size: 1, kernel: '/boot/vmlinuz', initrd: '/boot/initrd', release, ...more });

const ids = (...given: Parameters<typeof checkImageFacts>): readonly string[] => checkImageFacts(...given).map(({ id, severity }) => `${severity} ${id}`);

describe('what the image says of itself', () => {
  test.each([
    ['x86_64', { KAIROS_TARGETARCH: 'arm64' }, {}],
    ['aarch64', { KAIROS_ARCH: 'amd64' }, {}],
    ['x86_64', {}, { architecture: 'arm64' }],
    // The archive's own word counts more than a release file that was copied.
    ['aarch64', { KAIROS_ARCH: 'arm64' }, { architecture: 'amd64' }],
  ])('on %s an image of another architecture is a problem: %j %j', (machine, release, more) => {
    expect(ids(source(release, more), machine, {})).toEqual(['error source-architecture']);
  });

  test.each([
    ['x86_64', { KAIROS_ARCH: 'amd64' }, {}],
    ['x86_64', { KAIROS_ARCH: 'x86_64' }, {}],
    ['aarch64', {}, { architecture: 'arm64' }],
    ['x86_64', {}, {}],
    [null, { KAIROS_ARCH: 'arm64' }, {}],
  ])('on %s the same or an unknown one is none: %j %j', (machine, release, more) => {
    expect(ids(source(release, more), machine, {})).toEqual([]);
  });

  const k3s = { k3s: { enabled: true } };
  test.each([
    [{ KAIROS_VARIANT: 'core' }, k3s, ['warning source-no-provider']],
    [{ KAIROS_VARIANT: 'core' }, { p2p: { network_token: 'x' } }, ['warning source-no-provider']],
    [{ KAIROS_VARIANT: 'standard', KAIROS_SOFTWARE_VERSION_PREFIX: 'k0s' }, k3s, ['warning source-no-provider']],
    [{ KAIROS_VARIANT: 'standard', KAIROS_SOFTWARE_VERSION_PREFIX: 'k3s' }, { 'k0s-worker': { enabled: true } }, ['warning source-no-provider']],
    [{ KAIROS_VARIANT: 'standard', KAIROS_SOFTWARE_VERSION_PREFIX: 'k3s' }, { 'k3s-agent': { enabled: true }, p2p: { network_token: 'x' } }, []],
    [{ KAIROS_VARIANT: 'core' }, { k3s: { enabled: false } }, []],
    [{ KAIROS_VARIANT: 'core' }, { hostname: 'x' }, []],
    [{}, k3s, []],
  ])('%j with %j: %j', (release, kept, expected) => {
    expect(ids(source(release), 'x86_64', kept)).toEqual(expected);
  });
});
