/** Ready-made configurations that leave something open: the way through, with the real sources and the real planner behind the screens. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Effects } from '../../src/app/effects.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { PlanInput, PlanOutcome } from '../../src/plan/input.ts';
import { makeToken } from '../../src/sources/edgevpn-token.ts';
import { splitDocuments } from '../../src/sources/load-sources.ts';
import { listPresets, readPreset } from '../../src/sources/presets.ts';
import { facts, fakeEffects } from '../app/fake-effects.ts';
import type { FakeEffects } from '../app/fake-effects.ts';
import { keys, startPerson } from './helper.ts';
import type { Person, PersonOptions } from './helper.ts';

const presets = listPresets();
const planInstall = (input: PlanInput): PlanOutcome => makePlan(input, (text) => createHash('sha256').update(text).digest('hex'));
const withPreset = (input: PlanInput, names: readonly string[]): PlanInput => ({
  ...input,
  sources: splitDocuments(names.map((name) => ({ name, kind: 'user-data', text: readPreset(name.replace('preset:', '')) ?? '' })), null, null, []),
  engines: [{ name: 'kairos-agent', available: true, version: '2', missing: [], canIsolateStages: true, path: '/usr/bin/kairos-agent' }],
});

/** A machine without a data volume, the presets of the program, and the agent, which encrypts. */
const start = async (options: PersonOptions = {}): Promise<Person & { readonly fake: FakeEffects }> => {
  const fake = fakeEffects({ facts: facts({ volumes: [] }) });
  const effects: Effects = {
    ...fake,
    gather: async (layers, ...rest) => withPreset(await fake.gather(layers, ...rest), layers.console?.config ?? []),
    plan: planInstall,
  };
  const person = await startPerson({ ...options, effects, presets });
  return Object.assign(person, { fake });
};

const screenOf = (person: Person): string => (person.lines().at(-1) ?? '').split(' ')[2] ?? '';

/** Chooses one and goes on with Enter alone until a screen is there; tells which were on the way. */
const choose = async (person: Person, name: string): Promise<void> => {
  await person.sees('This machine');
  await person.type(keys.enter);
  await person.sees('Where does');
  await person.type(keys.home + keys.down.repeat(presets.findIndex((preset) => preset.name === name)) + keys.enter);
  await person.sees(new RegExp(`user-data +preset:${name}`));
};

const onward = async (person: Person, to: string): Promise<readonly string[]> => {
  const way: string[] = [screenOf(person)];
  for (let press = 0; press < 25 && screenOf(person) !== to; press++) {
    await person.type(screenOf(person) === 'IDENTITY' && way.at(-1) !== 'IDENTITY' ? `${keys.down}op${keys.enter}` : keys.enter);
    if (way.at(-1) !== screenOf(person)) way.push(screenOf(person));
  }
  expect(way.at(-1)).toBe(to);
  return way;
};

const kept = async (person: Person & { readonly fake: FakeEffects }): Promise<unknown> => {
  await person.sees('Enter begins to write');
  await person.type(keys.enter);
  await person.sees('What next?');
  return parse(Object.values(person.fake.installed[0]?.material.keptFiles ?? {})[0] ?? '');
};

/** Each preset: the screen that asks, what is open, the keys that answer it there, and what is kept then. */
const journeys: readonly (readonly [name: string, screen: string, open: readonly string[], answer: string, expected: unknown])[] = [
  ['p2p', 'CLUSTER', ['the network token'], '+', { p2p: { network_token: expect.stringMatching(/^b3RwOgog/), auto: { enable: true } } }],
  ['p2p-ha', 'CLUSTER', ['the network token', 'the virtual address'], `+|${keys.down.repeat(2)} 192.168.1.50\r`, { p2p: { network_token: expect.stringMatching(/^b3RwOgog/), auto: { ha: { master_nodes: 2 } } }, kubevip: { eip: '192.168.1.50', interface: 'eth0' } }],
  ['k3s-join', 'CLUSTER', ['the server to join', 'the join token'], ` https://10.0.0.5:6443\r${keys.down} K10abc::server:42\r`, { 'k3s-agent': { enabled: true, env: { K3S_URL: 'https://10.0.0.5:6443', K3S_TOKEN: 'K10abc::server:42' } } }],
  ['encrypted-kms', 'ENCRYPTION', ['the key server'], ' http://10.0.0.9:30000\r', { kcrypt: { challenger: { challenger_server: 'http://10.0.0.9:30000' } } }],
];

