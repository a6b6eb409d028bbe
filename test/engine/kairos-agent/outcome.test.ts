import { describe, expect, test } from 'vitest';
import { judgeAgent } from '../../../src/engine/kairos-agent/outcome.ts';
import type { AgentExit, AgentKind } from '../../../src/engine/kairos-agent/outcome.ts';
import { addLine, emptyTranscript, readAgentLine } from '../../../src/engine/kairos-agent/progress.ts';

const ended = (exitCode: number | null, missing = false): AgentExit => ({ exitCode, missing });
const modern: AgentKind = { knowsEvents: true, uki: false };
const old: AgentKind = { knowsEvents: false, uki: false };
const uki: AgentKind = { knowsEvents: true, uki: true };

const judge = (lines: readonly string[], exit: AgentExit, kind: AgentKind = modern): string => {
  const outcome = judgeAgent(lines.reduce((seen, line) => addLine(seen, readAgentLine(line)), emptyTranscript), exit, kind);
  return outcome.ok ? `ok by ${outcome.by}` : outcome.id;
};

const steps = (...names: readonly string[]): readonly string[] => names.map((step) => JSON.stringify({ event: 'step', step }));
const error = JSON.stringify({ event: 'error', message: 'no space left on device' });
const legacy = ['Running stage: kairos-install.pre', 'Partitioning device...', 'Running before-install hook', 'Running after-install hook', 'Running stage: kairos-install.after'];

describe('the end of a run has a name (invariants 8 and 9)', () => {
  test.each<[string, readonly string[], AgentExit, AgentKind, string]>([
    ['done', steps('partition', 'active', 'done'), ended(0), modern, 'ok by done-event'],
    ['not there', [], ended(null, true), modern, 'agent-missing'],
    ['not executable, says the shell', ['/bin/sh: 1: kairos-agent: not found'], ended(127), modern, 'agent-missing'],
    ['gone half-way, with an exit code', steps('partition', 'active'), { ...ended(1), gone: true }, modern, 'agent-missing'],
    ['gone half-way, by a signal', steps('partition', 'active'), { ...ended(135), gone: true }, modern, 'agent-missing'],
    ['gone after an error', [...steps('partition'), error], { ...ended(1), gone: true }, modern, 'agent-missing'],
    ['killed before it said anything', [], ended(null), modern, 'agent-killed'],
    ['killed half-way', steps('partition', 'active'), ended(137), modern, 'agent-killed'],
    ['killed after it was done', steps('partition', 'done'), ended(143), modern, 'agent-killed'],
    ['error event, exit 1', [...steps('partition'), error], ended(1), modern, 'agent-error'],
    ['error event, then exit 0', [...steps('partition', 'active'), error], ended(0), modern, 'agent-error-exit-0'],
    ['error event, then done, then exit 0', [...steps('partition'), error, ...steps('done')], ended(0), modern, 'agent-error-exit-0'],
    ['refused the configuration', ["No users found in any stage that are part of the 'admin' group."], ended(1), modern, 'agent-refused'],
    ['refused after its first stage', ['Running stage: kairos-install.pre', 'the requested partitions size does not fit'], ended(1), modern, 'agent-refused'],
    ['failed without an event', steps('partition', 'bootloader'), ended(1), modern, 'agent-failed'],
    ['exit 0 without done', steps('partition', 'passive', 'after-install'), ended(0), modern, 'agent-no-done'],
    ['exit 0, its log says the end, its events do not', [...steps('partition'), ...legacy], ended(0), modern, 'agent-no-done'],
    ['exit 0 and silence', [], ended(0), modern, 'agent-did-nothing'],
    ['exit 0 on an installed UKI system', ['UKI boot mode is not removable media, skipping install'], ended(0), uki, 'agent-did-nothing'],
    ['garbage', ['\u0000\u0001\u0002\u0003\u0004\u0005\ufffd\ufffd', '\u0000\u0000\u0000\u0000\u0000\u0000'], ended(0), modern, 'agent-garbage'],
    ['an old agent that came to its end', legacy, ended(0), old, 'ok by log-lines'],
    ['an old agent that stopped on the way', legacy.slice(0, 3), ended(0), old, 'agent-no-done'],
    ['an old agent that failed', legacy, ended(1), old, 'agent-failed'],
    ['a UKI install to its end', legacy.map((line) => line.replace('kairos-install', 'kairos-uki-install')), ended(0), uki, 'ok by log-lines'],
    ['a UKI install that stopped', legacy.slice(0, 4), ended(0), uki, 'agent-no-done'],
  ])('%s', (_, lines, exit, kind, expected) => {
    expect(judge(lines, exit, kind)).toBe(expected);
  });

  test('what the agent said is in the message', () => {
    const seen = [...steps('partition'), error].reduce((all, line) => addLine(all, readAgentLine(line)), emptyTranscript);
    const outcome = judgeAgent(seen, ended(1), modern);
    expect(outcome).toMatchObject({ ok: false, what: 'kairos-agent failed in the step partition: no space left on device' });
  });
});
