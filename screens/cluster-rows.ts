/** The lines of the screen Cluster: what each asks, what it holds, and what an answer changes. Pure. */
import { clusterRoles } from '../src/app/console/config-answers.ts';
import type { ClusterRole, ConfigExtras, ExtraChanges } from '../src/app/console/config-answers.ts';
import { askedQuestions, openQuestions } from '../src/app/state.ts';
import type { ConsoleState } from '../src/app/state.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { checkToken } from '../src/sources/edgevpn-token.ts';
import { checkUpgradeSource } from '../src/sources/life-cycle-answers.ts';
import { checkPromptAnswer } from '../src/sources/prompts.ts';
import type { Prompt, PromptAnswer } from '../src/sources/prompts.ts';

const asConfigured = 'as the configuration says';

/** A line of the list. `next` is what Space makes of it; `set` takes a typed text, or says what is wrong with it. */
export interface Row {
  readonly id: string;
  readonly label: string;
  readonly shown: string;
  readonly about: string;
  readonly secret?: boolean;
  readonly start?: string;
  /** Shown in an empty field. */
  readonly hint?: string;
  readonly next?: ExtraChanges;
  readonly set?: (text: string) => ExtraChanges | string;
  /** What `-` makes of it: as the configuration says. */
  readonly clear?: ExtraChanges;
}

const roleNames: Readonly<Record<ClusterRole, string>> = { k3s: 'k3s server', 'k3s-agent': 'k3s agent, joins a server', k0s: 'k0s controller', 'k0s-worker': 'k0s worker' };

/** What providers ask about is what the image brings. */
const broughtBy = (prompts: readonly Prompt[]): string => {
  const names = ['k3s', 'k0s'].filter((name) => prompts.some(({ keyPath }) => keyPath.join('.') === `${name}.enabled`));
  return names.length === 0 ? '' : `; this one brings ${names.join(' and ')}`;
};

const roleRow = ({ role }: ConfigExtras, prompts: readonly Prompt[]): Row => ({
  id: 'role',
  label: 'Kubernetes',
  shown: role === undefined ? asConfigured : roleNames[role],
  about: `Space changes it. The image has to bring the distribution that is chosen here${broughtBy(prompts)}.`,
  next: { role: role === undefined ? clusterRoles[0] : clusterRoles[clusterRoles.indexOf(role) + 1] },
});

const plainText = (name: keyof ConfigExtras, pattern: RegExp, wrong: string) => (text: string): ExtraChanges | string =>
  text === '' ? { [name]: undefined } : pattern.test(text) ? { [name]: text } : wrong;

const joinRows = ({ role, joinAddress, joinToken }: ConfigExtras, asked: boolean): readonly Row[] =>
  role !== 'k3s-agent' && !asked
    ? []
    : [
        { id: 'join-address', label: 'Join at', shown: joinAddress ?? asConfigured, about: 'The server that this agent joins, such as https://10.0.0.5:6443.', start: joinAddress ?? '', set: plainText('joinAddress', /^https:\/\/[^\s/]+(?::\d+)?\/?$/, 'an address is written https://HOST:6443') },
        { id: 'join-token', label: 'Join token', shown: joinToken === undefined ? asConfigured : 'set; not shown', about: "The server's node token. It is kept on the node, readable by root.", secret: true, set: plainText('joinToken', /^\S{1,1000}$/, 'a token is one word') },
      ];

const meshRows = ({ networkToken, masters }: ConfigExtras): readonly Row[] => [
  {
    id: 'network-token',
    label: 'Network token',
    shown: networkToken === undefined ? asConfigured : 'set; x shows it',
    about: 'Nodes with the same token find each other and form one cluster. + makes a new one, x shows it for the next node, - takes it out.',
    secret: true,
    clear: { networkToken: undefined, masters: undefined },
    set: (text) => {
      if (text === '') return {};
      const wrong = checkToken(text);
      return wrong === null ? { networkToken: text } : `this is no network token: ${wrong}`;
    },
  },
  ...(networkToken === undefined
    ? []
    : [
        {
          id: 'masters',
          label: 'Servers (HA)',
          shown: masters === undefined ? asConfigured : String(masters),
          about: 'How many of the nodes are servers of a highly available control plane; empty: as the configuration says, which is one where it says nothing.',
          start: masters === undefined ? '' : String(masters),
          set: (text: string): ExtraChanges | string => (text === '' ? { masters: undefined } : /^[1-9]\d?$/.test(text) ? { masters: Number(text) } : 'a number from 1 to 99'),
        },
      ]),
];

