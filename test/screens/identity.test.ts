/** Who may enter the node: what is typed is checked where it is typed. */
import { expect, it } from 'vitest';
import { sources } from '../app/fake-effects.ts';
import { keys, startPerson } from './helper.ts';
import type { Person, PersonOptions } from './helper.ts';

const one = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl first@desk';
const two = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcX second@desk';
const nobody = sources({ keptText: null, documents: [], dataVolume: null, removed: [] });
const screenOf = (person: Person): string => (person.lines().at(-1) ?? '').split(' ')[2] ?? '';
const told = (person: Person): string => person.text().replaceAll(/\s+/g, ' ');

const start = async (options: PersonOptions = {}): Promise<Person> => {
  const person = await startPerson({ sources: nobody, ...options });
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.end + keys.enter);
  await person.sees('(*) none');
  await person.type(keys.enter);
  await person.sees('Who is this machine');
  return person;
};

const toKeys = (person: Person): Promise<void> => person.type(keys.tab.repeat(4));

it.each([[80, 24], [120, 40]])('takes two pasted lines as two keys, at %ix%i', async (columns, rows) => {
  const person = await start({ columns, rows });
  await person.type(`\top`);
  await person.type(keys.tab.repeat(3));
  await person.type(`\u001B[200~${one}\r\n${two}\r\n\u001B[201~`);
  expect(screenOf(person)).toBe('IDENTITY');
  await person.type(`${keys.tab}${keys.tab}\r`);
  await person.sees('Which disk?');
  await person.type(keys.enter);
  await person.sees('Enter begins');
  await person.type(keys.enter);
  await person.sees('What next?');
  expect(person.effects.installed[0]?.plan.answers['ssh-key']?.value).toEqual([one, two]);
  await person.leave();
});

it('says which key is none, and does not take it for a way in', async () => {
  const person = await start();
  await person.type('\top');
  await person.type(keys.tab.repeat(3));
  await person.type(`${one}, hello`);
  await person.type(keys.tab);
  expect(told(person)).toContain('SSH key 2 of 2 (hello): a key begins with its type');
  await person.type(keys.tab + keys.enter);
  expect(screenOf(person)).toBe('IDENTITY');
  // The text stays, to be mended.
  expect(told(person)).toContain('hello');
  await toKeys(person);
  await person.type(`${keys.tab}${keys.backspace.repeat(7)}\t\t\r`);
  await person.sees('Which disk?');
  await person.leave();
});

it('asks for the user where a password is given, and goes on when there is one', async () => {
  const person = await start();
  await person.type('\t\tcorrect horse\tcorrect horse\t');
  await person.sees('The password is set');
  await person.sees('no user to give it to');
  await person.type('\t\t\r');
  expect(screenOf(person)).toBe('IDENTITY');
  await person.type('\t\top\t\t\t\t\t\r');
  await person.sees('Which disk?');
  await person.leave();
});

it('gives a password to the only user of the configuration', async () => {
  const person = await startPerson();
  await person.sees('This machine');
  await person.type(`${keys.enter}`);
  await person.sees('Where does');
  await person.type(keys.enter);
  await person.sees('Which disk?');
  await person.type(keys.enter);
  await person.sees('Enter begins');
  await person.type('e');
  await person.sees('Who is this machine');
  await person.type('\t\tcorrect horse\tcorrect horse\t\t\t\r');
  expect(screenOf(person)).toBe('NETWORK');
  await person.leave();
});

it('says in plain mode what is wrong where it is asked, and clears an answer by a word', async () => {
  const person = await startPerson({ sources: nobody, plain: true, columns: 200, rows: 300 });
  await person.sees('Enter continues');
  await person.type('\n');
  await person.sees('Enter goes on with what is read');
  await person.type('\n');
  await person.sees('Hostname, Enter leaves it, none clears it:');
  await person.type('node-7\n');
  await person.sees('User, Enter leaves it');
  await person.type('Op Erator\n');
  await person.sees('a user name has small letters');
  await person.type('\n');
  await person.sees('Password, Enter leaves it:');
  await person.type('correct horse\ncorrect horse\n');
  await person.sees('SSH keys, a comma between several');
  await person.type('hello\n');
  await person.sees('SSH key (hello): a key begins with its type');
  await person.type(`${one}, github:bob\n\n\n`);
  await person.sees('no user to give it to: name the user');
  await person.type('op\n\n\n\n\n\n');
  await person.sees('Number of the disk');
  await person.type('back\n');
  await person.sees(/Hostname: node-7\n[^]*Hostname, Enter/);
  await person.type('none\n\n\n\n\n\n\n');
  await person.sees(/Number of the disk[^]*Number of the disk/);
  await person.type('1\n');
  await person.sees('Type install to begin');
  await person.type('install\n');
  await person.sees('What next?');
  expect(person.effects.installed[0]?.plan.answers.hostname).toBeUndefined();
  expect(person.effects.installed[0]?.plan.answers['ssh-key']?.value).toEqual([one, 'github:bob']);
  await person.type('\n');
  await person.result;
});

