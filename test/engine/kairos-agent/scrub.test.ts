import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkClosure } from '../../../src/engine/kairos-agent/close-target.ts';
import type { OpenPartition } from '../../../src/engine/kairos-agent/luks.ts';
import { scrubTarget } from '../../../src/engine/kairos-agent/scrub-target.ts';
import type { ScrubResult } from '../../../src/engine/kairos-agent/scrub-target.ts';
import { createRealSystem } from '../../../src/system/real.ts';
import type { System } from '../../../src/system/port.ts';
import { createLoopDisks, sh, whyNoLoop } from './loop-disk.ts';
import type { LoopDisk, LoopDisks } from './loop-disk.ts';

const secret = 'SECRET-zebra-9431-token';
const keptText = '#cloud-config\nhostname: node-1\n';
const kept = [{ name: '90_custom.yaml', mode: 0o640, bytes: keptText.length, sha256: createHash('sha256').update(keptText).digest('hex') }];

const partition = (name: string, disk: LoopDisk, mib: number): OpenPartition => ({ number: 2, path: disk.device, name, start: 0, size: mib * 1024 * 1024, device: disk.device, encrypted: false });

describe.skipIf(whyNoLoop !== null)(`the second and third wall on real file systems${whyNoLoop === null ? '' : ` (${whyNoLoop})`}`, () => {
  let disks: LoopDisks;
  let system: System;
  let oem: LoopDisk;
  let persistent: LoopDisk;
  let state: LoopDisk;
  let partitions: readonly OpenPartition[];
  const scrub = (): Promise<ScrubResult> => scrubTarget(system, { partitions, kept, keptFiles: { '90_custom.yaml': keptText }, signal: new AbortController().signal });

  beforeEach(() => {
    disks = createLoopDisks();
    system = createRealSystem();
    oem = disks.ext4('oem', 'COS_OEM', 64);
    persistent = disks.ext4('persistent', 'COS_PERSISTENT', 64);
    state = disks.ext4('state', 'COS_STATE', 64);
    oem.fill(`
      printf '#cloud-config\\ninstall:\\n  x: ${secret}\\n' > $M/90_custom.yaml; chmod 640 $M/90_custom.yaml
      printf 'y: ${secret}\\n' > $M/91_custom.yaml
      mkdir $M/95_userdata; printf '${secret}' > $M/95_userdata/userdata
      printf 'grubenv' > $M/grubenv; printf 'hard' > $M/10_ssh_hardening.yaml; chmod 400 $M/10_ssh_hardening.yaml; chown 7:8 $M/10_ssh_hardening.yaml
      printf 'mine' > $M/from-a-stage; printf '${secret}' > $M/gone; sync; rm $M/gone`);
    persistent.fill(`
      mkdir -p $M/.state/var-log.bind/journal/abc $M/.state/opt.bind
      for i in $(seq 2000); do echo "failed to run curl -H ${secret}"; done > $M/.state/var-log.bind/agent.log
      printf '${secret}' > $M/.state/var-log.bind/journal/abc/system.journal
      ln -s /etc/passwd $M/.state/var-log.bind/link
      printf 'a bundle' > $M/.state/opt.bind/file`);
    state.fill(`printf 'image' > $M/active.img; printf '${secret}' > $M/temporary; sync; rm $M/temporary`);
    partitions = [partition('oem', oem, 64), partition('persistent', persistent, 64), partition('state', state, 64)];
  });

  afterEach(async () => {
    await system.cleanup.run();
    disks.dispose();
  });

  test('no byte of what was merged, copied or deleted is left, on any of them', async () => {
    for (const disk of [oem, persistent, state]) expect(disk.find(secret)).toBeGreaterThan(0);
    const passwd = sh('sha256sum /etc/passwd');
    const { removed, notes } = await scrub();
    expect([oem.find(secret), persistent.find(secret), state.find(secret)]).toEqual([-1, -1, -1]);
    expect(removed).toEqual([
      'COS_OEM: 90_custom.yaml (rewritten to what is kept)',
      'COS_OEM: 91_custom.yaml',
      'COS_OEM: 95_userdata',
      'COS_PERSISTENT: .state/var-log.bind/agent.log',
      'COS_PERSISTENT: .state/var-log.bind/journal/abc/system.journal',
      'COS_PERSISTENT: .state/var-log.bind/link',
    ]);
    expect(notes).toContain('stages left in COS_OEM: from-a-stage');
    expect(sh('sha256sum /etc/passwd')).toBe(passwd);
  });

  test('what is meant to stay stays, with its owner and mode', async () => {
    const before = sh(`blkid -p -o value -s UUID ${oem.device}`);
    await scrub();
    oem.fill(`
      [ "$(cat $M/90_custom.yaml)" = "$(printf '${keptText.replaceAll('\n', String.raw`\n`)}')" ]
      [ "$(stat -c %a $M/90_custom.yaml)" = 640 ]
      [ "$(cat $M/grubenv)$(cat $M/from-a-stage)" = grubenvmine ]
      [ "$(stat -c '%a %u %g' $M/10_ssh_hardening.yaml)" = '400 7 8' ]
      [ ! -e $M/91_custom.yaml ] && [ -d $M/95_userdata ] && [ -z "$(ls -A $M/95_userdata)" ]`);
    persistent.fill('[ "$(cat $M/.state/opt.bind/file)" = "a bundle" ] && [ -d $M/.state/var-log.bind ] && [ -z "$(ls -A $M/.state/var-log.bind)" ]');
    state.fill('[ "$(cat $M/active.img)" = image ] && [ ! -e $M/.slipway-fill ]');
    expect(sh(`blkid -p -o value -s LABEL ${oem.device}`)).toBe('COS_OEM');
    expect(sh(`blkid -p -o value -s UUID ${oem.device}`)).toBe(before);
    for (const disk of [oem, persistent, state]) sh(`e2fsck -fn ${disk.device}`);
  });

  test('nothing stays mounted', async () => {
    await scrub();
    expect(sh('cat /proc/self/mountinfo')).not.toContain(oem.device);
    expect(sh('ls /run')).not.toMatch(/slipway-mount/);
  });

  test('the closure is shown by reading it back, and its absence is an error', async () => {
    await expect(checkClosure(system, partitions)).rejects.toMatchObject({ problem: { id: 'closure-missing', what: '/oem/95_userdata is not empty' } });
    await scrub();
    expect(await checkClosure(system, partitions)).toEqual(['/oem/95_userdata keeps attached data volumes from being pulled in']);
    oem.fill('rmdir $M/95_userdata');
    await expect(checkClosure(system, partitions)).rejects.toMatchObject({ problem: { id: 'closure-missing' } });
  });

  test('a partition that the agent did not make is named', async () => {
    partitions = partitions.filter(({ name }) => name !== 'persistent');
    await expect(scrub()).rejects.toMatchObject({ problem: { id: 'partition-missing', where: 'persistent' } });
  });
});
