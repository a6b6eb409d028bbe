/** The end of a program that met a bug; the terminal was given back before. */
import { exitCodes } from '../model/exit-code.ts';

export const crash = (error: unknown): void => {
  process.stderr.write(`slipway: a bug stopped the console: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(exitCodes.bug);
};
