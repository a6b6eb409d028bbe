/** Encryption: per partition, and why not where it cannot be. */
import { expect, it } from 'vitest';
import { facts, sources } from '../app/fake-effects.ts';
import { keys, startPerson, toReview } from './helper.ts';
import type { Person, PersonOptions } from './helper.ts';

const start = async (options: PersonOptions): Promise<Person> => {
  const person = await startPerson({ ...options, layers: { flag: { engine: 'kairos-agent', ...options.layers?.flag } } });
  await toReview(person);
  await person.type('\u0018');
  for (let press = 0; press < 30 && !person.text().includes('Which partitions are encrypted?'); press++) await person.type(keys.enter);
  await person.sees('Which partitions are encrypted?');
  return person;
};

it.each([[80, 24], [120, 40]])('encrypts an extra partition by its label, at %ix%i', async (columns, rows) => {
  const person = await start({ columns, rows, sources: sources({ install: { 'extra-partitions': [{ name: 'data', size: 100, fs: 'ext4', label: 'DATA' }] } }) });
  await person.type(`${keys.down.repeat(2)} `);
  await person.sees('[x] DATA');
  for (const line of person.lines()) expect(line.length).toBeLessThanOrEqual(columns);
  // Without the TPM's help: a server that has to be an address.
  await person.type(`${keys.end} nowhere\r`);
  await person.sees('a key server is written');
  await person.type('\u0015https://kms.example/\r');
  await person.sees(/must be\s+reachable/);
  await person.leave();
});

it('says why not on a machine without a TPM, until a key server is named (invariant 8)', async () => {
  const person = await start({ facts: facts({ tpm: { present: false, version: null, device: null } }) });
  await person.sees('(not possible here)');
  await person.sees('this machine has no TPM');
  await person.type(`${keys.down} `);
  await person.sees('not possible here: this machine has no TPM');
  await person.type(`${keys.end} https://kms.example/\r`);
  await person.sees(/must be\s+reachable/);
  expect(person.text()).not.toContain('(not possible here)');
  await person.leave();
});
