/** Every path of docs/leak-paths.md by its id, with what this folder's tests do to it. A test holds the two against each other. */

/** The wall that stops it: never written, scrubbed, closed; `seen`: nothing stops it, since its effect is meant to stay, but the audit sees what must not be in it. */
export type Wall = 'never written' | 'scrubbed' | 'closed' | 'seen';

export interface LeakPath {
  readonly id: string;
  readonly walls: readonly Wall[];
  /** How its test gets the residue: `here`, by the real program with the wall taken away; `planted`, at its path, since the real thing cannot run in a test without a machine of its own. */
  readonly how: 'here' | 'planted';
}

const row = (id: string, how: LeakPath['how'], ...walls: readonly Wall[]): LeakPath => ({ id, how, walls });

/** With kairos-agent as the engine. */
export const agentPaths = [
  row('A1', 'planted', 'never written', 'scrubbed'),
  row('A2', 'planted', 'never written', 'scrubbed'),
  row('A3', 'planted', 'closed', 'scrubbed'),
  row('A4', 'planted', 'seen'),
  row('A5', 'planted', 'seen'),
  row('A6', 'planted', 'seen'),
  row('A7', 'planted', 'seen'),
  row('A8', 'planted', 'never written', 'scrubbed'),
  row('A9', 'planted', 'scrubbed'),
  row('A10', 'planted', 'seen'),
  row('A11', 'planted', 'seen'),
  row('A12', 'planted', 'seen'),
  row('A13', 'planted', 'seen'),
  row('A13d', 'planted', 'scrubbed'),
  row('A14', 'planted', 'seen'),
  row('A15', 'planted', 'never written', 'seen'),
  row('A16', 'planted', 'seen'),
  row('A17', 'planted', 'seen'),
  row('A18', 'planted', 'seen'),
  row('A19', 'planted', 'never written', 'scrubbed'),
  row('A20', 'planted', 'never written', 'scrubbed'),
  row('A21', 'planted', 'never written', 'scrubbed'),
  row('A22', 'planted', 'seen'),
  row('A23', 'planted', 'seen'),
  row('A24', 'planted', 'never written', 'scrubbed'),
  row('A25', 'planted', 'seen'),
  row('A26', 'planted', 'never written'),
] as const satisfies readonly LeakPath[];

/** With the builtin engine, and what is the same with both. */
export const builtinPaths = [
  row('B1', 'here', 'never written'),
  row('B2', 'here', 'seen'),
  row('B3', 'here', 'never written'),
  row('B4', 'here', 'never written'),
  row('B5', 'here', 'never written'),
  row('B6', 'here', 'never written'),
  row('B7', 'here', 'never written'),
  row('B8', 'here', 'closed'),
  row('B9', 'here', 'closed'),
  row('B10', 'here', 'never written', 'scrubbed'),
  row('B11', 'here', 'scrubbed'),
  row('B12', 'planted', 'never written'),
  row('B13', 'planted', 'never written'),
  row('B14', 'planted', 'never written'),
  row('B15', 'here', 'seen'),
] as const satisfies readonly LeakPath[];

export type AgentPathId = (typeof agentPaths)[number]['id'];
export type BuiltinPathId = (typeof builtinPaths)[number]['id'];

/** A value that stands for the install-only material of one path. */
export const secretOf = (id: string): string => `${id}-must-not-be-here-${Buffer.from(id).toString('hex')}`;
