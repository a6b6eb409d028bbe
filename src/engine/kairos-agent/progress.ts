/**
 * What the agent prints, line by line: JSON progress events where there are any, else its log lines. Pure: text in,
 * state out. Events: kairos-agent `docs/installer-contract.md`, kairos-sdk `agentrun`. Log lines are no contract; they
 * are the fallback for UKI installs (which emit no event at all) and agents older than the events.
 */
import { cleanText } from '../../model/foreign-text.ts';

/** Steps in the order in which a run goes through them. Those of the contract, and in between what only log lines tell. */
export const agentSteps = [
  'prepare',
  'partition',
  'mount',
  'before-install',
  'active',
  'bootloader',
  'recovery',
  'passive',
  'encrypt',
  'logs',
  'after-install',
  'finish',
  'done',
] as const;
export type AgentStep = (typeof agentSteps)[number];

/** Steps that an event announces (kairos-sdk `agentrun.Steps`). */
const contractSteps: readonly string[] = ['partition', 'before-install', 'active', 'bootloader', 'recovery', 'passive', 'after-install', 'done'];

/** Substrings of the agent's log lines and what they say about where it is; the first that matches counts. */
const logMarks: readonly (readonly [RegExp, AgentStep])[] = [
  [/Running stage: kairos-(?:uki-)?install\.pre\b/, 'prepare'],
  [/Partitioning device\.\.\.|Created partition table/, 'partition'],
  [/Mounting disk partitions/, 'mount'],
  [/Running before-install hook|Running stage: before-install\b/, 'before-install'],
  [/Copying .* source to \/run\/cos\/(?:active|efi)\b|Creating file system image .*active\.img/, 'active'],
  [/Installing GRUB\.\.|Generating grub files for efi|Using grub config dir/, 'bootloader'],
  [/Copying .* source to .*recovery\.(?:img|squashfs)/, 'recovery'],
  [/Copying .* source to .*passive\.img/, 'passive'],
  [/Starting unified encryption flow/, 'encrypt'],
  [/Running CopyLogs hook/, 'logs'],
  [/Running after-install hook|Running stage: after-install(?:\.before|\.after)?(?![-\w])/, 'after-install'],
  [/Running stage: kairos-(?:uki-)?install\.after\b/, 'finish'],
];

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type AgentLine =
  | { readonly kind: 'step'; readonly step: AgentStep }
  | { readonly kind: 'error'; readonly message: string }
  /** An event of a kind that this version does not know: to be ignored (contract: forward compatibility). */
  | { readonly kind: 'other-event' }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly text: string; readonly step: AgentStep | null }
  /** Bytes that are not text. */
  | { readonly kind: 'garbage' }
  | { readonly kind: 'empty' };

/** The most of a line that is looked at, characters. What an event says beyond that is dropped, not the event. */
const longestLine = 64 * 1024;
/** The most of a message that is passed on, characters. */
const longestMessage = 2000;

/** Characters; an event is looked for in no more than this, at the end of a line. */
const longestEvent = 8192;

const levels: Readonly<Record<string, LogLevel>> = { TRC: 'debug', DBG: 'debug', INF: 'info', WRN: 'warn', ERR: 'error', FTL: 'error', PNC: 'error' };

// oxlint-disable-next-line no-control-regex
const notText = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f\ufffd]/g;

/** More than one character in ten is none: the output of a program that was not meant for a screen. */
const isGarbage = (head: string): boolean => {
  const bad = head.match(notText)?.length ?? 0;
  return bad > 4 && bad * 10 > head.length;
};

/** Several errors are folded into `N error(s) occurred:` and a row each (hashicorp/go-multierror); one line is enough here. */
const flatten = (message: string): string =>
  cleanText(
    message
      .replace(/\d+ errors? occurred:\s*/g, '')
      .replace(/\s*\n\s*\*\s*/g, '; ')
      .replace(/^[\s;*]+|[\s;]+$/g, ''),
    longestMessage,
  );

