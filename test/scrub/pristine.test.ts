/** Invariant 3: what the pristine source holds too is counted, not found; nothing else is taken out of the search with it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MaterialItem } from '../../src/model/audit.ts';
import { excludePristine, findInPristine } from '../../src/scrub/exclude-pristine.ts';
import { buildPatterns } from '../../src/scrub/patterns.ts';
import type { PatternSet } from '../../src/scrub/patterns.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { createInstallPlace, noise, whyNoInstall } from './install-here.ts';
import type { InstallPlace, InstallWish } from './install-here.ts';
import { findPlain, missingTools } from './plants-image.ts';

const system = createRealSystem();
const values = { packed: 'in-a-packed-block-9c2', plain: 'in-a-block-in-clear-7d1', nowhere: 'only-in-installer-data-5e8' } as const;
const item = (name: string, value: string): MaterialItem => ({ file: 'installer-data', keyPath: ['env', name], value, searched: true });
const setOf = (texts: Readonly<Record<string, string>>): PatternSet => buildPatterns(Object.entries(texts).map(([name, value]) => item(name, value)), { keptTexts: [] });
const needlesLeft = (set: PatternSet): readonly string[] => [...new Set([...set.patterns].map(({ needle }) => needle))].sort();

let place: InstallPlace;
beforeAll(() => {
  place = createInstallPlace();
  place.write('tree/etc/text', `${'a line of text\n'.repeat(900)}${values.packed}\n`);
  // Where nothing is gained by packing a block, squashfs stores it as it is.
  place.write('tree/usr/lib/blob', Buffer.concat([noise('left', 500_000), Buffer.from(`\0${values.plain}\0`), noise('right', 500_000)]));
  place.write('tree/run/slipway/installer-data', values.nowhere);
  place.write('tree/tmp/notes', values.nowhere);
});
afterAll(() => place.dispose());

const missing = missingTools();

describe('what a source holds', () => {
  test('a tree: every file of the system, nothing of /run, /tmp and the like, where the material itself may lie', async () => {
    expect(await findInPristine(system, place.tree, setOf(values))).toEqual(new Set([values.packed, values.plain]));
  });

  test.skipIf(missing.length > 0).each([
    ['squashfs', ['mksquashfs', 'etc', 'usr', 'OUT', '-quiet', '-no-progress', '-comp', 'zstd']],
    ['squashfs-xz', ['mksquashfs', 'etc', 'usr', 'OUT', '-quiet', '-no-progress', '-comp', 'xz']],
    ['tar', ['tar', '-cf', 'OUT', 'etc', 'usr']],
    ['tar.gz', ['tar', '-czf', 'OUT', 'etc', 'usr']],
    ['tar.xz', ['tar', '-cJf', 'OUT', 'etc', 'usr']],
    ['ext4', ['mke2fs', '-q', '-t', 'ext4', '-d', '.', 'OUT', '16M']],
  ])('an image file: %s', async (name, command) => {
    const path = join(place.folder, `source.${name}`);
    execFileSync(command[0] ?? '', command.slice(1).map((word) => (word === 'OUT' ? path : word)), { cwd: place.tree, stdio: 'ignore' });
    const found = await findInPristine(system, path, setOf({ packed: values.packed, plain: values.plain, absent: 'this-is-in-no-file-3b6' }));
    expect(found).toEqual(new Set([values.packed, values.plain]));
  });

  test('it is taken out in every form and counted by its key path; the rest stays', async () => {
    const set = await excludePristine(system, setOf(values), [place.tree]);
    expect(needlesLeft(set)).toEqual([values.nowhere]);
    expect(set.notSearchable).toEqual([
      { from: 'installer-data: env.packed', reason: 'also in the pristine source' },
      { from: 'installer-data: env.plain', reason: 'also in the pristine source' },
    ]);
  });

  test('a line that the source holds too hides no other line of its script', async () => {
    const script = `#!/bin/sh\n${values.packed}\nrm -rf /srv/${values.nowhere}\n`;
    const set = await excludePristine(system, setOf({ script }), [place.tree]);
    expect(needlesLeft(set)).toEqual([script.trim(), `rm -rf /srv/${values.nowhere}`].sort());
  });

  test('with no source at hand only the first lines of scripts leave', async () => {
    const script = `#!/bin/sh\n${values.packed}`;
    const set = await excludePristine(system, setOf({ script, packed: values.packed }), []);
    expect(needlesLeft(set)).toEqual([script, values.packed].sort());
    expect(set.notSearchable).toEqual([{ from: 'installer-data: env.script', reason: 'also in the pristine source' }]);
  });

  test('a source that is not there is no empty one', async () => {
    await expect(excludePristine(system, setOf(values), [join(place.folder, 'nothing')])).rejects.toMatchObject({ problem: { id: 'pristine-missing' } });
  });
});

describe.skipIf(whyNoInstall !== null)(`installs from image files${whyNoInstall === null ? '' : ` (${whyNoInstall})`}`, { timeout: 120_000 }, () => {
  const userData = '#cloud-config\nhostname: kept-name\nusers:\n  - name: admin\n    passwd: "$6$a$b"\n    groups: [admin]\n';
  const installerData = `#cloud-config
stages:
  before-install:
    - files:
        - path: /opt/enrol
          permissions: 0700
          content: |
            #!/bin/sh
            ${values.plain}
            ${values.packed}
            ${values.nowhere}
`;
  const wish = (source: string): InstallWish => ({ userData, installerData, source });

  test.each([
    ['squashfs', ['mksquashfs', '.', 'OUT', '-quiet', '-no-progress', '-comp', 'xz', '-e', 'run', 'tmp']],
    ['tar', ['tar', '-cf', 'OUT', 'boot', 'etc', 'usr']],
  ])('file: a %s that holds lines of installer-data ends well, and says what was not searched for', async (name, command) => {
    const path = join(place.folder, `install.${name}`);
    execFileSync(command[0] ?? '', command.slice(1).map((word) => (word === 'OUT' ? path : word)), { cwd: place.tree, stdio: 'ignore' });
    const { exitCode, audit, image } = await place.install(wish(`file:${path}`));
    expect(exitCode).toBe(0);
    expect(audit?.hits).toEqual([]);
    expect(audit?.notSearchable).toContainEqual({ from: expect.stringMatching(/installer-data: stages\.before-install\[0\]\.files\[0\]\.content$/) as string, reason: 'also in the pristine source' });
    // It is on the target, in clear, as it is in the source.
    expect(findPlain(image, [values.plain, values.nowhere])).toEqual(new Set([values.plain]));
  });

  test('what the source does not hold is found on the target', async () => {
    const path = join(place.folder, 'leaking.squashfs');
    execFileSync('mksquashfs', ['.', path, '-quiet', '-no-progress', '-e', 'run', 'tmp'], { cwd: place.tree, stdio: 'ignore' });
    const { exitCode, audit } = await place.install({ ...wish(`file:${path}`), installerData: `${installerData}      commands:\n        - cp /opt/enrol /run/cos/persistent/\n` });
    expect(exitCode).toBe(7);
    expect(new Set(audit?.hits.map((hit) => hit.place))).toEqual(new Set(['COS_PERSISTENT']));
  });
});
