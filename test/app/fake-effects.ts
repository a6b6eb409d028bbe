/** Effects without a machine: hand-made facts, a planner in miniature and a scripted install. */
import type { Effects } from '../../src/app/effects.ts';
import type { InstallEvent } from '../../src/model/events.ts';
import type { Disk, Facts, ImageFileFacts } from '../../src/model/facts.ts';
import type { DiskTarget, InstallPlan, PlannedInstall } from '../../src/model/plan.ts';
import { SlipwayError } from '../../src/model/problem.ts';
import type { Problem } from '../../src/model/problem.ts';
import { resolveAnswers } from '../../src/model/settings.ts';
import type { SettingLayers } from '../../src/model/settings.ts';
import type { Branding, ConfigSources, PlanInput, PlanOutcome } from '../../src/plan/input.ts';
import { makeToken } from '../../src/sources/edgevpn-token.ts';
import { splitDocuments } from '../../src/sources/load-sources.ts';
import type { GivenDocument } from '../../src/sources/load-sources.ts';
import type { Prompt } from '../../src/sources/prompts.ts';
import type { Prerequisite, Decision } from '../../src/sources/prerequisites.ts';
import type { NetworkChange } from '../../src/model/network-change.ts';

const GiB = 1024 ** 3;

export const disk = (path: string, changes: Partial<Disk> = {}): Disk => ({
  path,
  kname: path.replace('/dev/', ''),
  size: 64 * GiB,
  model: 'QEMU HARDDISK',
  serial: `QM${path.slice(-1).toUpperCase()}0042`,
  wwn: null,
  transport: 'sata',
  removable: false,
  rotational: false,
  readOnly: false,
  logicalSectorSize: 512,
  diskseq: 3,
  partitions: [],
  contents: 'empty',
  verdict: 'eligible',
  reasons: [],
  links: [],
  kairos: false,
  kairosLabels: [],
  unfinished: false,
  ...changes,
});

export const emptyDisk = disk('/dev/sda');
export const dataDisk = disk('/dev/sdb', {
  size: 1.8 * 1024 * GiB,
  model: 'ST2000DM008-2FR102',
  serial: 'WFL1ABCD',
  contents: 'ext4 "photos", ntfs "backup"',
  verdict: 'caution',
  reasons: [{ id: 'has-data', what: 'it holds two partitions with data', hint: 'all of it would be lost' }],
  partitions: [
    { path: '/dev/sdb1', label: 'photos', partlabel: null, fstype: 'ext4', size: 900 * GiB, mountpoints: [] },
    { path: '/dev/sdb2', label: 'backup', partlabel: null, fstype: 'ntfs', size: 900 * GiB, mountpoints: [] },
  ],
});
export const liveDisk = disk('/dev/sdc', {
  size: 4 * GiB,
  model: 'Ultra Fit',
  serial: '4C530001',
  removable: true,
  contents: 'iso9660 "COS_LIVE"',
  verdict: 'refused',
  reasons: [{ id: 'live-medium', what: 'it is the medium this system was started from', hint: 'choose another disk' }],
});

export const facts = (changes: Partial<Facts> = {}): Facts => ({
  disks: [dataDisk, emptyDisk, liveDisk],
  volumes: [{ path: '/dev/sr0', label: 'cidata', fstype: 'iso9660', size: 400_000, kind: 'data-volume' }],
  firmware: { uefi: true, secureBoot: false },
  tpm: { present: true, version: '2.0', device: '/dev/tpmrm0' },
  nics: [{ name: 'enp1s0', mac: '52:54:00:12:34:56', carrier: true, addresses: ['192.168.122.17/24'], speed: 1000 }],
  memory: 8 * GiB,
  cpu: { model: 'AMD EPYC 7302P 16-Core Processor', cores: 16 },
  system: { vendor: 'Supermicro', product: 'AS-1014S-WTRT', serial: 'S392719X0A1', uuid: '7d2c1a34-0000-4000-8000-0cc47a000001' },
  boot: { state: 'live', uki: false, liveMedium: '/dev/sdc' },
  kairos: {},
  kernelLine: 'quiet',
  problems: [],
  ...changes,
});