describe.each(journeys)('%s', (name, screen, open, answer, expected) => {
  it.each([[80, 24], [120, 40]])('leads to the screen that asks, and installs what was answered, at %ix%i', async (columns, rows) => {
    const person = await start({ columns, rows });
    await choose(person, name);
    const told = (): string => person.text().replaceAll(/\s+/g, ' ');
    expect(told()).toContain(`still to be answered: ${open.join(', ')}`);
    expect(person.lines().at(-1)).toMatch(/ CONFIGURATION \S+ - ASKING$/);
    const way = await onward(person, screen);
    expect(way[0]).toBe('CONFIGURATION');
    for (const what of open) expect(told()).toContain(`still to be answered: ${what}`);
    // Passed without an answer: the review says what is missing, starts nothing and leads back.
    await onward(person, 'REVIEW');
    await person.sees('This cannot be installed yet');
    for (const what of open) expect(told()).toContain(`still to be answered: ${what}`);
    await person.type(keys.enter);
    expect(screenOf(person)).toBe(screen);
    expect(person.fake.installed).toHaveLength(0);
    // A token is made between two keys.
    for (const part of answer.split('|')) await person.type(part);
    await person.sees(/^(?![^]*still to be answered)/);
    await onward(person, 'REVIEW');
    expect(await kept(person)).toMatchObject(expected as object);
    await person.leave();
  });

  it('is refused without the answer also unattended, and is the same plan from flags where there is one (invariant 7)', async () => {
    const input = withPreset(await fakeEffects().gather({ flag: { device: '/dev/sda', unattended: true } }, new AbortController().signal), [`preset:${name}`]);
    expect(planInstall(input).planned).toBeNull();
    expect(planInstall(input).problems.filter(({ id }) => id === 'placeholder')).toHaveLength(open.length);
    if (name !== 'encrypted-kms') return;
    const kms = { kms: 'http://10.0.0.9:30000' };
    const [flag, console] = [planInstall({ ...input, layers: { flag: { device: '/dev/sda', ...kms } } }), planInstall({ ...input, layers: { flag: { device: '/dev/sda' }, console: kms } })];
    expect(flag.planned?.plan.hash).toBeDefined();
    expect(console.planned?.plan.hash).toBe(flag.planned?.plan.hash);
  });
});

it('says on the screen itself what no screen asks for, and goes no further', async () => {
  const person = await start();
  await choose(person, 'phonehome');
  await person.sees('this is still to be filled in');
  await person.type(keys.enter);
  await person.sees('the configuration has errors');
  expect(screenOf(person)).toBe('CONFIGURATION');
  await person.leave();
});

it('goes through in plain mode, too', async () => {
  const person = await start({ plain: true, columns: 200, rows: 600 });
  await person.sees('Enter continues');
  await person.type('\n');
  await person.sees('Enter goes on with what is read');
  await person.type(`${presets.findIndex(({ name }) => name === 'p2p') + 1}\n`);
  await person.sees('still to be answered: the network token');
  await person.type('\n');
  await person.sees('Hostname,');
  await person.type('\nop\n\n\n\n\n\n');
  await person.sees('Number of the disk');
  await person.type('1\n');
  await person.sees('Network token: still to be answered');
  await person.type('\n');
  await person.sees('Enter goes to Cluster');
  await person.type('\n');
  await person.sees(/Network token: still[^]*Network token: still/);
  await person.type('token\n');
  await person.sees('Network token: set');
  await person.type('\n');
  await person.sees('Type install to begin');
  await person.type('install\n');
  await person.sees('What next?');
  expect(Object.values(person.fake.installed[0]?.material.keptFiles ?? {})[0]).toContain(makeToken((count) => Uint8Array.from({ length: count }, (_, index) => index)));
  await person.type('\n');
  await person.result;
});
