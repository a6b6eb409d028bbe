import { expect, test } from 'vitest';
import { installCommand } from '../../src/cli/install.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import type { System } from '../../src/system/port.ts';
import { createRealSystem } from '../../src/system/real.ts';
import { openRecordedMachine } from '../../src/system/recorded.ts';

/** A machine that nothing may ask anything of. */
const untouched = new Proxy({}, { get: (_, name) => { throw new Error(`the machine was asked: ${String(name)}`); } }) as System;

test('events alone are no consent: install --json without --unattended is refused before the machine is looked at', async () => {
  const errors: string[] = [];
  const output = { print: (text: string) => { throw new Error(text); }, error: (text: string) => void errors.push(text), isLost: false, isTerminal: false, columns: 80 };
  const parsed = parseCommandLine(['install', '--json', '--device', '/dev/sda', '--config', 'user-data']);
  expect(await installCommand(parsed, untouched, output, new AbortController().signal)).toBe(2);
  expect(errors.join()).toContain('add --unattended');
});

test('every event of a recorded machine says that it is simulated', async () => {
  const lines: string[] = [];
  const output = { print: (text: string) => void lines.push(text), error: () => undefined, isLost: false, isTerminal: false, columns: 80 };
  const parsed = parseCommandLine(['install', '--unattended', '--json', '--wait-for-data', '0']);
  const machine = await openRecordedMachine(createRealSystem(), 'test/machines/virtio.json');
  expect(await installCommand(parsed, machine, output, new AbortController().signal)).toBe(8);
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.filter((line) => (JSON.parse(line) as { simulated?: boolean }).simulated !== true)).toEqual([]);
});