export const sources = (changes: Partial<ConfigSources> = {}): ConfigSources => ({
  documents: [
    { name: 'user-data', kind: 'user-data', text: '#cloud-config\nhostname: unit-7\nusers:\n  - name: kairos\n    passwd: correct-horse\n' },
    { name: 'installer-data', kind: 'installer-data', text: '#cloud-config\nstages:\n  before-install:\n    - commands:\n        - echo factory-secret-4711\n' },
  ],
  dataVolume: { path: '/dev/sr0', label: 'cidata', fstype: 'iso9660', writable: false },
  keptText: '#cloud-config\nhostname: unit-7\nusers:\n  - name: kairos\n    passwd: correct-horse\n',
  metaHostname: null,
  removed: ['installer-data: stages.before-install[0]', 'installer-data: slipway.device'],
  items: [],
  steps: [],
  install: {},
  userInstall: {},
  installerInstall: {},
  settings: {},
  userSettings: {},
  strict: false,
  receiptKey: null,
  problems: [],
  ...changes,
});

const layout: InstallPlan['layout'] = [
  { number: 1, name: 'bios', label: '', fs: 'none', start: 1 << 20, size: 1 << 20, encrypted: false },
  { number: 2, name: 'efi', label: 'COS_GRUB', fs: 'vfat', start: 2 << 20, size: 64 << 20, encrypted: false },
  { number: 3, name: 'oem', label: 'COS_OEM', fs: 'ext4', start: 66 << 20, size: 64 << 20, encrypted: false },
  { number: 4, name: 'recovery', label: 'COS_RECOVERY', fs: 'ext4', start: 130 << 20, size: 4 * GiB, encrypted: false },
  { number: 5, name: 'state', label: 'COS_STATE', fs: 'ext4', start: 5 * GiB, size: 8 * GiB, encrypted: false },
  { number: 6, name: 'persistent', label: 'COS_PERSISTENT', fs: 'ext4', start: 13 * GiB, size: 50 * GiB, encrypted: true },
];

/** Enough of a hash for tests: equal for equal text, different otherwise. */
const hashOf = (text: string): string => {
  let hash = 7n;
  for (const character of text) hash = (hash * 31n + BigInt(character.codePointAt(0) ?? 0)) % (1n << 256n);
  return hash.toString(16).padStart(64, '0');
};

const error = (id: string, what: string): Problem => ({ id, severity: 'error', what, where: 'test', hint: 'do something else' });

/** Plans as the real one does, as far as screens can tell. */
export const fakePlan = (input: PlanInput): PlanOutcome => {
  const answers = resolveAnswers(input.layers);
  const problems = [...input.problems, ...input.sources.problems];
  const image = answers['target-image']?.value;
  const device = answers.device?.value ?? (answers.unattended?.value === true ? 'auto' : undefined);
  const chosen =
    device === 'auto'
      ? input.facts.disks.find(({ verdict }) => verdict === 'eligible')
      : input.facts.disks.find(({ path, serial, verdict }) => (path === device || `serial:${serial}` === device) && verdict !== 'refused');
  if (image === undefined && device === undefined) return { planned: null, problems: [error('device-missing', 'no disk is chosen'), ...problems] };
  if (image === undefined && chosen === undefined) return { planned: null, problems: [error('device-gone', `there is no disk ${device}`), ...problems] };
  if (problems.some(({ severity }) => severity === 'error')) return { planned: null, problems };
  const target = (chosen === undefined || image !== undefined
    ? { kind: 'image', path: image ?? '', size: 16 * GiB }
    : {
        kind: 'device',
        path: chosen.path,
        identity: { kname: chosen.kname, serial: chosen.serial, wwn: chosen.wwn, size: chosen.size, diskseq: chosen.diskseq, byId: [] },
      }) as unknown as DiskTarget;
  const lost = image === undefined ? (chosen?.reasons.some(({ id }) => id === 'has-data') === true ? [chosen.contents] : []) : input.image?.hasData === true ? ['ext4 "old"'] : [];
  const plan: InstallPlan = {
    slipwayPlan: 1,
    engine: answers.engine?.value === 'kairos-agent' ? 'kairos-agent' : 'builtin',
    target,
    targetText: image ?? `${chosen?.path}, ${chosen?.model}, serial ${chosen?.serial}`,
    lost,
    wipes: [],
    cautions: [],
    source: input.source ?? { uri: 'dir:/', kind: 'dir', size: 0, kernel: null, initrd: null, release: {} },
    layout: layout.map((partition) => (partition.name === 'persistent' ? { ...partition, size: (chosen === undefined || image !== undefined ? 16 * GiB : chosen.size) - partition.start - (2 << 20) } : partition)),
    kept: [{ name: '90_custom.yaml', mode: 0o640, bytes: 412, sha256: 'ab'.repeat(32) }],
    installOnly: input.sources.removed,
    stages: ['before-install: 1 step (installer-data)'],
    steps: [],
    finish: answers.finish?.value ?? 'none',
    audit: 'written',
    receipts: ['/run/slipway'],
    receiptVolume: null,
    answers,
    hash: hashOf(JSON.stringify([answers, target, lost])),
  };
  const planned: PlannedInstall = {
    plan,
    material: { keptFiles: input.sources.keptText === null ? {} : { '90_custom.yaml': input.sources.keptText }, stages: [], strictStages: false, items: [], grubOptions: {}, bootEntryName: '', receiptKey: null },
    already: answers.reinstall?.value !== true && chosen?.contents === 'Kairos, same',
    image: input.image,
  };
  return { planned, problems };
};

