/**
 * The builtin engine: lays a disk down by ordering well-kept tools about. Everything is made ready in memory first,
 * install-only stages included; the target is touched last, and made bootable at the very end by `activate`.
 */
import { keptConfigName } from '../../model/labels.ts';
import { bootStub } from '../../model/boot-stub.ts';
import { SlipwayError } from '../../model/problem.ts';
import type { InstallPlan, PlannedPartition } from '../../model/plan.ts';
import { builtinStageOrder, readBuiltinSteps } from '../../plan/builtin-stages.ts';
import { mustRun } from '../command.ts';
import { assessmentBlock, assessmentFile, marksBoots } from './boot-assessment.ts';
import type { Engine, EngineContext, LaidDown } from '../engine.ts';
import { pristinePaths } from '../pristine.ts';
import { biosModules, earlyConfig, grubConfig, mbrBootCode, placedCore, uefiModules } from './grub.ts';
import { makeSystemImage } from './images.ts';
import type { SystemImage } from './images.ts';
import { makeFileSystemCommand, fatAt } from './file-systems.ts';
import { sfdiskScript } from './partition-table.ts';
import { wipeOthers } from '../wipe-others.ts';
import { checkTargetUnchanged, prepareTarget } from './target.ts';
import { createStageNamespace, treePath } from './stage-namespace.ts';
import type { ShownFile, StageNamespace } from './stage-namespace.ts';
import { stageEnvironment } from '../environment.ts';
import { createStepRunner } from './run-steps.ts';
import type { StepRunner } from './run-steps.ts';
import { grubFiles } from './tools.ts';
import { verifyTarget } from './verify.ts';
import { imageDirectory } from './work-directory.ts';
import { withWriteProgress } from './write-progress.ts';

/** Journals, inode tables and boot files that come with the images, roughly; bytes. */
const fileSystemOverhead = 48 * 1024 * 1024;

/** Name of the UEFI loader until the disk is activated: firmware looks for BOOTX64.EFI only. */
const inactiveLoader = 'BOOTX64.OFF';
const activeLoader = 'BOOTX64.EFI';

export const partitionNamed = (plan: InstallPlan, name: string): PlannedPartition => {
  const found = plan.layout.find((partition) => partition.name === name);
  if (found === undefined) throw new Error(`no partition ${name} in the plan`);
  return found;
};

/** Stages that see the target's trees run before the disk is touched; the last one runs after, without them. */
const stagesAfterWriting = builtinStageOrder.filter((stage) => stage.startsWith('kairos-install.after'));

const runStage = async (context: EngineContext, runner: StepRunner, stage: string): Promise<void> => {
  const { emit, planned, signal } = context;
  const failures = await runner.run(stage, signal, (line) => emit({ event: 'log', level: 'info', text: `${stage}: ${line}` }));
  const strict = planned.material.strictStages;
  for (const failure of failures) {
    emit({
      event: 'problem',
      id: 'stage-failed',
      severity: strict ? 'error' : 'warning',
      what: failure.what,
      where: failure.from,
      hint: strict ? 'strict is set: the install stops here' : 'stages go on after an error, as with kairos-agent; set strict: true to stop',
    });
  }
  const first = failures[0];
  if (strict && first !== undefined) {
    throw new SlipwayError({ id: 'stage-failed', severity: 'error', what: `a strict stage failed: ${first.what}`, where: first.from, hint: 'mend the stage and install again' });
  }
};

/** The sentinel by which a stage calls the install off (agent `pkg/action/install.go`). */
const checkFailSentinel = async (context: EngineContext, namespace: StageNamespace): Promise<void> => {
  const text = await context.system.readText(`${namespace.workspace}/run/cos/fail_installation`);
  if (text === null) return;
  throw new SlipwayError({ id: 'stage-refused', severity: 'error', what: `a before-install stage called the install off: ${text.trim().slice(0, 200)}`, where: '/run/cos/fail_installation', hint: 'the reason comes from the installer-data' });
};

