/**
 * Makes user-data documents in every style that YAML offers, from one number. Each value and comment is a word that occurs
 * nowhere else: `KEEP…` where it must stay, `GONE…` where it must go. So the text alone tells whether a cut is right.
 */

/** mulberry32: small, even, the same everywhere. */
export const dice = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export interface MadeDocument {
  readonly text: string;
  readonly keep: readonly string[];
  readonly gone: readonly string[];
}

type Tree = { readonly scalar: string } | { readonly list: readonly Tree[] } | { readonly map: readonly (readonly [string, Tree, Fate])[] };
type Fate = 'KEEP' | 'GONE';

const keptKeys = ['hostname', 'users', 'k3s', 'p2p', 'write_files', 'kcrypt', 'x-own', 'bundles', 'reset', 'name', 'runcmd', 'logs'];
const topLevelGone = ['config_url', 'env', 'debug', 'strict', 'cloud-init-paths'];
const installKeys = ['device', 'source', 'reboot', 'grub_options', 'bundles', 'partitions', 'tty', 'env', 'auto', 'extra-partitions'];
const bootStages = ['boot', 'initramfs', 'network.after', 'rootfs.before', 'after-upgrade', 'fs'];
const goneStages = ['before-install', 'after-install', 'after-install-chroot', 'kairos-install.pre', 'kairos-uki-install.after.before', 'before-install.after'];
const innerKeys = ['name', 'commands', 'files', 'path', 'content', 'environment', 'a.b', 'key with blank', 'enabled', 'args'];

export const makeDocument = (seed: number): MadeDocument => {
  const random = dice(seed);
  const chance = (part: number): boolean => random() < part;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const some = <T>(from: readonly T[], least = 0): T[] => {
    const count = least + Math.floor(random() * (from.length + 1 - least) * 0.6);
    const pool = [...from];
    return Array.from({ length: Math.min(count, pool.length) }, () => pool.splice(Math.floor(random() * pool.length), 1)[0] as T);
  };
  let count = 0;
  const word = (fate: Fate | 'FREE'): string => {
    count += 1;
    return `${fate}${count.toString(36).toUpperCase()}w${Math.floor(random() * 1e9).toString(36)}z`;
  };

  const tree = (fate: Fate, depth: number): Tree => {
    const kind = random();
    if (depth <= 0 || kind < 0.4) return { scalar: word(fate) };
    if (kind < 0.65) return { list: Array.from({ length: 1 + Math.floor(random() * 3) }, () => tree(fate, depth - 1)) };
    return { map: some(innerKeys, 1).map((key) => [key, tree(fate, depth - 1), fate] as const) };
  };

  const top: [string, Tree, Fate][] = some(keptKeys).map((key) => [key, tree('KEEP', 3), 'KEEP']);
  top.push(...some(topLevelGone).map((key): [string, Tree, Fate] => [key, tree('GONE', 2), 'GONE']));
  if (chance(0.7)) {
    const entries = some(installKeys, 1).map((key) => [key, tree('GONE', 2), 'GONE'] as const);
    const nousers = chance(0.4) ? [['nousers', { scalar: 'true' }, 'KEEP'] as const] : [];
    const map = [...entries, ...nousers].toSorted(() => random() - 0.5);
    top.push(['install', { map }, nousers.length > 0 ? 'KEEP' : 'GONE']);
  }
  if (chance(0.8)) {
    const step = (fate: Fate): Tree => ({ list: Array.from({ length: 1 + Math.floor(random() * 2) }, () => ({ map: some(innerKeys, 1).map((key) => [key, tree(fate, 2), fate] as const) })) });
    const boot = some(bootStages).map((name) => [name, step('KEEP'), 'KEEP'] as const);
    const gone = some(goneStages).map((name) => [name, step('GONE'), 'GONE'] as const);
    const map = [...boot, ...gone].toSorted(() => random() - 0.5);
    if (map.length > 0) top.push(['stages', { map }, boot.length > 0 ? 'KEEP' : 'GONE']);
  }
  top.sort(() => random() - 0.5);

  const newline = chance(0.15) ? '\r\n' : '\n';
  const indentBy = pick([1, 2, 2, 2, 4]);
  const commenting = chance(0.6);
  const quoteKey = (key: string): string => (chance(0.1) ? `"${key}"` : chance(0.1) ? `'${key}'` : key);
  const flowScalar = (text: string): string => pick([text, `"${text}"`, `'${text}'`]);
  const flow = (node: Tree, spaced: boolean): string => {
    const gap = spaced ? ' ' : '';
    if ('scalar' in node) return flowScalar(node.scalar);
    if ('list' in node) return `[${gap}${node.list.map((item) => flow(item, spaced)).join(', ')}${gap}]`;
    return `{${gap}${node.map.map(([key, value]) => `${quoteKey(key)}: ${flow(value, spaced)}`).join(', ')}${gap}}`;
  };
  const block = (node: Tree, column: number, fate: Fate): string[] => {
    const pad = ' '.repeat(column);
    if ('scalar' in node) return [`${pad}${flowScalar(node.scalar)}`];
    if ('list' in node) {
      return node.list.flatMap((item) => {
        if ('scalar' in item) return [`${pad}- ${flowScalar(item.scalar)}`];
        if (chance(0.2)) return [`${pad}- ${flow(item, chance(0.3))}`];
        const [first = '', ...rest] = block(item, column + 2, fate).filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
        return [`${pad}- ${first.trimStart()}`, ...rest];
      });
    }
    return node.map.flatMap(([key, value, inner]) => pair(key, value, inner, column));
  };
  const pair = (key: string, value: Tree, fate: Fate, column: number): string[] => {
    const pad = ' '.repeat(column);
    const lines: string[] = [];
    // A comment belongs to the key under it. Above a key of which a part stays, it stays.
    if (commenting && chance(0.25)) lines.push(`${pad}# ${word(fate)}`);
    if (commenting && chance(0.1)) lines.push('', `${pad}# ${word(fate)}: ${word(fate)}`);
    if (chance(0.1)) lines.push('');
    const tail = commenting && chance(0.15) ? `  # ${word(fate)}` : '';
    const head = `${pad}${quoteKey(key)}:`;
    if ('scalar' in value) {
      const style = random();
      if (style < 0.2 && value.scalar !== 'true') {
        const header = pick(['|', '>', '|-', '>-', '|+']);
        return [...lines, `${head} ${header}${tail}`, `${pad}  ${value.scalar}`, `${pad}  # ${word(fate)} inside of text`];
      }
      return [...lines, `${head} ${value.scalar === 'true' ? 'true' : flowScalar(value.scalar)}${tail}`];
    }
    if (chance(0.2)) return [...lines, `${head} ${flow(value, chance(0.5))}${tail}`];
    const inner = 'list' in value && chance(0.4) ? column : column + indentBy;
    const body = block(value, inner, fate);
    // Deeper than the key under it, below a block that stays: the contract gives it to that key, so either is right.
    const lastFate = 'map' in value && fate === 'KEEP' ? (value.map.at(-1)?.[2] ?? fate) : fate;
    const mayStand = inner > column && !body.some((line) => /[|>][-+]?(\s|$)/.test(line));
    const deep = commenting && mayStand && chance(0.1) ? [`${' '.repeat(inner)}# ${word(lastFate === 'KEEP' ? 'FREE' : 'GONE')}`] : [];
    return [...lines, `${head}${tail}`, ...body, ...deep];
  };

  const rootFlow = chance(0.08);
  const lines = ['#cloud-config'];
  if (rootFlow) lines.push(flow({ map: top }, chance(0.5)));
  else lines.push(...top.flatMap(([key, value, fate]) => pair(key, value, fate, 0)));
  const text = (chance(0.05) ? '\uFEFF' : '') + lines.join(newline) + (chance(0.9) ? newline : '');
  return { text, keep: text.match(/KEEP\w+z/g) ?? [], gone: text.match(/GONE\w+z/g) ?? [] };
};

