/** The kept configuration of the node in the editor: checked at every pause, and only then what the action is given. */
import type { ReactNode } from 'react';
import type { RecoveryKeys, RecoveryViewProps } from '../../src/app/recovery/screen.ts';
import type { EditedConfig, RecoveryState } from '../../src/app/recovery/state.ts';
import type { Room } from '../../src/app/console/screen.ts';
import { checkedWhileTyping } from '../../src/app/console/text-problems.ts';
import { Line } from '../../src/ui/text.tsx';
import type { TextAreaEdit } from '../../src/ui/text-area.ts';
import { EditorPane, nextProblemPlace, reasonNotToUse, textRows } from '../editor-pane.tsx';
import type { RecoveryUiAction } from '../../src/app/recovery/state.ts';

/** UTF-16 units: what a data volume may hold, too. */
export const maxConfigLength = 1024 * 1024;

const checkOf = ({ text, of }: EditedConfig): 'done' | 'checking' | 'when used' => (text.value.length > checkedWhileTyping ? 'when used' : of === text.value ? 'done' : 'checking');

export const ConfigEditor = ({ state, columns, rows }: RecoveryViewProps): ReactNode => {
  const { edited } = state;
  if (edited === null) return <Line role="title">Reading the configuration ...</Line>;
  return <EditorPane name={edited.name} text={edited.text} problems={edited.problems} check={checkOf(edited)} columns={columns} rows={rows} />;
};

const use = (edited: EditedConfig): RecoveryUiAction => {
  if (edited.text.value === edited.original) return { type: 'notice', text: 'nothing was changed' };
  const check = checkOf(edited);
  // A long text is checked by the action itself, before anything is written.
  if (check === 'checking') return { type: 'notice', text: 'one moment: it is being checked' };
  const reason = check === 'done' ? reasonNotToUse(edited.problems) : null;
  return reason === null ? { type: 'answer', answer: edited.text.value } : { type: 'notice', text: reason };
};

export const configEditorKeys = (state: RecoveryState, room: Room): RecoveryKeys => {
  const { edited } = state;
  if (edited === null) return [];
  const edit = (change: TextAreaEdit): RecoveryUiAction => ({ type: 'edit-text', edit: change, limits: { maxLength: maxConfigLength, height: textRows(room) } });
  const next = nextProblemPlace(edited.text, edited.problems);
  return [
    { key: 'edit', label: 'use it', help: 'take this text; what it replaces is said next', action: use(edited) },
    { key: 'nextProblem', label: 'problem', help: 'to the next problem', action: next === null ? { type: 'notice', text: 'no problem has a place in the text' } : edit({ edit: 'go', ...next }) },
    { key: 'undo', label: 'undo', help: 'take the last change back', action: edit({ edit: 'undo' }) },
    { key: 'redo', label: '', help: 'do it again', action: edit({ edit: 'redo' }) },
    { key: 'rescan', label: 'reset', help: 'begin again with what is on the node; undo brings the text back that was typed', action: edit({ edit: 'set', value: edited.original }) },
    { key: 'back', label: 'leave', help: 'leave it; nothing is changed', action: { type: 'back' } },
    { key: 'quit', label: '', action: { type: 'back' } },
    { key: 'redraw', label: '', action: { type: 'redraw' } },
  ];
};
