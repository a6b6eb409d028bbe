/**
 * What a configuration leaves open (`FILL-IN`) and a screen of the console asks for: no reason to go no further, and no plan before it is
 * answered. Everything else that is open has to be written into the configuration. Pure.
 */
import { formatKeyPath } from '../../model/problem.ts';
import type { Problem } from '../../model/problem.ts';

export interface Question {
  readonly screen: 'cluster' | 'encryption';
  /** The line of that screen that asks. */
  readonly row: string;
  /** What is asked for, in words. */
  readonly name: string;
}

const titles: Readonly<Record<Question['screen'], string>> = { cluster: 'Cluster', encryption: 'Encryption' };

const questions: Readonly<Record<string, Question>> = {
  'p2p.network_token': { screen: 'cluster', row: 'network-token', name: 'the network token' },
  'kubevip.eip': { screen: 'cluster', row: 'eip', name: 'the virtual address' },
  'kubevip.interface': { screen: 'cluster', row: 'interface', name: 'the interface of the virtual address' },
  'k3s-agent.env.K3S_URL': { screen: 'cluster', row: 'join-address', name: 'the server to join' },
  'k3s-agent.env.K3S_TOKEN': { screen: 'cluster', row: 'join-token', name: 'the join token' },
  'kcrypt.challenger.challenger_server': { screen: 'encryption', row: 'key server', name: 'the key server' },
};

/** The question that this problem comes down to, or null. */
export const questionOf = ({ id, position }: Problem): Question | null => (id === 'placeholder' && position !== undefined ? (questions[formatKeyPath(position.keyPath)] ?? null) : null);

export const questionsIn = (problems: readonly Problem[]): readonly Question[] => problems.flatMap((problem) => questionOf(problem) ?? []);

/** Problems that no later screen takes care of. */
export const notAskedLater = (problems: readonly Problem[]): readonly Problem[] => problems.filter((problem) => questionOf(problem) === null);

/** For the screen that the configuration is chosen on: it goes on, and what will be asked. */
export const laterNote = (problems: readonly Problem[]): readonly Problem[] => {
  const asked = questionsIn(problems);
  if (asked.length === 0) return [];
  const screens = [...new Set(asked.map(({ screen }) => titles[screen]))].join(' and ');
  return [{ id: 'still-to-answer', severity: 'warning', what: `still to be answered: ${asked.map(({ name }) => name).join(', ')}`, where: '', hint: `the screen ${screens} asks for it` }];
};

/** For the screen that asks, and for the review, which leads there. */
export const asOpen = (problem: Problem, screen: string): Problem => {
  const question = questionOf(problem);
  if (question === null) return problem;
  return { id: 'still-to-answer', severity: 'error', what: `still to be answered: ${question.name}`, where: '', hint: question.screen === screen ? '' : `the screen ${titles[question.screen]} asks for it` };
};
