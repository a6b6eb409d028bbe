/** The published schema of a receipt: `docs/schema/receipt.schema.json` is this, printed. */
import * as z from 'zod';
import { receiptSchema } from '../model/receipt.ts';

/** Text of the JSON schema (draft 2020-12). */
export const receiptSchemaText = (): string =>
  `${JSON.stringify({ $id: 'urn:slipway:schema:receipt', ...z.toJSONSchema(receiptSchema) }, undefined, 2)}\n`;
