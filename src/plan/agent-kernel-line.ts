/**
 * Words of the kernel line that kairos-agent acts on inside the target's chroot. Everywhere else it is shown a line without them; in the
 * chroot it binds /proc anew (agent `pkg/utils/chroot.go`), and its `after-install-chroot` reads the real one (`pkg/utils/runstage.go`). Pure.
 */
import type { Problem } from '../model/problem.ts';
import type { StageStep } from '../model/stages.ts';
import { kernelWords } from '../sources/kernel-line.ts';

const chrootStage = /^after-install-chroot(?:\.before|\.after)?$/;

const problem = (name: string, what: string, hint: string): Problem => ({ id: 'kernel-line-stages', severity: 'error', what, where: `kernel line, ${name}`, hint });

const check = (word: string, steps: readonly StageStep[]): Problem | null => {
  const name = word.split('=', 1)[0] ?? '';
  if (name === 'cos.setup') return problem(name, 'kairos-agent would run what it names inside the new system, unseen by Slipway', 'write slipway.config= in place of it, or use --engine builtin');
  if (/^stages[.[]/.test(name) && name.includes('after-install-chroot')) return problem(name, 'kairos-agent would run this step inside the new system, unseen by Slipway', 'put the step into a configuration, or use --engine builtin');
  // Its other stages run once: only in the chroot does the agent see this word. Which of the steps are its own is not known any more once a person edited them.
  if (name === 'kairos.config_url' && steps.some(({ stage }) => chrootStage.test(stage))) {
    return problem(name, 'kairos-agent would fetch it once more inside the new system, and run its after-install-chroot steps a second time', 'write slipway.config= in place of it, or use --engine builtin');
  }
  return null;
};

/** Problems for each such word. `steps` are the install-only ones of this run, whatever they came from. */
export const checkAgentKernelLine = (kernelLine: string, steps: readonly StageStep[]): readonly Problem[] =>
  kernelWords(kernelLine).flatMap((word) => check(word, steps) ?? []);
