/** Every screen of the recovery menu, as it wants to be drawn: nothing is over its height, and nothing is cut without a sign. */
import { describe, expect, test } from 'vitest';
import { recoveryScreens } from '../../screens/recovery/index.ts';
import { initialRecoveryState, inputOfChosen, menuOf, reduceRecovery } from '../../src/app/recovery/state.ts';
import type { Looked, RecoveryOverlay, RecoveryState, RecoveryUiAction } from '../../src/app/recovery/state.ts';
import { recoveryDrawn } from '../../src/app/recovery/screen.ts';
import { actionsFor } from '../../src/recovery/actions.ts';
import type { NodeStatus } from '../../src/recovery/status.ts';
import { isTooSmall, roomIn } from '../../src/ui/frame-lines.ts';
import { layoutFaults } from '../screens/layout.ts';
import { statusFor, systemRow } from './status-builder.ts';

const long = 'a text that is longer than any line of a small screen can be, so that it has to be broken into several or be cut with a sign that says so';

const statuses: Readonly<Record<string, NodeStatus>> = {
  'in recovery': statusFor('recovery'),
  'on a running node': statusFor('active'),
  'with trouble everywhere': statusFor('passive', {
    systems: [systemRow('active', { damage: long, version: null }), systemRow('passive', { version: `Kairos ${long}` }), systemRow('recovery', { present: false })],
    health: { oem: 'errors', recovery: 'unreadable', state: 'unreadable', persistent: 'journal' },
    config: Array.from({ length: 30 }, (_, index) => ({ name: `${index}_${long.replaceAll(' ', '_')}.yaml`, size: 10, mode: '0644', sha256: 'aa' })),
    closed: false,
    oemFree: 0,
    sentinels: ['recovery_mode', 'uki_boot_mode'],
    log: Array.from({ length: 40 }, (_, index) => `line ${index}: ${long}`),
    logFrom: '/var/log/kairos/agent.log',
  }, { unfinished: true }),
  'laid down by kairos-agent': statusFor('recovery', { grubConfig: 'set default=cos' }),
  'of a UKI system': statusFor('active', {}, {}, { uki: true }),
};

const lookedAt = (status: NodeStatus): Looked => ({
  status,
  actions: actionsFor(status, { root: true, simulated: false, agent: '/usr/bin/kairos-agent', missing: [] }),
  consentWord: 'AB12',
  volumes: [{ path: '/dev/sdb1', label: long }, { path: '/dev/sdc1', label: 'LOGS' }],
});

const after = (state: RecoveryState, ...actions: readonly RecoveryUiAction[]): RecoveryState => actions.reduce((now, action) => reduceRecovery(now, action).state, state);

/** Every way that questions can be answered; each state on the way. */
const asked = (state: RecoveryState): readonly RecoveryState[] => {
  const input = inputOfChosen(state);
  if (input === null || state.screen !== 'ask') return [state];
  if (input.kind === 'editor') return [state, after(state, { type: 'config-read', config: { name: '90_custom.yaml', text: `#cloud-config\nhostname: ${long}\n${'# more\n'.repeat(200)}` } })];
  const answers = input.kind === 'choice' ? input.choices.map(({ word }) => word) : ['a'];
  return [state, ...answers.flatMap((answer) => asked(after(state, { type: 'answer', answer })))];
};

const ran = (state: RecoveryState, ok: boolean): readonly RecoveryState[] => {
  const busy = after(state, { type: 'events', now: 90_000, events: [
    ...Array.from({ length: 12 }, (_, index) => ({ event: 'step', index: index + 1, of: 12, text: `step ${index}: ${long}` }) as const),
    { event: 'progress', fraction: 0.4, bytes: 4, total: 10 },
    ...Array.from({ length: 60 }, (_, index) => ({ event: 'log', level: 'info', text: `line ${index}: ${long}` }) as const),
  ] });
  const problem = { event: 'problem', id: 'tool-failed', severity: 'error', what: long, where: '/dev/vda2', hint: long } as const;
  const done = { event: 'done', action: 'fsck', exitCode: ok ? 0 : 6, ok, result: ok ? 'done' : 'failed', diskTouched: true, text: long, written: Array.from({ length: 20 }, (_, index) => `/run/logs-${index}-${long.replaceAll(' ', '-')}.tar.gz`) } as const;
  return [state, busy, after(busy, { type: 'abort' }), after(busy, { type: 'events', now: 91_000, events: ok ? [done] : [problem, problem, done] })];
};

/** What a person can come to. */
const statesOf = (status: NodeStatus): readonly RecoveryState[] => {
  const first = initialRecoveryState('1.0.0', 0);
  const there = after(first, { type: 'looked', looked: lookedAt(status) });
  const menu = after(there, { type: 'go', screen: 'actions' });
  const rows = menuOf(menu);
  const overlays: readonly RecoveryOverlay[] = ['help', 'quit', 'abort'];
  const running = after(menu, { type: 'choose', action: 'fsck' }, { type: 'start' });
  return [
    first,
    ...[0, 3, 12, 1000].map((index) => after(there, { type: 'highlight', list: 'status', index })),
    ...rows.map((_, index) => after(menu, { type: 'highlight', list: 'actions', index })),
    ...rows.flatMap(({ id }) => asked(after(menu, { type: 'choose', action: id }))),
    ...ran(running, true),
    ...ran(running, false),
    ...overlays.flatMap((overlay) => [there, menu, running].map((state) => after(state, { type: 'overlay', overlay }))),
    after(first, { type: 'look-failed', problem: { id: 'node-none', severity: 'error', what: long, where: '/dev', hint: long }, candidates: [], machine: lookedAt(status) }),
    after(first, { type: 'look-failed', problem: { id: 'node-several', severity: 'error', what: long, where: '/dev', hint: long }, candidates: Array.from({ length: 30 }, (_, index) => ({ path: `/dev/sd${index}`, text: long })) as never }),
  ];
};

describe.each([[80, 20], [80, 24], [120, 40]])('at %ix%i (invariant 11)', (columns, rows) => {
  test.each(Object.entries(statuses))('%s', (_name, status) => {
    const room = roomIn(columns, rows);
    expect(isTooSmall(columns, rows)).toBe(false);
    const states = statesOf(status);
    expect(states.length).toBeGreaterThan(25);
    for (const state of states) {
      const faults = layoutFaults(recoveryDrawn(recoveryScreens, state).view, { state, ...room });
      expect({ screen: state.screen, overlay: state.overlay, chosen: state.chosen, answers: state.answers, highlights: state.highlights, faults }).toMatchObject({ faults: [] });
    }
  });
});
