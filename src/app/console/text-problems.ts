/**
 * What is wrong with a text that is being written. Checking takes longer than a key may wait, so it is done when the
 * typing pauses, in steps between which keys are answered.
 */
import { isError } from '../../model/problem.ts';
import type { Problem } from '../../model/problem.ts';
import { stripUserData } from '../../scrub/strip.ts';
import { buildKeptConfig } from '../../sources/answers-to-config.ts';
import { checkUserData } from '../../sources/user-data.ts';

/** The name it goes by in messages. */
const name = 'edited here';

/** ms without a key */
const pause = 150;
/** UTF-16 units. One step on a bigger text takes longer than a key may wait: it is checked when it is used. */
export const checkedWhileTyping = 32 * 1024;

/** As it stands, when it is cut, and when it becomes what is kept; a step each. */
function* steps(text: string): Generator<undefined, readonly Problem[]> {
  const problems: Problem[] = [...checkUserData(text, name)];
  yield;
  problems.push(...stripUserData(text, name).problems);
  if (!problems.some(isError)) {
    yield;
    problems.push(...buildKeptConfig({ documents: [{ name, text }], answers: {}, metaHostname: null }).problems);
  }
  const said = new Set<string>();
  return problems.filter(({ what, where }) => {
    const key = `${where} ${what}`;
    if (said.has(key)) return false;
    said.add(key);
    return true;
  });
}

/** Everything at once. */
export const problemsOfText = (text: string): readonly Problem[] => {
  const run = steps(text);
  for (;;) {
    const { done, value } = run.next();
    if (done === true) return value;
  }
};

export interface TextChecker {
  /** Checks this text once nothing comes for a moment; what was to be checked before is forgotten. */
  check(text: string): void;
  stop(): void;
}

/** `checks` finds what is wrong, with a pause wherever it yields; by default what the installer wants of a configuration. */
export const createTextChecker = (tell: (text: string, problems: readonly Problem[]) => void, checks: (text: string) => Generator<undefined, readonly Problem[]> = steps): TextChecker => {
  let timer: NodeJS.Timeout | null = null;
  const stop = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  return {
    check: (text) => {
      stop();
      if (text.length > checkedWhileTyping) return;
      const run = checks(text);
      const next = (): void => {
        const { done, value } = run.next();
        if (done === true) tell(text, value);
        else timer = setTimeout(next, 0);
      };
      timer = setTimeout(next, pause);
    },
    stop,
  };
};
