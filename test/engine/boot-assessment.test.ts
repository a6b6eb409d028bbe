/** Boot assessment: GRUB's half as a model and as the configuration that GRUB reads, the system's half as the program in the image. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { assess, assessmentBlock, assessmentConfig, markerProgram } from '../../src/engine/builtin/boot-assessment.ts';
import { parseGrubEnvironment, printGrubEnvironment } from '../../src/engine/grubenv.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-assessment-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Variables = ReadonlyMap<string, string>;

/** GRUB's `set`, `if` and `[` are those of a shell as far as this configuration goes; its file commands are given here. */
const runConfig = (variables: Variables, first: string, selected = ''): string => {
  const script = assessmentConfig
    .replaceAll(/^(\s*)if \[ -f .*$/gm, '$1if true; then')
    .replaceAll(/\bset (\w+=)/g, '$1')
    .replaceAll(/^\s*(?:load_env|save_env) .*$/gm, ':');
  const text = `default=${first}\nselected_entry=${selected}\n${[...variables].map(([name, value]) => `${name}=${value}`).join('\n')}\n${script}
case $default in cos) words=$extra_active_cmdline ;; fallback) words=$extra_passive_cmdline ;; *) words=$extra_recovery_cmdline ;; esac
echo "$default,$(echo $words),$last_boot_attempt"`;
  return execFileSync('/bin/dash', ['-c', text], { encoding: 'utf8' }).trim();
};

describe('what GRUB starts', () => {
  test('the configuration does what the model says, for all states', () => {
    for (const always of ['yes', ''])
      for (const upgraded of ['yes', ''])
        for (const tentative of ['yes', ''])
          for (const last of ['', 'cos', 'cos-again', 'fallback', 'fallback-again', 'recovery'])
            for (const first of ['cos', 'fallback'] as const) {
              const variables = new Map([['enable_boot_assessment_always', always], ['enable_boot_assessment', upgraded], ['boot_assessment_tentative', tentative], ['last_boot_attempt', last]]);
              const model = assess(variables, first);
              // The variables are in both, to be read where they differ.
              const state = [...variables, first].join(' ');
              expect(`${state}: ${runConfig(variables, first)}`).toBe(`${state}: ${model === null ? `${first},,${last}` : `${model.entry},${model.failed ? 'upgrade_failure' : ''},${model.attempt}`}`);
            }
  });

  test('what was chosen for one boot, and a reset that is under way, are not assessed', () => {
    const failing = new Map([['enable_boot_assessment_always', 'yes'], ['boot_assessment_tentative', 'yes'], ['last_boot_attempt', 'cos-again']]);
    expect(runConfig(failing, 'cos', 'cos')).toBe('cos,,cos-again');
    expect(runConfig(failing, 'recovery')).toBe('recovery,,cos-again');
  });

  const boots = (block: string, first: 'cos' | 'fallback', count: number): readonly string[] => {
    let variables: Variables = parseGrubEnvironment(block) ?? new Map();
    return Array.from({ length: count }, () => {
      const found = assess(variables, first);
      if (found !== null) variables = new Map([...variables, ['boot_assessment_tentative', 'yes'], ['last_boot_attempt', found.attempt]]);
      return found?.entry ?? first;
    });
  };

  test('a system that never comes up: twice active, twice passive, then recovery for good', () => {
    expect(boots(assessmentBlock(true, false), 'cos', 6)).toEqual(['cos', 'cos', 'fallback', 'fallback', 'recovery', 'recovery']);
  });

  test('after an upgrade the new system has one try; a rolled-back node goes on to recovery', () => {
    expect(boots(assessmentBlock(true, true), 'cos', 4)).toEqual(['cos', 'fallback', 'fallback', 'recovery']);
    expect(boots(assessmentBlock(true, false), 'fallback', 3)).toEqual(['fallback', 'fallback', 'recovery']);
  });

  test('a system that cannot mark its boots is never given up on', () => {
    expect(boots(assessmentBlock(false, true), 'cos', 5)).toEqual(['cos', 'cos', 'cos', 'cos', 'cos']);
  });

  test('GRUB itself takes the configuration', () => {
    const file = join(folder, 'grub.cfg');
    writeFileSync(file, assessmentConfig);
    expect(spawnSync('grub-script-check', [file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('the mark of a good boot', () => {
  const program = join('iso-overlay/rootfs', markerProgram);
  let count = 0;
  /** A node's root with these variables; returns the block and the sentinel after the program ran. */
  const mark = (label: string, words: string, variables: Record<string, string>, config = '# Written by Slipway. x\n'): { readonly block: Variables | null; readonly text: string; readonly failed: boolean } => {
    const root = join(folder, `node-${(count += 1)}`);
    const state = join(root, 'run/initramfs/cos-state');
    mkdirSync(join(state, 'grub2'), { recursive: true });
    mkdirSync(join(root, 'proc'));
    writeFileSync(join(state, 'grub2/grub.cfg'), config);
    writeFileSync(join(root, 'proc/cmdline'), `BOOT_IMAGE=/x root=LABEL=${label} panic=10 ${words}\n`);
    const file = join(state, 'boot_assessment');
    writeFileSync(file, printGrubEnvironment(new Map(Object.entries(variables))) ?? '');
    expect(spawnSync(program, [root], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    const text = readFileSync(file, 'utf8');
    return { block: parseGrubEnvironment(text), text, failed: spawnSync('test', ['-e', join(root, 'run/cos/upgrade_failure')]).status === 0 };
  };
  const tried = { enable_boot_assessment_always: 'yes', enable_boot_assessment: 'yes', boot_assessment_tentative: 'yes', last_boot_attempt: 'cos-again' };

  test('active: nothing is outstanding any more', () => {
    const { block, text, failed } = mark('COS_ACTIVE', '', tried);
    expect(Object.fromEntries(block ?? [])).toEqual({ enable_boot_assessment_always: 'yes' });
    expect(text).toHaveLength(1024);
    expect(failed).toBe(false);
  });

  test('passive after a failure stays, and the sentinel of Kairos says why', () => {
    const { block, failed } = mark('COS_PASSIVE', 'upgrade_failure', { ...tried, last_boot_attempt: 'fallback' });
    expect(Object.fromEntries(block ?? [])).toEqual({ enable_boot_assessment_always: 'yes', enable_boot_assessment: 'yes', last_boot_attempt: 'fallback' });
    expect(assess(block ?? new Map(), 'cos')).toEqual({ entry: 'fallback', failed: true, attempt: 'fallback' });
    expect(failed).toBe(true);
  });

  test('passive chosen in the menu of the boot loader is for that boot only', () => {
    expect(assess(mark('COS_PASSIVE', '', { ...tried, last_boot_attempt: 'cos' }).block ?? new Map(), 'cos')).toMatchObject({ entry: 'cos' });
  });

  test('recovery, a boot that was not assessed, and the disk of kairos-agent are left as they are', () => {
    const before = printGrubEnvironment(new Map(Object.entries(tried)));
    expect(mark('COS_SYSTEM', 'recovery-mode upgrade_failure', tried)).toMatchObject({ text: before, failed: true });
    expect(mark('COS_ACTIVE', '', tried, 'set timeout=10\n').text).toBe(before);
    const chosen = { enable_boot_assessment_always: 'yes', last_boot_attempt: 'fallback' };
    expect(mark('COS_ACTIVE', '', chosen).text).toBe(printGrubEnvironment(new Map(Object.entries(chosen))));
  });

  test('the programs of busybox do the same', () => {
    const root = join(folder, 'busybox');
    mkdirSync(join(root, 'run/initramfs/cos-state/grub2'), { recursive: true });
    mkdirSync(join(root, 'proc'));
    mkdirSync(join(root, 'bin'));
    for (const applet of ['sh', 'cat', 'head', 'grep', 'sed', 'wc', 'tr', 'dd', 'rm', 'mkdir']) execFileSync('ln', ['-s', execFileSync('which', ['busybox'], { encoding: 'utf8' }).trim(), join(root, 'bin', applet)]);
    writeFileSync(join(root, 'run/initramfs/cos-state/grub2/grub.cfg'), '# Written by Slipway. x\n');
    writeFileSync(join(root, 'proc/cmdline'), 'root=LABEL=COS_ACTIVE\n');
    const file = join(root, 'run/initramfs/cos-state/boot_assessment');
    writeFileSync(file, printGrubEnvironment(new Map(Object.entries(tried))) ?? '');
    expect(spawnSync(join(root, 'bin/sh'), [program, root], { encoding: 'utf8', env: { PATH: join(root, 'bin') } })).toMatchObject({ status: 0, stderr: '' });
    expect(Object.fromEntries(parseGrubEnvironment(readFileSync(file, 'utf8')) ?? [])).toEqual({ enable_boot_assessment_always: 'yes' });
  });
});
