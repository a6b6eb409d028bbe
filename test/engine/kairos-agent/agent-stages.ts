/** Our stage directories as shell text, for a run of the real agent in a root of its own. */
import { gateFile, stageDirectories, stageFile } from '../../../src/engine/kairos-agent/stage-files.ts';
import type { StageStep } from '../../../src/model/stages.ts';
import { here } from './namespace-root.ts';

export const gateDirectory = '/dev/slipway-0011aabb';

/** Writes gates and steps. `steps` as a text is written as it is, to be what yip cannot read. */
export const stagesHere = (steps: readonly StageStep[] | string): string => {
  const places = stageDirectories(gateDirectory);
  return [
    here(`${places.first}/gates.yaml`, gateFile('first', gateDirectory)),
    here(`${places.steps}/stages.yaml`, typeof steps === 'string' ? steps : stageFile(steps)),
    here(`${places.last}/gates.yaml`, gateFile('last', gateDirectory)),
  ].join('');
};