const buildGrub = async (context: EngineContext, workspace: string, workDirectory: string) => {
  const { system, planned, signal } = context;
  const early = `${workDirectory}/early.cfg`;
  const core = `${workDirectory}/core.img`;
  const loader = `${workDirectory}/${inactiveLoader}`;
  await system.writeFile(early, earlyConfig(planned.plan.hash), { mode: 0o600 });
  await mustRun(system, 'build the boot loader for BIOS', ['grub-mkimage', '-O', 'i386-pc', '-d', grubFiles.bios, '-o', core, '-p', '/grub2', '-c', early, ...biosModules], { signal });
  await mustRun(system, 'build the boot loader for UEFI', ['grub-mkimage', '-O', 'x86_64-efi', '-d', grubFiles.uefi, '-o', loader, '-p', '/EFI/BOOT', '-c', early, ...uefiModules], { signal });
  const start = partitionNamed(planned.plan, 'bios').start;
  const read = async (path: string): Promise<Uint8Array> => {
    const bytes = await system.readBytes(path, 4 * 1024 * 1024);
    if (bytes === null) throw new SlipwayError({ id: 'grub-missing', severity: 'error', what: 'cannot be read', where: path, hint: 'install grub-pc-bin' });
    return bytes;
  };
  const placed = placedCore(await read(core), start);
  if (placed.length > partitionNamed(planned.plan, 'bios').size) throw new Error('core.img does not fit its partition');
  await system.writeFile(core, placed, { mode: 0o600 });
  await system.writeFile(`${workDirectory}/boot.img`, mbrBootCode(await read(`${grubFiles.bios}/boot.img`), start), { mode: 0o600 });
  await system.makeDirectory(`${treePath(workspace, 'efi')}/EFI/BOOT`, 0o755);
  await system.writeFile(`${treePath(workspace, 'efi')}/EFI/BOOT/${inactiveLoader}`, (await read(loader)), { mode: 0o644 });
  const stub = `${workDirectory}/stub.img`;
  await system.writeFile(stub, bootStub(), { mode: 0o600 });
  return { core, bootCode: `${workDirectory}/boot.img`, stub };
};

const shownFiles = (image: SystemImage): ShownFile[] =>
  (
    [
      ['state', 'active'],
      ['state', 'passive'],
      ['recovery', 'recovery'],
    ] as const
  ).flatMap(([tree, name]) => [
    { source: image.image, tree, place: `cOS/${name}.img` },
    { source: image.kernel, tree, place: `cOS/${name}.vmlinuz` },
    { source: image.initrd, tree, place: `cOS/${name}.initrd` },
  ]);

/** GRUB variables of `install.grub_options`, written as grub-editenv writes them. */
const writeGrubEnvironment = async (context: EngineContext, path: string): Promise<void> => {
  const { system, planned, signal } = context;
  await mustRun(system, 'make grubenv', ['grub-editenv', path, 'create'], { signal });
  const options = Object.entries(planned.material.grubOptions);
  if (options.length > 0) await mustRun(system, 'set GRUB options', ['grub-editenv', path, 'set', ...options.map(([key, value]) => `${key}=${value}`)], { signal });
};

/** What stages may not replace: the kept configuration is written after them. */
const writeKept = async (context: EngineContext, workspace: string): Promise<void> => {
  const { system, planned } = context;
  const oem = treePath(workspace, 'oem');
  for (const file of planned.plan.kept) {
    await system.writeFile(`${oem}/${file.name}`, planned.material.keptFiles[file.name] ?? '', { mode: file.mode });
  }
  // An empty folder here keeps the datasource of an installed node from pulling a data volume that is still attached
  // (its condition is that the path does not exist).
  await system.makeDirectory(`${oem}/95_userdata`, 0o755);
};

