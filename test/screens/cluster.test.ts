/** Cluster, timezone, keymap and keys: answers that go into the kept configuration. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Prompt } from '../../src/sources/prompts.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { facts, fakeEffects, sources } from '../app/fake-effects.ts';
import { keys, startPerson, toReview } from './helper.ts';
import type { Person, PersonOptions } from './helper.ts';

const details = '\u0018';

/** Up to the screens that are shown on request, with the real planner behind them. */
const start = async (options: PersonOptions = {}): Promise<Person> => {
  const fake = fakeEffects(options);
  const effects = {
    ...fake,
    plan: (input: Parameters<typeof makePlan>[0]) =>
      makePlan({ ...input, engines: [{ name: 'builtin', available: true, version: '1', missing: [], canIsolateStages: true, path: null }] }, (text) => createHash('sha256').update(text).digest('hex')),
  };
  const person = await startPerson({ ...options, effects });
  await toReview(person);
  await person.type(details);
  await person.sees('Who is this machine');
  return Object.assign(person, { effects: fake });
};

const toCluster = async (person: Person): Promise<void> => {
  for (let press = 0; press < 30 && !person.text().includes("node's part"); press++) await person.type(keys.enter);
  await person.sees("node's part");
};

const walkToReview = async (person: Person): Promise<void> => {
  for (let press = 0; press < 10 && !person.text().includes('Enter begins'); press++) await person.type(keys.enter);
  await person.sees('Enter begins');
};

/** What was installed, as data and as text. */
const kept = async (person: Person): Promise<{ readonly text: string; readonly data: Record<string, unknown> }> => {
  await person.type(keys.enter);
  await person.sees('What next?');
  const text = Object.values(person.effects.installed[0]?.material.keptFiles ?? {})[0] ?? '';
  return { text, data: parse(text) as Record<string, unknown> };
};

it.each([
  [80, 24],
  [120, 40],
])('takes a role, a fresh token and a virtual address, and keeps them, at %ix%i', async (columns, rows) => {
  const person = await start({ columns, rows });
  await toCluster(person);
  await person.type(' ');
  await person.sees('k3s server');
  await person.type(`${keys.down}+`);
  await person.sees('set; x shows it');
  expect(person.text()).not.toContain('b3RwOgog');
  await person.type('x');
  await person.sees(columns === 80 ? 'Code 1 of 10' : 'Code 1 of 2');
  const first = person.text();
  await person.type(keys.right);
  await person.sees(columns === 80 ? 'Code 2 of 10' : 'Code 2 of 2');
  expect(person.text().split('\n').slice(4, 12)).not.toEqual(first.split('\n').slice(4, 12));
  await person.type('v');
  await person.sees('b3RwOgog');
  await person.type(keys.escape);
  await person.sees("node's part");
  expect(person.text()).not.toContain('b3RwOgog');
  await person.type('+');
  await person.sees('there is a token already');
  await person.type(`${keys.down}${keys.down} 192.168.1.50\r`);
  await person.sees('Virtual address  192.168.1.50');
  for (const line of person.lines()) expect(line.length).toBeLessThanOrEqual(columns);
  await walkToReview(person);
  const { text, data } = await kept(person);
  expect(data).toMatchObject({ hostname: 'unit-7', k3s: { enabled: true }, p2p: { network_token: expect.stringMatching(/^b3RwOgog[\w+/=]+$/) }, kubevip: { eip: '192.168.1.50' } });
  // What was there stays byte for byte; the answers come below it.
  expect(text.startsWith('#cloud-config\nhostname: unit-7\nusers:\n  - name: kairos\n    passwd: correct-horse\n')).toBe(true);
  await person.leave();
});