/** An event at the end of a line whose beginning a hook wrote without ending it (the agent's hooks have its own standard output). */
const eventAtTheEnd = /\{"event":"(?:step","step":"[a-z-]+"|error","message":"(?:[^"\\]|\\.)*")\}$/;

const fromEvent = (text: string): AgentLine | null => {
  const line = text.startsWith('{') ? text : eventAtTheEnd.exec(text.slice(-longestEvent))?.[0];
  if (line === undefined) return null;
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    // An error event that was too long to arrive whole is still an error event.
    const cut = /^\{"event":"error","message":"((?:[^"\\]|\\.){0,2000})/.exec(line);
    if (cut?.[1] !== undefined) return { kind: 'error', message: flatten(cut[1].replaceAll('\\n', '\n').replaceAll('\\t', '\t')) };
    return null;
  }
  if (typeof event !== 'object' || event === null) return null;
  const { event: name, step, message } = event as Record<string, unknown>;
  if (typeof name !== 'string' || name === '') return null;
  if (name === 'error') return { kind: 'error', message: flatten(typeof message === 'string' ? message : 'no message') };
  if (name === 'step' && typeof step === 'string' && contractSteps.includes(step)) return { kind: 'step', step: step as AgentStep };
  return { kind: 'other-event' };
};

/** Reads one line, of any length. Never throws; takes time bounded by `longestLine`. */
export const readAgentLine = (raw: string): AgentLine => {
  const head = raw.slice(0, longestLine);
  const event = fromEvent(head.trim());
  if (event !== null) return event;
  if (isGarbage(head.slice(0, 4096))) return { kind: 'garbage' };
  const text = cleanText(head, longestMessage);
  if (text === '') return { kind: 'empty' };
  // zerolog's console format: time, level, then the text, which begins with the process id in brackets.
  const parts = /^\d{4}-\d\d-\d\dT[\d:.]+\S* (TRC|DBG|INF|WRN|ERR|FTL|PNC) (?:\[\d+\] )?(.*)$/.exec(text);
  const said = parts?.[2] ?? text;
  const step = logMarks.find(([mark]) => mark.test(said))?.[1] ?? null;
  return { kind: 'log', level: levels[parts?.[1] ?? ''] ?? 'info', text: said, step };
};

/** All that was seen of one run. */
export interface AgentTranscript {
  /** Where it is: from events and log lines, never going back. */
  readonly step: AgentStep | null;
  /** The last step that an event announced. */
  readonly announced: AgentStep | null;
  readonly events: number;
  readonly done: boolean;
  /** Messages of error events. */
  readonly errors: readonly string[];
  readonly garbage: number;
  readonly lines: number;
  /** The agent found itself booted from an installed UKI system and did nothing, which it ends with exit code 0. */
  readonly skipped: boolean;
  /** Its last stage, `kairos-install.after`, was begun. */
  readonly reachedEnd: boolean;
  /** The last lines that say something, oldest first. May hold secrets: to be redacted before they are shown. */
  readonly tail: readonly string[];
}

export const emptyTranscript: AgentTranscript = {
  step: null,
  announced: null,
  events: 0,
  done: false,
  errors: [],
  garbage: 0,
  lines: 0,
  skipped: false,
  reachedEnd: false,
  tail: [],
};

const tailLength = 12;

/** The later of two steps. */
const later = (left: AgentStep | null, right: AgentStep | null): AgentStep | null => {
  if (left === null || right === null) return left ?? right;
  return agentSteps.indexOf(right) > agentSteps.indexOf(left) ? right : left;
};

/** Adds one line to what was seen. */
export const addLine = (seen: AgentTranscript, line: AgentLine): AgentTranscript => {
  const lines = seen.lines + 1;
  switch (line.kind) {
    case 'empty':
      return { ...seen, lines };
    case 'garbage':
      return { ...seen, lines, garbage: seen.garbage + 1 };
    case 'other-event':
      return { ...seen, lines, events: seen.events + 1 };
    case 'step':
      return { ...seen, lines, events: seen.events + 1, announced: line.step, step: later(seen.step, line.step), done: seen.done || line.step === 'done' };
    case 'error':
      return { ...seen, lines, events: seen.events + 1, errors: [...seen.errors, line.message].slice(0, 20) };
    case 'log':
      return {
        ...seen,
        lines,
        step: later(seen.step, line.step),
        skipped: seen.skipped || line.text.includes('not removable media, skipping install'),
        reachedEnd: seen.reachedEnd || line.step === 'finish',
        tail: [...seen.tail, line.text].slice(-tailLength),
      };
  }
};

/** What a step is called on the screen. */
export const stepText: Readonly<Record<AgentStep, string>> = {
  prepare: 'running kairos-install.pre',
  partition: 'partitioning',
  mount: 'mounting the partitions',
  'before-install': 'running before-install',
  active: 'writing the active system',
  bootloader: 'installing the boot loader',
  recovery: 'writing the recovery system',
  passive: 'writing the passive system',
  encrypt: 'encrypting partitions',
  logs: 'running the post-install hooks',
  'after-install': 'running after-install',
  finish: 'running kairos-install.after',
  done: 'the agent is done',
};
