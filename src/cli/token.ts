/** `slipway token`: a new edgevpn network token on a line of its own. */
import { exitCodes } from '../model/exit-code.ts';
import { makeToken } from '../sources/edgevpn-token.ts';
import type { System } from '../system/port.ts';

/** The token is what was asked for: it is the one secret that is printed. */
export const tokenCommand = (system: System): { readonly text: string; readonly exitCode: number } => ({
  text: makeToken((count) => system.randomBytes(count)),
  exitCode: exitCodes.done,
});
