/** A node's status and an action's events as plain lines, for the command line and for plain mode. Pure. */
import { cleanText } from '../model/foreign-text.ts';
import { formatProblem } from '../model/problem.ts';
import type { RecoveryAction } from './actions.ts';
import type { RecoveryEvent } from './events.ts';
import type { Health, NodeStatus } from './status.ts';
import { bytesInWords } from './words.ts';

export const healthWords: Readonly<Record<Health, string>> = {
  clean: 'clean',
  journal: 'was not unmounted; its journal mends that',
  errors: 'has errors',
  unreadable: 'cannot be read',
  missing: 'MISSING',
  unknown: 'not looked at',
};

const stateWords: Readonly<Record<NodeStatus['boot']['state'], string>> = {
  active: 'active',
  passive: 'passive (the one before)',
  recovery: 'recovery',
  reset: 'automatic reset',
  live: 'live medium',
  unknown: 'not known',
  'not-running': 'not running',
};

const madeWords: Readonly<Record<NodeStatus['made'], string>> = { slipway: 'laid down by Slipway', 'kairos-agent': 'laid down by kairos-agent', unknown: 'not known who laid it down' };

export type StatusLine = readonly [label: string, text: string];

const nextText = ({ next }: NodeStatus): string => `${next.once ?? next.assessed ?? next.always ?? 'active'}${next.once === null && next.assessed !== null ? ' (boot assessment: the active system did not come up)' : ''}${next.once === null ? '' : ' (once)'}${next.always === null ? '' : `; always: ${next.always}`}`;

/** Labelled lines of a status. */
export const statusLines = (status: NodeStatus): readonly StatusLine[] => [
  ['Node', `${cleanText(status.target.text, 200)}; ${madeWords[status.made]}`],
  ['Started', `${stateWords[status.boot.state]}: ${status.boot.why}`],
  ['Next boot', nextText(status)],
  ...status.systems.map((row, index): StatusLine => [
    index === 0 ? 'Systems' : '',
    `${row.name.padEnd(9)} ${row.damage === null ? `${row.version ?? 'version not known'}, ${bytesInWords(row.size)}` : `DAMAGED: ${row.damage}`}${row.booted ? '  <- runs now' : ''}`,
  ]),
  ...status.partitions.map((row, index): StatusLine => [
    index === 0 ? 'Partitions' : '',
    `${row.label.padEnd(15)} ${(row.fs ?? '-').padEnd(6)} ${bytesInWords(row.size).padStart(9)}  ${row.locked ? 'encrypted, not open, ' : row.encrypted ? 'encrypted, open, ' : ''}${row.mountpoint === null ? healthWords[row.health] : `${healthWords[row.health]}, at ${cleanText(row.mountpoint, 60)}`}`,
  ]),
  ['Configuration', status.config === null ? 'cannot be read' : status.config.length === 0 ? 'none' : status.config.map(({ name, size }) => `${cleanText(name, 60)} (${size} B)`).join(', ')],
  ['Data volumes', status.closed === null ? 'not known' : status.closed ? 'kept out (/oem/95_userdata is there)' : 'an attached one is pulled in at boot'],
  ['First boot', status.deployed === null ? 'not known' : status.deployed ? 'done' : 'not done, or without the agent\'s sign'],
  ...(status.network.length === 0 ? [] : [['Network', status.network.filter(({ name }) => name !== 'lo').map(({ name, addresses, carrier }) => `${cleanText(name, 20)} ${carrier === false ? 'no cable' : addresses.join(' ') || 'no address'}`).join(', ') || 'none'] as const]),
];

export const problemLinesOf = (status: NodeStatus): readonly string[] => status.problems.map((problem) => `${problem.severity === 'info' ? 'note' : problem.severity}: ${cleanText(formatProblem(problem), 500)}`);

export const actionLines = (actions: readonly RecoveryAction[]): readonly string[] =>
  actions
    .filter(({ id }) => id !== 'status')
    .flatMap((action) => [`  ${action.id.padEnd(17)} ${action.title}`, ...(action.refusal === null ? [] : [`  ${''.padEnd(17)} not here: ${action.refusal.reason}; ${action.refusal.way}`])]);

/** Which log the last lines are from. */
export const logTitle = ({ logFrom }: Pick<NodeStatus, 'logFrom'>): string => `Last lines of the log${logFrom === null ? '' : ` (${cleanText(logFrom, 200)})`}:`;

/** The whole status as text. */
export const describeStatus = (status: NodeStatus, actions: readonly RecoveryAction[]): string => {
  const lines = statusLines(status).map(([label, text]) => `${label.padEnd(14)} ${text}`);
  const log = status.log.length === 0 ? [] : ['', logTitle(status), ...status.log.map((line) => `  ${line}`)];
  return [...lines, ...problemLinesOf(status), ...log, '', 'Actions:', ...actionLines(actions)].join('\n');
};

/** What an action keeps and loses, before consent. */
export const lossLines = (action: Pick<RecoveryAction, 'kept' | 'lost'>): readonly string[] => [
  ...(action.lost.length === 0 ? ['lost: nothing'] : action.lost.map((text) => `lost: ${text}`)),
  ...action.kept.map((text) => `kept: ${text}`),
];

/** A line for an event; null for those that only a screen or a program has a use for. */
export const eventLine = (event: RecoveryEvent): string | null => {
  switch (event.event) {
    case 'action':
      return [`${event.action} on ${cleanText(event.target, 300)}${event.by === 'kairos-agent' ? ', by kairos-agent' : ''}`, ...lossLines(event).map((line) => `  ${line}`)].join('\n');
    case 'step':
      return `step ${event.index}/${event.of}: ${event.text}`;
    case 'log':
      return event.level === 'debug' ? null : `  ${event.text}`;
    case 'problem':
      return `${event.severity}: ${cleanText(formatProblem(event), 1000)}`;
    case 'done':
      return event.text;
    case 'progress':
    case 'audit':
      return null;
  }
};
