/** What the builtin engine makes of an `install:` block: honoured, without meaning here, or refused by name. */
import type { Problem } from '../model/problem.ts';
import { isFalse } from '../model/truth.ts';
import { findNothing, problemIn } from './check-whole.ts';
import type { FindPosition } from './check-whole.ts';

/** Read by the planner: as settings, layout, GRUB variables, or the environment of the stages. */
const honoured = ['device', 'source', 'reboot', 'poweroff', 'partitions', 'extra-partitions', 'encrypted_partitions', 'grub_options', 'grub-entry-name', 'nousers', 'env'];

/** True without doing anything: they choose among ways of which this engine has one. */
const withoutMeaning: Readonly<Record<string, (value: unknown) => boolean>> = {
  auto: () => true,
  image: () => true,
  skip_copy_kcrypt_plugin: () => true,
  'allow-insecure-registries': () => true,
  tty: () => true,
  firmware: (value) => value === 'efi' || value === 'bios',
  'part-table': (value) => value === 'gpt',
  force: isFalse,
  'no-format': isFalse,
  ssh_hardening: isFalse,
};

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

/** Problems for every key that this engine would have to leave undone. */
export const checkInstallBlock = (install: Readonly<Record<string, unknown>>, find: FindPosition = findNothing): readonly Problem[] =>
  Object.entries(install)
    .filter(([key, value]) => !honoured.includes(key) && !isEmpty(value) && withoutMeaning[key]?.(value) !== true)
    .map(([key]) => problemIn(find, ['install', key], { id: 'install-key-unsupported', severity: 'error', what: 'the builtin engine cannot do this', hint: 'remove the key, or use --engine kairos-agent' }));

/** `grub_options` as variables; what isn't text or a number is a problem. */
export const readGrubOptions = (
  install: Readonly<Record<string, unknown>>,
  find: FindPosition = findNothing,
): { readonly options: Readonly<Record<string, string>>; readonly problems: readonly Problem[] } => {
  const block = install['grub_options'];
  const options: Record<string, string> = {};
  const problems: Problem[] = [];
  if (typeof block === 'object' && block !== null) {
    for (const [key, value] of Object.entries(block)) {
      const text = String(value);
      if (!/^[A-Za-z_]\w*$/.test(key) || (typeof value !== 'string' && typeof value !== 'number') || /[\n\0]/.test(text) || text.length > 512) {
        problems.push(problemIn(find, ['install', 'grub_options', key], { id: 'grub-option', severity: 'error', what: 'is not a GRUB variable with a short one-line value', hint: 'for example extra_cmdline: "quiet"' }));
      } else {
        options[key] = text;
      }
    }
  }
  return { options, problems };
};

/** What kairos-agent could do by these keys would go past the scrub or past the confirmed disk. */
const agentRefused: Readonly<Record<string, string>> = {
  'cloud-init': 'the files it names would be copied to the node unscrubbed; give them with --config',
  'no-format': 'it installs over partitions that nobody confirmed; leave it out',
  force: 'it goes with no-format; leave it out',
  iso: 'it would be downloaded by the agent; name it with --source',
};

/** Problems for keys of `install:` that are not handed to kairos-agent. */
export const checkInstallBlockForAgent = (install: Readonly<Record<string, unknown>>, find: FindPosition = findNothing): readonly Problem[] =>
  Object.entries(install)
    .filter(([key, value]) => agentRefused[key] !== undefined && !isEmpty(value) && !isFalse(value))
    .map(([key]) => problemIn(find, ['install', key], { id: 'install-key-unsupported', severity: 'error', what: 'is not handed to kairos-agent', hint: agentRefused[key] ?? '' }));
