/**
 * The planner: facts, answers and configuration in; a plan, or every problem at once, out. Pure: the console and the
 * unattended mode call it with the same inputs and get the same plan, byte for byte.
 */
import { keptConfigName } from '../model/labels.ts';
import type { Disk, SourceFacts } from '../model/facts.ts';
import type { DiskTarget, InstallMaterial, InstallPlan } from '../model/plan.ts';
import { isError, problemAt } from '../model/problem.ts';
import type { Problem } from '../model/problem.ts';
import type { Answers } from '../model/settings.ts';
import { buildKeptConfig } from '../sources/answers-to-config.ts';
import { sshKeysProblem } from '../sources/ssh-key.ts';
import { parseYaml } from '../sources/yaml.ts';
import { rootData } from '../sources/yaml-nodes.ts';
import { checkAgentKernelLine } from './agent-kernel-line.ts';
import { checkAgentStages } from './agent-stages.ts';
import { readBuiltinSteps } from './builtin-stages.ts';
import { canonicalJson } from './canonical.ts';
import { checkImageFacts, checkSourceForBuiltin } from './check-source.ts';
import { chooseDisk } from './choose-disk.ts';
import type { DiskConsent } from './choose-disk.ts';
import { checkWhole, createFinder, isFilledIn } from './check-whole.ts';
import type { FindPosition } from './check-whole.ts';
import { checkEncryption, checkKeptEncryption, encryptedLabels, keptByEncryption, keyServerOf } from './encryption.ts';
import { checkInstallBlock, checkInstallBlockForAgent, readGrubOptions } from './install-block.ts';
import type { EngineFacts, PlanInput, PlanOutcome } from './input.ts';
import { planLayout } from './layout.ts';
import { preflight } from './preflight.ts';
import { readLayoutWishes } from './layout-wishes.ts';
import { agentSteps, builtinSteps } from './steps.ts';
import { resolveLayers, valueOf } from './resolve.ts';
import { describeDisk, deviceTarget, imageTarget } from './target.ts';
import { chooseWipes, lostByWipe } from './wipe-others.ts';

const error = (id: string, what: string, where: string, hint: string): Problem => ({ id, severity: 'error', what, where, hint });

const gib = (bytes: number): string => (bytes < 1024 ** 3 ? `${Math.ceil(bytes / 1024 ** 2)} MiB` : `${(bytes / 1024 ** 3).toFixed(2)} GiB`);

interface Chosen {
  readonly target: DiskTarget | null;
  readonly text: string;
  readonly size: number;
  readonly lost: readonly string[];
  readonly disk: Disk | null;
  readonly problems: readonly Problem[];
}

/** What is lost on an image file. */
const lostOnImage = (image: NonNullable<PlanInput['image']>): readonly string[] => {
  if (!image.exists || !image.hasData || image.unfinished) return [];
  if (image.partitions.length === 0) return ['the data in the image file'];
  return image.partitions.map((partition) => `${partition.label ?? partition.partlabel ?? 'partition'} (${partition.fstype === null ? '' : `${partition.fstype}, `}${gib(partition.size)})`);
};

/** A finished install with this very configuration: nothing will be written, so nothing needs consent. */
const isFinished = (installed: string | null | undefined, unfinished: boolean, keptSha256: string, answers: Answers): boolean =>
  installed === keptSha256 && !unfinished && valueOf(answers, 'reinstall') !== true;

const chooseImage = (input: PlanInput, answers: Answers, path: string, keptSha256: string): Chosen => {
  const nothing = { target: null, text: path, size: 0, lost: [], disk: null };
  const image = input.image;
  if (valueOf(answers, 'device') !== undefined && answers.device?.origin !== 'default' && answers.device?.origin !== 'installer-data' && answers.device?.origin !== 'user-data') {
    return { ...nothing, problems: [error('target-twice', '--device and --target-image name two targets', path, 'give one of them')] };
  }
  if (image === null) return { ...nothing, problems: [error('target-unknown', 'nothing is known of the image file', path, 'this is a bug: please report it')] };
  if (!image.regular) return { ...nothing, problems: [error('target-not-a-file', 'is not a regular file', path, 'name a disk image file; for a disk use --device')] };
  const size = valueOf(answers, 'image-size') ?? 0;
  const lost = lostOnImage(image);
  const problems: Problem[] = [];
  const consent = valueOf(answers, 'allow-data-loss') === true || isFinished(image.installedConfigSha256, image.unfinished, keptSha256, answers);
  if (lost.length > 0 && !consent && valueOf(answers, 'unattended') === true) {
    problems.push(error('target-has-data', `holds ${lost.join(', ')}`, path, 'it would be lost: add --allow-data-loss to agree, or choose another file'));
  }
  // A sparse file may be bigger than the free space; what will really be written may not.
  const needed = 3 * (input.source?.size ?? 0);
  if (image.freeSpace < needed) problems.push(error('target-no-space', `the file system has ${gib(image.freeSpace)} free and about ${gib(needed)} will be written`, path, 'make room or choose another place'));
  return { target: imageTarget(image, size), text: `the image file ${path} (${gib(size)})`, size, lost, disk: null, problems };
};

