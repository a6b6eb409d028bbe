/** What an action of the menu has to be told before it can start: one question after the other. Pure. */
import type { ActionId } from '../../recovery/actions.ts';
import type { ActionOptions } from '../../recovery/run/context.ts';
import type { NodeStatus } from '../../recovery/status.ts';

export type ActionInput =
  | { readonly kind: 'choice'; readonly question: string; readonly choices: readonly { readonly word: string; readonly text: string }[] }
  | {
      readonly kind: 'text';
      readonly question: string;
      readonly placeholder: string;
      readonly initial: string;
      /** A secret: shown as stars. */
      readonly masked?: boolean;
      /** Nothing typed is an answer, too. */
      readonly optional?: boolean;
    }
  /** The configuration as text, in the editor. */
  | { readonly kind: 'editor'; readonly question: string };

/** A file system that logs can be written to. */
export interface AttachedVolume {
  readonly path: string;
  readonly label: string;
}

export interface Asker {
  readonly status: NodeStatus;
  readonly byAgent: boolean;
  readonly volumes: readonly AttachedVolume[];
  /** Whoever carries it out can edit here: not in plain mode, which has lines only. */
  readonly hasEditor: boolean;
}

/** The words of choices that lead to another question. */
const here = 'here';
const elsewhere = 'file';
const address = 'address';
const other = 'other';

const bootChoices = (status: NodeStatus) => {
  const recovery = { word: 'recovery', text: 'recovery: the system to mend the others from' };
  // Of a reset that did not end, nothing else is whole.
  if (status.resetUnfinished) return [recovery];
  return [
    { word: 'active', text: 'active: the ordinary system' },
    { word: 'passive', text: 'passive: the system before the last upgrade' },
    recovery,
    ...(status.made === 'slipway' ? [] : [{ word: 'reset', text: 'reset: resets by itself, COS_PERSISTENT is lost' }]),
  ];
};

const configFile = (question: string): ActionInput => ({ kind: 'text', question, placeholder: '/path of a cloud-config, or an address', initial: '' });

/** One list of questions an action; each knows the answers before it. null: there is no further one. */
const questions: Readonly<Partial<Record<ActionId, (asker: Asker, answers: readonly string[]) => ActionInput | null>>> = {
  boot: ({ status }, { length }) => (length > 0 ? null : { kind: 'choice', question: 'What shall the next boot start, once?', choices: bootChoices(status) }),
  rollback: ({ status }, { length }) =>
    length === 0 && status.next.always === 'passive' ? { kind: 'choice', question: 'It is rolled back. Take that back?', choices: [{ word: 'undo', text: 'start the active system again' }] } : null,
  power: (_asker, { length }) => (length > 0 ? null : { kind: 'choice', question: 'What shall this machine do?', choices: [{ word: 'reboot', text: 'reboot' }, { word: 'poweroff', text: 'power off' }] }),
  network({ status }, [nic, line]) {
    if (nic === undefined) {
      const nics = status.network.filter(({ name }) => name !== 'lo');
      return { kind: 'choice', question: 'Which interface?', choices: [{ word: '', text: 'none: only look' }, ...nics.map(({ name, addresses }) => ({ word: name, text: `${name}: ${addresses.join(', ') || 'no address'}` }))] };
    }
    return nic === '' || line !== undefined ? null : { kind: 'text', question: 'dhcp, or ADDRESS/PREFIX [GATEWAY [NAMESERVER]]', placeholder: '10.0.0.9/24 10.0.0.1 10.0.0.1', initial: 'dhcp' };
  },
  upgrade: ({ byAgent }, { length }) => (length > 0 ? null : imageInput(byAgent)),
  'upgrade-recovery': ({ byAgent }, { length }) => (length > 0 ? null : imageInput(byAgent)),
  edit({ hasEditor }, [where, file]) {
    if (!hasEditor) return where === undefined ? configFile('The file that shall be the configuration') : null;
    if (where === undefined) return { kind: 'choice', question: 'Where does the new configuration come from?', choices: [{ word: here, text: 'edit the one that is there' }, { word: elsewhere, text: 'a file or an address' }] };
    if (file !== undefined) return null;
    return where === here ? { kind: 'editor', question: 'The kept configuration' } : configFile('The file that shall be the configuration');
  },
  reinstall: (_asker, { length }) => (length > 0 ? null : configFile('The configuration of the new system')),
  audit: (_asker, { length }) => (length > 0 ? null : { kind: 'text', question: 'The installer-data of the install', placeholder: '/path or address', initial: '' }),
  unlock: (_asker, { length }) => (length > 0 ? null : { kind: 'text', question: 'Passphrase; without one the TPM or the key server is asked', placeholder: '', initial: '', masked: true, optional: true }),
  logs({ volumes }, [place, where, token]) {
    if (place === undefined) {
      return {
        kind: 'choice',
        question: 'Where shall the bundle go?',
        choices: [
          ...volumes.map(({ path, label }) => ({ word: path, text: `the volume ${label} (${path})` })),
          { word: address, text: 'an address, by HTTP' },
          { word: 'qr', text: 'on this screen: the short form as a QR code' },
          { word: '/run/slipway', text: '/run/slipway: in memory, gone with the next start' },
          { word: other, text: 'another directory or device' },
        ],
      };
    }
    if (place === other && where === undefined) return { kind: 'text', question: 'Directory or device', placeholder: '/path', initial: '' };
    if (place !== address) return null;
    if (where === undefined) return { kind: 'text', question: 'The address that takes the bundle', placeholder: 'https://HOST/PATH', initial: '' };
    return token === undefined ? { kind: 'text', question: 'Token to send along, if it wants one', placeholder: '', initial: '', masked: true, optional: true } : null;
  },
};