const kubevipRows = ({ eip, interface: device }: ConfigExtras): readonly Row[] => [
  { id: 'eip', label: 'Virtual address', shown: eip ?? asConfigured, about: 'kubevip answers at this address wherever the control plane is.', start: eip ?? '', set: plainText('eip', /^[0-9a-fA-F.:]{2,45}$/, 'an address such as 192.168.1.50') },
  { id: 'interface', label: 'On interface', shown: device ?? asConfigured, about: 'The network card that carries the virtual address; names are those of the installed system.', start: device ?? '', set: plainText('interface', /^[A-Za-z0-9][\w.@-]{0,14}$/, 'a name such as eth0') },
];

/** Questions that other lines of this screen ask already. */
const covered: ReadonlySet<string> = new Set(['p2p.network_token', 'k3s.enabled', 'k0s.enabled']);

const withPrompt = (extras: ConfigExtras, prompt: Prompt, answer: PromptAnswer | undefined): ExtraChanges => {
  const others = (extras.prompts ?? []).filter((item) => item.prompt.keyPath.join('.') !== prompt.keyPath.join('.'));
  const prompts = answer === undefined ? others : [...others, { prompt, answer }];
  return { prompts: prompts.length === 0 ? undefined : prompts };
};

const targetForm = /^(?:run|container|docker|package):\/\/[\w./:@+-]{1,300}$/;

/** `NAME=VALUE`, as a change of what is there; a text says what is wrong with it. */
const readGrubOption = (options: Readonly<Record<string, string>>, text: string): Readonly<Record<string, string>> | string => {
  const match = /^([A-Za-z_]\w{0,63})=(.{0,500})$/.exec(text);
  if (match?.[1] === undefined) return 'NAME=VALUE, such as extra_cmdline=quiet; NAME= takes one out';
  const { [match[1]]: _before, ...others } = options;
  return match[2] === '' ? others : { ...others, [match[1]]: match[2] ?? '' };
};

const installRows = ({ bundles, grubOptions = {} }: ConfigExtras): readonly Row[] => [
  {
    id: 'bundles',
    label: 'Bundles',
    shown: bundles === undefined ? asConfigured : bundles.map((bundle) => cleanText(bundle, 200)).join(' '),
    about: 'Software that is put on the node at the end of the install, beside what the configuration brings: run://IMAGE, container://IMAGE or package://NAME, several parted by blanks.',
    start: (bundles ?? []).join(' '),
    clear: { bundles: undefined },
    set: (text) => {
      const names = text.split(/\s+/).filter((name) => name !== '');
      const wrong = names.find((name) => !targetForm.test(name));
      return wrong === undefined ? { bundles: names.length === 0 ? undefined : names } : `not a bundle: ${cleanText(wrong, 60)}; write run://IMAGE, container://IMAGE or package://NAME`;
    },
  },
  {
    id: 'grub',
    label: 'Boot options',
    shown: Object.keys(grubOptions).length === 0 ? asConfigured : Object.entries(grubOptions).map(([name, value]) => `${name}=${cleanText(value, 200)}`).join(', '),
    about: 'A variable of the boot loader: extra_cmdline=WORDS gives the kernel more words at every boot, extra_active_cmdline, extra_passive_cmdline and extra_recovery_cmdline only there. NAME= takes one out.',
    start: 'extra_cmdline=',
    clear: { grubOptions: undefined },
    set: (text) => {
      if (text === '') return {};
      const options = readGrubOption(grubOptions, text);
      return typeof options === 'string' ? options : { grubOptions: Object.keys(options).length === 0 ? undefined : options };
    },
  },
];

/** What a reset can do by default, in the order in which Space goes through it. */
const resets: readonly { readonly text: string; readonly reset: ConfigExtras['reset'] }[] = [
  { text: asConfigured, reset: undefined },
  { text: 'keeps the data', reset: { keepPersistent: true } },
  { text: 'takes the data, keeps the configuration', reset: { keepPersistent: false, oem: false } },
  { text: 'takes data and configuration', reset: { keepPersistent: false, oem: true } },
];

