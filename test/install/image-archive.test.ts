/** An install from an image archive, with the shipped executable, to the end. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { userData } from '../support/factory.ts';
import { makeImageArchive } from '../support/image-archive.ts';
import { createWorkshop, eventsOf, executable, sampleSource } from '../support/workshop.ts';

const missing = [
  ...(existsSync(executable) ? [] : ['the executable is not built (npm run build)']),
  ...(existsSync(sampleSource) ? [] : ['the sample source is not built']),
  ...(existsSync('/usr/bin/umoci') ? [] : ['umoci is not installed']),
  ...(process.getuid?.() === 0 ? [] : ['not root']),
];
const workshop = createWorkshop();
afterAll(() => workshop.dispose());

test.skipIf(missing.length > 0)(
  'ocifile: is installed like the tree that it was made of, and the audit finds nothing',
  async () => {
    const parts = join(workshop.folder, 'parts');
    const archive = join(workshop.folder, 'system.tar');
    mkdirSync(parts);
    makeImageArchive(archive, parts, { format: 'oci', layers: [sampleSource] });
    const volume = workshop.dataVolume({ 'user-data': userData });
    const ended = await workshop.run(workshop.installArguments({ volume, source: `ocifile:${archive}` }));
    const events = eventsOf(ended);
    expect(events.filter(({ event, severity }) => event === 'problem' && severity === 'error')).toEqual([]);
    expect(ended.code).toBe(0);
    expect(events.find(({ event }) => event === 'audit')).toMatchObject({ hits: [] });
    expect(events.at(-1)).toMatchObject({ event: 'done', ok: true });
  },
  300_000,
);