const imageInput = (byAgent: boolean): ActionInput => ({ kind: 'text', question: 'The image to upgrade from', placeholder: byAgent ? 'oci:REGISTRY/IMAGE:TAG or dir:, file:, ocifile:' : 'dir:/path of a root tree, or file:/path', initial: '' });

/** The next question; null: it can start after consent. */
export const inputOf = (action: ActionId, asker: Asker, answers: readonly string[]): ActionInput | null => questions[action]?.(asker, answers) ?? null;

/** What was answered as options. Files are named here and read by whoever carries the action out. */
export interface AnsweredOptions {
  readonly options: ActionOptions;
  /** To be read: the configuration of `edit`, the installer-data of `audit`. */
  readonly file: string | null;
}

/** `name` is what an edited text goes by. */
export const optionsFrom = (action: ActionId, answers: readonly string[], name: string): AnsweredOptions => {
  const [first = '', second, third] = answers;
  const plain = (options: ActionOptions): AnsweredOptions => ({ options, file: null });
  switch (action) {
    case 'boot':
    case 'power':
      return plain({ word: first });
    case 'network':
      return plain(first === '' ? {} : { word: first, address: second });
    case 'rollback':
      return plain({ undo: first === 'undo' });
    case 'upgrade':
    case 'upgrade-recovery':
      return plain({ source: first });
    case 'unlock':
      return plain(first === '' ? {} : { passphrase: first });
    case 'logs':
      return plain({ output: first === address || first === other ? (second ?? '') : first, ...(third === undefined || third === '' ? {} : { token: third }) });
    case 'edit':
      if (first === here) return plain({ config: { name, text: second ?? '' } });
      return { options: {}, file: second ?? first };
    case 'reinstall':
    case 'audit':
      return { options: {}, file: first };
    default:
      return plain({});
  }
};

/** Answers as they may be shown: secrets and long texts are not. */
export const shownAnswers = (action: ActionId, asker: Asker, answers: readonly string[]): string =>
  answers
    .flatMap((answer, index) => {
      const input = inputOf(action, asker, answers.slice(0, index));
      return input === null || input.kind === 'editor' || (input.kind === 'text' && input.masked === true) || answer === '' ? [] : [answer];
    })
    .join(' ');
