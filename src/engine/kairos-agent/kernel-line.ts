/**
 * The kernel line as the agent is shown it. The agent merges words of it over every other configuration (kairos-sdk
 * `collector`, `machine`): `install.device=auto` there would choose another disk than the one that was confirmed. Pure.
 */

/** Top-level keys of the agent's configuration, and its words for more configuration. */
const configWords: ReadonlySet<string> = new Set([
  'install', 'stages', 'config_url', 'options', 'fail_on_bundles_errors', 'bundles', 'grub_options', 'env', 'debug', 'strict',
  'cloud-init-paths', 'eject-cd', 'cosign', 'cosign-key', 'verify', 'arch', 'squash-compression', 'squash-no-compression',
  'uki-max-entries', 'bind-pcrs', 'bind-public-pcrs', 'logs', 'reset', 'upgrade', 'users', 'slipway', 'name',
]);

/** Switches that write whole configurations into logs. */
const loudWords = ['rd.kairos.debug'];

const isConfig = (name: string): boolean => {
  if (name.startsWith('kairos.config') || name === 'cos.setup' || loudWords.includes(name)) return true;
  const [first = ''] = name.split(/[.[]/, 1);
  return configWords.has(first);
};

/**
 * Takes out what would change the configuration; `dropped` names the words, never their values. The agent reads the line as a shell would
 * (kairos-sdk `machine`, by google/shlex), the kernel knows double quotes alone: a word with a single quote or a backslash could be another
 * one to each of them, and is taken out whatever it says.
 */
export const maskKernelLine = (line: string): { readonly text: string; readonly dropped: readonly string[] } => {
  const kept: string[] = [];
  const dropped: string[] = [];
  for (const [word] of line.slice(0, 65_536).matchAll(/(?:[^\s"]+|"[^"]*"?)+/g)) {
    const name = word.replaceAll(/["'\\]/g, '').split('=', 1)[0] ?? '';
    if (isConfig(name) || /['\\]/.test(word)) dropped.push(name);
    else kept.push(word);
  }
  return { text: `${kept.join(' ')}\n`, dropped };
};