/** What a whole install says. */
export const goodRun: readonly InstallEvent[] = [
  { event: 'phase', phase: 'engine', index: 5, of: 10, step: 'Write the partition table' },
  { event: 'log', level: 'info', text: 'sfdisk: 6 partitions' },
  { event: 'progress', phase: 'engine', fraction: 0.42, bytes: 1_503_238_553, total: 3_579_139_413, bytesPerSecond: 41_943_040, sourceBytesPerSecond: 15_728_640 },
  { event: 'phase', phase: 'scrub', index: 6, of: 10 },
  { event: 'scrub', removed: ['stages.before-install[0]'], notes: [] },
  { event: 'phase', phase: 'close', index: 7, of: 10 },
  { event: 'phase', phase: 'audit', index: 8, of: 10 },
  {
    event: 'audit',
    mode: 'written',
    bytesRead: 1_288_490_188,
    patterns: 14,
    notSearchable: [],
    hits: [],
    places: [],
    readPath: 'O_DIRECT',
    duration: 900,
  },
  { event: 'phase', phase: 'receipt', index: 9, of: 10 },
  { event: 'receipt', written: ['/run/slipway/receipt.json'], line: 'SLIPWAY:1:SAMPLE:ABAB:CDCD:20260203T040506Z:OK' },
  { event: 'phase', phase: 'finish', index: 10, of: 10 },
  { event: 'done', exitCode: 0, ok: true, result: 'installed', diskTouched: true, text: 'installed and proven' },
];

export const failedRun: readonly InstallEvent[] = [
  { event: 'phase', phase: 'engine', index: 5, of: 10, step: 'Make the file systems' },
  { event: 'log', level: 'error', text: 'mkfs.ext4: \u001B[31mdevice is full\u001B[0m' },
  { event: 'problem', id: 'mkfs-failed', severity: 'error', what: 'mkfs.ext4 ended with exit code 1', where: '/dev/sda4', hint: 'look at the log' },
  { event: 'done', exitCode: 6, ok: false, result: 'failed', diskTouched: true, text: 'making the file systems failed' },
];

export interface FakeOptions {
  readonly facts?: Facts;
  readonly sources?: ConfigSources;
  readonly image?: ImageFileFacts;
  /** What comes from installer-data. */
  readonly installerLayer?: SettingLayers['installer-data'];
  readonly problems?: readonly Problem[];
  readonly branding?: Branding;
  readonly prompts?: readonly Prompt[];
  /** What the image's own checks ask. */
  readonly checks?: readonly Prerequisite[];
  /** One run after the other. */
  readonly runs?: readonly (readonly InstallEvent[])[];
  /** Waits before each event of a run; an abort ends the wait. ms */
  readonly pace?: number;
}

export interface FakeEffects extends Effects {
  readonly installed: PlannedInstall[];
  readonly looks: SettingLayers[];
  /** What each look was given in place of user-data. */
  readonly documents: (GivenDocument | null)[];
  /** Changes of the network that were asked for. */
  readonly networkChanges: NetworkChange[];
  /** Disks that were let go of. */
  readonly released: string[];
  /** What was handed back to checks. */
  readonly decisions: Decision[];
  /** Reports that were written. */
  readonly reports: string[];
  /** Another set of disks shows up. */
  change(facts: Facts): void;
}

