/** The editor: typed text is checked at every key, and used as if it had been read. */
import { expect, it } from 'vitest';
import { listPresets } from '../../src/sources/presets.ts';
import { facts, sources } from '../app/fake-effects.ts';
import { keys, startPerson } from './helper.ts';
import type { Person } from './helper.ts';
import { effectsOn } from './recorded.ts';

const useText = '\u0018';

const toConfiguration = async (person: Person): Promise<void> => {
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
};

it.each([
  [80, 24],
  [120, 40],
])('is opened on what was read, and its text is used, at %ix%i', async (columns, rows) => {
  const person = await startPerson({ columns, rows });
  await toConfiguration(person);
  await person.type('e');
  await person.sees('hostname: unit-7');
  
  await person.type(`${keys.down}${keys.end}7`);
  await person.sees('hostname: unit-77');
  for (const line of person.lines()) expect(line.length).toBeLessThanOrEqual(columns);
  await person.type(useText);
  await person.sees('(*) edited here');
  expect(person.effects.documents.at(-1)?.text).toContain('hostname: unit-77\n');
  // Nothing but Enter from here: the text is what is chosen.
  await person.type(keys.enter);
  await person.sees('Which disk?');
  await person.leave();
});

it('says what is wrong with the line while it is typed, and does not take it', async () => {
  const person = await startPerson();
  await toConfiguration(person);
  await person.type('e');
  await person.type(`${keys.down}${keys.end}\rhostname: again`);
  await person.sees(/3! hostname: again/);
  await person.sees(/line 3: error: /);
  await person.type(useText);
  await person.sees('not used yet: line 3');
  expect(person.effects.documents).toEqual([null]);
  // Left and opened again: the draft is there, and can be thrown away.
  await person.type(keys.escape);
  await person.sees('Where does');
  await person.type('e');
  await person.sees('hostname: again');
  await person.type('\u0012');
  await person.sees('begun anew; Ctrl-U brings the typed text back');
  expect(person.text()).not.toContain('hostname: again');
  // Left and opened once more it is still there to be brought back.
  await person.type(keys.escape);
  await person.sees('Where does');
  await person.type('e');
  await person.sees('Secrets are shown here');
  expect(person.text()).not.toContain('hostname: again');
  await person.type('\u0015');
  await person.sees('hostname: again');
  await person.leave();
});

it('takes a pasted text with its lines, and nothing in it is a command', async () => {
  const person = await startPerson({ sources: sources({ documents: [], keptText: null, dataVolume: null, removed: [] }) });
  await toConfiguration(person);
  await person.type('e');
  await person.sees('edited here');
  await person.type(`${keys.down}\u001B[200~hostname: pasted\r\nusers:\n  - name: kairos\n    groups: [admin]\n\u001B[201~`);
  await person.sees('groups: [admin]');
  await person.type(useText);
  await person.sees('(*) edited here');
  expect(person.effects.documents.at(-1)?.text).toBe('#cloud-config\nhostname: pasted\nusers:\n  - name: kairos\n    groups: [admin]\n');
  await person.leave();
});

it('is put aside by another choice, and comes back', async () => {
  const person = await startPerson();
  await toConfiguration(person);
  await person.type('e');
  await person.type(`${keys.down}${keys.end}x${useText}`);
  await person.sees('(*) edited here');
  await person.type(`${keys.home}${keys.down}${keys.enter}`);
  await person.sees(/\(\*\) data volume cidata/);
  expect(person.effects.documents.at(-1)).toBeNull();
  await person.type(`${keys.home}${keys.enter}`);
  await person.sees('(*) edited here');
  expect(person.effects.documents.at(-1)?.text).toContain('unit-7x');
  await person.leave();
});

it('shows secrets in the editor only', async () => {
  const person = await startPerson();
  await toConfiguration(person);
  await person.type('v');
  await person.sees('passwd: ***');
  expect(person.text()).not.toContain('correct-horse');
  await person.type(keys.escape);
  await person.type('e');
  await person.sees('correct-horse');
  await person.type(keys.escape);
  await person.sees('Where does');
  expect(person.text()).not.toContain('correct-horse');
  await person.leave();
});

it('picks a file of an attached volume', async () => {
  const volumes = [{ path: '/dev/sdd1', label: 'STICK', fstype: 'vfat', size: 4_000_000_000, kind: 'other' as const }];
  const person = await startPerson({ facts: facts({ volumes }) });
  await toConfiguration(person);
  await person.type('f');
  await person.sees('node.yaml');
  await person.type(keys.down + keys.enter);
  await person.sees('(*) node.yaml on /dev/sdd1');
  expect(person.effects.documents.at(-1)?.text).toContain('from-the-stick');
  await person.leave();
});

