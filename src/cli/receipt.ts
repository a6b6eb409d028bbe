/** `slipway receipt verify FILE [--key FILE]`: shape, and with a key the signature. Exit code 0 or 3. */
import * as z from 'zod';
import { exitCodes } from '../model/exit-code.ts';
import { receiptSchema } from '../model/receipt.ts';
import { hasValidSignature } from '../receipt/sign.ts';
import type { System } from '../system/port.ts';

export const receiptCommand = async (
  system: System,
  words: readonly string[],
  options: { readonly json: boolean; readonly key: string | undefined },
): Promise<{ readonly text: string; readonly exitCode: number }> => {
  const [action, file = ''] = words;
  if (action !== 'verify') return { text: `slipway receipt: ${action ?? ''} is not an action; did you mean "verify"?`, exitCode: exitCodes.usage };
  const end = (ok: boolean, what: string) => ({
    text: options.json ? JSON.stringify({ file, ok, what }) : `${file}: ${what}`,
    exitCode: ok ? exitCodes.done : exitCodes.answersInvalid,
  });
  const text = await system.readText(file);
  if (text === null) return end(false, 'cannot be read, or is bigger than 1 MiB');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return end(false, 'is not JSON');
  }
  const parsed = receiptSchema.safeParse(value);
  if (!parsed.success) return end(false, `is not a receipt:\n${z.prettifyError(parsed.error)}`);
  const receipt = parsed.data;
  const summary = `${receipt.result} on ${receipt.machine.target} at ${receipt.time}, plan ${receipt.planHash.slice(0, 16)}`;
  if (options.key === undefined) {
    return end(true, `${summary}; ${receipt.signature === undefined ? 'not signed' : 'signed, signature not checked (no --key)'}`);
  }
  const key = await system.readText(options.key);
  if (key === null) return end(false, `the key ${options.key} cannot be read`);
  if (receipt.signature === undefined) return end(false, 'is not signed');
  try {
    return hasValidSignature(receipt, key) ? end(true, `${summary}; signature good`) : end(false, 'the signature does not match');
  } catch {
    return end(false, `${options.key} is not an ed25519 public key`);
  }
};
