/** What the chosen action has to be told, what it loses, and consent. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import { answersShown, chosenAction, inputOfChosen, isAnswered, recoveryField, subjectOf, wantedWord } from '../../src/app/recovery/state.ts';
import type { RecoveryState } from '../../src/app/recovery/state.ts';
import type { RecoveryScreenRow, RecoveryViewProps } from '../../src/app/recovery/screen.ts';
import type { ActionInput } from '../../src/app/recovery/inputs.ts';
import { cleanText } from '../../src/model/foreign-text.ts';
import { lossLines } from '../../src/recovery/describe.ts';
import { FieldView } from '../../src/ui/field-view.tsx';
import { Line } from '../../src/ui/text.tsx';
import { Gap, List, plainChoice } from '../parts.tsx';
import { textRows } from '../editor-pane.tsx';
import { ConfigEditor, configEditorKeys, maxConfigLength } from './config-editor.tsx';
import { menuKeys, rowsOf, TextRows } from './parts.tsx';

const choiceOf = (state: RecoveryState, input: Extract<ActionInput, { kind: 'choice' }>): number => Math.max(0, Math.min(state.highlights['choice'] ?? 0, input.choices.length - 1));

const targetText = (state: RecoveryState): string => cleanText(subjectOf(state)?.status.target.text ?? '', 200);

/** What has to be typed, without saying it: it is to be read off the target. */
const consentText = (state: RecoveryState, word: string): string => `To consent, type the last ${word.length} characters of its ${/serial \S+$/.test(targetText(state)) ? 'serial number' : 'name'}:`;

const Question = ({ state, columns, rows }: RecoveryViewProps): ReactNode => {
  const input = inputOfChosen(state);
  if (input === null || input.kind === 'editor') return null;
  return (
    <>
      <Line role="title">{input.question}</Line>
      {input.kind === 'choice' ? (
        <List items={input.choices.map(({ word, text }) => ({ key: word, text: cleanText(text, 200) }))} highlighted={choiceOf(state, input)} columns={columns} rows={Math.max(1, Math.min(rows, input.choices.length))} />
      ) : (
        <FieldView label="" field={recoveryField(state, 'answer')} focused width={Math.max(8, columns - 8)} placeholder={input.placeholder} masked={input.masked === true} />
      )}
    </>
  );
};

const Consent = ({ state }: RecoveryViewProps): ReactNode => {
  const action = chosenAction(state);
  if (action === null || !isAnswered(state)) return null;
  const word = wantedWord(state);
  if (word === null) return <Line role="title">Enter does it. Nothing was done so far.</Line>;
  return (
    <>
      <Line role="danger">{consentText(state, word)}</Line>
      <FieldView label="" field={recoveryField(state, 'consent')} focused width={8} />
    </>
  );
};

const View = (props: RecoveryViewProps): ReactNode => {
  const { state, columns, rows } = props;
  const action = chosenAction(state);
  if (action === null) return null;
  if (inputOfChosen(state)?.kind === 'editor') return <ConfigEditor {...props} />;
  const shown = cleanText(answersShown(state), 60);
  const loss = lossLines(action);
  const input = inputOfChosen(state);
  // What is asked and what consents are there in any case; of a long list of losses that much as there is room for.
  const asked = input === null ? (wantedWord(state) === null ? 1 : 2) : input.kind === 'choice' ? 1 + Math.min(6, input.choices.length) : 2;
  return (
    <Box flexDirection="column">
      <Line role="title">{`${action.title}${shown === '' ? '' : ` (${shown})`}`}</Line>
      <Line>{`on ${targetText(state)}`}</Line>
      <Gap />
      <TextRows lines={[...rowsOf(loss.filter((line) => line.startsWith('lost')), action.lost.length === 0 ? 'muted' : 'danger', columns), ...rowsOf(loss.filter((line) => line.startsWith('kept')), 'muted', columns)]} rows={Math.max(1, rows - 4 - asked)} />
      <Gap />
      <Question {...props} rows={6} />
      <Consent {...props} />
    </Box>
  );
};

export const ask: RecoveryScreenRow = {
  id: 'ask',
  title: 'Confirm',
  keys: (state, room) => {
    const input = inputOfChosen(state);
    if (input?.kind === 'editor') return configEditorKeys(state, room);
    if (input === null) return [{ key: 'accept', label: wantedWord(state) === null ? 'do it' : 'DO IT', help: 'begin', action: { type: 'start' } }];
    if (input.kind === 'text') return [{ key: 'accept', label: 'next', action: { type: 'answer', answer: recoveryField(state, 'answer').value } }];
    const at = choiceOf(state, input);
    return [{ key: 'accept', label: 'next', action: { type: 'answer', answer: input.choices[at]?.word ?? '' } }, ...menuKeys('choice', at, input.choices.length, 6)];
  },
  focus: (state, room) => {
    const input = inputOfChosen(state);
    if (input?.kind === 'editor') return state.edited === null ? null : { field: 'config', maxLength: maxConfigLength, lines: textRows(room) };
    if (input !== null) return input.kind === 'text' ? { field: 'answer', maxLength: 1000 } : null;
    return wantedWord(state) === null ? null : { field: 'consent', maxLength: 8 };
  },
  help: ['What is lost and what is kept. Where data is lost a few characters are typed, read off the node itself, so that no key that was pressed once too often does it.'],
  view: View,
  ask: (state) => {
    const action = chosenAction(state);
    if (action === null) return null;
    const input = inputOfChosen(state);
    const head = [`${action.title}, on ${targetText(state)}`];
    if (input !== null) {
      // Plain mode has lines only: the configuration comes as a file there.
      if (input.kind === 'editor') return null;
      if (input.kind === 'text') return { lines: [...head, input.placeholder], prompt: `${input.question}${input.initial === '' ? '' : `; Enter: ${input.initial}`}`, answer: (line) => [{ type: 'answer', answer: line === '' ? input.initial : line }] };
      const { lines, pick } = plainChoice(input.choices.map(({ text }) => text), -1);
      return {
        lines: [...head, ...lines],
        prompt: input.question,
        answer: (line) => {
          const choice = input.choices[pick(line) ?? -1];
          return choice === undefined ? 'that is not one of the numbers' : [{ type: 'answer', answer: choice.word }];
        },
      };
    }
    const word = wantedWord(state);
    const lines = [...head, ...lossLines(action)];
    if (word === null) return { lines, prompt: 'Type yes to do it, back to leave it', answer: (line) => (line === 'yes' ? [{ type: 'start' }] : 'type yes or back') };
    return { lines, prompt: consentText(state, word), answer: (line) => [{ type: 'edit', field: 'consent', edit: { edit: 'set', value: line }, maxLength: 8 }, { type: 'start' }] };
  },
};
