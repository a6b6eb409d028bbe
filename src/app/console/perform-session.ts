/** Carries out what the session asks for, with the shared effects, and brings back what came of it. */
import { cleanText } from '../../model/foreign-text.ts';
import { formatProblem, SlipwayError } from '../../model/problem.ts';
import type { Effects, OnTrouble } from '../effects.ts';
import type { Action } from '../state.ts';
import type { Asked, SessionCommand } from './session.ts';

const failureText = (error: unknown): string =>
  cleanText(error instanceof SlipwayError ? formatProblem(error.problem) : error instanceof Error ? error.message : 'unknown trouble', 300);

const notHere: Asked<never> = { state: 'failed', text: 'not possible here' };

/** Waits for an answer and turns trouble into one. */
const settle = async <T>(answer: Promise<T> | undefined): Promise<Asked<T>> => {
  if (answer === undefined) return notHere;
  try {
    return { state: 'there', value: await answer };
  } catch (error) {
    return { state: 'failed', text: failureText(error) };
  }
};

const perform = async (effects: Effects, command: Exclude<SessionCommand, { do: 'check-text' }>, send: (action: Action) => void, signal: AbortSignal): Promise<Action | null> => {
  const onTrouble: OnTrouble = (problem) => send({ type: 'notice', text: cleanText(formatProblem(problem), 300) });
  switch (command.do) {
    case 'list-files':
      return { type: 'files-listed', volume: command.volume.path, result: await settle(effects.listFiles?.(command.volume)) };
    case 'read-file': {
      const read = await settle(effects.readVolumeFile?.(command.volume, command.name));
      if (read.state !== 'there') return { type: 'notice', text: read.state === 'failed' ? read.text : '' };
      return { type: 'file-read', name: cleanText(`${command.name} on ${command.volume.path}`, 100), text: read.value };
    }
    case 'fetch-keys':
      return { type: 'keys-fetched', from: command.from, result: await settle(effects.fetchKeys?.(command.from, signal)) };
    case 'make-token': {
      const token = effects.makeToken?.();
      return token === undefined ? { type: 'notice', text: 'not possible here' } : { type: 'token-made', token };
    }
    case 'ask-providers': {
      const known = await settle(effects.askProviders?.(signal, onTrouble));
      return known.state === 'there' && known.value.length > 0 ? { type: 'prompts-known', prompts: known.value } : null;
    }
    case 'set-network': {
      const { change } = command;
      const result = await settle(effects.setNetwork?.(change, signal));
      return { type: 'network-set', result, ...(change.kind === 'proxy' && result.state === 'there' ? { proxy: change.url } : {}) };
    }
    case 'release-disk':
      return { type: 'disk-released', disk: cleanText(command.disk.path, 40), result: await settle(effects.releaseDisk?.(command.disk, signal)) };
    case 'list-names':
      return { type: 'names-listed', list: command.list, result: await settle(effects.listNames?.(command.list)) };
    case 'ask-checks': {
      const known = await settle(effects.askChecks?.(command.config, signal, onTrouble));
      // Without the effect there are no checks.
      return known === notHere ? { type: 'checks-known', result: { state: 'there', value: [] } } : { type: 'checks-known', result: known };
    }
    case 'apply-checks': {
      const results = [];
      for (const { plugin, decisions } of command.by) {
        const done = await settle(effects.applyChecks?.(plugin, decisions, command.config, signal, onTrouble));
        const applied = done.state === 'there' ? done.value : decisions.map(({ id }) => ({ id, success: false, message: done.state === 'failed' ? done.text : '' }));
        results.push({ plugin, applied });
      }
      return { type: 'checks-applied', results };
    }
    case 'test-url':
      return { type: 'url-tested', result: await settle(effects.testUrl?.(command.url, signal)) };
  }
};

export const performSession = (effects: Effects, command: Exclude<SessionCommand, { do: 'check-text' }>, send: (action: Action) => void, signal: AbortSignal): void => {
  void perform(effects, command, send, signal).then((action) => {
    if (action !== null && !signal.aborted) send(action);
  });
};
