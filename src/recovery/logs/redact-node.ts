/** Takes secrets out of logs of an installed node: the values that its configuration calls secret, and what looks like one anywhere. Pure. */
import type { MaterialItem } from '../../model/audit.ts';
import { createRedactor, redacted } from '../../scrub/redact.ts';
import { collectMaterial } from '../../scrub/strip/material.ts';
import { parseYaml } from '../../sources/yaml.ts';

/** Keys whose value, or everything below, is a secret. Public SSH keys are not. */
const secretKey = /pass|secret|token|priv|credential|api[_-]?key|auth(?!orized)|kcrypt|psk|network_id|cert|^key$|_key$/i;

/** Files and commands of a configuration may hold anything. */
const mayHoldSecrets = /^(?:content|contents|commands|environment|env)$/;

/** Keys are among the material, too; their names are no secret. */
const isSecret = (item: MaterialItem): boolean => item.value !== item.keyPath.at(-1) && item.keyPath.some((key) => typeof key === 'string' && (secretKey.test(key) || mayHoldSecrets.test(key)) && key !== 'ssh_authorized_keys');

/** Shapes of secrets that no configuration has to name. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted],
  [/\$(?:1|2[abxy]?|5|6|7|y|gy|argon2\w*)\$[^\s"':,]{8,}/g, redacted],
  [/\b((?:Bearer|Basic)\s+)[\w.~+/=-]{8,}/gi, `$1${redacted}`],
  [/\b((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|psk)["']?\s*[=:]\s*["']?)(?!\s|null\b|true\b|false\b)[^\s"',}]+/gi, `$1${redacted}`],
  [/(https?:\/\/)[^\s/@:]+:[^\s/@]+@/gi, `$1${redacted}@`],
  [/\b(K10[0-9a-f]{16,})::[^\s"']+/g, redacted],
];

/** A function for texts of the node whose configuration files these are. */
export const createNodeRedactor = (configs: readonly { readonly name: string; readonly text: string }[]): ((text: string) => string) => {
  const items: MaterialItem[] = [];
  for (const { name, text } of configs) {
    const { document } = parseYaml(text, name);
    if (document !== undefined) collectMaterial(document, document.root, [], true, items);
  }
  const byValue = createRedactor(items.filter(isSecret));
  return (text) => shapes.reduce((shown, [shape, instead]) => shown.replaceAll(shape, instead), byValue(text));
};