it('undoes, redoes, finds, and goes to the next problem', async () => {
  const text = `#cloud-config\nhostname: unit-7\nusers:\n  - name: kairos\n${'# filler\n'.repeat(60)}install:\n  nousers: maybe\n`;
  const person = await startPerson({ sources: sources({ documents: [{ name: 'user-data', kind: 'user-data', text }] }) });
  await toConfiguration(person);
  await person.type('e');
  await person.sees(/line 1 column 1: \d+ error/);
  await person.type('\u000E');
  await person.sees(/line 66 column/);
  await person.sees('nousers: maybe');
  // A word is one change.
  await person.type(`${keys.end}xyz`);
  await person.sees('nousers: maybexyz');
  await person.type('\u0015');
  await person.sees(/nousers: maybe\s/);
  await person.type('\u0019');
  await person.sees('nousers: maybexyz');
  await person.type('\u0015');
  await person.type('\u0006');
  await person.type('UNIT');
  await person.sees(/Find \[UNIT/);
  await person.type(keys.enter);
  await person.sees('hostname: unit-7');
  await person.type(keys.escape);
  await person.sees('line 2 column 11');
  await person.type('\u0006');
  await person.type('nowhere\r');
  await person.sees('not found');
  await person.leave();
});

it('answers keys in a text of 1 MiB', async () => {
  const text = `#cloud-config\nwrite_files:\n${'- path: /etc/a\n  permissions: "0644"\n  content: some text that is written\n'.repeat(13_000)}`;
  const person = await startPerson({ sources: sources({ documents: [{ name: 'user-data', kind: 'user-data', text }] }) });
  await toConfiguration(person);
  await person.type('e');
  await person.sees('long: checked when it is used');
  for (let key = 0; key < 10; key++) await person.type('x');
  await person.sees('xxxxxxxxxx#cloud-config');
  await person.leave();
}, 30_000);

const presets = [
  { name: 'k3s-single', title: 'Single-node Kubernetes (k3s)', description: 'One node' },
  { name: 'minimal', title: 'Minimal', description: 'A user' },
];

/** Takes a ready-made configuration, by its place among the two. */
const takePreset = async (person: Person, title: string, moves: string): Promise<void> => {
  await person.type(moves);
  await person.sees(new RegExp(`> \\( \\) ready-made: ${title}`));
  await person.type(keys.enter);
  await person.sees(new RegExp(`> \\(\\*\\) ready-made: ${title}`));
  await person.sees(/^user-data|[^]*user-data/);
};

it('edits what is chosen now, also when another configuration was only looked at before', async () => {
  const person = await startPerson({ effects: effectsOn('sata.json'), presets });
  await person.sees(/WELCOME \S+ \S+ (?:ASKING|BLOCKED)/);
  await person.type(keys.enter);
  await person.sees('Where does');
  await takePreset(person, 'Single', keys.home);
  await person.type('e');
  await person.sees('k3s:');
  await person.type(keys.escape);
  await person.sees('Where does');
  await takePreset(person, 'Minimal', keys.down);
  await person.type('e');
  await person.sees('Secrets are shown here');
  expect(person.text()).toContain('# Minimal');
  expect(person.text()).not.toContain('k3s:');
  expect(person.text()).toContain('Ctrl-R');
  await person.leave();
});

it('asks which text to go on with when another configuration was chosen over a draft, and loses none silently', async () => {
  const person = await startPerson({ effects: effectsOn('sata.json'), presets });
  await person.sees(/WELCOME \S+ \S+ (?:ASKING|BLOCKED)/);
  await person.type(keys.enter);
  await person.sees('Where does');
  await takePreset(person, 'Single', keys.home);
  await person.type('e');
  await person.sees('k3s:');
  await person.type(`${keys.down}# my words`);
  await person.sees('# my words');
  await person.type(keys.escape);
  await person.sees('Where does');
  await takePreset(person, 'Minimal', keys.down);
  await person.type('e');
  await person.sees('Which text?');
  await person.sees('begun from: preset:k3s-single. In force now is: preset:minimal');
  // Left without an answer, it is asked again.
  await person.type(keys.escape);
  await person.sees('Where does');
  await person.type('e');
  await person.sees('Which text?');
  await person.type('e');
  await person.sees('# my words');
  await person.type(keys.escape);
  await person.sees('Where does');
  // Agreed to go on with: not asked about again.
  await person.type('e');
  await person.sees('# my words');
  await person.type(keys.escape);
  await takePreset(person, 'Single', keys.up);
  await person.type('e');
  await person.sees('Which text?');
  await person.type(keys.enter);
  await person.sees('k3s:');
  expect(person.text()).not.toContain('# my words');
  await person.leave();
});

it('asks so in plain mode, too', async () => {
  const person = await startPerson({ effects: effectsOn('sata.json'), presets, plain: true, columns: 200, rows: 400 });
  await person.sees('Enter continues');
  await person.type('\n');
  await person.sees('edit takes a text');
  await person.type('1\n');
  await person.sees(/\* 1\. ready-made: Single/);
  await person.type('edit\n');
  await person.sees('a line with a single dot ends it');
  await person.type('#cloud-config\nhostname: a\nhostname: b\n.\n');
  await person.sees('not used: line 3');
  await person.type('2\n');
  await person.sees(/\* 2\. ready-made: Minimal/);
  await person.type('edit\n');
  await person.sees('new begins anew with what is in force');
  await person.type('new\n');
  await person.sees(/# Minimal[^]*a line with a single dot/);
  await person.type('quit\n');
  await person.type('.\nquit\n');
  await person.result;
});

it.each([
  [80, 24],
  [120, 40],
])('says that what was typed is not used, and where it is, at %ix%i', async (columns, rows) => {
  const person = await startPerson({ columns, rows, presets: listPresets() });
  await toConfiguration(person);
  expect(person.text()).not.toContain('not used yet');
  await person.type('e');
  await person.sees('Secrets are shown here');
  await person.type(`${keys.down}${keys.end}7`);
  await person.sees('hostname: unit-77');
  await person.type(keys.escape);
  await person.sees('what was typed is not used yet: e opens it, Ctrl-X there uses it');
  // Also when the notice is gone.
  await person.type(keys.down);
  await person.sees(/not used yet +what was typed: e opens it/);
  expect(person.faults()).toEqual([]);
  await person.type(keys.home);
  await person.sees('> ( ) typed text, not used yet');
  await person.type(keys.enter);
  await person.sees('hostname: unit-77');
  await person.type(useText);
  await person.sees('(*) edited here');
  expect(person.text()).not.toContain('not used yet');
  // Opened and left as it was: there is nothing to say.
  await person.type('e');
  await person.type(keys.escape);
  await person.sees('Where does');
  expect(person.text()).not.toContain('not used yet');
  await person.leave();
});
