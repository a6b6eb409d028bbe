/** Answers without a flag of their own, on their way into the kept configuration. Pure. */
import type { ConfigSources } from '../../plan/input.ts';
import { documentOfAnswers } from '../../sources/answers-to-config.ts';
import type { ConfigAnswers } from '../../sources/answers-to-config.ts';
import type { ResetDefaults, UpgradeDefaults } from '../../sources/life-cycle-answers.ts';
import { mergeData } from '../../sources/merge-data.ts';
import { answersToData } from '../../sources/prompts.ts';
import type { Prompt, PromptAnswer } from '../../sources/prompts.ts';
import { checkUserData } from '../../sources/user-data.ts';

export const clusterRoles = ['k3s', 'k3s-agent', 'k0s', 'k0s-worker'] as const;
export type ClusterRole = (typeof clusterRoles)[number];

/** What was answered; what is left out stays as the configuration says. */
export interface ConfigExtras {
  readonly timezone?: string;
  readonly keymap?: string;
  readonly role?: ClusterRole;
  /** Where an agent joins: https://HOST:6443 */
  readonly joinAddress?: string;
  /** secret */
  readonly joinToken?: string;
  /** secret: an edgevpn network token */
  readonly networkToken?: string;
  /** Servers of a highly available mesh cluster. */
  readonly masters?: number;
  /** Virtual address of kubevip. */
  readonly eip?: string;
  readonly interface?: string;
  /** Bundles for this install: `run://IMAGE`, `container://IMAGE`, `package://NAME`. */
  readonly bundles?: readonly string[];
  /** Variables of GRUB on the node: `extra_cmdline` and the like. */
  readonly grubOptions?: Readonly<Record<string, string>>;
  /** What reset and upgrade of the node do by default. */
  readonly reset?: ResetDefaults;
  readonly upgrade?: UpgradeDefaults;
  /** Answers to providers' questions. */
  readonly prompts?: readonly { readonly prompt: Prompt; readonly answer: PromptAnswer }[];
}

/** Answers to set; undefined takes one back. */
export type ExtraChanges = { readonly [Name in keyof ConfigExtras]?: ConfigExtras[Name] | undefined };

export const withExtraChanges = (extras: ConfigExtras, changes: ExtraChanges): ConfigExtras =>
  Object.fromEntries(Object.entries({ ...extras, ...changes }).filter(([, value]) => value !== undefined));

const filled = (values: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** Top-level keys of the cluster. */
const clusterOf = (extras: ConfigExtras): Readonly<Record<string, unknown>> => {
  const { role, joinAddress, joinToken, networkToken, masters, eip, interface: device } = extras;
  // Without a role of its own the answer goes to the agent that the configuration brings.
  const join = role === undefined || role === 'k3s-agent' ? filled({ K3S_URL: joinAddress, K3S_TOKEN: joinToken }) : {};
  const kubevip = filled({ eip, interface: device });
  const p2p = {
    ...filled({ network_token: networkToken }),
    ...(masters === undefined ? {} : { auto: { enable: true, ha: { enable: true, master_nodes: masters } } }),
  };
  return {
    ...(role === undefined ? {} : { [role]: { enabled: true } }),
    ...(Object.keys(join).length === 0 ? {} : { 'k3s-agent': { ...(role === undefined ? {} : { enabled: true }), env: join } }),
    ...(Object.keys(p2p).length === 0 ? {} : { p2p }),
    ...(Object.keys(kubevip).length === 0 ? {} : { kubevip }),
  };
};

const answersFrom = (extras: ConfigExtras): ConfigAnswers => ({
  timezone: extras.timezone,
  keymap: extras.keymap,
  reset: extras.reset,
  upgrade: extras.upgrade,
  extra: answersToData(extras.prompts ?? []),
  cluster: clusterOf(extras),
});

/** The name under which these answers go in messages. */
export const answersName = 'answers given here';

/** What goes into the `install:` map: it is for this run, and no part of what is kept. */
const installOf = ({ bundles, grubOptions }: ConfigExtras): Readonly<Record<string, unknown>> => ({
  ...(bundles === undefined ? {} : { bundles: [{ targets: bundles }] }),
  ...(grubOptions === undefined ? {} : { grub_options: grubOptions }),
});

/** The configuration with the answers as one more document; the planner sees no difference between the two. */
export const withExtras = (sources: ConfigSources, extras: ConfigExtras): ConfigSources => {
  const text = documentOfAnswers(answersFrom(extras));
  const install = installOf(extras);
  const installs = Object.keys(install).length === 0 ? sources : { ...sources, install: mergeData(sources.install, install) };
  if (text === null) return installs;
  return {
    ...installs,
    documents: [...sources.documents, { name: answersName, kind: 'user-data', text, answers: true }],
    problems: [...sources.problems, ...checkUserData(text, answersName, 'part').map((problem) => ({ ...problem, where: answersName }))],
  };
};
