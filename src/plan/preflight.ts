/** Checks of the machine against what is asked of it, each of them a problem. Pure: the time comes in as an argument. */
import type { Disk, Facts, SourceFacts } from '../model/facts.ts';
import type { Problem } from '../model/problem.ts';
import { clashProblems } from './clashing-names.ts';

const MiB = 1024 ** 2;

/** bytes. Below this a live system with an installer runs out of memory while it unpacks. */
export const leastMemory = 900 * MiB;

/** ms since the epoch, for a program that does not know when it was built: no clock that works says less. */
const earliest = Date.UTC(2025, 0, 1);
/** ms. A clock in another time zone, or a day off, is none that certificates fail with. */
const tolerance = 2 * 86_400_000;
const latest = Date.UTC(2100, 0, 1);

export interface PreflightInput {
  readonly facts: Facts;
  /** null for a disk image file. */
  readonly disk: Disk | null;
  /** Paths of the disks that the plan wipes. */
  readonly wiped: readonly string[];
  readonly source: SourceFacts | null;
  readonly engine: 'builtin' | 'kairos-agent';
  /** Labels of partitions to encrypt. */
  readonly encrypted: readonly string[];
  /** Key server; with one the passphrase comes from there and no TPM is asked of this machine's own storage. */
  readonly kms: string | null;
  /** URLs that will be fetched or posted to. */
  readonly urls: readonly string[];
  /** ms since the epoch */
  readonly now: number;
  /** ms since the epoch of the day that this program was built from; absent where that isn't known. */
  readonly builtAt?: number;
}

type Check = (input: PreflightInput) => readonly Problem[];

const one = (id: string, severity: Problem['severity'], what: string, where: string, hint: string): readonly Problem[] => [{ id, severity, what, where, hint }];

const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

const memory: Check = ({ facts }) => {
  if (facts.memory === 0) return one('memory-unknown', 'warning', 'how much memory this machine has is not known', 'memory', 'make sure that it has 2 GiB');
  return facts.memory >= leastMemory ? [] : one('memory-too-small', 'error', `it has ${gib(facts.memory)}`, 'memory', `an install needs ${gib(leastMemory)}`);
};

/**
 * Bytes that Kairos's layout takes for an image of `size` bytes: active, passive, the image being written, recovery twice, and the
 * fixed partitions (kairos: recovery 2S+200, state 3S+1000, oem 64, efi 64, in MiB; an image is its source and 100 MiB).
 */
export const leastDiskFor = (size: number): number => {
  const image = Math.ceil(size / MiB) + 100;
  return (2 * image + 200 + 3 * image + 1000 + 64 + 64 + 2) * MiB;
};

/** The other way round: bytes of the biggest image that fits; 0 where none does. */
const mostImageFor = (disk: number): number => Math.max(0, Math.floor((disk / MiB - 1330) / 5 - 100)) * MiB;

/** The builtin engine lays out by itself and says exactly what it lacks; here is the agent's rule. */
const diskSize: Check = ({ disk, source, engine }) => {
  if (disk === null || source === null || engine !== 'kairos-agent') return [];
  if (source.size === 0) return one('disk-fit-unknown', 'info', 'how big the image is becomes known when it is pulled, so whether it fits cannot be said before', disk.path, `this disk has room for an image of about ${gib(mostImageFor(disk.size))}`);
  const least = leastDiskFor(source.size);
  return disk.size >= least ? [] : one('disk-too-small', 'error', `it has ${gib(disk.size)}; this image needs ${gib(least)}`, disk.path, 'choose a bigger disk or a smaller image');
};

const tpm: Check = ({ facts, encrypted, kms }) => {
  if (encrypted.length === 0 || kms !== null) return [];
  if (!facts.tpm.present) return one('tpm-missing', 'error', `encryption of ${encrypted.join(', ')} is asked for and this machine has no TPM`, 'TPM', 'switch the TPM on in the firmware, name a key server, or leave encryption out');
  if (facts.tpm.version !== '2.0') return one('tpm-too-old', 'error', `encryption needs a TPM 2.0 and this machine has a TPM ${facts.tpm.version ?? 'of unknown version'}`, 'TPM', 'switch it to 2.0 in the firmware, name a key server, or leave encryption out');
  // The agent looks at this very node, and only after it has written all images.
  return facts.tpm.device === '/dev/tpmrm0' ? [] : one('tpm-no-manager', 'error', 'encryption goes through /dev/tpmrm0, which this kernel does not offer', 'TPM', 'use a kernel with the TPM resource manager, name a key server, or leave encryption out');
};

/** Bridges and ends of cables that containers and virtual machines on this very machine hang on: they lead nowhere else. */
const isInner = (name: string): boolean => /^(?:docker\d|br-[0-9a-f]{12}$|virbr\d|veth|vnet\d|lxcbr\d|lxdbr\d|podman\d|cni\d|cni-podman\d|flannel|cali|dummy\d)/.test(name);

const isGlobal = (address: string): boolean => !/^(?:127\.|169\.254\.|::1\/|fe80:)/i.test(address);

const network: Check = ({ facts, source, urls, kms }) => {
  const needs = [
    ...(source?.kind === 'oci' || source?.kind === 'docker' ? [source.uri] : []),
    ...urls.filter((url) => /^https?:/i.test(url)),
    ...(kms === null ? [] : [kms]),
  ];
  const outer = facts.nics.filter(({ name }) => !isInner(name));
  if (needs.length === 0 || outer.some((nic) => nic.carrier === true && nic.addresses.some(isGlobal))) return [];
  const cable = outer.some((nic) => nic.carrier === true);
  const hint = outer.length === 0 ? 'this machine has no network card that is known' : cable ? 'wait for DHCP or set an address' : 'no cable is plugged in';
  return one('network-missing', 'error', 'the network is needed and no interface of this machine has both a link and an address', 'network', hint);
};

const clock: Check = ({ now, builtAt, urls, source }) => {
  if (now >= (builtAt === undefined ? earliest : builtAt - tolerance) && now < latest) return [];
  const secure = urls.some((url) => /^https:/i.test(url)) || source?.kind === 'oci' || source?.kind === 'docker';
  const day = Number.isFinite(now) ? new Date(Math.min(Math.max(now, 0), 8.64e15)).toISOString().slice(0, 10) : 'unknown';
  return one('clock-wrong', secure ? 'error' : 'warning', `the clock says ${day}`, 'clock', secure ? 'set the time: certificates cannot be checked with it' : 'set the time: the receipt would carry a wrong one');
};

/** Names on other disks: what kairos-agent alone would mix up. */
const otherNames: Check = ({ facts, disk, engine, wiped }) => (engine === 'kairos-agent' ? clashProblems({ disks: facts.disks, uefi: facts.firmware.uefi, disk, wiped }) : []);

const mapped: Check = ({ disk, engine }) =>
  engine === 'kairos-agent' && disk !== null && disk.kname.startsWith('dm-')
    ? one('disk-mapped', 'error', 'kairos-agent cannot install to a multipath or mapped disk', disk.path, 'use --engine builtin, or choose another disk')
    : [];

const checks: readonly Check[] = [memory, diskSize, tpm, network, clock, otherNames, mapped];

/** Everything that speaks against the install on this machine, all at once. */
export const preflight = (input: PreflightInput): readonly Problem[] => checks.flatMap((check) => check(input));
