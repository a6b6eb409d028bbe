/**
 * Gathers what the planner looks at: the machine, the configuration on offer, the source, the engines. Reads only. The same for the
 * console and the unattended mode.
 */
import type { Facts, ImageFileFacts, SourceFacts } from '../model/facts.ts';
import { cleanText } from '../model/foreign-text.ts';
import { SlipwayError } from '../model/problem.ts';
import type { Problem } from '../model/problem.ts';
import type { Answers, SettingLayer, SettingLayers } from '../model/settings.ts';
import type { ConfigSources, EngineFacts, PlanInput } from '../plan/input.ts';
import { resolveLayers, settingsOfInstallBlock, valueOf, withLayer } from '../plan/resolve.ts';
import { probeBuiltinEngine } from '../engine/builtin/tools.ts';
import { probeKairosAgent } from '../engine/kairos-agent/index.ts';
import { resolveDeviceScript } from '../probe/device-script.ts';
import { probeImageFile } from '../probe/image-file.ts';
import { probeMachine } from '../probe/probe.ts';
import { probeSource } from '../probe/source.ts';
import { readKernelLine } from '../sources/kernel-line.ts';
import { loadSources } from '../sources/load-sources.ts';
import type { GivenDocument } from '../sources/load-sources.ts';
import type { System } from '../system/port.ts';
import { builtAt } from '../version.ts';
import { readBranding } from './console/branding.ts';
import { hashPasswordFile } from './password.ts';

/** The root file system of a Kairos live medium before its overlay (kairos: `dir:/run/rootfsbase` is the agent's default source). */
const liveRoot = '/run/rootfsbase';

/** The same, as the file on the medium that it is mounted from. */
const liveImage = '/run/initramfs/live/rootfs.squashfs';

/**
 * The live system as a source. The builtin engine writes the medium's own squashfs as it is: packing the mounted tree anew gives the same
 * system, some time later, in 206 MB instead of 180 and with as much memory for it. kairos-agent copies files, out of the tree.
 */
const liveSource = async (system: System, engines: readonly EngineFacts[], answers: Answers): Promise<string | undefined> => {
  const asked = valueOf(answers, 'engine') ?? 'auto';
  const agent = engines.some((engine) => engine.name === 'kairos-agent' && engine.available);
  const builtin = asked === 'builtin' || (asked === 'auto' && (!agent || valueOf(answers, 'target-image') !== undefined));
  if (builtin && (await system.stat(liveImage))?.kind === 'file') return `file:${liveImage}`;
  return (await system.stat(liveRoot)) === null ? undefined : `dir:${liveRoot}`;
};

const probeEngines = (system: System, version: string): Promise<readonly EngineFacts[]> =>
  Promise.all([probeBuiltinEngine(system, version), probeKairosAgent(system)]);

/** Layers of what the configuration itself says: `slipway:` and `install:` of installer-data, `install:` of user-data. */
const withConfigLayers = (layers: SettingLayers, kernelLine: SettingLayer, sources: ConfigSources): SettingLayers => {
  const withKernel = withLayer(layers, 'kernel-line', kernelLine);
  const withInstaller = withLayer(withKernel, 'installer-data', { ...settingsOfInstallBlock(sources.installerInstall), ...sources.settings });
  return withLayer(withInstaller, 'user-data', { ...settingsOfInstallBlock(sources.userInstall), ...sources.userSettings });
};

export const gather = async (
  system: System,
  given: SettingLayers,
  version: string,
  signal: AbortSignal,
  onProgress: (text: string) => void = () => undefined,
  instead?: GivenDocument,
): Promise<PlanInput> => {
  const problems: Problem[] = [];
  onProgress('probe');
  // For show only, so nobody waits for it longer than for the rest.
  const summary = system.summary();
  let probedAt = system.now();
  let facts = await probeMachine(system, { signal });
  signal.throwIfAborted();

  onProgress('sources');
  // Read anew and without a limit: its words choose disk and source, and going on without them would be another install.
  const kernelLine = await system.readText('/proc/cmdline');
  if (kernelLine === null && system.real) {
    problems.push({ id: 'kernel-line-unreadable', severity: 'error', what: 'cannot be read, so what it asks for is not known', where: '/proc/cmdline', hint: 'look at the machine; start again' });
  }
  const kernel = readKernelLine(kernelLine ?? facts.kernelLine);
  problems.push(...kernel.problems);
  const early = withLayer(given, 'kernel-line', kernel.layer);
  const look = async (): Promise<Facts> => {
    probedAt = system.now();
    facts = await probeMachine(system, { signal });
    return facts;
  };
  const sources = await loadSources(system, facts, resolveLayers(early), signal, look, instead, kernel.configUrl);
  const layers = withConfigLayers(given, kernel.layer, sources);
  const answers = resolveLayers(layers);
  signal.throwIfAborted();

  onProgress('source');
  const engines = await probeEngines(system, version);
  const uri = valueOf(answers, 'source') ?? (await liveSource(system, engines, answers));
  let source: SourceFacts | null = null;
  if (uri !== undefined) {
    const probed = await probeSource(system, uri);
    source = probed.source;
    problems.push(...probed.problems);
  }
  const imagePath = valueOf(answers, 'target-image');
  let image: ImageFileFacts | null = null;
  if (imagePath !== undefined) {
    try {
      image = await probeImageFile(system, imagePath);
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      problems.push(error.problem);
    }
  }
  const device = valueOf(answers, 'device');
  let resolvedDevice: string | null = null;
  if (device?.startsWith('script:') === true) {
    const resolved = await resolveDeviceScript(system, device, signal);
    resolvedDevice = resolved.device;
    problems.push(...resolved.problems);
  }
  const passwordFile = valueOf(answers, 'password-file');
  const hashed = passwordFile === undefined ? { hash: null, problems: [] } : await hashPasswordFile(system, passwordFile);
  problems.push(...hashed.problems);
  const running = await summary;
  return {
    facts,
    sources,
    source,
    engines,
    image,
    layers,
    passwordHash: hashed.hash,
    resolvedDevice,
    ...(builtAt === null ? {} : { builtAt }),
    probedAt,
    now: system.now(),
    branding: await readBranding(system),
    ...(running === null ? {} : { running: cleanText(`${running.distribution}, Linux ${running.kernel}`, 100) }),
    problems,
  };
};
