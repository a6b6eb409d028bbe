/** The words of every reason. `what` follows "cannot use /dev/sda: ", `hint` says what to do. */
import { refusedReasons } from '../model/facts.ts';
import type { Reason, ReasonId, Verdict } from '../model/facts.ts';

const hints: Readonly<Record<ReasonId, string>> = {
  'live-medium': 'choose another disk',
  'data-volume': 'choose another disk; take the volume away if you meant this one',
  mounted: 'unmount it, or choose another disk',
  swap: 'switch swap off (swapoff), or choose another disk',
  'raid-member': 'stop the array (mdadm --stop), or choose another disk',
  'lvm-member': 'deactivate its volume group (vgchange -an), or choose another disk',
  'crypt-open': 'close the encrypted volume (cryptsetup close), or choose another disk',
  'multipath-leg': 'choose the multipath device; with none there, start multipathd or detach all paths but one',
  'read-only': "take its write protection off, or choose another disk",
  'no-medium': 'put a card or disk in, or choose another disk',
  'not-a-disk': 'choose a disk',
  'too-small': 'choose a bigger disk',
  'not-understood': 'choose another disk; record this machine (slipway probe --record FILE) for a bug report',
  'has-data': 'everything on it will be lost; unattended this needs --allow-data-loss',
  'kairos-install': 'the installed system will be lost; unattended this needs --allow-data-loss',
  removable: 'make sure that it is the disk you mean; unattended this needs --allow removable',
  'network-disk': 'the installed system must reach it to boot; unattended this needs --allow network-disk',
  'no-serial': 'name it by its path and check its size; a rule never chooses it',
};

export const reason = (id: ReasonId, what: string): Reason => ({ id, what, hint: hints[id] });

export const isRefusal = (id: ReasonId): boolean => (refusedReasons as readonly string[]).includes(id);

export const verdictOf = (reasons: readonly Reason[]): Verdict =>
  reasons.some(({ id }) => isRefusal(id)) ? 'refused' : reasons.length > 0 ? 'caution' : 'eligible';
