/** Checks of the image to install by what was read of it: nothing is written before it fits engine, machine and configuration. */
import type { SourceFacts } from '../model/facts.ts';
import type { Problem } from '../model/problem.ts';
import { isTrue } from '../model/truth.ts';

const error = (id: string, what: string, where: string, hint: string): Problem => ({ id, severity: 'error', what, where, hint });

/** What the builtin engine lacks of a source; empty when it can install it. */
export const checkSourceForBuiltin = (source: SourceFacts): readonly Problem[] => {
  if (source.kind === 'oci' || source.kind === 'docker') {
    return [error('source-unsupported', `the builtin engine does not take ${source.kind}: sources`, source.uri, 'use dir: (a root tree), file: (a squashfs or tar) or ocifile: (an image archive)')];
  }
  if (source.missingTools !== undefined) {
    return [error('source-tool-missing', `${source.missingTools.join(' and ')} ${source.missingTools.length === 1 ? 'is' : 'are'} needed to unpack an image archive and not installed`, source.uri, `install ${source.missingTools.join(' and ')}, or give a squashfs or a tar of the tree with file:`)];
  }
  if (source.kernel === null || source.initrd === null) {
    return [error('source-no-kernel', `has no ${source.kernel === null ? '/boot/vmlinuz*' : '/boot/initrd*'}`, source.uri, 'the builtin engine boots a kernel and an initrd from the source')];
  }
  return [];
};

/** One name for each architecture: the kernel's, Debian's and Go's differ. */
const goNames: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', i686: '386', i386: '386' };

const goName = (name: string): string => goNames[name.toLowerCase()] ?? name.toLowerCase();

const blocks = ['k3s', 'k3s-agent', 'k0s', 'k0s-worker'] as const;

const isOn = (value: unknown): boolean => typeof value === 'object' && value !== null && isTrue((value as { enabled?: unknown }).enabled);

/** Cluster blocks of the configuration that are switched on: `k3s`, `p2p`. */
const wantedBlocks = (kept: Readonly<Record<string, unknown>>): readonly string[] => {
  const p2p = kept['p2p'];
  const token = typeof p2p === 'object' && p2p !== null ? (p2p as { network_token?: unknown }).network_token : undefined;
  return [...blocks.filter((name) => isOn(kept[name])), ...(typeof token === 'string' && token !== '' ? ['p2p'] : [])];
};

/**
 * The image's own words against machine and configuration. `machine`: as `uname -m` prints it, null when not known; `kept`: the kept
 * configuration as data. Source of the release keys: kairos-init (`KAIROS_VARIANT` is `core` without a provider,
 * `KAIROS_SOFTWARE_VERSION_PREFIX` names the Kubernetes distribution).
 */
export const checkImageFacts = (source: SourceFacts, machine: string | null, kept: Readonly<Record<string, unknown>>): readonly Problem[] => {
  const problems: Problem[] = [];
  const { release } = source;
  const architecture = source.architecture ?? release['KAIROS_TARGETARCH'] ?? release['TARGETARCH'] ?? release['KAIROS_ARCH'];
  if (machine !== null && architecture !== undefined && architecture !== '' && goName(architecture) !== goName(machine)) {
    problems.push(error('source-architecture', `the image is for ${goName(architecture)} and this machine is ${goName(machine)}: it would not boot`, source.uri, 'take the image for this machine'));
  }
  const wanted = wantedBlocks(kept);
  if (wanted.length === 0) return problems;
  const warn = (what: string, hint: string): void => void problems.push({ id: 'source-no-provider', severity: 'warning', what, where: source.uri, hint });
  const shipped = release['KAIROS_SOFTWARE_VERSION_PREFIX'];
  if (release['KAIROS_VARIANT'] === 'core') {
    warn(`the configuration has ${wanted.join(', ')} and the image is a core image without a provider: nothing on the node would read it`, 'take a standard image, or leave the cluster out');
  } else if (shipped === 'k3s' || shipped === 'k0s') {
    const others = wanted.filter((name) => name !== 'p2p' && !name.startsWith(shipped));
    if (others.length > 0) warn(`the configuration has ${others.join(', ')} and the image ships ${shipped}`, `take an image with ${others[0]?.slice(0, 3) ?? ''}, or configure ${shipped}`);
  }
  return problems;
};
