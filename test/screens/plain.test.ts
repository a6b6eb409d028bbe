/** Plain mode: questions and answers, a line each, and nothing that moves. */
import { expect, it } from 'vitest';
import { facts, failedRun, goodRun, sources } from '../app/fake-effects.ts';
import { rubbedOut } from '../../src/app/console/plain.ts';
import { startPerson } from './helper.ts';

const plain = { plain: true, columns: 200, rows: 300 } as const;

it('asks who the machine is, and echoes no password', async () => {
  const person = await startPerson({ ...plain, sources: sources({ keptText: null, documents: [], dataVolume: null, removed: [] }) });
  await person.sees('Enter continues, r looks again:');
  await person.type('\n');
  await person.sees('Enter goes on with what is read:');
  await person.type('\n');
  await person.sees('Hostname, Enter leaves it, none clears it:');
  await person.type('node-7\n');
  await person.sees('User, Enter leaves it, none clears it:');
  await person.type('admin\n');
  await person.sees('Password, Enter leaves it:');
  await person.type('correct horse\n');
  await person.sees('Once more, Enter leaves it:');
  await person.type('wrong horse\n');
  await person.sees('the passwords are not equal');
  await person.type('correct horse\n');
  await person.type('correct horse\n');
  await person.sees('SSH keys, a comma between several, Enter leaves it, none clears it:');
  await person.type('\n');
  await person.sees('Timezone, Enter leaves it, none clears it:');
  await person.type('Europe/Berlin\n');
  await person.sees('Keymap, Enter leaves it, none clears it:');
  await person.type('\n');
  await person.sees('Number of the disk');
  expect(person.text()).not.toContain('horse');
  await person.type('1\n');
  await person.sees('Type install to begin:');
  await person.type('install\n');
  await person.sees('What next?');
  const [planned] = person.effects.installed;
  expect(planned?.plan.answers.hostname).toEqual({ value: 'node-7', origin: 'console' });
  expect(planned?.plan.answers.user?.value).toBe('admin');
  await person.type('\n');
  expect((await person.result).exitCode).toBe(0);
});

it('goes back, helps, and quits by word', async () => {
  const person = await startPerson(plain);
  await person.sees('Enter continues');
  await person.type('back\n');
  await person.sees('there is no question before this one');
  await person.type('help\n');
  await person.sees('before the install also details');
  await person.type('\n');
  await person.sees('== Configuration ==');
  await person.type('back\n');
  await person.sees(/== Welcome ==[^]*== Welcome ==/);
  await person.type('quit\n');
  expect((await person.result).exitCode).toBe(130);
});

it('ends when the input ends', async () => {
  const person = await startPerson(plain);
  await person.sees('Enter continues');
  person.input.end();
  expect((await person.result).exitCode).toBe(130);
});

it('shows a disk that was plugged in when asked again', async () => {
  const person = await startPerson({ ...plain, facts: facts({ disks: [] }) });
  await person.sees('Enter continues');
  await person.type('\n');
  await person.sees('Enter goes on');
  await person.type('\n');
  await person.sees('No disk was found.');
  person.effects.change(facts());
  await person.sees('QMA0042');
  await person.type('quit\n');
  expect((await person.result).exitCode).toBe(130);
});

it('takes out what was rubbed out of a line without echo', () => {
  expect(rubbedOut('hunteq\u007Fr2')).toBe('hunter2');
  expect(rubbedOut('wrong\u0015right\u0000')).toBe('right');
  expect(rubbedOut('\u007F\u007Fa')).toBe('a');
});

it('takes a whole configuration in lines, and says what is wrong with it', async () => {
  const person = await startPerson({ ...plain, sources: sources({ keptText: null, documents: [], dataVolume: null, removed: [] }) });
  await person.sees('Enter continues');
  await person.type('\n');
  await person.sees('edit takes a text');
  await person.type('edit\n');
  await person.sees('a line with a single dot ends it');
  await person.type('#cloud-config\nhostname: a\nhostname: b\n.\n');
  await person.sees('not used: line 3');
  await person.type('edit\n');
  await person.sees(/3 {2}hostname: b/);
  await person.type('#cloud-config\nusers:\n  - name: kairos\n    groups: [admin]\n.\n');
  await person.sees(/\* 1\. edited here/);
  expect(person.effects.documents.at(-1)?.text).toBe('#cloud-config\nusers:\n  - name: kairos\n    groups: [admin]\n');
  await person.type('view\n');
  await person.sees('groups: [admin]');
  await person.type('\n');
  await person.sees('Number of the disk');
  await person.type('quit\n');
  await person.result;
});

