// One recording on standard input is printed as it is. Of two, the second is the machine as it was before: it is printed with `changes`
// that turn it into the first after 3 seconds.
// Files of data volumes come from volumes.json: they are never recorded.
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

const input = await text(process.stdin);
const [after, before] = input.split(/^(?=\{$)/m).map((part) => JSON.parse(part));

const differing = (one, other) => Object.fromEntries(Object.entries(other).filter(([key, value]) => JSON.stringify(one[key]) !== JSON.stringify(value)));

const joined = () => {
  const parts = ['commands', 'files', 'links', 'directories'];
  const change = { after: 3000, gone: parts.flatMap((part) => Object.keys(before[part]).filter((key) => !(key in after[part]))) };
  for (const part of parts) change[part] = differing(before[part], after[part]);
  return { ...before, changes: [change] };
};

const volumes = JSON.parse(await readFile(new URL('volumes.json', import.meta.url), 'utf8'))[process.argv[2]];
console.log(JSON.stringify({ ...(before === undefined ? after : joined()), ...(volumes === undefined ? {} : { volumes }) }, null, 1));
