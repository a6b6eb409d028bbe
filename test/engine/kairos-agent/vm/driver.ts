/**
 * Runs inside the virtual machine: a whole install by the real agent to the disk with the serial number TARGET0, with scrub, closure,
 * audit and activation. Prints events as JSON lines. Words: `hold` ends it before the disk is activated.
 */
import { createHash } from 'node:crypto';
import { runInstall } from '../../../../src/app/run-install.ts';
import type { Engine, LaidDown } from '../../../../src/engine/engine.ts';
import { kairosAgentEngine, probeKairosAgent } from '../../../../src/engine/kairos-agent/index.ts';
import type { AgentLaidDown, AgentMaterial } from '../../../../src/engine/kairos-agent/index.ts';
import type { InstallPlan, PlannedPartition } from '../../../../src/model/plan.ts';
import { planLayout } from '../../../../src/plan/layout.ts';
import { deviceTarget } from '../../../../src/plan/target.ts';
import { probeMachine } from '../../../../src/probe/probe.ts';
import { probeSource } from '../../../../src/probe/source.ts';
import { stripInstallerData } from '../../../../src/scrub/strip.ts';
import { createRealSystem } from '../../../../src/system/real.ts';

/** What a stage leaves on purpose is shorter than what the audit searches for: it would be found, rightly. */
const installerData = `#cloud-config
stages:
  kairos-install.pre:
  - name: pre
    commands: ['echo pre-ran-zebra-0001 >> /tmp/trail', 'false # failing-command-zebra-0002']
  before-install:
  - files:
    - path: /run/cos/oem/from-before-install
      permissions: 0600
      content: "left"
    - path: /run/cos/state/deleted-again
      content: "SECRET-zebra-9431-deleted-on-state"
    commands: ['sync', 'rm /run/cos/state/deleted-again']
  - if: '[ -d /sys/firmware/efi ]'
    files:
    - path: /run/cos/efi/EFI/debian/grub.cfg
      permissions: 0644
      content: |
        search --no-floppy --label --set=root COS_STATE
        set prefix=($root)/grub2
        configfile ($root)/grub2/grub.cfg
  after-install-chroot:
  - files:
    - path: /etc/made-in-the-chroot
      permissions: 0644
      content: "chroot"
    commands: ['echo SECRET-zebra-9431-only-a-command > /dev/null']
  after-install:
  - commands: ['echo after-install-ran >> /tmp/trail']
  kairos-install.after:
  - commands: ['echo install-after-ran >> /tmp/trail', 'cat /tmp/trail > /dev/slipway-trail', 'env | grep ^FACTORY > /dev/slipway-env']
install:
  env: ['FACTORY_TOKEN=SECRET-zebra-9431-env']
  grub_options: {extra_cmdline: "vm-was-here"}
`;

const keptText = `#cloud-config
hostname: agent-node
stages:
  initramfs:
  - users:
      kairos:
        passwd: "$6$salt$hash"
        groups: [admin]
`;

const system = createRealSystem();
const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const facts = await probeMachine(system, {});
const disk = facts.disks.find((one) => one.serial === 'TARGET0');
if (disk === undefined) throw new Error(`no TARGET0 among ${facts.disks.map((one) => one.serial).join(', ')}`);
print({ disk: disk.path, verdict: disk.verdict, reasons: disk.reasons.map(({ what }) => what), unfinished: disk.unfinished, boot: facts.boot, tpm: facts.tpm });
print(await probeKairosAgent(system));
const { source, problems } = await probeSource(system, 'dir:/rig-source');
if (source === null) throw new Error(JSON.stringify(problems));
const data = stripInstallerData(installerData, 'installer-data');
const encrypted = process.argv.includes('encrypt') ? ['COS_PERSISTENT'] : [];
const { layout } = planLayout(disk.size, 520 * 1024 ** 2, { sizes: {}, extra: [] }, disk.path);
const partitions: PlannedPartition[] = layout.partitions.map((partition) => ({ ...partition, encrypted: encrypted.includes(partition.label) }));
const plan = {
  slipwayPlan: 1,
  engine: 'kairos-agent',
  target: deviceTarget(disk),
  targetText: disk.path,
  lost: [],
  wipes: [],
  cautions: [],
  source,
  layout: partitions,
  kept: [{ name: '90_custom.yaml', mode: 0o640, bytes: keptText.length, sha256: sha256(keptText) }],
  installOnly: [],
  stages: [],
  steps: [],
  finish: 'none',
  audit: 'written',
  receipts: ['/run/slipway'],
  answers: {},
  hash: sha256('vm'),
} as unknown as InstallPlan;
const material: AgentMaterial = {
  keptFiles: { '90_custom.yaml': keptText },
  stages: data.steps,
  strictStages: false,
  items: data.items,
  grubOptions: { extra_cmdline: 'vm-was-here' },
  bootEntryName: 'Kairos',
  receiptKey: null,
  install: data.install,
};

/** The audit looks where the agent put things; and `hold` shows the disk as it is before it is activated. */
const engine: Engine = {
  name: 'kairos-agent',
  async run(context): Promise<LaidDown> {
    const laid = (await kairosAgentEngine.run(context)) as AgentLaidDown;
    partitions.splice(0, partitions.length, ...laid.layout);
    print({ layout: laid.layout.map((row) => `${row.number} ${row.name} ${row.size / 1024 ** 2}`) });
    return process.argv.includes('hold') ? { ...laid, activate: () => Promise.reject(new Error('held')) } : laid;
  },
};
const controller = new AbortController();
const abortAt = process.argv.find((word) => word.startsWith('abort='))?.slice('abort='.length);
let shown = 0;
for await (const event of runInstall({ system, planned: { plan, material, already: false, image: null }, facts, engine, engineVersion: 'vm', version: 'vm', signal: controller.signal })) {
  if (event.event === 'phase' && abortAt !== undefined && event.step?.includes(abortAt) === true) controller.abort(new Error('abort'));
  if (event.event === 'progress') {
    if (Date.now() - shown < 5000) continue;
    shown = Date.now();
  }
  print({ t: Math.round(performance.now() / 1000), ...event });
}
print({ trail: await system.readText('/dev/slipway-trail'), env: await system.readText('/dev/slipway-env') });
