/** The cut of a user-data of 1 MiB, against 100 ms. */
import { stripUserData } from '../../src/scrub/strip.ts';
import { median, report } from './timing.ts';

const entry = (index: number): string => `  - path: /etc/generated/file-${index}\n    permissions: 0644\n    content: |\n${'      some line of text that stays as it is\n'.repeat(20)}`;
const head = '#cloud-config\nhostname: node\nstages:\n  before-install:\n    - commands: [echo secret]\n  boot:\n    - commands: [echo hello]\nwrite_files:\n';
let text = head;
for (let index = 0; text.length < 1024 * 1024 - 2048; index += 1) text += entry(index);

const times = Array.from({ length: 7 }, () => {
  const begin = performance.now();
  const { kept } = stripUserData(text, 'user-data');
  if (kept.includes('secret') || !kept.includes('file-100')) throw new Error('the cut is wrong');
  return performance.now() - begin;
});
report('strip of 1 MiB user-data, times 100 ms', median(times) / 100, 1, `${median(times).toFixed(0)} ms`);
