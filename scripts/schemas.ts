/** Writes what is generated from the sources: `docs/schema/*.json` and the presets that the program carries. `npm run schemas`. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { receiptSchemaText } from '../src/receipt/schema.ts';
import { installerDataSchema, userDataSchema } from '../src/sources/schema/documents.ts';

const root = new URL('../', import.meta.url);

const jsonSchema = (schema: z.ZodType, name: string): string =>
  `${JSON.stringify({ $id: `urn:slipway:schema:${name}`, ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'ref' }) }, null, 2)}\n`;

const presetModule = (): string => {
  const folder = new URL('cloud-configs/', root);
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const rows = names.toSorted().map((name) => `  ${JSON.stringify(name.replace(/\.yaml$/, ''))}: ${JSON.stringify(readFileSync(new URL(name, folder), 'utf8'))},`);
  return [
    '/** Made by scripts/schemas.ts from cloud-configs/*.yaml: the presets that the executable carries. Do not edit. */',
    'export const presetTexts: Readonly<Record<string, string>> = {',
    ...rows,
    '};',
    '',
  ].join('\n');
};

/** Every generated file: path in the repository, content. A test compares them with what is there. */
export const generatedFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ['docs/schema/user-data.json', jsonSchema(userDataSchema, 'user-data')],
    ['docs/schema/installer-data.json', jsonSchema(installerDataSchema, 'installer-data')],
    ['docs/schema/receipt.schema.json', receiptSchemaText()],
    ['src/sources/preset-texts.ts', presetModule()],
  ]);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(new URL('docs/schema/', root), { recursive: true });
  for (const [path, content] of generatedFiles()) writeFileSync(new URL(path, root), content);
}
