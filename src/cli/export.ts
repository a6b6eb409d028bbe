/** `slipway export KIND`: files for other systems, from the same answers as an install. */
import { hashPasswordFile } from '../app/password.ts';
import { printNodeOp } from '../export/nodeop.ts';
import { printNodeOpUpgrade } from '../export/nodeopupgrade.ts';
import { artifactOutputs, checkOsArtifact, printOsArtifact } from '../export/osartifact.ts';
import type { ArtifactOutput, OsArtifactOptions } from '../export/osartifact.ts';
import { readSelector } from '../export/selector.ts';
import { makeVolumeFiles } from '../export/volume-documents.ts';
import type { VolumeFiles } from '../export/volume-documents.ts';
import { makeVolumeImage, volumeFormats } from '../export/volume-image.ts';
import { exitCodes } from '../model/exit-code.ts';
import { formatProblem, isError, SlipwayError } from '../model/problem.ts';
import type { Problem } from '../model/problem.ts';
import type { SettingLayer } from '../model/settings.ts';
import { resolveLayers } from '../plan/resolve.ts';
import { probeMachine } from '../probe/probe.ts';
import { factsOf } from '../probe/facts.ts';
import type { Facts } from '../model/facts.ts';
import { loadSources } from '../sources/load-sources.ts';
import type { System } from '../system/port.ts';
import type { Output } from '../system/output.ts';
import { readSettingFlags } from './parse.ts';
import type { ParsedCommandLine } from './parse.ts';

export const exportKinds = ['cidata', 'osartifact', 'nodeop', 'nodeopupgrade'] as const;
export type ExportKind = (typeof exportKinds)[number];

const usageProblem = (what: string, where: string, hint: string): Problem => ({ id: 'usage', severity: 'error', what, where, hint });

/** A machine of which nothing is known: exports look at this one only where a data volume is to be found on it. */
const noMachine: Facts = factsOf({
  lsblk: null, sysfs: null, links: new Map(), udev: false, root: false, mountinfo: null, swaps: null, efi: { present: false, secureBoot: null },
  tpm: { names: null, versionMajor: null, hasResourceManager: false }, nics: [], addresses: null, meminfo: null, cpuinfo: null,
  namePlate: { vendor: null, product: null, serial: null, uuid: null }, sentinels: [], kernelLine: '', kairosRelease: null, problems: [],
});

interface Words {
  text(name: string): string | null;
  list(name: string): readonly string[];
  isSet(name: string): boolean;
}

const wordsOf = (flags: ParsedCommandLine['flags']): Words => ({
  text: (name) => (typeof flags[name] === 'string' ? flags[name] : null),
  list: (name) => (Array.isArray(flags[name]) ? (flags[name] as readonly string[]) : []),
  isSet: (name) => flags[name] === true,
});

/** Reads configuration and answers as an install would. */
const gatherFiles = async (system: System, layer: SettingLayer, instanceId: string, signal: AbortSignal): Promise<VolumeFiles> => {
  const wanted = layer['data-volume'] ?? 'none';
  const isFile = wanted === 'none' || wanted.includes('/');
  const facts = isFile ? noMachine : await probeMachine(system, { signal });
  const answers = resolveLayers({ flag: { ...layer, 'data-volume': wanted } });
  const sources = await loadSources(system, facts, answers, signal);
  const password = layer['password-file'] === undefined ? { hash: null, problems: [] } : await hashPasswordFile(system, layer['password-file']);
  const files = makeVolumeFiles({
    documents: sources.documents,
    answers: { hostname: layer.hostname, user: layer.user, passwordHash: password.hash ?? undefined, sshKeys: layer['ssh-key'] },
    settings: layer,
    metaHostname: sources.metaHostname,
    instanceId,
  });
  return { ...files, problems: [...sources.problems, ...password.problems, ...files.problems] };
};

/** The kept configuration, or null when none was given at all. */
const configOf = (layer: SettingLayer, files: VolumeFiles): string | null =>
  ['config', 'data-volume', 'hostname', 'user', 'ssh-key', 'password-file'].some((name) => layer[name as keyof SettingLayer] !== undefined) ? files.userData : null;

const objectName = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

interface Common {
  readonly name: string;
  readonly namespace: string | null;
  readonly concurrency: number;
}

const readCommon = (words: Words): { readonly common: Common; readonly problems: readonly Problem[] } => {
  const problems: Problem[] = [];
  const name = words.text('name') ?? 'slipway';
  const namespace = words.text('namespace');
  for (const [flag, value] of [['--name', name], ['--namespace', namespace]] as const) {
    if (value !== null && !objectName.test(value)) problems.push(usageProblem('is no name that Kubernetes takes', `${flag} ${value}`, 'lower-case letters, digits, "-" and "."'));
  }
  const concurrency = Number(words.text('concurrency') ?? '1');
  if (!Number.isInteger(concurrency) || concurrency < 0 || concurrency > 10_000) problems.push(usageProblem('takes a number of nodes', '--concurrency', '0 means all at once'));
  return { common: { name, namespace, concurrency }, problems };
};

type Made = { readonly text: string } | { readonly problems: readonly Problem[] };

const needsImage = (kind: ExportKind): Made => ({ problems: [usageProblem('is needed', '--image REF', `slipway export ${kind} --image registry.example/kairos/…`)] });

