/** Plugins as real programs: good ones, and every way of being a bad one. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildKeptConfig } from '../../src/sources/answers-to-config.ts';
import { askPlugin, findPlugins, providerFolders } from '../../src/sources/plugins.ts';
import { answersToData, checkPromptAnswer, gatherPrompts, readPrompts } from '../../src/sources/prompts.ts';
import { applyDecisions, gatherPrerequisites } from '../../src/sources/prerequisites.ts';
import type { System } from '../../src/system/port.ts';
import { createRealSystem } from '../../src/system/real.ts';

const real = createRealSystem();
const work = mkdtempSync(join(tmpdir(), 'slipway-plugins-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

let count = 0;
/** A folder of shell scripts, and a system whose PATH is that folder. */
const withPlugins = (scripts: Readonly<Record<string, string>>): { folder: string; system: System } => {
  count += 1;
  const folder = join(work, `path-${count}`);
  mkdirSync(folder);
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  // A hanging plugin must not hold the test for as long as it may hold an operator.
  const run: System['run'] = (command, options) => real.run(command, { ...options, timeout: Math.min(options?.timeout ?? 1000, 1500) });
  return { folder, system: { ...real, run, environment: (name) => (name === 'PATH' ? folder : real.environment(name)) } };
};

const answer = (data: unknown): string => `cat > /dev/null; printf '%s' '${JSON.stringify({ state: '', data: JSON.stringify(data), error: '', log: '' }).replaceAll("'", `'\\''`)}'`;

const prompts = [
  { YAMLSection: 'p2p.network_token', Bool: false, Prompt: 'Insert a token', Default: '', AskFirst: true, AskPrompt: 'Mesh?', IfEmpty: 'fresh', PlaceHolder: 'token' },
  { YAMLSection: 'k3s.enabled', Bool: true, Prompt: 'k3s?', Default: 'n', AskFirst: false, AskPrompt: '', IfEmpty: '', PlaceHolder: '' },
];

describe('the protocol', () => {
  test('event as argument, payload as JSON in a string', async () => {
    const { folder, system } = withPlugins({ 'agent-provider-echo': `input=$(cat); printf '{"data":"%s"}' "$(printf '%s|%s' "$1" "$input" | base64 -w0)"` });
    const { data } = await askPlugin(system, { name: 'x', path: `${folder}/agent-provider-echo` }, 'some.event', { config: 'a"b\n' });
    const [event, input] = Buffer.from(data ?? '', 'base64').toString('utf8').split('|');
    expect(event).toBe('some.event');
    expect(JSON.parse(input ?? '')).toEqual({ name: 'some.event', data: JSON.stringify({ config: 'a"b\n' }), file: '' });
  });

  test('a big payload goes through a private file that is gone afterwards', async () => {
    const { folder, system } = withPlugins({ 'agent-provider-big': `f=$(sed 's/.*"file":"\\([^"]*\\)".*/\\1/'); printf '{"data":"%s %s %s"}' "$f" "$(wc -c < "$f")" "$(stat -c %a "$f")"` });
    const { data } = await askPlugin(system, { name: 'x', path: `${folder}/agent-provider-big` }, 'e', { config: 'x'.repeat(10_000) });
    const [file, size, mode] = (data ?? '').split(' ');
    expect([size, mode]).toEqual([String(10_000 + '{"config":""}'.length), '600']);
    expect(await real.stat(file ?? '')).toBeNull();
  });

  test.each([
    ['fails', 'exit 3', 'ended with exit code 3'],
    ['hangs', 'sleep 60', 'did not answer within'],
    ['talks nonsense', 'echo hello', 'did not answer with one JSON object'],
    ['answers with a list', 'echo "[]"', 'did not answer with one JSON object'],
    ['reports an error, in colour', `printf '{"error":"\\\\u001b[31mbad\\\\u001b[0m"}'`, 'says: bad'],
    ['floods', 'yes x | head -c 3000000', 'answered with more than 1 MiB'],
    ['is no program', '', 'cannot be started'],
  ])('one that %s is reported and gives no answer', async (name, script, what) => {
    const { folder, system } = withPlugins(name === 'is no program' ? {} : { 'agent-provider-bad': script });
    const { data, problems } = await askPlugin(system, { name: 'bad', path: `${folder}/agent-provider-bad` }, 'e', {});
    expect(data).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ id: 'plugin-failed', severity: 'warning' });
    expect(problems[0]?.what).toContain(what);
  });

  test('the first of a name wins; what cannot be executed is none', async () => {
    const first = withPlugins({ 'agent-provider-a': 'true', other: 'true' });
    const second = withPlugins({ 'agent-provider-a': 'true', 'agent-provider-b': 'true' });
    writeFileSync(join(second.folder, 'agent-provider-c'), 'text');
    const found = await findPlugins(real, 'agent-provider-', [first.folder, second.folder, '/nowhere']);
    expect(found.map((plugin) => plugin.path)).toEqual([`${first.folder}/agent-provider-a`, `${second.folder}/agent-provider-b`]);
    expect(providerFolders('/a:.:b:/c')).toEqual(['/a', '/c', '/system/providers', '/usr/local/system/providers']);
  });
});

describe('questions of providers', () => {
  test('are gathered; a broken provider takes none of the others away', async () => {
    const { system } = withPlugins({ 'agent-provider-a': 'exit 1', 'agent-provider-kairos': answer(prompts), 'agent-provider-quiet': 'true' });
    const gathered = await gatherPrompts(system);
    expect(gathered.prompts).toMatchObject([
      { keyPath: ['p2p', 'network_token'], kind: 'text', askFirst: 'Mesh?', ifEmpty: 'fresh', from: 'agent-provider-kairos' },
      { keyPath: ['k3s', 'enabled'], kind: 'yes-no', text: 'k3s?', askFirst: null },
    ]);
    expect(gathered.problems.map((problem) => problem.id)).toEqual(['plugin-failed']);
  });

  test('nothing but questions that end in configuration is taken', () => {
    const bad = ['', 'a..b', 'a b', 'install.device', 'stages.boot', 'users', '__proto__.x', 'a.__proto__.b', 'x\ny', 'a"b'];
    const { prompts: read, problems } = readPrompts(JSON.stringify(bad.map((YAMLSection) => ({ YAMLSection }))), 'p');
    expect(read).toEqual([]);
    expect(problems).toHaveLength(bad.length);
    expect(readPrompts('{}', 'p').problems).toHaveLength(1);
    expect(readPrompts(JSON.stringify(Array(200).fill(prompts[1])), 'p').prompts).toHaveLength(50);
    expect(readPrompts(JSON.stringify([{ ...prompts[1], Prompt: '\u001b]0;title\u0007k3s?\n' }]), 'p').prompts[0]?.text).toBe('k3s?');
  });

  test('answers become nested keys, never structure', () => {
    const { prompts: read } = readPrompts(JSON.stringify(prompts), 'p');
    const [token, enabled] = read;
    if (token === undefined || enabled === undefined) throw new Error('not read');
    expect(answersToData([{ prompt: token, answer: { text: '' } }, { prompt: enabled, answer: { yes: true } }])).toEqual({ p2p: { network_token: 'fresh' }, k3s: { enabled: true } });
    expect(answersToData([{ prompt: token, answer: { skipped: true } }])).toEqual({});
    expect(checkPromptAnswer({ text: 'a\nusers: []' })).toBe('takes one line of text');
    const extra = answersToData([{ prompt: token, answer: { text: 'x: {y: [z]} # "q"' } }]);
    const { text } = buildKeptConfig({ documents: [{ name: 'u', text: '#cloud-config\na: 0644 # c\np2p: {role: worker}\n' }], answers: { extra }, metaHostname: null });
    expect(text.startsWith('#cloud-config\na: 0644 # c\np2p:\n')).toBe(true);
    expect(parse(text)).toMatchObject({ p2p: { role: 'worker', network_token: 'x: {y: [z]} # "q"' } });
  });

  test('an answer of another kind than the configuration is refused', () => {
    const { problems } = buildKeptConfig({ documents: [{ name: 'u', text: '#cloud-config\nk3s: text\n' }], answers: { extra: { k3s: { enabled: true } } }, metaHostname: null });
    expect(problems.map((problem) => problem.id)).toContain('merge-kinds');
  });
});

describe('prerequisite checks', () => {
  const check = { id: 'net', title: 'Network', message: 'No route', severity: 'error', blocking: true, required: true, prompt: 'select', promptText: 'Which?', options: [{ id: 'a', label: 'Port A' }, { id: 'b' }], default: 'a', placeholder: '' };
  test('are gathered with their questions, and decisions go back', async () => {
    const { system } = withPlugins({
      'tui-check-net': `case "$1" in *.apply) ${answer([{ id: 'net', success: true, message: 'done' }])};; *) ${answer([check, { title: 'no id' }])};; esac`,
      'tui-check-bad': 'echo "{}"; exit 1',
    });
    const { checks, problems } = await gatherPrerequisites(system, '');
    expect(checks).toMatchObject([{ id: 'net', blocking: true, options: [{ id: 'a', label: 'Port A' }, { id: 'b', label: 'b' }] }]);
    expect(problems.map((problem) => problem.id).toSorted()).toEqual(['plugin-failed', 'prerequisite-plugin']);
    const plugin = checks[0]?.plugin;
    if (plugin === undefined) throw new Error('no plugin');
    const decision = { id: 'net', prompt: 'select', confirmed: false, text: '', selected: ['a'] } as const;
    expect(await applyDecisions(system, plugin, [decision], '')).toEqual({ applied: [{ id: 'net', success: true, message: 'done' }], problems: [] });
  });
  test('a plugin that gives no result has applied nothing', async () => {
    const { folder, system } = withPlugins({ 'tui-check-x': 'true' });
    const result = await applyDecisions(system, { name: 'x', path: `${folder}/tui-check-x` }, [{ id: 'a', prompt: '', confirmed: true, text: '', selected: [] }], '');
    expect(result.applied).toEqual([{ id: 'a', success: false, message: 'the plugin gave no result' }]);
    expect(result.problems).toHaveLength(1);
  });
});
