/** What this machine is, what would be installed, what was found. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { ScreenRow, TextLine, ViewProps } from '../src/app/console/screen.ts';
import { answersOf, problemsOf } from '../src/app/state.ts';
import type { Action, ConsoleState } from '../src/app/state.ts';
import { exitCodes } from '../src/model/exit-code.ts';
import type { Facts, Nic, SourceFacts } from '../src/model/facts.ts';
import type { ConfigSources } from '../src/plan/input.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { formatBytes, plural } from '../src/ui/format.ts';
import { shareRows } from '../src/ui/rows.ts';
import { Line } from '../src/ui/text.tsx';
import { headingOf, lookingText, toRecovery, welcomeBehaviour } from './welcome-first.ts';
import { notAskedLater } from '../src/app/console/asked-later.ts';
import { countdownTarget, secondsLeft } from '../src/app/console/countdown.ts';
import { isError } from '../src/model/problem.ts';
import { cutFields, fieldLines, Fields, Gap, linesOfProblems, plainProblems, plainRows, TextLines, wrapRow, wrapText } from './parts.tsx';

const joined = (...parts: readonly (string | null)[]): string =>
  parts.filter((part): part is string => part !== null && part !== '').map((part) => cleanText(part, 100)).join(' ');

/** Addresses that somebody else can reach; the link's own ones where there are no others. */
const addressesOf = ({ addresses }: Nic): readonly string[] => {
  const routed = addresses.filter((address) => !/^fe80:/i.test(address));
  return routed.length === 0 ? addresses : routed;
};

const networkText = (nics: readonly Nic[]): string => {
  const up = nics.filter(({ addresses }) => addresses.length > 0);
  if (up.length > 0) return up.map((nic) => joined(nic.name, ...addressesOf(nic))).join(', ');
  if (nics.length === 0) return 'no network card';
  return `no address; ${nics.map(({ name, carrier }) => joined(name, carrier === false ? 'has no cable' : carrier === true ? 'is connected' : 'is down')).join(', ')}; t sets one`;
};

const firmwareText = ({ firmware, tpm }: Facts): string =>
  [
    firmware.uefi ? 'UEFI' : 'BIOS',
    firmware.uefi && firmware.secureBoot !== null ? `Secure Boot ${firmware.secureBoot ? 'on' : 'off'}` : '',
    tpm.present ? `TPM ${cleanText(tpm.version ?? '', 10)}`.trim() : 'no TPM',
  ]
    .filter((part) => part !== '')
    .join(', ');

/** The image in a few words, from its release file. */
export const sourceText = (source: SourceFacts): string => {
  const name = source.release['KAIROS_NAME'] ?? source.release['PRETTY_NAME'] ?? source.release['NAME'] ?? '';
  return joined(name, source.release['KAIROS_VERSION'] ?? null, name === '' ? source.uri : `(${source.uri})`);
};

/** What is known of the image besides its name. */
const imageText = ({ release, size, kernel }: SourceFacts): string => {
  const value = (name: string): string => release[`KAIROS_${name}`] ?? '';
  return [
    joined(value('FLAVOR'), value('FLAVOR_RELEASE')),
    value('TARGETARCH') || value('ARCH'),
    value('VARIANT'),
    value('MODEL'),
    value('SOFTWARE_VERSION') === '' ? '' : joined('with', value('SOFTWARE_VERSION_PREFIX') || 'software', value('SOFTWARE_VERSION')),
    value('TRUSTED_BOOT') === 'true' ? 'Trusted Boot' : '',
    value('FIPS') === 'true' ? 'FIPS' : '',
    size > 0 ? formatBytes(size) : '',
    /vmlinuz-(.+)$/.exec(kernel ?? '')?.[1] === undefined ? '' : `kernel ${/vmlinuz-(.+)$/.exec(kernel ?? '')?.[1] ?? ''}`,
  ]
    .map((part) => cleanText(part, 40))
    .filter((part) => part !== '')
    .join(', ');
};

/** How much is wrong with it, for the line that names it. */
const countText = (sources: ConfigSources): string => {
  const errors = notAskedLater(sources.problems).filter(isError).length;
  return errors > 0 ? `; ${plural(errors, 'error')}` : sources.problems.length > 0 ? `; ${plural(sources.problems.length, 'note')}` : '';
};

/** The configuration on offer in a few words. */
export const configurationText = (sources: ConfigSources): string => {
  const { dataVolume, documents } = sources;
  const names = documents.map(({ name }) => cleanText(name, 40)).join(', ');
  if (dataVolume !== null) {
    return `${cleanText(dataVolume.label, 20)} on ${cleanText(dataVolume.path, 60)} (${cleanText(dataVolume.fstype, 12)}): ${names || 'empty'}`;
  }
  return names === '' ? 'none found' : names;
};

