/**
 * A node's disk beside the live medium: every action of the recovery console on real block devices, as root, with the program on the
 * medium. The last one installs it again from its own recovery system, and it boots.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLiveShell } from './live-shell.ts';
import { Machine } from './machine.ts';
import { sampleNode } from './node.ts';
import type { NodeDisks } from './node.ts';

let disks: NodeDisks;
beforeAll(async () => {
  disks = await sampleNode();
}, 600_000);
afterAll(() => disks.dispose());

/** ms; a reset writes and reads back everything */
const patience = 400_000;

test('next boot, roll back, edit, scrub, fsck, logs, network, encrypted partitions, upgrade, reset, reinstall', async () => {
  const image = disks.copy();
  disks.put(image, 'state', '/cOS/active.img', 'ruined'.repeat(1000));
  disks.put(image, 'oem', '/95_left.yaml', '#cloud-config\nstages:\n  after-install:\n    - commands: ["echo LEFT-BEHIND-77"]\n');
  const data = join(disks.folder, 'data.img');
  execFileSync('dist/slipway', ['export', 'cidata', '--config', 'cloud-configs/examples/factory/user-data', '--hostname', 'exported-node', '--format', 'vfat', '--output', data]);
  {
    await using shell = await startLiveShell({ disks: [{ file: image, serial: 'NODE-AB12' }], data, log: 'build/test/recovery/live.log' });
    const { run } = shell;
    const slipway = async (words: string, code = 0): Promise<string> => {
      const ended = await run(`slipway recovery ${words}`, patience);
      expect({ words, ...ended }).toMatchObject({ words, code });
      return ended.text;
    };
    const device = (await run('lsblk -lno PATH,LABEL $(readlink -f /dev/disk/by-id/virtio-NODE-AB12) | sed -n "s/ *COS_PERSISTENT//p"')).text;
    const oem = (await run('lsblk -lno PATH,LABEL $(readlink -f /dev/disk/by-id/virtio-NODE-AB12) | sed -n "s/ *COS_OEM//p"')).text;
    const onOem = async (command: string): Promise<string> => (await run(`mkdir -p /run/look && mount -o ro ${oem} /run/look && (cd /run/look && ${command}); umount /run/look`)).text;

    const status = await slipway('status');
    expect(status).toMatch(/serial NODE-AB12; laid down by Slipway/);
    expect(status).toMatch(/active +DAMAGED/);
    await slipway('boot passive --yes');
    expect(await onOem('grub-editenv grubenv list')).toContain('next_entry=fallback');
    await slipway('boot active --yes', 3);
    await slipway('rollback --yes');
    await slipway('rollback --undo --yes');
    expect(await onOem('grub-editenv grubenv list')).not.toMatch(/(?:next|saved)_entry=\w/);

    await run(`mkdir -p /run/look && mount -o ro ${oem} /run/look && sed s/factory-node/edited-node/ /run/look/90_custom.yaml >/run/new.yaml; umount /run/look`);
    await slipway('edit --config /run/new.yaml --yes');
    expect(await onOem('grep hostname 90_custom.yaml; stat -c %a 90_custom.yaml')).toMatch(/edited-node[^]*640/);
    expect(await slipway('scrub --yes')).toContain('removed 95_left.yaml: stages.after-install');
    expect((await run(`grep -c LEFT-BEHIND-77 ${oem}`)).text).toBe('0');
    expect(await slipway('redeploy --yes')).toContain('first boot');
    expect(await slipway('fsck --yes')).toMatch(/COS_OEM: (?:clean|repaired).*COS_STATE: (?:clean|repaired)/);

    await slipway('logs --output /dev/disk/by-label/CIDATA');
    const named = await run('mdir -b -i /dev/disk/by-label/CIDATA ::/ && mcopy -n -i /dev/disk/by-label/CIDATA "::/slipway-logs-*" /run/logs.tar.gz && tar -tzf /run/logs.tar.gz && tar -xzOf /run/logs.tar.gz logs/oem-90_custom.yaml.txt');
    expect(named.text).toMatch(/slipway-logs-NODE-AB12-\S*\.tar\.gz[^]*journal\.log[^]*edited-node/);
    expect(named.text).not.toMatch(/\$6\$/);

    const nic = (await run("ls /sys/class/net | grep '^e' | head -n 1")).text;
    expect(await slipway(`network ${nic} 10.0.2.77/24 10.0.2.2`)).toContain('10.0.2.77/24, by way of 10.0.2.2');
    expect((await run('ip route')).text).toContain('default via 10.0.2.2');
    await slipway(`network ${nic} 10.0.2.300/24`, 3);

    // The agent's own datasource takes the exported volume, and no other file of it than user-data.
    if ((await run('command -v kairos-agent')).code === 0) {
      await run("mkdir -p /run/ds; printf 'stages:\\n  pull:\\n  - datasource: {providers: [cdrom], path: /run/ds/out}\\n' >/run/ds/pull.yaml; kairos-agent run-stage --override-cloud-init-paths /run/ds pull >/run/ds/said 2>&1");
      expect((await run('cat /run/ds/out/userdata')).text).toContain('hostname: exported-node');
      expect((await run('ls /run/ds/out')).text).not.toContain('installer-data');
    }

    // COS_PERSISTENT becomes an encrypted one, as it is on a machine whose TPM is gone.
    const mapped = device.split('/').at(-1) ?? '';
    expect(await run(`printf passphrase-42 >/run/pass; cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --label COS_PERSISTENT ${device} /run/pass && udevadm settle`)).toMatchObject({ code: 0 });
    expect(await slipway('status')).toMatch(/COS_PERSISTENT +crypto_LUKS.*encrypted, not open/);
    expect(await slipway('reset --yes', 4)).toContain('partitions are encrypted');
    await run('echo wrong >/run/wrong');
    expect(await slipway('unlock --passphrase-file /run/wrong', 5)).toContain('nor the passphrase opens it');
    expect(await slipway('unlock --passphrase-file /run/pass')).toContain('open: COS_PERSISTENT');
    expect(await run(`mkfs.ext4 -q -L COS_PERSISTENT /dev/mapper/${mapped} && udevadm settle`)).toMatchObject({ code: 0 });
    expect(await slipway('status')).toMatch(/COS_PERSISTENT +ext4.*encrypted, open/);
    await slipway('redeploy --yes');
    await run(`cryptsetup close ${mapped}; wipefs -qa ${device}; mkfs.ext4 -q -L COS_PERSISTENT ${device}; udevadm settle`);

    expect(await slipway('upgrade --source file:/run/source/sample.squashfs --yes')).toContain('from the next boot on');
    expect(await slipway('reset --yes')).toContain('reset: the node starts anew with its configuration');
    expect(await onOem('grep hostname 90_custom.yaml')).toContain('edited-node');
    await run('sed s/edited-node/reinstalled-node/ /run/new.yaml >/run/again.yaml');
    expect(await slipway('reinstall --config /run/again.yaml --yes')).toContain('reinstalled from recovery');
    expect(await onOem('ls -A')).not.toContain('95_left.yaml');
    await run('sync');
  }
  await using node = await Machine.start({ firmware: 'bios', drives: [{ file: image, serial: 'NODE-AB12' }] });
  const [marker] = await node.waitForLine(/SLIPWAY-SAMPLE booted .*/, patience);
  expect(marker).toContain('mode=active hostname=reinstalled-node users=operator oem=ok persistent=ok');
});