const lostOnDisk = (disk: Disk): readonly string[] => {
  if (disk.unfinished || !disk.reasons.some((reason) => reason.id === 'has-data' || reason.id === 'kairos-install')) return [];
  return [disk.contents];
};

/** `asks`: a person is asked on the screen. */
const consentOf = (answers: Answers, asks: boolean): DiskConsent => ({
  allowDataLoss: asks || valueOf(answers, 'allow-data-loss') === true,
  allow: asks ? ['removable', 'network-disk'] : (valueOf(answers, 'allow') ?? []),
});

/** The rule for the disk is told of where it was written, which need not be a flag. */
const whereAsked = (problem: Problem, answers: Answers, find: FindPosition): Problem => {
  if (!problem.where.startsWith('--device')) return problem;
  const origin = answers.device?.origin;
  if (origin === 'kernel-line') return { ...problem, where: problem.where.replace('--device ', 'kernel line, slipway.device=') };
  if (origin !== 'installer-data' && origin !== 'user-data') return problem;
  const position = find(['slipway', 'device'], { exact: true }) ?? find(['install', 'device'], { exact: true });
  return position === null ? problem : problemAt(position, problem);
};

const chooseDevice = (input: PlanInput, answers: Answers, keptSha256: string, find: FindPosition): Chosen => {
  const nothing = { target: null, text: 'no disk', size: 0, lost: [], disk: null };
  const asked = valueOf(answers, 'device');
  if (asked === undefined) return { ...nothing, problems: [error('device-missing', 'no disk is chosen', '--device', 'choose one; slipway probe lists them')] };
  const unattended = valueOf(answers, 'unattended') === true;
  // In the console consent is given on the review screen, for a disk that a person named; a rule needs it beforehand.
  const named = answers.device?.origin === 'console' || /^(\/dev\/|serial:|wwn:)/.test(asked);
  const consent = consentOf(answers, !unattended && named);
  const rule = asked.startsWith('script:') ? input.resolvedDevice : asked;
  if (rule === null) return { ...nothing, problems: [error('device-script', 'the script named no device', asked, 'it must print one path and end with exit code 0')] };
  const strict = chooseDisk(rule, input.facts, consent);
  const lenient = 'disk' in strict ? strict : chooseDisk(rule, input.facts, { ...consent, allowDataLoss: true });
  const chosen = 'disk' in lenient && isFinished(lenient.disk.installedConfigSha256, lenient.disk.unfinished, keptSha256, answers) ? lenient : strict;
  if (!('disk' in chosen)) return { ...nothing, problems: chosen.problems.map((problem) => whereAsked(problem, answers, find)) };
  const { disk } = chosen;
  return { target: deviceTarget(disk), text: describeDisk(disk), size: disk.size, lost: lostOnDisk(disk), disk, problems: [] };
};