it('says that a field takes no more, and which part it did not take', async () => {
  const person = await start();
  await person.type(`\t${'a'.repeat(32)}`);
  expect(person.text()).not.toContain('not taken');
  await person.type('bcd');
  await person.sees('at most 32 characters; the rest was not taken');
  await person.type(keys.backspace);
  expect(person.text()).not.toContain('not taken');
  await person.leave();
});

it('takes as many keys as a team has, and answers soon', async () => {
  // A key of 4096 bits has some 720 characters.
  const blob = (number: number): string => {
    const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, bytes.length >> 8, bytes.length & 255]), bytes]);
    return Buffer.concat([part(Buffer.from('ssh-rsa')), part(Buffer.from([1, 0, 1])), part(Buffer.alloc(513, number))]).toString('base64');
  };
  const team = Array.from({ length: 30 }, (_, number) => `ssh-rsa ${blob(number + 1)} person-${number}@desk`);
  const person = await start();
  await person.type('\top');
  await person.type(keys.tab.repeat(3));
  await person.type(`\u001B[200~${team.join('\n')}\u001B[201~`);
  await person.type(`${keys.tab}${keys.tab}\r`);
  await person.sees('Which disk?');
  await person.type(keys.enter);
  await person.sees('Enter begins');
  await person.type(keys.enter);
  await person.sees('What next?');
  expect(person.effects.installed[0]?.plan.answers['ssh-key']?.value).toEqual(team);
  await person.leave();
});

it('refuses a password that no login takes, whole', async () => {
  const person = await start();
  await person.type('\top\t');
  await person.type(`${'p'.repeat(400)}\t${'p'.repeat(400)}\t`);
  await person.sees('a password has at most 256 characters');
  expect(person.text()).not.toContain('The passwords are equal');
  expect(person.text()).not.toContain('only its hash is held');
  await person.type(`${keys.tab}${keys.tab}\r`);
  expect(screenOf(person)).toBe('IDENTITY');
  expect(told(person)).toContain('nothing of this one is used');
  await person.leave();
});

/** At the question for the host name, in plain mode. */
const startPlain = async (): Promise<Person> => {
  const person = await startPerson({ sources: nobody, plain: true, rows: 160, columns: 200, layers: { flag: { 'data-volume': 'none' } } });
  await person.sees('Enter continues, r looks again:');
  await person.type('\n');
  await person.sees('Enter goes on with what is read:');
  await person.type('\n');
  await person.sees('Hostname, Enter');
  return person;
};

it('in plain mode, too', async () => {
  const person = await startPlain();
  await person.type('\n');
  await person.type(`${'a'.repeat(40)}\n`);
  await person.sees('at most 32 characters; nothing of it was taken');
  await person.type('op\n');
  await person.sees('Password, Enter');
  await person.type(`${'p'.repeat(6000)}\n`);
  await person.sees('nothing of this one is used');
  await person.type('good-enough\n');
  await person.sees('Once more, Enter');
  await person.leave();
});

it('takes a password back, and the way on is free again', async () => {
  const person = await start();
  await person.type('\top\tgood-enough-9\tgood-enough-9\t');
  await person.sees('The password is set.');
  // Nobody to give it to any more.
  await person.type(`${'\u001B[Z'.repeat(3)}\u0015`);
  await person.type(keys.tab.repeat(5) + keys.enter);
  expect(screenOf(person)).toBe('IDENTITY');
  expect(told(person)).toContain('no user to give it to');
  await person.type('\u001B[Z'.repeat(4));
  await person.sees('Ctrl-U takes it back');
  await person.type('\u0015');
  await person.sees('the password is taken back; none is set');
  expect(told(person)).not.toContain('is held');
  await person.type(keys.tab.repeat(4) + keys.enter);
  await person.sees('Which disk?');
  await person.leave();
});

it('takes a password back by a word in plain mode', async () => {
  const person = await startPlain();
  await person.type('\nop\n');
  await person.sees('Password, Enter leaves it:');
  await person.type('good-enough-9\n');
  await person.type('good-enough-9\n');
  await person.sees('SSH keys, a comma');
  await person.type('\n\n\n');
  await person.sees('Number of the disk');
  await person.type('back\n');
  await person.sees(/Number of the disk[^]*Hostname, Enter/);
  await person.type('\n\n');
  await person.sees('Password, Enter leaves it, none takes it back:');
  await person.type('none\n');
  await person.sees('the password is taken back; none is set');
  await person.leave();
});