/** The partition table, with the mark on it. */
const writeTable = async ({ system, planned, signal, emit }: EngineContext): Promise<void> => {
  const { plan } = planned;
  const target = plan.target.path;
  emit({ event: 'log', level: 'info', text: `partitioning ${target}` });
  await mustRun(system, 'write the partition table', ['sfdisk', '--quiet', '--no-reread', '--no-tell-kernel', '--lock=no', '--wipe=always', '--wipe-partitions=always', target], { input: sfdiskScript(plan), signal });
};

/** The 440 bytes in front of the partition table. */
const writeBootCode = (context: EngineContext, purpose: string, code: string): Promise<unknown> =>
  mustRun(context.system, purpose, ['dd', `if=${code}`, `of=${context.planned.plan.target.path}`, 'bs=440', 'count=1', 'conv=notrunc,fsync', 'status=none'], { signal: context.signal });

const writeTarget = async (context: EngineContext, namespace: StageNamespace, { core, stub }: { readonly core: string; readonly stub: string }): Promise<void> => {
  const { system, planned, signal, emit } = context;
  const { plan } = planned;
  const target = plan.target.path;
  const say = (text: string): void => emit({ event: 'log', level: 'info', text });
  // A BIOS starts whatever stands there: until the end that is a word about it, and the next boot device.
  await writeBootCode(context, 'write the boot code of an unfinished disk', stub);
  for (const partition of plan.layout) {
    const tree = (['oem', 'state', 'persistent', 'recovery'] as const).find((name) => name === partition.name);
    const command = makeFileSystemCommand(partition, target, plan.hash, tree === undefined ? null : treePath(namespace.workspace, tree));
    if (command === null) continue;
    say(`writing ${partition.label || partition.name} (${partition.fs})`);
    const result = await mustRun(system, `make the file system of ${partition.label || partition.name}`, namespace.populated(command), { signal });
    if (result.stderr.trim() !== '') emit({ event: 'log', level: 'debug', text: result.stderr.trim().slice(0, 400) });
  }
  const efi = partitionNamed(plan, 'efi');
  await mustRun(system, 'fill the EFI partition', ['mcopy', '-s', '-Q', '-i', fatAt(target, efi), `${treePath(namespace.workspace, 'efi')}/EFI`, '::/'], { signal });
  await mustRun(system, 'write the boot loader for BIOS', ['dd', `if=${core}`, `of=${target}`, 'bs=512', `seek=${partitionNamed(plan, 'bios').start / 512}`, 'conv=notrunc,fsync', 'status=none'], { signal });
};

const activate = async (context: EngineContext, bootCode: string): Promise<void> => {
  const { system, planned, signal } = context;
  const { plan } = planned;
  const target = plan.target.path;
  const fat = fatAt(target, partitionNamed(plan, 'efi'));
  await mustRun(system, 'activate the UEFI boot loader', ['mren', '-i', fat, `::/EFI/BOOT/${inactiveLoader}`, activeLoader], { signal });
  await writeBootCode(context, 'activate the BIOS boot loader', bootCode);
  await mustRun(system, 'take the unfinished mark off', ['sfdisk', '--quiet', '--no-reread', '--no-tell-kernel', '--lock=no', '--part-label', target, '1', 'bios'], { signal });
  await mustRun(system, 'flush the target', ['sync', target], { signal });
  // The kernel is told last; where it knows no partitions (image files) there is nobody to tell.
  if (plan.target.kind === 'device') await system.run(['blockdev', '--rereadpt', target]);
};