export const fakeEffects = (options: FakeOptions = {}): FakeEffects => {
  const installed: PlannedInstall[] = [];
  const looks: SettingLayers[] = [];
  const released: string[] = [];
  const documents: (GivenDocument | null)[] = [];
  const networkChanges: NetworkChange[] = [];
  const decided: Decision[] = [];
  const reports: string[] = [];
  let current = options.facts ?? facts();
  const waiting: ((facts: Facts) => void)[] = [];
  return {
    installed,
    looks,
    released,
    documents,
    networkChanges,
    decisions: decided,
    reports,
    change: (changed) => {
      current = changed;
      for (const tell of waiting.splice(0)) tell(changed);
    },
    gather: async (layers, _signal, _onProgress, instead) => {
      looks.push(layers);
      documents.push(instead ?? null);
      const config = resolveAnswers(layers).config?.value;
      const found = options.sources ?? sources();
      const others = found.documents.filter(({ kind }) => kind === 'installer-data');
      const used = instead !== undefined ? splitDocuments([{ ...instead, kind: 'user-data' }, ...others], found.dataVolume, null, []) : config === undefined ? found : { ...found, documents: config.map((name) => ({ name, kind: 'user-data' as const, text: '#cloud-config\n' })), dataVolume: null, removed: [] };
      return {
        facts: current,
        sources: used,
        source: { uri: 'dir:/', kind: 'dir', size: 900_000_000, kernel: '/boot/vmlinuz', initrd: '/boot/initrd', release: { KAIROS_NAME: 'kairos-core-debian-12', KAIROS_VERSION: 'v3.5.0' } },
        engines: [],
        image: options.image ?? null,
        layers: { ...layers, ...(options.installerLayer === undefined ? {} : { 'installer-data': options.installerLayer }) },
        passwordHash: null,
        resolvedDevice: null,
        now: 1_800_000_000_000,
        problems: options.problems ?? [],
        ...(options.branding === undefined ? {} : { branding: options.branding }),
      };
    },
    plan: fakePlan,
    watch: async function* (signal) {
      const gone = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null)));
      while (!signal.aborted) {
        const next = await Promise.race([gone, new Promise<Facts>((resolve) => waiting.push(resolve))]);
        if (next === null) return;
        yield next;
      }
    },
    install: async function* (planned, signal) {
      const run = options.runs?.[installed.length] ?? goodRun;
      installed.push(planned);
      for (const event of run) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(end, options.pace ?? 0);
          function end(): void {
            clearTimeout(timer);
            signal.removeEventListener('abort', end);
            resolve();
          }
          signal.addEventListener('abort', end);
        });
        if (signal.aborted) {
          yield { event: 'done', exitCode: 6, ok: false, result: 'interrupted', diskTouched: true, text: 'stopped while the system was laid down' };
          return;
        }
        yield event;
      }
    },
    hashPassword: async (password) => `$6$salt$${hashOf(password)}`,
    finish: async () => {},
    listFiles: async () => [{ name: 'node.yaml', size: 40 }, { name: 'other.txt', size: null }],
    readVolumeFile: async () => '#cloud-config\nhostname: from-the-stick\n',
    fetchKeys: async (from) => {
      if (from.endsWith('nobody')) throw new SlipwayError(error('ssh-keys', 'there is no such account'));
      return [{ type: 'ssh-ed25519', fingerprint: 'SHA256:kWpGWv0eVYrXHNMkF4mCpYKhSqmr5PVqBwzYbVvVvVg' }];
    },
    makeToken: () => makeToken((count) => Uint8Array.from({ length: count }, (_, index) => index)),
    askProviders: async () => options.prompts ?? [],
    releaseDisk: async ({ path }) => {
      released.push(path);
      return '1 mount was undone';
    },
    setNetwork: async (change) => {
      networkChanges.push(change);
      return 'done as asked';
    },
    listNames: async (list) => (list === 'timezone' ? ['America/New_York', 'Asia/Tokyo', 'Europe/Berlin', 'Europe/London', 'UTC'] : ['de', 'de-latin1', 'fr', 'us']),
    askChecks: async () => options.checks ?? [],
    applyChecks: async (_plugin, decisions) => {
      decided.push(...decisions);
      return decisions.map(({ id }) => ({ id, success: id !== 'never', message: id === 'never' ? 'no such luck' : 'as asked' }));
    },
    saveReport: async (_volume, report) => {
      reports.push(report);
      return 'slipway-report.txt';
    },
    testUrl: async (url) => `${url} answered with status 200 after 12 ms`,
  };
};