/** Label and text of everything that was found; blank where a blank line parts two groups. */
export const foundRows = (state: ConsoleState, columns = 10_000): readonly (readonly [string, string])[] => {
  const { input } = state;
  if (input === null) return [];
  const { facts, sources, source } = input;
  const { system } = facts;
  const usable = facts.disks.filter(({ verdict }) => verdict !== 'refused').length;
  const image = answersOf(state)['target-image'];
  return [
    ['Machine', joined(system.vendor, system.product) || 'unknown'],
    ['Serial', joined(system.serial) || 'none'],
    ['Processor', `${cleanText(facts.cpu.model, 60)}, ${plural(facts.cpu.cores, 'core')}, ${formatBytes(facts.memory)} memory`],
    ...(input.running === undefined ? [] : [['Running', cleanText(input.running, 100)] as const]),
    ['Firmware', firmwareText(facts)],
    ...wrapRow('Network', networkText(facts.nics), columns, 2).map(([label, text]) => [label, text] as const),
    ['', ''],
    ['Installs', source === null ? 'nothing found to install' : sourceText(source)],
    ...(source === null || imageText(source) === '' ? [] : [['', imageText(source)] as const]),
    ['Configuration', `${configurationText(sources)}${countText(sources)}`],
    [
      'Target',
      image === undefined
        ? `${plural(facts.disks.length, 'disk')}, ${usable === 0 ? 'none' : usable} of them usable`
        : `disk image file ${cleanText(image.value, 60)}`,
    ],
  ];
};

/** What the countdown says; the blank line above it goes first where room is short. */
const countdownLines = (state: ConsoleState, seconds: number, columns: number): readonly TextLine[] => [
  { text: `The configuration asks for an unattended install. It begins in ${seconds} s.`, role: 'danger' },
  ...wrapText(countdownTarget(state), columns).map((text) => ({ text, role: 'danger' as const })),
  { text: 'Press any key to stop it.', role: 'title' },
];

/** The first lines and the last one, which says how to stop it. */
const withLast = (lines: readonly TextLine[], room: number): readonly TextLine[] =>
  lines.length <= room ? lines : [...lines.slice(0, Math.max(0, room - 2)), ...lines.slice(room - 2, room - 1).map(({ text, role }) => ({ text: `${text} …`, role })), ...lines.slice(-1)];

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const problems = linesOfProblems(problemsOf(state), columns);
  const brand = (state.input?.branding?.text ?? []).map((text) => ({ text, role: 'title' as const }));
  const found = foundRows(state, columns);
  const looking = state.looking ? 1 : 0;
  const countdown = state.countdownEnds === null ? [] : withLast(countdownLines(state, secondsLeft(state), columns), rows - 1 - looking);
  // Without its blank line the list of facts says the same in less room.
  const facts = rows < 18 ? found.filter(([, text]) => text !== '') : found;
  // The facts come first: of a long text of the image that much is shown as there is room for.
  const [, problemRoom = 0, factRoom = 0, brandRoom = 0, gaps = 0] = shareRows(rows, [
    [1 + looking + countdown.length, 1 + looking + countdown.length],
    [Math.min(1, problems.length), problems.length],
    [Math.min(8, facts.length), facts.length],
    [Math.min(1, brand.length), brand.length],
    [0, 4],
  ]);
  return (
    <Box flexDirection="column">
      <TextLines lines={brand} rows={brandRoom} />
      {gaps > 3 && brand.length > 0 && <Gap />}
      <Line role="title">{headingOf(state)}</Line>
      {(gaps > 0 || state.input === null) && <Gap />}
      <Fields rows={cutFields(facts, factRoom)} />
      {looking > 0 && <Line role="muted">{lookingText(state)}</Line>}
      {gaps > 1 && <Gap />}
      <TextLines lines={countdown} rows={countdown.length} />
      {gaps > 2 && countdown.length > 0 && <Gap />}
      <TextLines lines={problems} rows={problemRoom} />
    </Box>
  );
};

/** Words for plain mode, besides Enter. */
const wordActions: Readonly<Record<string, Action>> = {
  r: { type: 'look' },
  network: { type: 'visit', screen: 'network' },
  recovery: toRecovery,
  poweroff: { type: 'end', ending: { exitCode: exitCodes.interrupted, finish: 'poweroff' } },
  reboot: { type: 'end', ending: { exitCode: exitCodes.interrupted, finish: 'reboot' } },
};

export const welcome: ScreenRow = {
  ...welcomeBehaviour,
  help: [
    'Shows what this machine is and what was found on it. Nothing has been written and nothing will be before the review.',
    'The last line of the screen always says where the console is, in plain capitals, for reading over a camera or a video line.',
  ],
  inFull: (state, columns) => [...(state.input?.branding?.text ?? []).map((text) => ({ text, role: 'title' as const })), ...fieldLines(foundRows(state), columns)],
  view: View,
  ask: (state) => ({
    lines: [...(state.input?.branding?.text ?? []), ...plainRows(foundRows(state)), ...plainProblems(problemsOf(state)), 'Other words: network, recovery, shell, poweroff, reboot.'],
    prompt: 'Enter continues, r looks again',
    answer: (line) => {
      const action = line === '' ? ({ type: 'next' } as const) : Object.hasOwn(wordActions, line) ? wordActions[line] : undefined;
      return action === undefined ? 'press Enter, or type one of the words' : [action];
    },
  }),
};