export const builtinEngine: Engine = {
  name: 'builtin',
  async run(context): Promise<LaidDown> {
    const { system, planned, signal, state, emit } = context;
    const { plan, material } = planned;
    const say = (text: string): void => emit({ event: 'log', level: 'info', text });

    if (!system.isRoot()) {
      throw new SlipwayError({ id: 'not-root', severity: 'error', what: 'an install needs root: it mounts, and keeps owners of files', where: 'builtin engine', hint: 'run it as root (slipway plan does not need it)' });
    }
    const workspace = await system.memoryDirectory('stage');
    const workDirectory = await imageDirectory(system, plan);
    const namespace = await createStageNamespace(system, workspace, plan.target.kind);
    const { steps } = readBuiltinSteps(material.stages);
    const environment = stageEnvironment(material);
    for (const name of environment.refused) emit({ event: 'log', level: 'warn', text: `env: "${name}" is not NAME=value and is left out` });
    const runner = await createStepRunner(system, namespace, steps, environment.text);
    const runStages = async (stages: readonly string[]): Promise<void> => {
      for (const stage of stages) await runStage(context, runner, stage);
    };

    say(`making the system image of ${plan.source.uri}`);
    const image = await makeSystemImage(system, plan.source, workDirectory, signal, (line) => emit({ event: 'log', level: 'debug', text: line }));
    await namespace.show(shownFiles(image));

    await runStages(builtinStageOrder.filter((stage) => stage.startsWith('kairos-install.pre')));
    await runStages(builtinStageOrder.filter((stage) => stage.startsWith('before-install')));
    await checkFailSentinel(context, namespace);

    const grub = await buildGrub(context, workspace, workDirectory);
    const stateTree = treePath(workspace, 'state');
    await system.makeDirectory(`${stateTree}/grub2`, 0o755);
    await system.writeFile(`${stateTree}/grub2/grub.cfg`, grubConfig(plan.hash, material.bootEntryName), { mode: 0o644 });
    await system.writeFile(`${stateTree}/${assessmentFile}`, assessmentBlock(await marksBoots(system, image.image, signal), false), { mode: 0o644 });
    await writeGrubEnvironment(context, `${treePath(workspace, 'oem')}/grubenv`);
    await runStages(builtinStageOrder.filter((stage) => stage.startsWith('after-install')));
    await writeKept(context, workspace);

    await checkTargetUnchanged(context);
    signal.throwIfAborted();
    await wipeOthers(context);
    state.diskTouched = true;
    state.unsecured = 'it was being emptied and has no mark yet';
    await withWriteProgress(system, plan.target, 3 * image.bytes + fileSystemOverhead, emit, async () => {
      await prepareTarget(context);
      await writeTable(context);
      delete state.unsecured;
      await writeTarget(context, namespace, grub);
    });
    await runStages(stagesAfterWriting);

    return {
      pristineImages: image.digests,
      pristine: pristinePaths(plan.source),
      async scrub() {
        // Nothing install-only was put on the target: what is left of it is the memory-backed workspace.
        await system.remove(`${workspace}/upper`);
        await system.remove(`${workspace}/tmp`);
        await system.remove(`${workspace}/run`);
        const leftovers = await system.list(treePath(workspace, 'oem'));
        const own = ['90_custom.yaml', '95_userdata', 'grubenv'];
        const made = (leftovers ?? []).filter((name) => !own.includes(name));
        return {
          removed: plan.installOnly,
          notes: [
            'install-only stages ran in memory; their workspace is gone',
            ...(made.length === 0 ? [] : [`stages left in COS_OEM: ${made.join(', ')}`]),
          ],
        };
      },
      async close() {
        const { stdout } = await mustRun(system, 'look at COS_OEM', ['debugfs', '-R', 'stat /95_userdata', `${plan.target.path}?offset=${partitionNamed(plan, 'oem').start}`], { signal });
        if (!/Type: directory/.test(stdout)) {
          throw new SlipwayError({ id: 'closure-missing', severity: 'error', what: '/oem/95_userdata is not there: an attached data volume would be pulled in at boot', where: 'COS_OEM', hint: 'install again' });
        }
        return ['/oem/95_userdata keeps attached data volumes from being pulled in'];
      },
      verify: () => verifyTarget(context, image, { keptNames: [keptConfigName] }),
      activate: () => activate(context, grub.bootCode),
    };
  },
};
