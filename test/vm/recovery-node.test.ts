/**
 * Inside a node that was laid down by the builtin engine and carries Slipway: its own recovery console over the serial line, and the
 * actions on its own mounts, as root on a running system.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Machine } from './machine.ts';
import { liveNode } from './node.ts';
import type { NodeDisks } from './node.ts';
import { watchScreen } from './serial-screen.ts';
import type { SerialScreen } from './serial-screen.ts';
import { openSerialShell } from './serial-shell.ts';
import type { SerialShell } from './serial-shell.ts';

let disks: NodeDisks;
beforeAll(async () => {
  disks = await liveNode();
}, 600_000);
afterAll(() => disks.dispose());

const patience = 600_000;

interface Started extends SerialScreen {
  readonly machine: Machine;
  [Symbol.asyncDispose](): Promise<void>;
}

const start = async (image: string): Promise<Started> => {
  const machine = await Machine.start({ firmware: 'bios', memory: 2048, drives: [{ file: image, serial: 'NODE-AB12', snapshot: false }], rebootEnds: false });
  return { machine, ...watchScreen(machine), [Symbol.asyncDispose]: () => machine.stop() };
};

const setBootVariables = (image: string, ...variables: readonly string[]): void => {
  const text = `# GRUB Environment Block\n${variables.map((line) => `${line}\n`).join('')}`;
  disks.put(image, 'oem', '/grubenv', text.padEnd(1024, '#'));
};

/** From the menu to a root shell of the recovery system. */
const leaveForShell = async ({ machine, see }: Started): Promise<SerialShell> => {
  await see(/laid down by Slipway/, patience);
  machine.write('q');
  await see(/Leave the recovery menu\?/);
  machine.write('y');
  await see(/Enter +start Slipway/, 60_000);
  machine.write('s\r');
  await see(/A root shell of the recovery system/, 60_000);
  return openSerialShell(machine);
};

describe('the console of recovery', () => {
  test('a ruined active system: reset by the menu, cut off by a power cut, repeated; the node is as it was, with its configuration', async () => {
    const image = disks.copy();
    disks.put(image, 'state', '/cOS/active.img', 'ruined'.repeat(1000));
    disks.put(image, 'persistent', '/workload', 'old');
    setBootVariables(image, 'next_entry=recovery');
    {
      await using node = await start(image);
      await node.see(/laid down by Slipway/, patience);
      await node.see(/DAMAGED/);
      node.machine.write('\r');
      await node.see(/> reset: active and passive anew/);
      node.machine.write('\r');
      // What is lost is said first, and nothing starts without the characters of the disk's serial number.
      expect(await node.see(/To consent, type the last 4 characters/)).toMatch(/lost: +all of COS_PERSISTENT/);
      node.machine.write('AB12\r');
      await node.see(/write the new active and passive system/, patience);
      // The power goes: the machine ends here and now.
    }
    await using node = await start(image);
    expect(await node.see(/a reset did not end/, patience)).toMatch(/laid down by Slipway/);
    node.machine.write('\r');
    await node.see(/> reset: active and passive anew/);
    node.machine.write('\r');
    await node.see(/To consent, type the last 4 characters/);
    node.machine.write('AB12\r');
    await node.see(/reset: the node starts anew with its configuration/, patience);
    node.machine.write('q');
    await node.see(/Leave the recovery menu\?/);
    node.machine.write('y');
    await node.see(/Enter +start Slipway/, 60_000);
    node.machine.write('r\r');
    const [line] = await node.machine.waitForLine(/SLIPWAY-LIVE booted mode=active.*/, patience);
    expect(line).toContain('hostname=factory-node users=operator oem=ok persistent=ok');
    expect(disks.debugfs(image, 'persistent', 'ls -p /')).not.toContain('workload');
  });
});

describe('actions on the mounts of a running node', () => {
  test('in recovery: status, edit, fsck, reinstall on what is mounted; in active: refusals, and an upgrade of the system that runs', async () => {
    const image = disks.copy();
    setBootVariables(image, 'next_entry=recovery');
    await using node = await start(image);
    const { machine } = node;
    const { run } = await leaveForShell(node);
    const slipway = async (words: string, code = 0): Promise<string> => {
      const ended = await run(`slipway recovery ${words}`, patience);
      expect({ words, ...ended }).toMatchObject({ words, code });
      return ended.text;
    };
    const status = await slipway('status');
    expect(status).toMatch(/Started +recovery/);
    expect(status).toMatch(/COS_OEM +ext4.*at \/oem/);
    expect(status).toMatch(/recovery +.*<- runs now/);
    await run('sed s/factory-node/edited-node/ /oem/90_custom.yaml >/run/new.yaml');
    await slipway('edit --config /run/new.yaml --yes');
    expect((await run('grep hostname /oem/90_custom.yaml; stat -c %a /oem/90_custom.yaml')).text).toMatch(/edited-node[^]*640/);
    expect(await slipway('fsck --yes')).toMatch(/COS_OEM: in use, not looked at/);
    expect(await slipway('reinstall --config /run/new.yaml --yes')).toContain('reinstalled from recovery');
    // A root shell on the serial line of the active system, in place of a login.
    await run('grub-editenv /oem/grubenv set "extra_active_cmdline=systemd.debug_shell=ttyS0 systemd.mask=serial-getty@ttyS0.service"');
    machine.write('slipway recovery power reboot --yes\r');
    const [line] = await machine.waitForLine(/SLIPWAY-LIVE booted mode=active.*/, patience);
    expect(line).toContain('hostname=edited-node users=operator oem=ok persistent=ok');

    const active = openSerialShell(machine);
    expect((await active.run('slipway recovery reset --yes', patience)).text).toContain('reset runs from recovery');
    const upgraded = await active.run('slipway recovery upgrade --source file:/run/initramfs/cos-state/cOS/passive.img --yes', patience);
    expect(upgraded).toMatchObject({ code: 0 });
    expect((await active.run('grep -a enable_boot_assessment= /run/initramfs/cos-state/boot_assessment')).text).toContain('enable_boot_assessment=yes');
    expect((await active.run('grep cos-state /proc/mounts')).text).toMatch(/cos-state ext4 ro/);
    machine.write('slipway recovery power reboot --yes\r');
    expect((await machine.waitForLine(/SLIPWAY-LIVE booted mode=active.*/, patience))[0]).toContain('hostname=edited-node');
    // It came up: the one try of an upgrade is over.
    const after = openSerialShell(machine);
    const marked = 'for n in $(seq 120); do grep -aq boot_assessment_tentative=yes /run/initramfs/cos-state/boot_assessment || break; sleep 1; done';
    await after.run(marked, patience);
    expect((await after.run('grep -ac enable_boot_assessment= /run/initramfs/cos-state/boot_assessment; systemctl show -P Result slipway-boot-assessment.service')).text).toMatch(/^0\s+success$/);
  });
});
