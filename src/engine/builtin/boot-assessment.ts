/**
 * Boot assessment: a system that starts and never says that it is up is given up on; the passive one follows, then recovery. File and
 * variables are Kairos's (`/boot_assessment` on COS_STATE, kairos-init `08_grub.yaml`); `last_boot_attempt` is elemental-toolkit's.
 * The system's half, which marks a boot as good, is `iso-overlay/rootfs/usr/lib/slipway/boot-assessment`.
 */
import type { System } from '../../system/port.ts';
import { mustRun } from '../command.ts';
import { printGrubEnvironment } from '../grubenv.ts';
import type { GrubEnvironment } from '../grubenv.ts';

/** On COS_STATE, as GRUB's environment block. */
export const assessmentFile = 'boot_assessment';

/** In an image: the program that marks a boot as good. An image without it is never given up on. */
export const markerProgram = 'usr/lib/slipway/boot-assessment';

/** True when the system in this squashfs marks its boots as good. Throws SlipwayError when it cannot be read. */
export const marksBoots = async (system: System, squashfs: string, signal: AbortSignal): Promise<boolean> => {
  const { stdout } = await mustRun(system, 'look whether the system marks its boots', ['unsquashfs', '-no-progress', '-lc', squashfs, markerProgram], { signal });
  return stdout.split('\n').some((line) => line.endsWith(`/${markerProgram}`));
};

/** The block as an install, a reset or (`upgraded`) an upgrade leaves it: nothing was tried yet. */
export const assessmentBlock = (marks: boolean, upgraded: boolean): string =>
  printGrubEnvironment(new Map(marks ? [['enable_boot_assessment_always', 'yes'], ...(upgraded ? [['enable_boot_assessment', 'yes'] as const] : [])] : [])) ?? '';

export type AssessedEntry = 'cos' | 'fallback' | 'recovery';

export interface Assessed {
  /** What GRUB starts. */
  readonly entry: AssessedEntry;
  /** Its kernel line says `upgrade_failure`: something was given up on. */
  readonly failed: boolean;
  /** `last_boot_attempt` afterwards. */
  readonly attempt: string;
}

/**
 * What the configuration below does with these variables when `first` (`cos`, or `fallback` after a roll-back) is due; null: boots are
 * not assessed. Right after an upgrade the new system has one try, as in Kairos; at other times each has two, so that one power cut
 * while booting gives nothing up.
 */
export const assess = (variables: GrubEnvironment, first: 'cos' | 'fallback'): Assessed | null => {
  const upgraded = variables.get('enable_boot_assessment') === 'yes';
  if (!upgraded && variables.get('enable_boot_assessment_always') !== 'yes') return null;
  const last = variables.get('last_boot_attempt') ?? '';
  const next = ((): string => {
    if (variables.get('boot_assessment_tentative') !== 'yes') return last === 'fallback' ? last : first;
    if (last === 'recovery' || last === 'fallback-again') return 'recovery';
    if (last === 'fallback') return 'fallback-again';
    return last === 'cos' && first === 'cos' && !upgraded ? 'cos-again' : 'fallback';
  })();
  if (next === 'recovery') return { entry: 'recovery', failed: true, attempt: next };
  if (next.startsWith('fallback')) return { entry: 'fallback', failed: first === 'cos', attempt: next };
  return { entry: 'cos', failed: false, attempt: next };
};

/** The same in GRUB's words; follows what sets `default` and `selected_entry`. */
export const assessmentConfig = `if [ -f "($root)/${assessmentFile}" ]; then
  load_env --file "($root)/${assessmentFile}"
fi
set assessed=
if [ "$enable_boot_assessment" = yes -o "$enable_boot_assessment_always" = yes ]; then
  if [ "$default" = cos -o "$default" = fallback ]; then set assessed=yes; fi
fi
if [ "$assessed" = yes -a -z "$selected_entry" ]; then
  if [ "$boot_assessment_tentative" = yes ]; then
    if [ "$last_boot_attempt" = recovery -o "$last_boot_attempt" = fallback-again ]; then
      set last_boot_attempt=recovery
    elif [ "$last_boot_attempt" = fallback ]; then
      set last_boot_attempt=fallback-again
    elif [ "$last_boot_attempt" = cos -a "$default" = cos -a "$enable_boot_assessment" != yes ]; then
      set last_boot_attempt=cos-again
    else
      set last_boot_attempt=fallback
    fi
  elif [ "$last_boot_attempt" != fallback ]; then
    set last_boot_attempt="$default"
  fi
  set boot_assessment_tentative=yes
  save_env --file "($root)/${assessmentFile}" boot_assessment_tentative last_boot_attempt
  if [ "$last_boot_attempt" = recovery ]; then
    set default=recovery
    set extra_recovery_cmdline="$extra_recovery_cmdline upgrade_failure"
  elif [ "$last_boot_attempt" = fallback -o "$last_boot_attempt" = fallback-again ]; then
    if [ "$default" = cos ]; then set extra_passive_cmdline="$extra_passive_cmdline upgrade_failure"; fi
    set default=fallback
  fi
fi
`;
