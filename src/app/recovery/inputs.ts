/** What an action of the menu has to be told before it can start. Pure. */
import type { ActionId } from '../../recovery/actions.ts';
import type { ActionOptions } from '../../recovery/run/context.ts';
import type { NodeStatus } from '../../recovery/status.ts';

export type ActionInput =
  | { readonly kind: 'choice'; readonly question: string; readonly choices: readonly { readonly word: string; readonly text: string }[] }
  | { readonly kind: 'text'; readonly question: string; readonly placeholder: string; readonly initial: string };

const bootChoices = (status: NodeStatus) => [
  { word: 'active', text: 'active: the ordinary system' },
  { word: 'passive', text: 'passive: the system before the last upgrade' },
  { word: 'recovery', text: 'recovery: the system to mend the others from' },
  ...(status.made === 'slipway' ? [] : [{ word: 'reset', text: 'reset: resets by itself, COS_PERSISTENT is lost' }]),
];

/** null: nothing; it can start after consent. */
export const inputOf = (action: ActionId, status: NodeStatus, byAgent: boolean): ActionInput | null => {
  switch (action) {
    case 'boot':
      return { kind: 'choice', question: 'What shall the next boot start, once?', choices: bootChoices(status) };
    case 'rollback':
      return status.next.always === 'passive'
        ? { kind: 'choice', question: 'It is rolled back. Take that back?', choices: [{ word: 'undo', text: 'start the active system again' }] }
        : null;
    case 'power':
      return { kind: 'choice', question: 'What shall this machine do?', choices: [{ word: 'reboot', text: 'reboot' }, { word: 'poweroff', text: 'power off' }] };
    case 'network': {
      const nics = status.network.filter(({ name }) => name !== 'lo');
      return { kind: 'choice', question: 'Which interface shall ask for an address again?', choices: [{ word: '', text: 'none: only look' }, ...nics.map(({ name, addresses }) => ({ word: name, text: `${name}: ${addresses.join(', ') || 'no address'}` }))] };
    }
    case 'upgrade':
    case 'upgrade-recovery':
      return { kind: 'text', question: 'The image to upgrade from', placeholder: byAgent ? 'oci:REGISTRY/IMAGE:TAG or dir:, file:, ocifile:' : 'dir:/path of a root tree, or file:/path', initial: '' };
    case 'edit':
      return { kind: 'text', question: 'The file that shall be the configuration', placeholder: '/path of a cloud-config, or an address', initial: '' };
    case 'audit':
      return { kind: 'text', question: 'The installer-data of the install', placeholder: '/path or address', initial: '' };
    case 'logs':
      return { kind: 'text', question: 'Where the bundle goes: directory, device, address, or qr', placeholder: '/run/slipway', initial: '/run/slipway' };
    default:
      return null;
  }
};

/** What was answered as options. Files are named here and read by whoever carries the action out. */
export interface AnsweredOptions {
  readonly options: ActionOptions;
  /** To be read: the configuration of `edit`, the installer-data of `audit`. */
  readonly file: string | null;
}

export const optionsFrom = (action: ActionId, answer: string): AnsweredOptions => {
  switch (action) {
    case 'boot':
    case 'power':
      return { options: { word: answer }, file: null };
    case 'network':
      return { options: answer === '' ? {} : { word: answer }, file: null };
    case 'rollback':
      return { options: { undo: answer === 'undo' }, file: null };
    case 'upgrade':
    case 'upgrade-recovery':
      return { options: { source: answer }, file: null };
    case 'logs':
      return { options: { output: answer }, file: null };
    case 'edit':
    case 'audit':
      return { options: {}, file: answer };
    default:
      return { options: {}, file: null };
  }
};
