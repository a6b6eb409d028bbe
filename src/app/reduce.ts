/**
 * What happens to the console's state. Pure: the time comes in with the actions, and what must be done in the
 * world goes out as commands. Each idea has a file of its own in `reduce/`; this is the table of all actions.
 */
import { cleanText } from '../model/foreign-text.ts';
import { reduceTextField, tooLongText } from '../ui/text-field.ts';
import { emptyText, reduceTextArea } from '../ui/text-area.ts';
import { withExtraChanges } from './console/config-answers.ts';
import { editorText, isSessionAction, reduceSession } from './console/session.ts';
import type { SessionAction } from './console/session.ts';
import { answer, noPassword, password, useDocument } from './reduce/answers.ts';
import { confirm, planned, stopCountdown, tick } from './reduce/begin.ts';
import { planShown, withoutOldPlan } from './reduce/shown.ts';
import { makeFlow } from './reduce/flow.ts';
import type { FlowRow } from './reduce/flow.ts';
import { facts, looked } from './reduce/machine.ts';
import { abort, events, quit, started, withSomebody } from './reduce/run.ts';
import { clearField, look, only, plan, followedBy } from './reduce/step.ts';
import type { Reduce, Step } from './reduce/step.ts';
import { fieldOf, textOf } from './state.ts';
import type { Action, ConsoleState } from './state.ts';

const session = (state: ConsoleState, action: SessionAction): Step => {
  const { changes, commands, again } = reduceSession(state, action);
  return followedBy({ state: { ...state, ...changes }, commands }, again === 'plan' ? plan : again === 'look' ? look : only);
};

/** Binds the reducer to the order of the screens. */
export const makeReduce = (rows: readonly FlowRow[]): Reduce => {
  const flow = makeFlow(rows);

  const step = (state: ConsoleState, action: Action): Step => {
    if (isSessionAction(action)) return session(state, action);
    switch (action.type) {
      case 'tick':
        return tick(state, action.now);
      case 'looked':
        return looked(state, action);
      case 'look-failed':
        return action.number === state.lookNumber ? only({ ...state, looking: false, lookText: '', lookProblem: action.problem }) : only(state);
      case 'look-text':
        return action.number === state.lookNumber ? only({ ...state, lookText: cleanText(action.text, 200) }) : only(state);
      case 'planned':
        return planned(state, action);
      case 'facts':
        return facts(state, action);
      case 'hashed':
        return plan({ ...state, passwordHash: action.hash });
      case 'events':
        return events(state, action);
      case 'answer': {
        const answered = answer(state, action.changes);
        return action.next === true ? followedBy(answered, flow.advance) : answered;
      }
      case 'next':
        return flow.next(state);
      case 'back':
        return flow.back(state);
      case 'go':
        return flow.go(state, action.screen);
      case 'visit':
        return flow.visit(state, action.screen);
      case 'customize':
        return flow.customize(state);
      case 'look':
        return state.run === null ? look({ ...state, notice: '' }) : only(state);
      case 'mark':
        return only({ ...state, notice: '', marks: { ...state.marks, [action.list]: action.id } });
      case 'highlight':
        return only({ ...state, notice: '', highlights: { ...state.highlights, [action.list]: action.index } });
      case 'edit': {
        const before = fieldOf(state, action.field);
        const field = reduceTextField(before, action.edit, action.maxLength);
        const notice = action.edit.edit === 'insert' && field === before ? tooLongText(action.maxLength) : '';
        return only({ ...state, notice, fields: { ...state.fields, [action.field]: field } });
      }
      case 'begin-text': {
        const begun = { ...state, editing: action.editing, notice: '' };
        if (action.text === undefined) return only(begun);
        return { state: { ...begun, texts: { ...state.texts, [editorText]: { ...emptyText, value: action.text } } }, commands: [{ do: 'check-text', text: action.text }] };
      }
      case 'edit-text': {
        const text = reduceTextArea(textOf(state, action.text), action.edit, action.limits);
        const isFull = action.edit.edit === 'insert' && text.value === textOf(state, action.text).value;
        const next = { ...state, notice: isFull ? tooLongText(action.limits.maxLength) : '', texts: { ...state.texts, [action.text]: text } };
        const changed = text.value !== state.texts[action.text]?.value && action.text === editorText;
        return changed ? { state: next, commands: [{ do: 'check-text', text: text.value }] } : only(next);
      }
      case 'extras':
        return plan({ ...state, notice: '', extras: withExtraChanges(state.extras, action.changes) });
      case 'document':
        return useDocument(state, action);
      case 'password':
        return password(state, action);
      case 'no-password':
        return noPassword(state, action);
      case 'focus':
        return only({ ...state, focus: { ...state.focus, [action.screen]: action.index } });
      case 'overlay':
        return only({ ...state, overlay: action.overlay });
      case 'notice':
        return only({ ...state, notice: action.text });
      case 'stop-countdown':
        return stopCountdown(state);
      case 'shown':
        return planShown(state, action);
      case 'pressed': {
        const { now, action: meant } = action;
        const at = withSomebody({ ...state, now });
        return meant === null ? only(at) : step(at, meant);
      }
      case 'confirm':
        return confirm(state, action);
      case 'retry':
        return look(clearField({ ...state, run: null, overlay: null, notice: '', screen: action.to, marks: {}, highlights: {} }, 'consent'));
      case 'started':
        return started(state, action.now);
      case 'abort':
        return abort(state);
      case 'quit':
        return quit(state);
      case 'end':
        return only({ ...state, ending: action.ending });
      case 'many':
        return action.actions.reduce((before: Step, each) => followedBy(before, (next) => step(next, each)), only(state));
      case 'redraw':
        return { state, commands: [{ do: 'redraw' }] };
      case 'switch-color':
        return { state, commands: [{ do: 'switch-color' }] };
      case 'switch-plain':
        return { state, commands: [{ do: 'switch-plain' }] };
      case 'shell':
        return { state: { ...state, notice: '' }, commands: [{ do: 'shell' }] };
      case 'save':
        return {
          state: { ...state, overlay: null, notice: 'writing the report ...' },
          commands: [{ do: 'save', volume: action.volume, report: action.report }],
        };
    }
  };

  return (state, action) => (state.ending === null ? withoutOldPlan(flow.settle(step(state, action))) : only(state));
};