it('picks a file of a volume by number', async () => {
  const volumes = [{ path: '/dev/sdd1', label: 'STICK', fstype: 'vfat', size: 4_000_000_000, kind: 'other' as const }];
  const person = await startPerson({ ...plain, facts: facts({ volumes }) });
  await person.sees('Enter continues');
  await person.type('\n');
  await person.sees('files lists those of volumes');
  await person.type('files\n');
  await person.sees('2. node.yaml');
  await person.type('2\n');
  await person.sees('* 1. node.yaml on /dev/sdd1');
  expect(person.effects.documents.at(-1)?.text).toContain('from-the-stick');
  await person.type('quit\n');
  await person.result;
});

it('says what can be done about a failed install, and does it', async () => {
  const volumes = [{ path: '/dev/sdd1', label: 'STICK', fstype: 'vfat', size: 4_000_000_000, kind: 'other' as const }];
  const person = await startPerson({ ...plain, facts: facts({ volumes }), runs: [failedRun, goodRun] });
  await person.sees('Enter continues');
  await person.type('\n');
  await person.sees('Enter goes on');
  await person.type('\n');
  await person.sees('Number of the disk');
  await person.type('1\n');
  await person.sees('Type install to begin:');
  await person.type('install\n');
  await person.sees('retry, change, log, save');
  await person.type('log\n');
  await person.sees('device is full');
  await person.type('save\n');
  await person.sees('Number of the volume for the report');
  await person.type('1\n');
  await person.sees('the report is in slipway-report.txt');
  expect(person.effects.reports[0]).toContain('mkfs.ext4 ended with exit code 1');
  expect(person.effects.reports[0]).not.toMatch(/correct-horse|factory-secret/);
  await person.type('retry\n');
  await person.sees('Type install to begin:');
  await person.type('install\n');
  await person.sees('What next?');
  await person.type('\n');
  expect((await person.result).exitCode).toBe(0);
});

it('asks everything that the screens ask, one question after the other', async () => {
  const check = { plugin: { name: 'tui-check-a', path: '/a' }, id: 'a', title: 'Site', message: 'which', severity: 'info', blocking: true, required: false, prompt: 'text', promptText: '', options: [], fallback: '', placeholder: '' } as const;
  const steps = [{ stage: 'before-install', file: 'installer-data', index: 0, value: { commands: ['a'] } }];
  const person = await startPerson({ ...plain, checks: [check], sources: sources({ steps }), layers: { flag: { engine: 'kairos-agent' } } });
  await person.sees('Enter continues, r looks again:');
  await person.type('\n');
  await person.sees('Enter goes on with what is read:');
  await person.type('\n');
  await person.sees('1. Site: must be answered');
  await person.type('1\nhall 7\n');
  await person.sees('hands the answers to the checks');
  expect(person.text()).not.toMatch(/Site: .*hall 7/);
  await person.type('\n');
  await person.sees('1. Site: done: as asked');
  await person.type('\n');
  await person.sees('Number of the disk');
  await person.type('2\n');
  await person.sees('Data will be lost.');
  await person.type('details\n');
  await person.sees('Hostname, Enter leaves it, none clears it:');
  await person.type('\n\n\n\n\n\n\n');
  await person.sees('Number changes or tests it');
  await person.type('3\nhttps://registry.example/v2/\n');
  await person.sees('answered with status 200');
  await person.type('\n');
  await person.sees(/Number of the disk[^]*Number of the disk/);
  await person.type('2\n');
  await person.sees('are left for COS_PERSISTENT');
  await person.type('oem=512\n\n');
  await person.sees('kms URL names a key server');
  await person.type('kms https://kms.example/\n\n');
  await person.sees('token makes a network token');
  await person.type('token\n');
  await person.sees('Network token: set; x shows it');
  await person.type('\n');
  await person.sees('before-install: before anything is written to the disk');
  await person.type('\n');
  await person.sees(/Data will be lost[^]*Data will be lost/);
  await person.type('abcd\n');
  await person.sees('What next?');
  expect(person.effects.decisions).toHaveLength(1);
  const [planned] = person.effects.installed;
  expect(planned?.plan.answers.partition?.value).toEqual(['oem.size=512']);
  expect(planned?.plan.answers.kms?.value).toBe('https://kms.example/');
  await person.type('\n');
  expect((await person.result).exitCode).toBe(0);
});
