/** Problems speak of flags, for whoever started the program with some; at the screens they name the screen that asks instead. Pure. */
import type { Problem } from '../../model/problem.ts';

/** Which screen asks for what a flag says. */
const screens: Readonly<Record<string, string>> = {
  '--device': 'Disk',
  '--hostname': 'Identity',
  '--user': 'Identity',
  '--ssh-key': 'Identity',
  '--password-file': 'Identity',
  '--encrypt': 'Encryption',
  '--kms': 'Encryption',
  '--partition': 'Partitions',
  '--config': 'Configuration',
  '--data-volume': 'Configuration',
  '--installer-data': 'Configuration',
  '--source': 'what is installed',
  '--engine': 'the engine',
};

/** What to do about it here, by the problem, and where one is told of several things by the flag, too. */
const hints: Readonly<Record<string, string>> = {
  'device-missing': 'choose one on the screen Disk',
  'device-none': 'choose a disk on the screen Disk',
  'user-missing': 'name the user on the screen Identity',
  'user-without-login': 'give a password or an SSH key on the screen Identity',
  'no-admin-user': 'name a user on the screen Identity, or set install.nousers: true with the editor on Configuration',
  'encryption-unsupported': 'leave encryption out on the screen Encryption; the engine kairos-agent encrypts, of an image that brings it',
  'data-volume-missing': 'attach a volume labelled SLIPWAY or cidata, or choose a configuration on the screen Configuration',
  'data-volume-ambiguous': 'choose one of them on the screen Configuration, or detach the others',
  'target-too-small': 'choose a bigger disk on the screen Disk, or smaller sizes on Partitions',
  'source-missing --source': 'there is nothing to install in this live system: start it from an installer medium',
  'engine-not-live': 'boot the installer medium',
};

/** The same problem for a reader who has screens in front of them. */
export const onScreens = (problem: Problem): Problem => {
  const flag = /^--[a-z-]+/.exec(problem.where)?.[0];
  const where = flag === undefined ? problem.where : (screens[flag] ?? problem.where);
  // A hint that needs no command line says more of its case.
  if (!/--[a-z]|slipway [a-z]/.test(problem.hint)) return { ...problem, where };
  return { ...problem, where, hint: hints[`${problem.id} ${flag}`] ?? hints[problem.id] ?? problem.hint };
};
