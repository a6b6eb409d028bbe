/** What a machine said on its serial line, in a file that grows while it runs: to be read when a test fails, with times. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Machine } from './machine.ts';

/**
 * Writes every line into `file`, with the seconds since this call (to the second).
 *
 * @returns a function that writes the rest and ends it
 */
export const keepSerialLog = (machine: Machine, file: string): (() => void) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  const begin = Date.now();
  let kept = 0;
  const keep = (end: number): void => {
    const seconds = String(Math.round((Date.now() - begin) / 1000)).padStart(5);
    const lines = machine.rawText.slice(kept, end).split('\n');
    kept = end;
    const shown = lines.map((line) => stripVTControlCharacters(line).replaceAll('\r', '').trimEnd()).filter((line) => line !== '');
    appendFileSync(file, shown.map((line) => `${seconds}  ${line}\n`).join(''));
  };
  const timer = setInterval(() => keep(machine.rawText.lastIndexOf('\n') + 1), 1000);
  return () => {
    clearInterval(timer);
    keep(machine.rawText.length);
  };
};