const chooseEngine = (input: PlanInput, answers: Answers, toImage: boolean): { readonly engine: EngineFacts | null; readonly problems: readonly Problem[] } => {
  const asked = valueOf(answers, 'engine') ?? 'auto';
  const find = (name: EngineFacts['name']): EngineFacts | undefined => input.engines.find((engine) => engine.name === name && engine.available);
  const name = asked === 'auto' ? (!toImage && find('kairos-agent') !== undefined ? 'kairos-agent' : 'builtin') : asked;
  const engine = find(name);
  if (engine === undefined) return { engine: null, problems: [error('engine-missing', `the engine ${name} is not available here`, '--engine', 'use --engine builtin')] };
  if (name === 'kairos-agent' && toImage) {
    return { engine: null, problems: [error('engine-missing', 'kairos-agent cannot install into an image file', '--engine', 'use --engine builtin')] };
  }
  if (name === 'kairos-agent' && input.facts.boot.state !== 'live') {
    return { engine: null, problems: [error('engine-not-live', `kairos-agent installs from a live system only; this one is booted as ${input.facts.boot.state}`, '--engine', 'boot the installer medium, or use --engine builtin')] };
  }
  const problems = [...new Map(engine.missing.map((row) => [row.package, row])).values()].map((row) =>
    error('tools-missing', `${row.program} is not installed`, `engine ${engine.name}`, `install the package ${row.package}`),
  );
  // A plan needs no root; the run does.
  if (engine.root === false) problems.push({ id: 'not-root', severity: 'warning', what: 'this is a look only: an install needs root', where: `engine ${engine.name}`, hint: 'start slipway as root to install' });
  if (typeof engine.busy === 'string') problems.push(error('engine-busy', `another install is running or waiting (${engine.busy})`, 'kairos-agent', 'wait for it to end, or end it (systemctl stop kairos-installer)'));
  return { engine, problems };
};

const checkSource = (input: PlanInput, answers: Answers, engine: EngineFacts | null): { readonly source: SourceFacts | null; readonly problems: readonly Problem[] } => {
  const uri = valueOf(answers, 'source');
  const { source } = input;
  if (source === null) {
    const told = input.problems.some((problem) => problem.id.startsWith('source'));
    return { source, problems: told ? [] : [error('source-missing', 'there is no image to install', uri ?? '--source', 'give --source dir:PATH, file:PATH or ocifile:PATH')] };
  }
  // The agent brings what it unpacks with.
  const { missingTools: _missing, ...known } = source;
  if (engine?.name === 'kairos-agent') return { source: known, problems: [] };
  const problems = checkSourceForBuiltin(source);
  return { source: problems.length === 0 ? source : null, problems };
};

/** The kept configuration as data; empty where it does not parse, which is a problem of its own. */
const dataOf = (text: string): Readonly<Record<string, unknown>> => {
  const { document } = parseYaml(text, keptConfigName);
  return document === undefined ? {} : rootData(document);
};

