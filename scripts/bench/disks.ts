/** The list of 500 disks, from lsblk's text to verdicts, under the runtime of the tests; the executable's is faster at it. */
import { factsOf } from '../../src/probe/facts.ts';
import { gatherMachine } from '../../src/probe/gather.ts';
import { createRecordedSystem } from '../../src/system/recorded.ts';
import { machine } from '../../test/probe/machine-builder.ts';
import { median, report } from './timing.ts';

const rows = Array.from({ length: 500 }, (_, index) => ({
  name: `sd${index}`,
  'maj:min': `8:${index}`,
  model: `SAMPLE DISK ${index % 7}`,
  wwn: `0x5000c500${index.toString(16).padStart(8, '0')}`,
  children: [{ name: `sd${index}p1`, type: 'part', fstype: 'ext4', label: `data-${index}` }],
}));
const raw = await gatherMachine(createRecordedSystem(machine(rows)));
const times = Array.from({ length: 20 }, () => {
  const begin = performance.now();
  factsOf(raw);
  return performance.now() - begin;
});
report('500 disks judged, times 50 ms', median(times) / 50, 1, `${median(times).toFixed(1)} ms, the first ${(times[0] ?? Number.NaN).toFixed(1)} ms`);
