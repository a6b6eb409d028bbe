/**
 * What the recovery console takes for granted about the agent, looked at with the real one: its words, what it writes, and how it ends
 * where it cannot do what it is asked. In a namespace without disks: that it lays a system down is tried elsewhere.
 */
import { describe, expect, test } from 'vitest';
import { parseGrubEnvironment } from '../../src/engine/grubenv.ts';
import { agentArguments } from '../../src/recovery/run/agent.ts';
import type { ActionId } from '../../src/recovery/actions.ts';
import type { ActionOptions } from '../../src/recovery/run/context.ts';
import { inside, whyNot } from '../engine/kairos-agent/namespace-root.ts';

type Mode = 'active' | 'recovery';

/** A stand-in for a booted Kairos node: kernel line, sentinel, boot menu, a configuration with an administrator. */
const node = (mode: Mode): string => `mkdir -p /run/cos /run/initramfs/cos-state/grub2 /oem /etc/cos
echo '${mode === 'active' ? 'root=LABEL=COS_ACTIVE cos-img/filename=/cOS/active.img' : 'root=LABEL=COS_SYSTEM cos-img/filename=/cOS/recovery.img recovery-mode'}' >/run/cmdline
mount --bind /run/cmdline /proc/cmdline
echo 1 >/run/cos/${mode}_mode
for id in cos fallback recovery statereset; do printf 'menuentry "%s" --id %s {\\n}\\n' $id $id; done >/run/initramfs/cos-state/grub2/grub.cfg
printf '#cloud-config\\nstages:\\n  initramfs:\\n  - users: {kairos: {groups: [admin]}}\\n' >/oem/90_custom.yaml
`;

const words = (action: ActionId, options: ActionOptions = {}): string => agentArguments(action, options).map((word) => `'${word}'`).join(' ');

describe.skipIf(whyNot !== null)(`the real kairos-agent${whyNot === null ? '' : ` (${whyNot})`}`, () => {
  test.each(['cos', 'fallback', 'recovery', 'statereset'])('bootentry writes %s where GRUB and the console read it', (id) => {
    const { status, stdout } = inside(`${node('active')}$AGENT ${words('boot', { word: id })} >/dev/null; cat /oem/grubenv`);
    expect(status).toBe(0);
    expect(parseGrubEnvironment(stdout)?.get('next_entry')).toBe(id);
  });

  test('an entry that is not in the menu ends with 1 and words', () => {
    const { status, stdout } = inside(`${node('active')}$AGENT ${words('boot', { word: 'nowhere' })}`);
    expect(status).toBe(1);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/entry nowhere does not exist/);
  });

  test.each<[ActionId, Mode, ActionOptions]>([
    ['reset', 'active', {}],
    ['reset-oem', 'active', {}],
    ['upgrade', 'active', { source: 'dir:/run/nowhere' }],
    ['upgrade-recovery', 'active', { source: 'dir:/run/nowhere' }],
  ])('%s, where it cannot be done, is understood and ends with 1 and words', (action, mode, options) => {
    const { status, stdout } = inside(`${node(mode)}timeout 40 $AGENT ${words(action, options)}`);
    expect(status).toBe(1);
    expect(stdout).not.toMatch(/flag provided but not defined|No help topic|Incorrect Usage/i);
    expect(stdout.trim()).not.toBe('');
  });

  test('unlock-all without encrypted partitions is no failure', () => {
    expect(inside(`${node('recovery')}$AGENT kcrypt unlock-all`).status).toBe(0);
  });

  test('logs are a tar.gz with journal and files', () => {
    const { status, stdout } = inside(`${node('active')}mkdir -p /var/log/kairos; echo hello >/var/log/kairos/agent.log; $AGENT logs --output /run/logs.tar.gz >/dev/null; tar -tzf /run/logs.tar.gz`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^files\/var\/log\/kairos\/agent\.log$/m);
  });

  test.each<[Mode, string]>([['active', 'active_boot'], ['recovery', 'recovery_boot']])('state says %s by the same signs as the console', (mode, said) => {
    const { stdout } = inside(`${node(mode)}$AGENT state get boot 2>/dev/null`);
    expect(stdout).toContain(said);
  });

  test('remote recovery stays until Enter, and ends at once where there is no input: the console gives it one', () => {
    const open = inside(`${node('recovery')}mkfifo /run/input; timeout 4 $AGENT ${words('remote')} <>/run/input >/run/said 2>&1 && echo ENDED || echo "STAYED $?"; wc -c </run/said`);
    expect(open.stdout).toMatch(/STAYED 124/);
    const closed = inside(`${node('recovery')}timeout 20 $AGENT ${words('remote')} </dev/null >/dev/null 2>&1 && echo ENDED || echo "STAYED $?"`);
    expect(closed.stdout).toContain('ENDED');
    const entered = inside(`${node('recovery')}mkfifo /run/input; (sleep 3; echo >>/run/input) & timeout 30 $AGENT ${words('remote')} <>/run/input >/dev/null 2>&1 && echo ENDED || echo "STAYED $?"`);
    expect(entered.stdout).toContain('ENDED');
  }, 90_000);
});