const namesIn = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const summarizeStages = (material: InstallMaterial): readonly string[] => {
  const counts = new Map<string, number>();
  for (const step of material.stages) {
    const key = `${step.stage} (${step.file})`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${name}: ${count} ${count === 1 ? 'step' : 'steps'}`);
};

/**
 * A configuration's reboot or power-off is meant for the machine that is installed: with an image file as target that isn't this one.
 */
const finishOf = (answers: Answers, toImage: boolean): InstallPlan['finish'] => {
  const asked = answers.finish;
  if (asked === undefined || (toImage && asked.origin !== 'flag' && asked.origin !== 'console')) return 'none';
  return asked.value;
};

/** The data volume gets a receipt when nothing else was asked for and it can be written. */
const receiptVolumeOf = (input: PlanInput, answers: Answers): InstallPlan['receiptVolume'] => {
  const volume = input.sources.dataVolume;
  return valueOf(answers, 'receipt') === undefined && volume?.writable === true ? { path: volume.path, fstype: volume.fstype } : null;
};

/** Where receipts go: always to memory; besides as asked. */
const receiptPlaces = (answers: Answers): readonly string[] => [...new Set(['/run/slipway', valueOf(answers, 'receipt') ?? '/run/slipway'])];

/**
 * Settings that do not change what is done to the machine: two runs that differ in them alone have the same plan. Neither does where
 * the configuration came from: its text counts, which may have been read from a file or a volume, or typed in the console.
 */
const notInTheHash: readonly string[] = ['unattended', 'expect-plan', 'wait-for-data', 'allow-data-loss', 'allow', 'reinstall', 'config', 'installer-data', 'data-volume', 'password-file'];

const hashedAnswers = (answers: Answers): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(answers)
      .filter(([name]) => !notInTheHash.includes(name))
      .map(([name, answer]) => [name, answer.value]),
  );

/** Makes the plan. `sha256` gives the hex digest of a text (the planner itself has no crypto). */
export const makePlan = (input: PlanInput, sha256: (text: string) => string): PlanOutcome => {
  const answers = resolveLayers(input.layers);
  const image = valueOf(answers, 'target-image');
  const { engine, problems: engineProblems } = chooseEngine(input, answers, image !== undefined);
  const { source, problems: sourceProblems } = checkSource(input, answers, engine);
  const { install } = input.sources;
  const find = createFinder(input.sources.documents);
  const { wishes, problems: wishProblems } = readLayoutWishes(valueOf(answers, 'partition') ?? [], install, find);
  const { options: grubOptions, problems: grubProblems } = readGrubOptions(install, find);
  const kept = buildKeptConfig({
    documents: input.sources.documents.filter((document) => document.kind === 'user-data'),
    answers: {
      hostname: valueOf(answers, 'hostname'),
      user: valueOf(answers, 'user'),
      passwordHash: input.passwordHash ?? undefined,
      sshKeys: valueOf(answers, 'ssh-key'),
      extra: keptByEncryption(answers, input.sources),
    },
    metaHostname: input.sources.metaHostname,
  });
  const keptSha256 = sha256(kept.text);
  const keptData = dataOf(kept.text);
  const whole = { ...keptData, install };
  const chosen = image === undefined ? chooseDevice(input, answers, keptSha256, find) : chooseImage(input, answers, image, keptSha256);
  const wiping = chooseWipes({ rules: valueOf(answers, 'wipe-other') ?? [], facts: input.facts, disk: chosen.disk, consent: consentOf(answers, valueOf(answers, 'unattended') !== true) });
  const stages = readBuiltinSteps(input.sources.steps, find);
  // What the check of a document said is not said again of what was merged.
  const said = new Set(input.sources.problems.filter(isError).map(({ where }) => where));
  const notSaid = ({ where }: Problem): boolean => !said.has(where);
  const problems: Problem[] = [
    ...input.facts.problems,
    ...input.problems,
    ...input.sources.problems.filter((problem) => !isFilledIn(problem, whole)),
    ...chosen.problems,
    ...wiping.problems,
    ...engineProblems,
    ...sourceProblems,
    ...wishProblems.filter(notSaid),
    ...grubProblems.filter(notSaid),
    ...kept.problems,
    ...(input.sources.incomplete === true ? [] : checkWhole(find, whole, answers)),
    ...(engine?.name === 'builtin' ? [...checkInstallBlock(install, find).filter(notSaid), ...stages.problems.filter(notSaid)] : []),
    ...(engine?.name === 'kairos-agent' ? [...checkInstallBlockForAgent(install, find), ...checkAgentStages(input.sources.steps), ...checkAgentKernelLine(input.facts.kernelLine, input.sources.steps)] : []),
  ];
  const wrongKey = sshKeysProblem(valueOf(answers, 'ssh-key') ?? []);
  if (wrongKey !== null) problems.push(error('ssh-key', wrongKey, '--ssh-key', 'give the whole line of a .pub file, or github:NAME'));
  if (engine?.name === 'builtin' && !engine.canIsolateStages && input.sources.steps.length > 0) {
    problems.push(error('stages-cannot-be-isolated', 'install-only stages cannot be run apart from this system: its kernel has no overlay file system', 'builtin engine', 'load the module overlay, or use another kernel'));
  }
  const { uki } = input.facts.boot;
  if (engine?.name === 'kairos-agent' && uki && Object.keys(wishes.sizes).length > 0) {
    problems.push(error('partition-uki', `under Trusted Boot kairos-agent sizes Kairos's own partitions itself (asked for ${Object.keys(wishes.sizes).join(', ')})`, valueOf(answers, 'partition') === undefined ? 'install.partitions' : '--partition', 'leave their sizes out; extra partitions can be given'));
  }
  const encrypted = encryptedLabels(answers, install, engine?.name === 'kairos-agent' && uki);
  const keyServer = keyServerOf(keptData);
  problems.push(...checkKeptEncryption({ answers, labels: encrypted, keptLabels: namesIn((keptData['install'] as Readonly<Record<string, unknown>> | undefined)?.['encrypted_partitions']) }, find));
  if (source !== null) problems.push(...checkImageFacts(source, input.architecture ?? null, keptData));
  if (engine?.name === 'builtin' && (encrypted.length > 0 || valueOf(answers, 'kms') !== undefined)) {
    problems.push(error('encryption-unsupported', `the builtin engine does not encrypt partitions (asked for ${encrypted.join(', ') || 'a key server'})`, answers.encrypt === undefined ? 'install.encrypted_partitions' : '--encrypt', 'use --engine kairos-agent, or leave encryption out'));
  }
  if (engine !== null) {
    problems.push(
      ...preflight({
        facts: input.facts,
        disk: chosen.disk,
        wiped: wiping.wipes.map(({ target }) => target.path),
        source,
        engine: engine.name,
        encrypted,
        kms: keyServer,
        urls: [...(valueOf(answers, 'config') ?? []), ...(valueOf(answers, 'installer-data') ?? []), ...(valueOf(answers, 'receipt') === undefined ? [] : [String(valueOf(answers, 'receipt'))])],
        now: input.now,
        ...(input.builtAt === undefined ? {} : { builtAt: input.builtAt }),
      }),
    );
  }
  for (const extra of wishes.extra) {
    if (engine?.name === 'builtin' && extra.fs === 'xfs') problems.push(error('partition-fs', 'the builtin engine cannot make xfs', `extra partition ${extra.name}`, 'use ext4'));
  }
  const layout = chosen.target === null || source === null ? null : planLayout(chosen.size, source.size, wishes, chosen.text, engine?.name === 'kairos-agent' ? (input.facts.firmware.uefi ? 'uefi' : 'bios') : 'both');
  problems.push(...(layout?.problems ?? []));
  if (engine?.name === 'kairos-agent') {
    problems.push(
      ...checkEncryption({
        answers,
        labels: encrypted,
        keyServer,
        uki,
        planned: layout?.layout.partitions.map(({ label }) => label) ?? null,
        keyServerPlugin: engine.keyServerPlugin,
      }),
    );
  }

  const answered = hashedAnswers(answers);
  const entryName = install['grub-entry-name'];
  const material: InstallMaterial = {
    keptFiles: { [keptConfigName]: kept.text },
    stages: input.sources.steps,
    strictStages: input.sources.strict,
    items: input.sources.items,
    install,
    fixedPersistent: (wishes.sizes.persistent ?? 0) > 0,
    grubOptions,
    bootEntryName: typeof entryName === 'string' ? entryName : (source?.release['GRUB_ENTRY_NAME'] ?? source?.release['KAIROS_NAME'] ?? source?.release['PRETTY_NAME'] ?? 'Kairos'),
    receiptKey: input.sources.receiptKey,
  };
  if (problems.some(isError) || chosen.target === null || source === null || layout === null || engine === null) {
    return { planned: null, problems, keyServer };
  }
  const already = isFinished(
    chosen.disk === null ? input.image?.installedConfigSha256 : chosen.disk.installedConfigSha256,
    chosen.disk?.unfinished ?? input.image?.unfinished ?? false,
    keptSha256,
    answers,
  );
  const unhashed: Omit<InstallPlan, 'hash'> = {
    slipwayPlan: 1,
    engine: engine.name,
    target: chosen.target,
    targetText: chosen.text,
    lost: already ? [] : [...chosen.lost, ...wiping.wipes.map(lostByWipe)],
    wipes: already ? [] : wiping.wipes,
    cautions: chosen.disk?.reasons ?? [],
    source,
    layout: layout.layout.partitions.map((partition) => (encrypted.includes(partition.label) ? { ...partition, encrypted: true } : partition)),
    kept: [{ name: keptConfigName, mode: 0o640, bytes: new TextEncoder().encode(kept.text).length, sha256: keptSha256 }],
    installOnly: input.sources.removed,
    stages: summarizeStages(material),
    steps: (engine.name === 'kairos-agent' ? agentSteps : builtinSteps)(already ? [] : wiping.wipes),
    finish: finishOf(answers, chosen.disk === null),
    audit: valueOf(answers, 'audit') ?? 'written',
    receipts: receiptPlaces(answers),
    receiptVolume: receiptVolumeOf(input, answers),
    answers,
  };
  const documents = input.sources.documents.map((document) => ({ kind: document.kind, sha256: sha256(document.text) }));
  // What is cut and which stages run follows from the documents; the two lists name them by where they came from.
  const { installOnly: _installOnly, stages: _stages, ...hashed } = unhashed;
  const hash = sha256(canonicalJson({ ...hashed, answers: answered, documents, grubOptions, install: sha256(canonicalJson(install)), bootEntryName: material.bootEntryName }));
  const expected = valueOf(answers, 'expect-plan');
  if (expected !== undefined && expected !== hash) {
    return { planned: null, keyServer, problems: [...problems, error('expected-plan', `this plan is ${hash}, not the expected one`, '--expect-plan', 'compare the two with slipway plan')] };
  }
  return { planned: { plan: { ...unhashed, hash }, material, already, image: input.image, dataVolume: input.sources.dataVolume?.path ?? null }, problems, keyServer };
};
