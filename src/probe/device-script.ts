/** `script:///path`: a program of the live system that prints which disk to use. Run before planning. */
import { cleanText } from '../model/foreign-text.ts';
import type { Problem } from '../model/problem.ts';
import type { System } from '../system/port.ts';
import { commandTrouble } from './asker.ts';

/** ms */
const patience = 30_000;

export interface ResolvedScript {
  /** What it printed: a path or another device rule; null when it named none. */
  readonly device: string | null;
  readonly problems: readonly Problem[];
}

/** Runs the script once, without arguments. What it prints is a rule to be checked, not a target. */
export const resolveDeviceScript = async (system: System, rule: string, signal?: AbortSignal): Promise<ResolvedScript> => {
  const fail = (what: string): ResolvedScript => ({
    device: null,
    problems: [{ id: 'device-script', severity: 'error', what, where: `--device ${cleanText(rule)}`, hint: 'it must be executable, print one device and end with exit code 0' }],
  });
  const path = /^script:\/\/(\/.+)$/.exec(rule.trim())?.[1];
  if (path === undefined) return fail('it is not a script: rule with an absolute path');
  if ((await system.realPath(path)) === null) return fail(`there is no script at ${cleanText(path)}`);
  const result = await system.run([path], { timeout: patience, maxBytes: 65_536, ...(signal === undefined ? {} : { signal }) });
  const trouble = commandTrouble(result);
  if (trouble !== null) return fail(`the script ${trouble === 'is not installed' ? 'cannot be executed' : trouble}`);
  const lines = result.stdout.trim().split('\n');
  const device = lines[0]?.trim() ?? '';
  if (device === '') return fail('the script printed nothing');
  if (lines.length > 1) return fail('the script printed more than one line');
  // A script that names a script could go on for ever.
  if (device.startsWith('script:') || device.length > 512) return fail('the script printed no device');
  return { device, problems: [] };
};
