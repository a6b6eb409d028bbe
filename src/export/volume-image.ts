/** A data-volume image: iso9660 for virtual media, vfat for sticks. Its contents hold secrets: prepared in memory, written 0600. */
import { SlipwayError } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import type { VolumeFiles } from './volume-documents.ts';

export const volumeFormats = ['iso', 'vfat'] as const;
export type VolumeFormat = (typeof volumeFormats)[number];

/** ms */
const timeout = 60_000;

/** KiB; the smallest FAT that firmware and Linux both like, with room for three files of 1 MiB and a receipt */
const fatSize = 8192;

const must = async (system: System, command: readonly string[], packageName: string, image: string): Promise<void> => {
  const result = await system.run(command, { timeout });
  if (result.exitCode === 0) return;
  const program = command[0] ?? '';
  const what = result.missing ? `${program} is not installed` : `${program} could not make the image (exit code ${result.exitCode ?? 'none'})`;
  throw new SlipwayError({ id: 'export-failed', severity: 'error', what, where: image, hint: result.missing ? `install the package ${packageName}` : 'check the folder and its free space' });
};

/**
 * Writes `image`. The label is the one that Kairos's datasource and Slipway both look for: `cidata`, in capitals on vfat, which knows
 * no others. Throws SlipwayError; a file that is there already is not replaced unless `replace`.
 */
export const makeVolumeImage = async (
  system: System,
  files: Pick<VolumeFiles, 'userData' | 'installerData' | 'metaData'>,
  options: { readonly image: string; readonly format: VolumeFormat; readonly replace: boolean },
): Promise<void> => {
  const { image, format } = options;
  const there = await system.stat(image);
  if (there !== null && there.kind !== 'file') throw new SlipwayError({ id: 'export-exists', severity: 'error', what: 'is no plain file', where: image, hint: 'name a file for the image; to write a stick, copy the image onto it' });
  if (there !== null && !options.replace) throw new SlipwayError({ id: 'export-exists', severity: 'error', what: 'is there already', where: image, hint: 'choose another name, or add --replace' });
  const scratch = await system.memoryDirectory('export');
  const tree = `${scratch}/tree`;
  await system.makeDirectory(tree, 0o700);
  const names: string[] = [];
  for (const [name, text] of [['user-data', files.userData], ['installer-data', files.installerData], ['meta-data', files.metaData]] as const) {
    if (text === null) continue;
    await system.writeFile(`${tree}/${name}`, text, { mode: 0o600 });
    names.push(name);
  }
  // Made beside its place and moved there when it is whole: nobody finds half a volume.
  const made = `${image}.${Buffer.from(system.randomBytes(6)).toString('hex')}.tmp`;
  try {
    await system.writeFile(made, '', { mode: 0o600 });
    if (format === 'iso') {
      await must(system, ['xorriso', '-as', 'mkisofs', '-quiet', '-V', 'cidata', '-J', '-R', '-o', made, tree], 'xorriso', image);
    } else {
      await must(system, ['truncate', `--size=${fatSize}K`, made], 'coreutils', image);
      await must(system, ['mkfs.vfat', '-n', 'CIDATA', made], 'dosfstools', image);
      await must(system, ['mcopy', '-n', '-i', made, ...names.map((name) => `${tree}/${name}`), '::/'], 'mtools', image);
    }
    await must(system, ['mv', '-f', made, image], 'coreutils', image);
  } finally {
    await system.remove(made);
    await system.remove(scratch);
  }
};
