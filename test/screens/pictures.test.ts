/** docs/screens.md shows every screen of the table. `npm run screens` writes it anew; see scripts/screens.ts. */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { screens } from '../../screens/index.ts';
import { writeScreens } from '../../scripts/screens.ts';

const committed = new URL('../../docs/screens.md', import.meta.url).pathname;

it('has a picture of every screen', async () => {
  const path = process.env['WRITE_SCREENS'] === '1' ? committed : join(tmpdir(), `screens-${process.pid}.md`);
  const pictures = await writeScreens(path);
  for (const { id } of screens.rows) expect(pictures.map((picture) => picture.id)).toContain(id);
  expect(readFileSync(path, 'utf8')).toBe(readFileSync(committed, 'utf8'));
});
