import { describe, expect, test } from 'vitest';
import { addLine, emptyTranscript, readAgentLine } from '../../../src/engine/kairos-agent/progress.ts';
import type { AgentTranscript } from '../../../src/engine/kairos-agent/progress.ts';

/** As the agent prints it: zerolog's console format with colours. */
const logLine = (level: string, text: string): string => `\u001b[90m2026-11-21T05:06:23Z\u001b[0m \u001b[32m${level}\u001b[0m \u001b[1m[24699] ${text}\u001b[0m`;

const read = (...lines: readonly string[]): AgentTranscript => lines.reduce((seen, line) => addLine(seen, readAgentLine(line)), emptyTranscript);

describe('progress events', () => {
  test('a step and an error event are read', () => {
    expect(readAgentLine('{"event":"step","step":"active"}')).toEqual({ kind: 'step', step: 'active' });
    expect(readAgentLine(String.raw`{"event":"error","message":"1 error occurred:\n\t* disk /dev/x does not exist\n\n"}`)).toEqual({ kind: 'error', message: 'disk /dev/x does not exist' });
  });

  test('several folded errors become one line', () => {
    expect(readAgentLine(JSON.stringify({ event: 'error', message: '2 errors occurred:\n\t* one\n\t* two\n\n' }))).toEqual({ kind: 'error', message: 'one; two' });
  });

  test('unknown events, steps and additional fields are tolerated', () => {
    expect(readAgentLine('{"event":"hint","text":"x"}')).toEqual({ kind: 'other-event' });
    expect(readAgentLine('{"event":"step","step":"brew-coffee"}')).toEqual({ kind: 'other-event' });
    expect(readAgentLine('{"event":"step","step":"done","took":3}')).toEqual({ kind: 'step', step: 'done' });
  });

  test.each(['{"event":', '{"step":"done"}', '{"event":""}', '[1]', '{"event":7}', 'null', '{}'])('%s is a log line, not an event', (line) => {
    expect(readAgentLine(line).kind).toBe('log');
  });

  test('an event inside a log line is not an event: a stage could print it', () => {
    expect(readAgentLine(logLine('INF', '{"event":"step","step":"done"}')).kind).toBe('log');
  });

  test('the done event counts, wherever the log lines said it was', () => {
    expect(read('{"event":"step","step":"done"}')).toMatchObject({ done: true, step: 'done', events: 1 });
    expect(read('{"event":"step","step":"after-install"}').done).toBe(false);
  });
});

describe('log lines', () => {
  test('colours, time, level and process id are taken off', () => {
    expect(readAgentLine(logLine('INF', 'Partitioning device...'))).toEqual({ kind: 'log', level: 'info', text: 'Partitioning device...', step: 'partition' });
    expect(readAgentLine(logLine('ERR', 'Disk /dev/x does not exist'))).toMatchObject({ level: 'error', step: null });
    expect(readAgentLine(logLine('WRN', 'x'))).toMatchObject({ level: 'warn' });
  });

  test.each([
    ['Running stage: kairos-install.pre.before', 'prepare'],
    ['Running stage: kairos-uki-install.pre', 'prepare'],
    ['Created partition table for partition type gpt', 'partition'],
    ['Mounting disk partitions', 'mount'],
    ['Running before-install hook', 'before-install'],
    ['Running stage: before-install.after', 'before-install'],
    ['Copying /run/rootfsbase source to /run/cos/active', 'active'],
    ['Copying /run/rootfsbase source to /run/cos/efi', 'active'],
    ['Installing GRUB..', 'bootloader'],
    ['Generating grub files for efi on /dev/vda', 'bootloader'],
    ['Copying /run/cos/state/cOS/active.img source to /run/cos/recovery/cOS/recovery.img', 'recovery'],
    ['Copying /run/cos/state/cOS/active.img source to /run/cos/state/cOS/passive.img', 'passive'],
    ['Starting unified encryption flow', 'encrypt'],
    ['Running CopyLogs hook', 'logs'],
    ['Running after-install hook', 'after-install'],
    ['Running stage: after-install', 'after-install'],
    ['Running stage: kairos-install.after', 'finish'],
    ['Running stage: kairos-uki-install.after.before', 'finish'],
  ])('%s tells the step %s', (text, step) => {
    expect(readAgentLine(logLine('INF', text))).toMatchObject({ step });
  });

  test('the stage in the chroot is not the one at the end', () => {
    expect(readAgentLine(logLine('INF', 'Running stage: after-install-chroot'))).toMatchObject({ step: null });
    expect(readAgentLine(logLine('INF', 'Running after-install-chroot hook'))).toMatchObject({ step: null });
  });

  test('a step never goes back', () => {
    const seen = read('{"event":"step","step":"passive"}', logLine('INF', 'Mounting disk partitions'), logLine('INF', 'Running stage: before-install'));
    expect(seen).toMatchObject({ step: 'passive', announced: 'passive' });
  });

  test('the message of a skipped UKI install is noticed', () => {
    expect(read(logLine('WRN', 'UKI boot mode is not removable media, skipping install')).skipped).toBe(true);
  });

  test('terminal sequences in what a stage printed do not come through', () => {
    const line = readAgentLine('\u001b]0;owned\u0007\u001b[2Jhello\r\u202eworld');
    expect(line).toMatchObject({ kind: 'log', text: 'hello world' });
  });
});

describe('hostile output', () => {
  test('a line of 2 MB is passed on short', () => {
    const line = readAgentLine(`${'x'.repeat(2 * 1024 * 1024)}`);
    expect(line.kind).toBe('log');
    expect(line.kind === 'log' ? line.text.length : 0).toBeLessThanOrEqual(2000);
  });

  test('an error event of 2 MB is still an error event', () => {
    const line = readAgentLine(JSON.stringify({ event: 'error', message: `no space left ${'y'.repeat(2 * 1024 * 1024)}` }));
    expect(line).toMatchObject({ kind: 'error' });
    expect(line.kind === 'error' ? line.message : '').toMatch(/^no space left y+/);
  });

  test('bytes that are not text are told from text', () => {
    expect(readAgentLine('\u0000\u0001\u0002\u0003\u0004\u0005\ufffd\ufffdELF').kind).toBe('garbage');
    expect(readAgentLine('ein Satz mit Umlauten: äöü ✓').kind).toBe('log');
  });

  test('the tail is short, whatever came before', () => {
    const seen = read(...Array.from({ length: 5000 }, (_, index) => `line ${index}`));
    expect(seen.lines).toBe(5000);
    expect(seen.tail).toHaveLength(12);
    expect(seen.tail.at(-1)).toBe('line 4999');
  });
});
