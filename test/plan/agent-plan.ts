/** A plan for kairos-agent on an empty disk, with the steps of the test. */
import { createHash } from 'node:crypto';
import type { StageStep } from '../../src/model/stages.ts';
import type { PlanInput, PlanOutcome } from '../../src/plan/input.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { emptyDisk, facts, sources } from '../app/fake-effects.ts';

const machine = facts({ disks: [emptyDisk], memory: 4 * 1024 ** 3 });

export const agentPlan = ({
  steps = [],
  kernelLine = '',
  partition = [],
  uki = false,
}: {
  readonly steps?: readonly StageStep[];
  readonly kernelLine?: string;
  /** `--partition` */
  readonly partition?: readonly string[];
  readonly uki?: boolean;
}): PlanOutcome =>
  makePlan(
    {
      facts: { ...machine, kernelLine, boot: { ...machine.boot, uki } },
      sources: sources({ documents: [{ kind: 'user-data', name: 'user-data', text: '#cloud-config\nusers:\n- name: kairos\n  groups: [admin]\n' }] as PlanInput['sources']['documents'], install: {}, steps, problems: [] }),
      source: { kind: 'dir', uri: 'dir:/run/rootfsbase', size: 400 * 1024 ** 2, kernel: '/boot/vmlinuz', initrd: '/boot/initrd', release: {} } as PlanInput['source'],
      engines: [{ name: 'kairos-agent', available: true, version: 'v2.31.4', missing: [], canIsolateStages: true, path: '/usr/bin/kairos-agent', root: true, busy: null, keyServerPlugin: false }],
      image: null,
      layers: { flag: { device: '/dev/sda', ...(partition.length === 0 ? {} : { partition }) } },
      passwordHash: null,
      resolvedDevice: null,
      now: Date.UTC(2026, 10, 21),
      problems: [],
    },
    (text) => createHash('sha256').update(text).digest('hex'),
  );
