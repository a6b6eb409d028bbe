/** A value written on one line: for the rare case that a kept alias names something that is cut away. */
import type { Node, Scalar } from 'yaml';
import { isMap, isScalar, isSeq } from 'yaml';
import type { ParsedYaml } from '../../sources/yaml-nodes.ts';
import { entriesOf, follow } from '../../sources/yaml-nodes.ts';

const safePlain = /^[A-Za-z0-9_./+-]+(?: [A-Za-z0-9_./+-]+)*$/;

const inlineScalar = (scalar: Scalar): string => {
  const tag = scalar.tag === undefined || scalar.tag.startsWith('tag:yaml.org') ? '' : `!<${scalar.tag}> `;
  const source = scalar.source ?? '';
  if (scalar.type === 'PLAIN' && (typeof scalar.value !== 'string' || safePlain.test(source))) {
    return tag + (source === '' ? 'null' : source);
  }
  return tag + JSON.stringify(scalar.value);
};

/** Flow style on one line; plain scalars keep their spelling (`0644`), all other text is in double quotes. Aliases are written out. */
export const inline = (document: ParsedYaml, node: Node | null): string => {
  const target = follow(document, node);
  if (isMap(target)) {
    const entries = [...entriesOf(document, target)].map(([key, value]) => `${JSON.stringify(key)}: ${inline(document, value)}`);
    return `{${entries.join(', ')}}`;
  }
  if (isSeq(target)) return `[${target.items.map((item) => inline(document, item as Node | null)).join(', ')}]`;
  return isScalar(target) ? inlineScalar(target) : 'null';
};
