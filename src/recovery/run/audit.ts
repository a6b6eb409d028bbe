/** Searches the node's disk for install-only material that was named. Reads only. */
import { exitCodes } from '../../model/exit-code.ts';
import { auditTarget } from '../../scrub/audit.ts';
import { openedPlaces } from '../../scrub/opened.ts';
import { excludePristine } from '../../scrub/exclude-pristine.ts';
import { patternsInSlices } from '../../scrub/patterns.ts';
import { inSlices } from '../../scrub/slices.ts';
import { stripInstallerData } from '../../scrub/strip.ts';
import { isError, SlipwayError } from '../../model/problem.ts';
import { openStore } from '../store.ts';
import { partitionOf } from '../node.ts';
import { nodeError, stepsOf } from './context.ts';
import type { ActionContext, ActionResult } from './context.ts';

/** What the node keeps may hold the same words: those cannot be searched for. */
const keptTexts = async (context: ActionContext): Promise<readonly string[]> => {
  const oem = partitionOf(context.node, 'oem');
  const store = oem === null ? null : openStore(context.system, oem);
  if (store === null) return [];
  const texts = await Promise.all((context.files.config ?? []).map(({ name }) => store.readText(`/${name}`)));
  return texts.filter((text) => text !== null);
};

export const runAudit = async (context: ActionContext): Promise<ActionResult> => {
  const { system, node, options, signal } = context;
  if (options.searchFor === undefined) throw nodeError('config-missing', 'it was not said what to search for', '--installer-data FILE', 'give the installer-data of the install');
  const { name, text } = options.searchFor;
  const split = stripInstallerData(text, name);
  const wrong = split.problems.find(isError);
  if (wrong !== undefined) throw new SlipwayError(wrong);
  const step = stepsOf(context, [`search ${node.path}`]);
  step();
  const patterns = await excludePristine(system, await inSlices(patternsInSlices(split.items, { keptTexts: await keptTexts(context) }), signal), [], { signal });
  const partitions = node.partitions.flatMap(({ name: label, offset, size }) => (node.kind === 'image' ? [{ label, start: offset, size }] : []));
  let last = 0;
  const report = await auditTarget(system, {
    path: node.path,
    partitions: [...partitions, ...(await openedPlaces(system, node.path))],
    mode: 'full',
    patterns,
    signal,
    onProgress: (bytes, total) => {
      const now = system.now();
      if (now - last < 200 && bytes < total) return;
      last = now;
      context.emit({ event: 'progress', fraction: total > 0 ? bytes / total : null, bytes, total });
    },
  });
  for (const hit of report.hits.slice(0, 20)) context.emit({ event: 'log', level: 'error', text: `${hit.place} at byte ${hit.offset} (${hit.encoding}): ${hit.from}` });
  const searched = `${report.patterns} patterns in ${report.bytesRead} bytes, ${report.notSearchable.length} values not searchable`;
  if (report.hits.length > 0) return { text: `install-only material FOUND in ${report.hits.length} places: ${searched}. Words that the system image holds itself count, too; slipway recovery audit --pristine PATH leaves them out`, exitCode: exitCodes.auditFound };
  return { text: `nothing found: ${searched}` };
};