const makeOsArtifactText = (words: Words, common: Common, config: string | null): Made => {
  const image = words.text('image');
  if (image === null) return needsImage('osartifact');
  const asked = words.list('artifact').length === 0 ? ['iso'] : words.list('artifact').flatMap((word) => word.split(','));
  const unknown = asked.find((word) => !(artifactOutputs as readonly string[]).includes(word));
  if (unknown !== undefined) return { problems: [usageProblem(`takes ${artifactOutputs.join(', ')}`, `--artifact ${unknown}`, 'repeatable')] };
  const arch = words.text('arch') ?? 'amd64';
  if (arch !== 'amd64' && arch !== 'arm64') return { problems: [usageProblem('takes amd64 or arm64', `--arch ${arch}`, 'the processor of the nodes')] };
  const options: OsArtifactOptions = {
    name: common.name, namespace: common.namespace, image, arch, outputs: [...new Set(asked)] as ArtifactOutput[], config,
    overlayIsoClaim: words.text('overlay-iso'), overlayRootfsClaim: words.text('overlay-rootfs'), keysSecret: words.text('keys-secret'),
    netbootUrl: words.text('netboot-url'), diskSize: words.text('disk-size'),
  };
  const problems = checkOsArtifact(options);
  return problems.length > 0 ? { problems } : { text: printOsArtifact(options) };
};

/** A manifest's text, or what is wrong with the flags. */
const makeManifest = (kind: Exclude<ExportKind, 'cidata'>, words: Words, common: Common, config: string | null): Made => {
  if (kind === 'osartifact') return makeOsArtifactText(words, common, config);
  const { selector, problems } = readSelector(words.list('selector'));
  if (problems.length > 0) return { problems };
  const shared = { ...common, selector, stopOnFailure: !words.isSet('keep-going') };
  if (kind === 'nodeop') return { text: printNodeOp({ ...shared, config, image: words.text('image'), drain: words.isSet('drain') }) };
  const image = words.text('image');
  if (image === null) return needsImage(kind);
  const canary = words.list('canary').length === 0 ? null : readSelector(words.list('canary'));
  if (canary !== null && canary.problems.length > 0) return { problems: canary.problems };
  // The rest is "all without it", which a selector can say of one label only.
  if (words.list('canary').length > 1) return { problems: [usageProblem('takes one label', '--canary KEY=VALUE', 'give the first nodes a label of their own: kubectl label node NAME ring=canary')] };
  return { text: printNodeOpUpgrade({ ...shared, image, recovery: words.isSet('recovery'), excludePaths: words.list('exclude-path'), canary: canary?.selector ?? null }) };
};

/** Exit code 0; 2 for flags; 3 when the configuration has an error or the file cannot be written. */
export const exportCommand = async (parsed: ParsedCommandLine, system: System, output: Output, signal: AbortSignal): Promise<number> => {
  const words = wordsOf(parsed.flags);
  const say = (problems: readonly Problem[]): void => {
    for (const problem of problems) output.error(`${problem.severity}: ${formatProblem(problem)}`);
  };
  const kind = exportKinds.find((name) => name === parsed.words[0]);
  const { layer, problems: wrong } = readSettingFlags(parsed.flags);
  const { common, problems: wrongNames } = readCommon(words);
  const usage = [...wrong, ...wrongNames];
  if (kind === undefined) usage.push(usageProblem('is not something that can be exported', parsed.words[0] ?? '', `the kinds are ${exportKinds.join(', ')}`));
  const format = volumeFormats.find((name) => name === (words.text('format') ?? 'iso'));
  if (format === undefined) usage.push(usageProblem(`takes ${volumeFormats.join(' or ')}`, '--format', 'iso for virtual media, vfat for sticks'));
  const file = words.text('output');
  if (kind === 'cidata' && file === null) usage.push(usageProblem('is needed', '--output FILE', 'slipway export cidata --config user-data --output volume.iso'));
  if (usage.length > 0 || kind === undefined || format === undefined) {
    say(usage);
    return exitCodes.usage;
  }

  const files = await gatherFiles(system, layer, words.text('instance-id') ?? 'slipway', signal);
  if (kind === 'cidata' && files.installerData === null && configOf(layer, files) === null) {
    say([usageProblem('there is nothing to put on it', 'cidata', 'give --config, --installer-data or answers such as --hostname')]);
    return exitCodes.usage;
  }
  say(files.problems);
  if (files.problems.some(isError)) return exitCodes.answersInvalid;
  try {
    if (kind === 'cidata') {
      const image = file ?? '';
      await makeVolumeImage(system, files, { image, format, replace: words.isSet('replace') });
      const names = ['user-data', ...(files.installerData === null ? [] : ['installer-data']), 'meta-data'];
      output.print(parsed.globals.json ? JSON.stringify({ kind, file: image, format, label: format === 'vfat' ? 'CIDATA' : 'cidata', files: names }) : `${image}: ${format} volume "cidata" with ${names.join(', ')}`);
      return exitCodes.done;
    }
    const made = makeManifest(kind, words, common, configOf(layer, files));
    if ('problems' in made) {
      say(made.problems);
      return exitCodes.usage;
    }
    if (file === null) output.print(parsed.globals.json ? JSON.stringify({ kind, text: made.text }) : made.text);
    else {
      await system.writeFile(file, made.text, { mode: 0o600, exclusive: !words.isSet('replace') });
      output.print(parsed.globals.json ? JSON.stringify({ kind, file }) : `${file}: ${kind}`);
    }
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    say([error.problem]);
    return exitCodes.answersInvalid;
  }
};