const plainPieces = [
  'hostname: node-1\n', 'users:\n- name: op\n  groups: [admin, docker]\n  passwd: "$6$x"\n', 'users:\n  - name: op # the one\n    ssh_authorized_keys:\n    - github:op\n', 'k3s: {enabled: true, args: [a, "b c"]}\n',
  'write_files:\n- path: /etc/x\n  permissions: 0644\n  content: |\n    # no comment\n    text: here\n\n      deeper\n', 'write_files:\n  - content: |+\n      kept\n\n\n    path: /y\n', 'p2p:\n  network_token: ""\n  vpn:\n    create: true\n',
  'install:\n  device: /dev/GONE1z\n  nousers: true\n', 'install:\n  auto: true\n', 'env:\n- A=GONE2z\n', 'debug: true # GONE3z\n', 'name: >-\n  folded\n  text\n', 'logs: {journal: [a]}\n', 'anchored: &a x\n', 'alias: *a\n', '"quoted": x\n', 'bundles:\n- targets: [\n    x]\n',
  'kcrypt:\n    challenger:\n        challenger_server: "http://x:1/y"\n', 'odd: "two\n  lines"\n', 'empty:\n', 'nothing: ~\n', 'growpart:\n# in between\n  devices: ["/"]\n',
];
const plainStages = [
  'boot:\n- commands:\n  - echo hi\n', 'boot:\n  - name: x\n    commands:\n      - |\n        a\n        # b\n', 'initramfs: []\n', 'before-install:\n- commands: [echo GONE4z]\n', '"kairos-install.after":\n  - commands:\n    - echo GONE5z\n', 'kairos-install.pre:\n- name: GONE6z\n',
  'network: [{name: x}]\n', 'network:\n  - files:\n      - path: /x\n        content: "a: b"\n', 'fs: &b\n  - name: y\n', 'after-install:\n  # GONE7z\n  - name: z\n',
];
const between = ['', '', '', '\n', '\n\n', '# a comment\n', '# above\n\n', '  # deeper\n', '\n# two\n# lines\n', '   \n'];

/** Of the kind that most people write: block style, a line each; with a few oddities in between. */
export const makePlainDocument = (seed: number): string => {
  const random = dice(seed);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const stages = (): string => {
    const indent = ' '.repeat(1 + Math.floor(random() * 4));
    const body = Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(between) + pick(plainStages)).join('');
    return `stages:\n${body.replaceAll(/^(?=.)/gm, indent)}`;
  };
  const top = Array.from({ length: 1 + Math.floor(random() * 8) }, () => pick(between) + (random() < 0.3 ? stages() : pick(plainPieces))).join('');
  const seen = new Set<string>();
  // Most of them without a key that is there twice.
  const once = random() < 0.9 ? top.split(/^(?=\S)/m).filter((part) => { const key = part.split(':')[0] ?? ''; const first = !seen.has(key) || !/^["\w]/.test(part); seen.add(key); return first; }).join('') : top;
  return `#cloud-config\n${once}${pick(between)}`;
};