/** What the node does later, unless it is told otherwise then. */
const laterRows = ({ upgrade, reset }: ConfigExtras): readonly Row[] => {
  const at = Math.max(0, resets.findIndex((choice) => JSON.stringify(choice.reset) === JSON.stringify(reset)));
  return [
    {
      id: 'upgrade',
      label: 'Upgrades from',
      shown: upgrade?.source === undefined ? asConfigured : cleanText(upgrade.source, 200),
      about: 'The image that an upgrade of the node takes when none is named: oci:IMAGE, docker:IMAGE, dir:PATH or file:PATH.',
      start: upgrade?.source ?? '',
      clear: { upgrade: undefined },
      set: (text) => (text === '' ? { upgrade: undefined } : (checkUpgradeSource(text) ?? { upgrade: { ...upgrade, source: text } })),
    },
    {
      id: 'reset',
      label: 'A reset',
      shown: resets[at]?.text ?? asConfigured,
      about: 'What a reset of the node does when it is not told otherwise: COS_PERSISTENT holds its data, COS_OEM its configuration. Space changes it.',
      clear: { reset: undefined },
      next: { reset: resets[(at + 1) % resets.length]?.reset },
    },
  ];
};

const yesNo = (answer: boolean | undefined): string => (answer === undefined ? asConfigured : answer ? 'yes' : 'no');

/** A question of a provider, and where it wants so, a yes or no before it. */
const promptRows = (extras: ConfigExtras, prompt: Prompt): readonly Row[] => {
  const path = prompt.keyPath.join('.');
  const answer = extras.prompts?.find((item) => item.prompt.keyPath.join('.') === path)?.answer;
  const about = `${prompt.text === '' ? path : prompt.text} (asked by ${cleanText(prompt.from, 40)})`;
  const clear = withPrompt(extras, prompt, undefined);
  // With yes the question itself comes up; it starts as if it had been left empty.
  const begin: PromptAnswer = prompt.kind === 'yes-no' ? { yes: true } : { text: prompt.fallback };
  const wanted = answer === undefined ? undefined : !('skipped' in answer);
  const first: readonly Row[] =
    prompt.askFirst === null
      ? []
      : [{ id: `${path}?`, label: path, about: `${prompt.askFirst || about}`, shown: yesNo(wanted), clear, next: withPrompt(extras, prompt, wanted === undefined ? begin : wanted ? { skipped: true } : undefined) }];
  if (prompt.askFirst !== null && wanted !== true) return first;
  const row = { id: path, label: prompt.askFirst === null ? path : '  value', about, clear };
  if (prompt.kind === 'yes-no') {
    const yes = answer !== undefined && 'yes' in answer ? answer.yes : undefined;
    const next: PromptAnswer | undefined = yes === undefined ? { yes: true } : yes ? { yes: false } : prompt.askFirst === null ? undefined : { yes: true };
    return [...first, { ...row, shown: yesNo(yes), next: withPrompt(extras, prompt, next) }];
  }
  const text = answer !== undefined && 'text' in answer ? answer.text : undefined;
  return [
    ...first,
    {
      ...row,
      about: `${about}${prompt.ifEmpty === '' ? '' : ' Left empty, the provider takes a value of its own.'}`,
      // A provider may ask for a secret without saying so.
      shown: text === undefined ? asConfigured : text !== '' ? 'set; not shown' : prompt.ifEmpty === '' ? 'empty' : "empty: the provider's own value",
      secret: /token|pass|secret|key/i.test(path),
      start: text ?? prompt.fallback,
      hint: prompt.placeholder,
      set: (value) => {
        if (value === '' && prompt.ifEmpty === '' && prompt.askFirst === null) return clear;
        return checkPromptAnswer({ text: value }) ?? withPrompt(extras, prompt, { text: value });
      },
    },
  ];
};

/** All lines, as far as what was answered so far makes them worth asking. */
export const rowsOf = (state: ConsoleState): readonly Row[] => {
  const open = new Set(openQuestions(state).map(({ row }) => row));
  return allRows(state).map((row) => (open.has(row.id) ? { ...row, shown: 'still to be answered' } : row));
};

const allRows = (state: ConsoleState): readonly Row[] => [
  roleRow(state.extras, state.session.prompts),
  ...joinRows(state.extras, askedQuestions(state).some(({ row }) => row.startsWith('join-'))),
  ...meshRows(state.extras),
  ...kubevipRows(state.extras),
  ...installRows(state.extras),
  ...laterRows(state.extras),
  ...state.session.prompts.filter(({ keyPath }) => !covered.has(keyPath.join('.'))).flatMap((prompt) => promptRows(state.extras, prompt)),
];
