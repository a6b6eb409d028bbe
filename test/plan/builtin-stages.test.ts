import { describe, expect, test } from 'vitest';
import { readBuiltinSteps } from '../../src/plan/builtin-stages.ts';

const step = (stage: string, value: Record<string, unknown>) => ({ stage, file: 'installer-data', index: 0, value });

describe('readBuiltinSteps', () => {
  test('takes commands, files, directories and if, in the order in which stages run', () => {
    const { steps, problems } = readBuiltinSteps([
      step('after-install', { commands: ['true'] }),
      step('before-install.before', { if: 'test -e /x', directories: [{ path: '/a', permissions: 0o755 }], files: [{ path: '/a/b', content: 'x', permissions: 0o600, ownerstring: 'root:root' }] }),
    ]);
    expect(problems).toEqual([]);
    expect(steps.map((item) => item.stage)).toEqual(['before-install.before', 'after-install']);
    expect(steps[0]).toMatchObject({ condition: 'test -e /x', files: [{ permissions: 0o600, encoding: 'none' }] });
  });

  test.each([
    ['a stage it does not run', step('after-install-chroot', { commands: ['x'] }), 'stage-unsupported', 'stages.after-install-chroot'],
    ['a key it does not know', step('before-install', { users: {} }), 'stage-unsupported', 'users'],
    ['a template', step('before-install', { commands: ['echo {{ .Values.x }}'] }), 'stage-template', 'commands[0]'],
    ['a relative path', step('before-install', { files: [{ path: 'a', content: '' }] }), 'stage-invalid', 'files[0].path'],
    ['an unknown encoding', step('before-install', { files: [{ path: '/a', encoding: 'rot13' }] }), 'stage-invalid', 'encoding'],
    ['commands that are no list', step('before-install', { commands: 'x' }), 'stage-invalid', 'commands'],
  ])('%s is refused by name', (_, item, id, where) => {
    const { problems } = readBuiltinSteps([item]);
    expect(problems.map((problem) => problem.id)).toContain(id);
    expect(problems.map((problem) => problem.where).join(' ')).toContain(where);
  });
});
