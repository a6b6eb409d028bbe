/** `slipway export KIND`: files for other systems, from the same answers as an install. */
import { hashPasswordFile } from '../app/password.ts';
import { printNodeOp } from '../export/nodeop.ts';
import { printNodeOpUpgrade } from '../export/nodeopupgrade.ts';
import { artifactOutputs, checkOsArtifact, printOsArtifact } from '../export/osartifact.ts';
import type { ArtifactOutput, OsArtifactOptions } from '../export/osartifact.ts';
import { checkCanary, readSelector } from '../export/selector.ts';
import { makeVolumeFiles } from '../export/volume-documents.ts';
import type { VolumeFiles } from '../export/volume-documents.ts';
import { makeVolumeImage, volumeFormats } from '../export/volume-image.ts';
import { checkKindOfFlags, exportKinds, readCommon, usageProblem, wordsOf } from '../export/words.ts';
import type { Common, ExportKind, Words } from '../export/words.ts';
import { exitCodes } from '../model/exit-code.ts';
import { cleanText } from '../model/foreign-text.ts';
import { formatProblem, isError, SlipwayError } from '../model/problem.ts';
import type { Problem } from '../model/problem.ts';
import type { SettingLayer } from '../model/settings.ts';
import { checkWhole, createFinder, isFilledIn } from '../plan/check-whole.ts';
import { resolveLayers } from '../plan/resolve.ts';
import { probeMachine } from '../probe/probe.ts';
import { factsOf } from '../probe/facts.ts';
import type { Facts } from '../model/facts.ts';
import { loadSources } from '../sources/load-sources.ts';
import { parseYaml } from '../sources/yaml.ts';
import { rootData } from '../sources/yaml-nodes.ts';
import type { System } from '../system/port.ts';
import type { Output } from '../system/output.ts';
import { readSettingFlags } from './parse.ts';
import type { ParsedCommandLine } from './parse.ts';

