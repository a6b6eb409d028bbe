/** What this machine is, what would be installed, what was found. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { ScreenRow, ViewProps } from '../src/app/console/screen.ts';
import { answersOf, problemsOf } from '../src/app/state.ts';
import type { ConsoleState } from '../src/app/state.ts';
import type { Facts, Nic, SourceFacts } from '../src/model/facts.ts';
import type { ConfigSources } from '../src/plan/input.ts';
import { cleanText } from '../src/model/foreign-text.ts';
import { formatBytes, plural } from '../src/ui/format.ts';
import { Line } from '../src/ui/text.tsx';
import { headingOf, lookingText, welcomeBehaviour } from './welcome-first.ts';
import { Fields, Gap, plainProblems, plainRows, Problems } from './parts.tsx';

const joined = (...parts: readonly (string | null)[]): string =>
  parts.filter((part): part is string => part !== null && part !== '').map((part) => cleanText(part, 100)).join(' ');

const networkText = (nics: readonly Nic[]): string => {
  const up = nics.filter(({ addresses }) => addresses.length > 0);
  if (up.length > 0) return up.map(({ name, addresses }) => joined(name, addresses[0] ?? '')).join(', ');
  return nics.length === 0 ? 'no network card' : 'no address';
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
export const foundRows = (state: ConsoleState): readonly (readonly [string, string])[] => {
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
    ['Network', networkText(facts.nics)],
    ['', ''],
    ['Installs', source === null ? 'nothing found to install' : sourceText(source)],
    ['Configuration', configurationText(sources)],
    [
      'Target',
      image === undefined
        ? `${plural(facts.disks.length, 'disk')}, ${usable === 0 ? 'none' : usable} of them usable`
        : `disk image file ${cleanText(image.value, 60)}`,
    ],
  ];
};

const View = ({ state, columns, rows }: ViewProps): ReactNode => {
  const problems = problemsOf(state);
  // The facts come first: of a long text that much is shown as there is room for.
  const brand = (state.input?.branding?.text ?? []).slice(0, Math.max(1, rows - 15));
  const found = foundRows(state);
  const seconds = state.countdownEnds === null ? null : Math.max(0, Math.ceil((state.countdownEnds - state.now) / 1000));
  const used = brand.length + (brand.length > 0 && rows > 20 ? 1 : 0) + found.length + 3 + (state.looking ? 1 : 0) + (seconds === null ? 0 : 3);
  return (
    <Box flexDirection="column">
      {brand.map((line, index) => (
        <Line key={index} role="title">
          {line}
        </Line>
      ))}
      {brand.length > 0 && rows > 20 && <Gap />}
      <Line role="title">{headingOf(state)}</Line>
      <Gap />
      <Fields rows={found} />
      {state.looking && <Line role="muted">{lookingText(state)}</Line>}
      {seconds !== null && (
        <>
          <Gap />
          <Line role="danger">{`The configuration asks for an unattended install. It begins in ${seconds} s.`}</Line>
          <Line role="title">Press any key to stop it.</Line>
        </>
      )}
      <Gap />
      <Problems problems={problems} columns={columns} rows={Math.max(0, rows - used)} />
    </Box>
  );
};

export const welcome: ScreenRow = {
  ...welcomeBehaviour,
  help: [
    'Shows what this machine is and what was found on it. Nothing has been written and nothing will be before the review.',
    'The last line of the screen always says where the console is, in plain capitals, for reading over a camera or a video line.',
  ],
  view: View,
  ask: (state) => ({
    lines: [...(state.input?.branding?.text ?? []), ...plainRows(foundRows(state)), ...plainProblems(problemsOf(state)), 'Type network to set addresses and a proxy for this session.'],
    prompt: 'Enter continues, r looks again',
    answer: (line) => (line === '' ? [{ type: 'next' }] : line === 'r' ? [{ type: 'look' }] : line === 'network' ? [{ type: 'visit', screen: 'network' }] : 'press Enter, or type r'),
  }),
};
