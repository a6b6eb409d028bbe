/**
 * The cut of a user-data of 1 MiB, against 100 ms: long texts, tens of thousands of small keys at the top, in a list and
 * below `stages:`, and what the complete parser has to read: install-only steps, merge keys, one line of JSON, quoted texts of two
 * lines. Then the patterns of an install-only script of 1 MiB and the redaction by them, against 1 s.
 */
import { stripUserData } from '../../src/scrub/strip.ts';
import { buildPatterns } from '../../src/scrub/patterns.ts';
import { createRedactor } from '../../src/scrub/redact.ts';
import { median, report } from './timing.ts';

const megabyte = 1024 * 1024;
const installOnly = '  before-install:\n    - commands: [echo secret]\n';
const head = `#cloud-config\nhostname: node\nstages:\n${installOnly}  boot:\n    - commands: [echo hello]\n`;

/** Repeats an entry until the text is as long as it may be. */
const fill = (start: string, entry: (index: number) => string): string => {
  let text = start;
  for (let index = 0; text.length < megabyte - 2048; index += 1) text += entry(index);
  return text;
};

const texts: Readonly<Record<string, string>> = {
  'long texts': fill(`${head}write_files:\n`, (index) => `  - path: /etc/generated/file-${index}\n    permissions: 0644\n    content: |\n${'      some line of text that stays as it is\n'.repeat(20)}`),
  'small keys': fill(head, (index) => `key${index}: value${index}\n`),
  'small entries': fill(`${head}write_files:\n`, (index) => `  - path: /etc/file-${index}\n    permissions: 0644\n    content: "text ${index}"\n`),
  'small steps': fill(`#cloud-config\nhostname: node\nstages:\n${installOnly}  boot:\n`, (index) => `    - name: step-${index}\n      commands: [echo ${index}, "true"]\n`),
  'install-only steps': fill(`#cloud-config\nhostname: node\nstages:\n${installOnly}`, (index) => `    - name: step-${index}\n      commands: [echo ${index}, "true"]\n`),
  'merge keys': fill(`${head}defaults: &d {owner: 0}\nwrite_files:\n`, (index) => `  - {<<: *d, path: /etc/file-${index}, content: "text ${index}"}\n`),
  'one line of JSON': `#cloud-config\n${JSON.stringify({ install: { tty: 'secret' }, write_files: Array.from({ length: 23_000 }, (_, index) => ({ path: `/etc/file-${index}`, content: `t${index}` })) })}\n`,
  'texts of two lines': fill(`${head}write_files:\n`, (index) => `  - path: /etc/file-${index}\n    content: "two\n      lines"\n`),
};

for (const [name, text] of Object.entries(texts)) {
  const times = Array.from({ length: 7 }, () => {
    const begin = performance.now();
    const { kept } = stripUserData(text, 'user-data');
    if (kept.includes('secret') || (name !== 'install-only steps' && kept.length < text.length - 4096)) throw new Error('the cut is wrong');
    return performance.now() - begin;
  });
  report(`strip of 1 MiB user-data (${name}), times 100 ms`, median(times) / 100, 1, `${median(times).toFixed(0)} ms`);
}

const script = fill('#!/bin/sh\n', (index) => `line of script number ${index} goes here\n`);
const items = [{ file: 'installer-data', keyPath: ['stages', 'before-install', 0, 'files', 0, 'content'], value: script, searched: true }];
for (const [what, make] of [['patterns', () => buildPatterns(items, { keptTexts: [texts['small entries'] ?? ''] })], ['redaction', () => createRedactor(items)]] as const) {
  const times = Array.from({ length: 3 }, () => {
    const begin = performance.now();
    make();
    return performance.now() - begin;
  });
  report(`${what} of an install-only script of 1 MiB, times 1 s`, median(times) / 1000, 1, `${median(times).toFixed(0)} ms`);
}
