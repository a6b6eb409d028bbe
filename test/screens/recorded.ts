/** A recorded machine behind the console: the real probe, sources and planner; an engine, an image and an install are made up. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Effects } from '../../src/app/effects.ts';
import { createEffects } from '../../src/app/real-effects.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { parseRecording } from '../../src/system/recording.ts';
import { fakeEffects } from '../app/fake-effects.ts';
import type { FakeOptions } from '../app/fake-effects.ts';

const folder = new URL('../machines/', import.meta.url);

/** Every recording, by the name of its file. */
export const machines: readonly string[] = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'expected.json');

/** A recorded machine is the same at every look: it is looked at once for each set of answers. */
export const effectsOn = (name: string, options: Pick<FakeOptions, 'runs' | 'pace'> = {}): Effects => {
  const looks = new Map<string, ReturnType<Effects['gather']>>();
  const reading = parseRecording(readFileSync(new URL(name, folder), 'utf8'), name);
  if (!('recording' in reading) || reading.recording === undefined) throw new Error(`${name} is not a recording`);
  const system = createRecordedSystem(reading.recording);
  const real = createEffects(system, '0.1.0');
  const fake = fakeEffects(options);
  return {
    ...real,
    install: fake.install,
    gather: async (layers) => {
      const key = JSON.stringify(layers);
      const look = looks.get(key) ?? real.gather(layers, new AbortController().signal);
      looks.set(key, look);
      const input = await look;
      const { source } = await fake.gather({}, new AbortController().signal);
      return {
        ...input,
        source,
        engines: [{ name: 'builtin', available: true, version: '1', missing: [], canIsolateStages: true, path: null }],
        problems: input.problems.filter(({ severity }) => severity !== 'error'),
      };
    },
  };
};
