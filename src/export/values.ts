/** What single words of a manifest may be: Kubernetes' names, image references, addresses, sizes. Pure. */

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';

/** RFC 1123 subdomain: labels with a dot between each two. */
export const subdomainPattern = new RegExp(`^${label}(?:\\.${label})*$`);
/** RFC 1123 label. */
export const labelPattern = new RegExp(`^${label}$`);

/** Longest subdomain: names of objects, secrets and claims. */
export const subdomainLimit = 253;
/** Longest label and longest value of a label: namespaces; and, as it carries their names in labels, objects of the operator. */
export const labelLimit = 63;

/** True for a name that Kubernetes takes for most objects. */
export const isSubdomain = (word: string): boolean => word.length <= subdomainLimit && subdomainPattern.test(word);

/** True for the name of a namespace. */
export const isLabel = (word: string): boolean => word.length <= labelLimit && labelPattern.test(word);

const host = String.raw`(?:[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?`;
const pathPart = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const tag = String.raw`[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}`;
const digest = String.raw`[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}`;
const imageReference = new RegExp(`^(?:${host}/)?${pathPart}(?:/${pathPart})*(?::${tag})?(?:@${digest})?$`);

/** True for a reference to an image in a registry. The operator puts it into a shell command: there is no other way out than the grammar. */
export const isImageReference = (word: string): boolean => word.length <= 512 && imageReference.test(word);

/** True for an http(s) address in printable ASCII. */
export const isWebAddress = (word: string): boolean => /^https?:\/\/[!-~]+$/i.test(word) && URL.canParse(word);

/** True for an absolute path in one printable line. */
export const isPrintablePath = (word: string): boolean => /^\/[^\p{C}\p{Zl}\p{Zp}]*$/u.test(word);

/**
 * A disk size as AuroraBoot takes it, in MiB without a unit: `32768` of `32768`, `32768Mi`, `32Gi` or `32G`. null when it is no size.
 * AuroraBoot takes a size with a unit for none at all, and only logs that.
 */
export const readDiskSize = (word: string): string | null => {
  const [, digits, unit] = /^([0-9]{1,9})([MGT]i?)?$/.exec(word) ?? [];
  const size = Number(digits ?? 0) * ({ M: 1, G: 1024, T: 1024 ** 2 }[unit?.[0] ?? 'M'] ?? 1);
  return size > 0 ? String(size) : null;
};

const int32Limit = 2 ** 31 - 1;

/** A number of nodes; null when it is no whole number from 0. */
export const readNodeCount = (word: string): number | null => (/^[0-9]{1,10}$/.test(word) && Number(word) <= int32Limit ? Number(word) : null);
