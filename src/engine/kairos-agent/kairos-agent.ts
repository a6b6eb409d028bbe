/**
 * The engine that lets kairos-agent do the install and stands around it: nothing install-only is given to it in what it writes, it
 * waits for our last look at the disk, the disk does not boot until it is scrubbed and proven, and what it left is taken away.
 */
import { keptConfigName } from '../../model/labels.ts';
import type { PlannedPartition } from '../../model/plan.ts';
import { SlipwayError } from '../../model/problem.ts';
import { prepareTarget, checkTargetUnchanged } from '../builtin/target.ts';
import { mustRun } from '../command.ts';
import { wipeOthers } from '../wipe-others.ts';
import type { Engine, EngineContext, LaidDown } from '../engine.ts';
import { pristinePaths } from '../pristine.ts';
import { partitionNames } from './block-devices.ts';
import { expectedBytes, watchProgress } from './byte-progress.ts';
import { checkOtherDisks } from './check-others.ts';
import { checkClosure } from './close-target.ts';
import { stageEnvironment } from '../environment.ts';
import { composeConfig, installMap } from './config.ts';
import { findKairosAgent, knowsProgressEvents } from './find.ts';
import { makeGateDirectory } from './gates.ts';
import type { GateHandlers } from './gates.ts';
import { createHoldBack } from './hold-back.ts';
import type { HoldBack } from './hold-back.ts';
import { maskKernelLine } from './kernel-line.ts';
import { takeLiveSystem } from './live-state.ts';
import type { LiveState } from './live-state.ts';
import { withOpenPartitions } from './luks.ts';
import type { OpenPartition } from './luks.ts';
import { listOf } from './material.ts';
import type { AgentMaterial } from './material.ts';
import { withMount } from './mounts.ts';
import { createAgentNamespace } from './namespace.ts';
import type { AgentNamespace } from './namespace.ts';
import { judgeAgent } from './outcome.ts';
import { runAgent } from './run.ts';
import { scrubTarget } from './scrub-target.ts';
import { stageDirectories, stageFile, stagePaths } from './stage-files.ts';
import { putMark, readTable, renamePartition, settle, withoutMark, writeMarkedTable } from './target-table.ts';
import { secureUnfinished } from './unfinished.ts';
import { verifyTarget } from './verify.ts';

/** What this engine knows beyond what every engine does: where things really are. */
export interface AgentLaidDown extends LaidDown {
  /** The partitions as the agent made them, to be audited in place of the plan's. */
  readonly layout: readonly PlannedPartition[];
  /** Runs `work` with encrypted partitions open; `device` holds the file system. For the audit. */
  withOpen<T>(work: (partitions: readonly OpenPartition[]) => Promise<T>): Promise<T>;
}

const fail = (id: string, what: string, where: string, hint: string): SlipwayError => new SlipwayError({ id, severity: 'error', what, where, hint });