/** A machine of which nothing is known: exports look at this one only where a data volume is to be found on it. */
const noMachine: Facts = factsOf({
  lsblk: null, sysfs: null, links: new Map(), udev: false, root: false, mountinfo: null, swaps: null, efi: { present: false, secureBoot: null },
  tpm: { names: null, versionMajor: null, hasResourceManager: false }, nics: [], addresses: null, meminfo: null, cpuinfo: null,
  namePlate: { vendor: null, product: null, serial: null, uuid: null }, sentinels: [], kernelLine: '', kairosRelease: null, problems: [],
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
  const { document } = parseYaml(files.userData, 'user-data');
  const whole = { ...(document === undefined ? {} : rootData(document)), install: sources.install };
  const missing = sources.incomplete === true ? [] : checkWhole(createFinder(sources.documents), whole, answers);
  return { ...files, problems: [...sources.problems.filter((problem) => !isFilledIn(problem, whole)), ...missing, ...password.problems, ...files.problems] };
};

/** True when a configuration was given, or an answer that belongs into one. */
const hasConfig = (layer: SettingLayer): boolean =>
  (['config', 'data-volume', 'hostname', 'user', 'ssh-key', 'password-file'] as const).some((name) => layer[name] !== undefined && !(name === 'data-volume' && layer[name] === 'none'));

type Made = { readonly text: string } | { readonly problems: readonly Problem[] };

const needsImage = (kind: ExportKind): Made => ({ problems: [usageProblem('is needed', '--image REF', `slipway export ${kind} --image registry.example/kairos/…`)] });

const makeOsArtifactText = (words: Words, common: Common, config: string | null): Made => {
  const image = words.text('image');
  if (image === null) return needsImage('osartifact');
  const asked = words.list('artifact').length === 0 ? ['iso'] : words.list('artifact').flatMap((word) => word.split(','));
  const unknown = asked.find((word) => !(artifactOutputs as readonly string[]).includes(word));
  if (unknown !== undefined) return { problems: [usageProblem(`takes ${artifactOutputs.join(', ')}`, `--artifact ${cleanText(unknown)}`, 'repeatable')] };
  const arch = words.text('arch') ?? 'amd64';
  if (arch !== 'amd64' && arch !== 'arm64') return { problems: [usageProblem('takes amd64 or arm64', `--arch ${cleanText(arch)}`, 'the processor of the nodes')] };
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
  const asked = words.list('canary');
  // The rest is "all without it", which a selector can say of one label only.
  if (asked.length > 1) return { problems: [usageProblem('takes one label', '--canary KEY=VALUE', 'give the first nodes a label of their own: kubectl label node NAME ring=canary')] };
  const canary = readSelector(asked, '--canary');
  const wrong = asked.length === 0 ? [] : [...canary.problems, ...checkCanary(selector, canary.selector)];
  if (wrong.length > 0) return { problems: wrong };
  return { text: printNodeOpUpgrade({ ...shared, image, recovery: words.isSet('recovery'), excludePaths: words.list('exclude-path'), canary: asked.length === 0 ? null : canary.selector }) };
};

/** Warnings about the export as a whole, once it is known that it can be made. */
const warningsOf = (kind: ExportKind, words: Words, layer: SettingLayer): readonly Problem[] => {
  const warning = (id: string, what: string, where: string, hint: string): Problem => ({ id, severity: 'warning', what, where, hint });
  if (kind === 'nodeop' && words.list('selector').length === 0) {
    return [warning('export-all-nodes', 'every node that the operator manages is selected: control planes too are reset, and lose the datastore of the cluster', 'nodeop', 'narrow it with --selector KEY=VALUE, for example kubernetes.io/hostname=node-1')];
  }
  if (kind === 'nodeopupgrade' && hasConfig(layer)) return [warning('export-left-out', 'an upgrade carries no configuration: what was given is left out', 'nodeopupgrade', 'nodes keep theirs; slipway export nodeop gives them another one')];
  return [];
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
  if (kind === undefined) usage.push(usageProblem('is not something that can be exported', cleanText(parsed.words[0] ?? ''), `the kinds are ${exportKinds.join(', ')}`));
  else usage.push(...checkKindOfFlags(kind, parsed.flags));
  const format = volumeFormats.find((name) => name === (words.text('format') ?? 'iso'));
  if (format === undefined) usage.push(usageProblem(`takes ${volumeFormats.join(' or ')}`, '--format', 'iso for virtual media, vfat for sticks'));
  const file = words.text('output');
  if (kind === 'cidata' && file === null) usage.push(usageProblem('is needed', '--output FILE', 'slipway export cidata --config user-data --output volume.iso'));
  if (usage.length > 0 || kind === undefined || format === undefined) {
    say(usage);
    return exitCodes.usage;
  }

  const files = await gatherFiles(system, layer, words.text('instance-id') ?? 'slipway', signal);
  // A data volume always has a user-data; of the manifests an upgrade has none.
  const carriesConfig = kind === 'cidata' || (kind !== 'nodeopupgrade' && hasConfig(layer));
  if (kind === 'cidata' && files.installerData === null && !hasConfig(layer)) {
    say([usageProblem('there is nothing to put on it', 'cidata', 'give --config, --installer-data or answers such as --hostname')]);
    return exitCodes.usage;
  }
  say(files.problems.filter(({ id }) => carriesConfig || id !== 'no-admin-user'));
  if (files.problems.some(isError)) return exitCodes.answersInvalid;
  try {
    if (kind === 'cidata') {
      const image = file ?? '';
      await makeVolumeImage(system, files, { image, format, replace: words.isSet('replace') });
      const names = ['user-data', ...(files.installerData === null ? [] : ['installer-data']), 'meta-data'];
      output.print(parsed.globals.json ? JSON.stringify({ kind, file: image, format, label: format === 'vfat' ? 'CIDATA' : 'cidata', files: names }) : `${image}: ${format} volume "cidata" with ${names.join(', ')}`);
      return exitCodes.done;
    }
    const made = makeManifest(kind, words, common, carriesConfig ? files.userData : null);
    if ('problems' in made) {
      say(made.problems);
      return exitCodes.usage;
    }
    say(warningsOf(kind, words, layer));
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
