/**
 * Writes docs/screens.md: every screen as it looks at 80x24, drawn by the real console over a made-up machine.
 * Started by `npm run screens`, through vitest: it is the same way that the screen tests go.
 */
import { writeFileSync } from 'node:fs';
import { screens } from '../screens/index.ts';
import type { Prerequisite } from '../src/sources/prerequisites.ts';
import { failedRun, goodRun, sources } from '../test/app/fake-effects.ts';
import { keys, startPerson } from '../test/screens/helper.ts';
import type { Person, PersonOptions } from '../test/screens/helper.ts';

const presets = [{ name: 'single-node', title: 'single node', description: 'one machine with one admin user' }];

const stages = sources({
  steps: [
    { stage: 'before-install', file: 'installer-data', index: 0, value: { name: 'Register the unit', commands: ['…'] } },
    { stage: 'after-install-chroot', file: 'installer-data', index: 0, value: { files: ['…'], commands: ['…', '…'] } },
  ],
});

const checks: readonly Prerequisite[] = [
  {
    plugin: { name: 'tui-check-site', path: '/system/tui-checks/tui-check-site' },
    id: 'site',
    title: 'Site',
    message: 'Every machine belongs to a site. Its certificate is chosen by the name.',
    severity: 'info',
    blocking: false,
    required: false,
    prompt: 'select',
    promptText: 'Where does this machine go?',
    options: [
      { id: 'north', label: 'Hall North' },
      { id: 'south', label: 'Hall South' },
    ],
    fallback: '',
    placeholder: '',
  },
  {
    plugin: { name: 'tui-check-disks', path: '/system/tui-checks/tui-check-disks' },
    id: 'battery',
    title: 'Controller battery',
    message: 'The battery of the disk controller is at 12 %.',
    severity: 'warning',
    blocking: false,
    required: false,
    prompt: '',
    promptText: '',
    options: [],
    fallback: '',
    placeholder: '',
  },
];

interface Picture {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

const pictureOf = (person: Person, id: string, title: string): Picture => ({ id, title, text: person
    .lines()
    .map((line) => line.trimEnd())
    .join('\n') });

/** Walks through the console and takes a picture of everything on the way; tells what was sent beyond ASCII. */
export const takePictures = async (options: PersonOptions = {}): Promise<{ readonly pictures: readonly Picture[]; readonly beyondAscii: ReadonlySet<string> }> => {
  const pictures: Picture[] = [];
  // The clock stands still, so that the same screens give the same file.
  const now = (): number => 1_800_000_000_000;
  const person = await startPerson({ presets, checks, layers: { flag: { engine: 'kairos-agent' } }, sources: stages, runs: [[...goodRun.slice(0, 3), ...failedRun], goodRun], pace: 250, now, ...options });
  const take = (id: string, title: string): number => pictures.push(pictureOf(person, id, title));
  await person.sees('Supermicro');
  take('welcome', 'Welcome');
  await person.type('?');
  await person.sees('Keys');
  take('help', 'Help, here of the first screen');
  await person.type(keys.escape);
  await person.type('p');
  await person.sees('Power off or reboot');
  take('power', 'Power');
  await person.type(keys.escape);
  await person.type('t');
  await person.sees('The network of this session');
  await person.type(`${keys.end} https://registry.example/v2/\r`);
  await person.sees('status 200');
  await person.rests();
  take('network', 'Network of the live session');
  await person.type(keys.escape);
  await person.type(keys.enter);
  await person.sees('Where does');
  take('configuration', 'Configuration');
  await person.type('v');
  await person.sees('lines 1 to');
  take('viewer', 'Viewer: secrets are blanked out');
  await person.type(keys.escape);
  await person.type('e');
  await person.sees('Secrets are shown here');
  await person.type(`${keys.down.repeat(4)}hostname: twice`);
  await person.sees(/column 16: 1 error/);
  take('editor', 'Editor: checked while typing');
  await person.type('\u0012');
  await person.type(keys.escape);
  await person.type('f');
  await person.sees('node.yaml');
  take('files', 'Files of attached volumes');
  await person.type(keys.escape);
  await person.type(keys.enter);
  await person.sees('What this image wants');
  await person.type(`${keys.down} `);
  await person.sees('(*) Hall North');
  await person.rests();
  take('checks', 'Checks that come with the image');
  await person.type(keys.enter);
  await person.sees('done: as asked');
  await person.type(keys.enter);
  await person.sees('Which disk?');
  await person.type(keys.down);
  await person.rests();
  take('disk', 'Disk');
  await person.type(keys.enter);
  await person.sees('Data will be lost');
  take('review', 'Review: with consent, because data would be lost');
  await person.type('\u000E');
  await person.sees('In full');
  take('in-full', 'In full: what a screen has no room for, here of the review');
  await person.type(keys.escape);
  await person.type('\u0018');
  await person.sees('Who is this machine');
  take('identity', 'Identity');
  await person.type(keys.tab.repeat(5));
  await person.type('\u000B');
  await person.sees('Which timezone?');
  await person.type('e');
  await person.sees('of 5');
  take('pick', 'Timezone, from the list of the machine');
  await person.type(keys.escape);
  for (let field = 0; field < 2; field++) await person.type(keys.enter);
  await person.sees('The network of this session');
  await person.type(keys.enter);
  await person.sees('Which disk?');
  await person.type(keys.enter);
  await person.sees('to scale');
  take('partitions', 'Partitions');
  await person.type(keys.enter);
  await person.sees('Which partitions are encrypted?');
  take('encryption', 'Encryption');
  await person.type(keys.enter);
  await person.sees("node's part");
  await person.type(` ${keys.down}+`);
  await person.sees('x shows it');
  await person.rests();
  take('cluster', 'Cluster');
  await person.type('x');
  await person.sees(/Code 1 of|A code would need/);
  take('token', 'Network token, on request: QR codes that fit, or text');
  await person.type(keys.escape);
  await person.type('-');
  await person.type(keys.enter);
  await person.sees('install stages');
  take('installer-data', 'Install-only');
  await person.type(keys.enter);
  await person.sees('Data will be lost');
  await person.type('abcd\r');
  await person.sees('42%');
  take('installing', 'Installing');
  await person.type(keys.ctrlC);
  await person.sees('Abort the install?');
  take('abort', 'Abort, asked first');
  await person.type(keys.escape);
  await person.sees(/The install failed|What next/);
  if (person.text().includes('failed')) {
    await person.sees('What now?');
    take('problem', 'Problem');
    await person.type('r');
    await person.sees('Data will be lost');
    await person.type('abcd\r');
  }
  await person.sees('What next?');
  take('done', 'Done');
  await person.leave();
  return { pictures, beyondAscii: person.screen.beyondAscii };
};

/** The table of screens, and their pictures. */
export const writeScreens = async (path: string): Promise<readonly Picture[]> => {
  const { pictures } = await takePictures();
  const text = [
    '# Screens',
    '',
    'Made by `npm run screens` from the real screens, at 80x24. Order and keys come from the tables in `screens/`.',
    '',
    '| screen | what it is for |',
    '|---|---|',
    ...screens.rows.map(({ title, help }) => `| ${title} | ${help[0] ?? ''} |`),
    ...pictures.flatMap(({ title, text: picture }) => ['', `## ${title}`, '', '```text', picture, '```']),
    '',
  ].join('\n');
  writeFileSync(path, text);
  return pictures;
};