/** Sources that the agent's flag takes (agent `main.go` validateSource) and that survive being put into YAML unquoted. */
const flagSource = /^(?:oci|dir|file|ocifile):[^\s#'"{}[\]&*!|>%@`]+$/;

const sourceArguments = (uri: string): { readonly flag: readonly string[]; readonly inConfig: string | null } => (flagSource.test(uri) ? { flag: ['--source', uri], inConfig: null } : { flag: [], inConfig: uri });

interface Prepared {
  readonly disk: string;
  readonly kname: string;
  readonly live: LiveState;
  readonly agent: string;
  readonly workspace: string;
  readonly gates: string;
  readonly temporary: string;
  readonly configFile: string;
  readonly namespace: AgentNamespace;
  readonly holdBack: HoldBack;
  readonly flag: readonly string[];
}

/** The agent's temporary files: in /tmp, which a node masks at boot, since it makes the same path inside the image it installs. */
const makeTemporary = async ({ system }: EngineContext): Promise<string> => {
  const folder = `/tmp/slipway-${Buffer.from(system.randomBytes(6)).toString('hex')}`;
  await system.makeDirectory(folder, 0o700);
  system.cleanup.add(`remove ${folder}`, () => system.remove(folder));
  return folder;
};

const prepare = async (context: EngineContext): Promise<Prepared> => {
  const { system, planned, emit } = context;
  const { plan } = planned;
  const material: AgentMaterial = planned.material;
  if (plan.target.kind !== 'device') throw fail('target-kind', 'kairos-agent cannot install into an image file', plan.target.path, 'use --engine builtin');
  if (material.install === undefined) throw new Error('the planner gave no install map for kairos-agent');
  const agent = await findKairosAgent(system);
  if (agent === null) throw fail('agent-missing', 'kairos-agent is not there', '/usr/bin/kairos-agent', 'set KAIROS_AGENT_BIN, or use --engine builtin');
  const live = await takeLiveSystem(context);

  const { kname } = plan.target.identity;
  const disk = `/dev/${kname}`;
  const workspace = await system.memoryDirectory('agent');
  const gates = await makeGateDirectory(system);
  const source = sourceArguments(plan.source.uri);
  const install = installMap({ install: material.install, device: disk, layout: plan.layout, fixedPersistent: material.fixedPersistent === true, grubOptions: material.grubOptions, uki: live.uki, source: source.inConfig });
  const config = composeConfig(material.keptFiles[keptConfigName] ?? '', {
    install,
    'cloud-init-paths': stagePaths(gates, listOf(material, 'cloud-init-paths')),
    ...(material.strictStages ? { strict: true } : {}),
  });
  const environment = stageEnvironment(material);
  for (const name of environment.refused) emit({ event: 'log', level: 'warn', text: `env: "${name}" is not NAME=value and is left out` });
  const masked = maskKernelLine(live.kernelLine);
  if (masked.dropped.length > 0) emit({ event: 'log', level: 'warn', text: `words of the kernel line that would change the plan are kept from kairos-agent: ${masked.dropped.join(', ')}` });

  const configFile = `${workspace}/config.yaml`;
  await system.writeFile(configFile, config, { mode: 0o600 });
  await system.writeFile(`${stageDirectories(gates).steps}/stages.yaml`, stageFile(material.stages), { mode: 0o600 });
  await system.writeFile(`${workspace}/kept.yaml`, material.keptFiles[keptConfigName] ?? '', { mode: 0o600 });
  const namespace = await createAgentNamespace(system, workspace, { kernelLine: masked.text, environment: environment.text });
  return { disk, kname, live, agent, workspace, gates, temporary: await makeTemporary(context), configFile, namespace, holdBack: createHoldBack(system, disk, workspace), flag: source.flag };
};

/** Where the agent mounts the EFI partition, seen through its namespace. */
const efiInside = async (namespace: AgentNamespace): Promise<string | null> => {
  const root = await namespace.root();
  return root === null ? null : `${root}/run/cos/efi`;
};

const holdLoader = async ({ namespace, holdBack, live }: Pick<Prepared, 'namespace' | 'holdBack' | 'live'>): Promise<void> => {
  if (live.firmware === 'bios') {
    await holdBack.holdBios();
    return;
  }
  const efi = await efiInside(namespace);
  if (efi !== null) await holdBack.holdUefi(efi);
};

/** What is done while the agent waits, by the place it waits at. */
export const gateHandlers = (context: EngineContext, prepared: Pick<Prepared, 'disk' | 'kname' | 'live' | 'namespace' | 'holdBack'>): GateHandlers => {
  const { system, signal, state, emit } = context;
  const { disk, kname, holdBack } = prepared;
  const say = (text: string): void => emit({ event: 'log', level: 'info', text });
  return {
    async prepare() {
      await checkTargetUnchanged(context);
      await checkOtherDisks(context);
      signal.throwIfAborted();
      // The agent has looked at its configuration only so far: names are looked up once it has partitioned.
      await wipeOthers(context);
      state.diskTouched = true;
      say(`emptying ${disk} and marking it as unfinished`);
      for (const name of await partitionNames(system, kname)) await mustRun(system, `wipe the signatures of ${name}`, ['wipefs', '--all', '--force', `/dev/${name}`], { signal });
      await prepareTarget(context);
      await writeMarkedTable(system, disk);
      await holdBack.holdBios();
      await settle(system, disk);
    },
    async mark() {
      await putMark(system, disk);
      say('the unfinished mark is on the new partition table');
    },
    async hold() {
      await holdLoader(prepared);
      say('the boot loader is held back until the disk is scrubbed and proven');
    },
  };
};

const runToItsEnd = async (context: EngineContext, prepared: Prepared): Promise<void> => {
  const { system, planned, signal, state, emit } = context;
  const { namespace, agent, live } = prepared;
  const knowsEvents = await knowsProgressEvents(system, agent);
  if (!knowsEvents || live.uki) emit({ event: 'log', level: 'info', text: `${live.uki ? 'Trusted Boot installs emit' : 'this kairos-agent knows'} no progress events; its log lines are followed instead` });
  let marked = false;
  const handlers = gateHandlers(context, prepared);
  const end = await runAgent(
    {
      system,
      namespace,
      command: [agent, 'manual-install', ...prepared.flag, prepared.configFile],
      temporary: prepared.temporary,
      gateDirectory: prepared.gates,
      handlers: {
        ...handlers,
        async mark() {
          await handlers.mark();
          marked = true;
        },
      },
      signal,
      watch: (step) => watchProgress(system, prepared.kname, expectedBytes(planned.plan.source), emit, step),
      emit,
      onStuck: (text) => {
        state.unsecured = text;
      },
      // The gate after the boot loader is the rule; this catches a loader that comes without one.
      tick: () => (marked ? holdLoader(prepared) : Promise.resolve()),
    },
    () => {
      state.diskTouched = true;
    },
  );
  const outcome = judgeAgent(end.transcript, end.exit, { knowsEvents, uki: live.uki });
  if (!outcome.ok) throw fail(outcome.id, outcome.what, 'kairos-agent', outcome.hint);
  if (end.stuck !== null) throw fail('agent-left-processes', end.stuck, 'kairos-agent', 'the kernel holds on to them, as with a disk that does not answer; see its log, then start this machine anew');
  if (!end.gates.has('prepare') || !end.gates.has('mark')) throw fail('agent-gate-missed', 'kairos-agent says that it is done and never ran our stages', 'kairos-agent', 'its result is not trusted; use a newer agent, or --engine builtin');
};

/** The plan's partitions where the agent put them; what it made beyond the plan comes last. */
const actualLayout = (planned: readonly PlannedPartition[], table: readonly { readonly number: number; readonly name: string; readonly start: number; readonly size: number }[]): readonly PlannedPartition[] =>
  table.map((row) => {
    const wish = planned.find((partition) => partition.name === row.name);
    return { name: row.name, label: wish?.label ?? '', fs: wish?.fs ?? 'none', encrypted: wish?.encrypted ?? false, number: row.number, start: row.start, size: row.size };
  });

const activate = async (context: EngineContext, prepared: Prepared): Promise<void> => {
  const { system } = context;
  const { disk, holdBack, live } = prepared;
  const first = withoutMark(await readTable(system, disk), live.firmware).find((partition) => partition.number === 1);
  if (first === undefined) throw fail('partition-missing', 'there is no partition 1', disk, 'install again');
  if (live.firmware === 'uefi') {
    const count = await withMount(system, first.path, 'rw', (folder) => holdBack.releaseUefi(folder));
    if (count === 0) throw fail('loader-missing', 'the held back boot loader is not there', 'COS_GRUB', 'install again');
  }
  await holdBack.releaseBios();
  await mustRun(system, 'write everything to the disk', ['sync']);
  await renamePartition(system, disk, 1, live.firmware === 'uefi' ? 'efi' : 'bios');
  await mustRun(system, 'write everything to the disk', ['sync', disk]);
  await settle(system, disk);
};

export const kairosAgentEngine: Engine = {
  name: 'kairos-agent',
  async run(context): Promise<AgentLaidDown> {
    const { system, planned, signal, state, emit } = context;
    const { plan, material } = planned;
    const prepared = await prepare(context);
    const { disk, kname, live, agent, workspace, holdBack } = prepared;
    const secure = async (): Promise<void> => {
      const { text, failed } = await secureUnfinished(system, { disk, kname, holdBack, firmware: live.firmware });
      if (failed.length > 0) state.unsecured = [...(state.unsecured === undefined ? [] : [state.unsecured]), ...failed].join('; ');
      emit({ event: 'log', level: failed.length === 0 ? 'info' : 'warn', text: [text, ...failed].join('; ') });
    };
    try {
      await runToItsEnd(context, prepared);
    } catch (error) {
      if (state.diskTouched) await secure();
      throw error;
    }
    const stuck = await secureUnfinished(system, { disk, kname, holdBack, firmware: live.firmware });
    if (stuck.failed.length > 0) throw fail('disk-held', stuck.failed.join('; '), disk, 'the disk is left as it is; look at what holds it');
    await settle(system, disk);
    const table = withoutMark(await readTable(system, disk), live.firmware);
    const withOpen = <T>(work: (partitions: readonly OpenPartition[]) => Promise<T>): Promise<T> => withOpenPartitions(system, { agent, disk, table, keptFile: `${workspace}/kept.yaml`, signal }, work);
    const given = { kept: plan.kept, keptFiles: material.keptFiles, signal };
    return {
      // The agent runs stages inside the images while it makes them: there is no pristine one to compare with.
      pristineImages: [],
      pristine: pristinePaths(plan.source),
      layout: actualLayout(plan.layout, table),
      withOpen,
      scrub: async () => {
        const result = await withOpen((partitions) => scrubTarget(system, { ...given, partitions }));
        return { removed: [...plan.installOnly, ...result.removed], notes: result.notes };
      },
      close: () => withOpen((partitions) => checkClosure(system, partitions)),
      verify: () =>
        withOpen((partitions) =>
          verifyTarget(system, { partitions, planned: plan.layout, fixedPersistent: material.fixedPersistent === true, kept: plan.kept, firmware: live.firmware, uki: live.uki, hasBiosCode: holdBack.hasBiosCode(), signal }),
        ),
      activate: () => activate(context, prepared),
    };
  },
};