it('refuses what is no token, and forgets what was typed', async () => {
  const person = await start();
  await toCluster(person);
  await person.type(`${keys.down} aaaa\r`);
  await person.sees('this is no network token');
  expect(person.text()).not.toContain('[aaaa');
  await person.type(keys.escape);
  await person.type(' ');
  await person.sees(/Network token \[_/);
  await person.leave();
});

it('asks what providers want to know', async () => {
  const prompts = [
    { keyPath: ['acme', 'site'], kind: 'text' as const, text: 'Which site?', fallback: '', askFirst: null, ifEmpty: '', placeholder: '', from: 'agent-provider-acme' },
    { keyPath: ['acme', 'metrics'], kind: 'yes-no' as const, text: 'Send metrics?', fallback: '', askFirst: null, ifEmpty: '', placeholder: '', from: 'agent-provider-acme' },
  ];
  const person = await start({ prompts });
  await toCluster(person);
  await person.type(`${keys.end}`);
  await person.sees('Send metrics? (asked by agent-provider-acme)');
  await person.type(' ');
  await person.type(`${keys.up} Turin\r`);
  await person.sees('set; not shown');
  await walkToReview(person);
  expect((await kept(person)).data).toMatchObject({ acme: { site: 'Turin', metrics: true } });
  await person.leave();
});

it('keeps timezone and keymap as steps of every boot', async () => {
  const person = await start();
  for (let field = 0; field < 5; field++) await person.type(keys.tab);
  await person.type('Europe/Ber lin\t');
  await person.sees('a timezone is written like');
  await person.type(`${keys.up}${keys.backspace.repeat(4)}lin${keys.down}de-latin1\r`);
  await toCluster(person);
  await walkToReview(person);
  expect((await kept(person)).data).toMatchObject({
    stages: { initramfs: [{ name: 'Timezone', commands: ['ln -sfn /usr/share/zoneinfo/Europe/Berlin /etc/localtime'] }, { environment: { KEYMAP: 'de-latin1' } }, { environment: { keymap: 'de-latin1' } }] },
  });
  await person.leave();
});

it('shows the keys behind an account, and why there are none', async () => {
  const person = await start();
  for (let field = 0; field < 4; field++) await person.type(keys.tab);
  await person.type('github:alice');
  await person.sees('Ctrl-R shows the keys');
  await person.type('\u0012');
  await person.sees('github:alice  ssh-ed25519 SHA256:kWpGWv0eVYrXHNMkF4mCpYKhSqmr5PVqBwzYbVvVvVg');
  await person.type(`\u0015gitlab:nobody\u0012`);
  await person.sees('there is no such account');
  await person.leave();
});

it('is offered by itself where providers ask and there is no configuration', async () => {
  const prompts = [{ keyPath: ['k3s', 'enabled'], kind: 'yes-no' as const, text: 'Do you want to enable k3s?', fallback: '', askFirst: null, ifEmpty: '', placeholder: '', from: 'agent-provider-kairos' }];
  const person = await startPerson({ columns: 120, rows: 40, prompts, facts: facts(), sources: sources({ documents: [], keptText: null, dataVolume: null, removed: [] }) });
  await person.sees(/Identity > Disk > Cluster > Review/);
  await person.leave();
});

const prompt = (changes: Partial<Prompt>): Prompt => ({ keyPath: ['vendor', 'site'], kind: 'text', text: 'Which site?', fallback: '', askFirst: null, ifEmpty: '', placeholder: '', from: 'agent-provider-vendor', ...changes });

it('asks first where a provider wants so, and takes its own value where the answer is left empty', async () => {
  const person = await start({ rows: 40, prompts: [prompt({ askFirst: 'Does it belong to a site?', ifEmpty: 'made-by-the-provider' })] });
  await toCluster(person);
  expect(person.text()).not.toContain('Which site?');
  await person.type(keys.end);
  await person.sees('Does it belong to a site?');
  await person.type(' ');
  await person.sees(/vendor\.site +yes/);
  await person.type(keys.end);
  await person.sees('Which site?');
  await person.sees("empty: the provider's own value");
  await walkToReview(person);
  const { data } = await kept(person);
  expect(data).toMatchObject({ vendor: { site: 'made-by-the-provider' } });
  await person.leave();
});

it('leaves a question out that was answered with no before', async () => {
  const person = await start({ rows: 40, prompts: [prompt({ askFirst: 'Does it belong to a site?', ifEmpty: 'made-by-the-provider' })] });
  await toCluster(person);
  await person.type(`${keys.end}  `);
  await person.sees(/vendor\.site +no/);
  await walkToReview(person);
  expect((await kept(person)).data).not.toHaveProperty('vendor');
  await person.leave();
});

it('takes bundles and boot options for this install', async () => {
  const person = await start({ rows: 40 });
  await toCluster(person);
  await person.type(`${keys.end} `);
  await person.sees('keeps the data');
  await person.type(`${keys.up} oci:registry.example/image:v1\r`);
  await person.sees('oci:registry.example/image:v1');
  await person.type(`${keys.up} quiet\r`);
  await person.sees('extra_cmdline=quiet');
  await person.type(`${keys.up} not-a-bundle\r`);
  await person.sees('not a bundle: not-a-bundle');
  await person.type(keys.escape);
  await walkToReview(person);
  const { text, data } = await kept(person);
  expect(text).not.toContain('quiet');
  expect(data).toMatchObject({ upgrade: { system: { source: 'oci:registry.example/image:v1' } }, reset: { 'reset-persistent': false } });
  expect(person.effects.installed[0]?.material.grubOptions).toEqual({ extra_cmdline: 'quiet' });
  await person.leave();
});
