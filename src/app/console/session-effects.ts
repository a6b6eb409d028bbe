/** What the console can ask of a system besides looking at it and installing. */
import { makeToken } from '../../sources/edgevpn-token.ts';
import { applyDecisions, gatherPrerequisites } from '../../sources/prerequisites.ts';
import { gatherPrompts } from '../../sources/prompts.ts';
import { probeMachine } from '../../probe/probe.ts';
import type { System } from '../../system/port.ts';
import type { Problem } from '../../model/problem.ts';
import type { Effects, OnTrouble } from '../effects.ts';
import { setNetwork, testUrl } from '../../system/live-network.ts';
import { listNames } from './name-lists.ts';
import { releaseDisk } from './release-disk.ts';
import { fetchKeys } from './ssh-keys.ts';
import { listVolumeFiles, readVolumeFile } from './volume-files.ts';

type SessionEffects = Required<Pick<Effects, 'listFiles' | 'readVolumeFile' | 'fetchKeys' | 'makeToken' | 'askProviders' | 'setNetwork' | 'testUrl' | 'releaseDisk' | 'listNames' | 'askChecks' | 'applyChecks'>>;

const tell = <T extends { readonly problems: readonly Problem[] }>(answer: T, onTrouble: OnTrouble | undefined): T => {
  for (const problem of answer.problems) onTrouble?.(problem);
  return answer;
};

export const sessionEffects = (system: System): SessionEffects => ({
  listFiles: (volume) => listVolumeFiles(system, volume),
  readVolumeFile: (volume, name) => readVolumeFile(system, volume, name),
  fetchKeys: (from, signal) => fetchKeys(system, from, signal),
  makeToken: () => makeToken((count) => system.randomBytes(count)),
  askProviders: async (signal, onTrouble) => tell(await gatherPrompts(system, signal), onTrouble).prompts,
  setNetwork: (change, signal) => setNetwork(system, change, signal),
  testUrl: (url, signal) => testUrl(system, url, signal),
  releaseDisk: (disk, signal) => releaseDisk(system, async () => (await probeMachine(system, { signal })).disks, disk, signal),
  listNames: (list) => listNames(system, list),
  askChecks: async (config, signal, onTrouble) => tell(await gatherPrerequisites(system, config, signal), onTrouble).checks,
  applyChecks: async (plugin, decisions, config, signal, onTrouble) => tell(await applyDecisions(system, plugin, decisions, config, signal), onTrouble).applied,
});
