/** A receipt says of each partition what was checked, and no more (invariant 8). */
import { expect, test } from 'vitest';
import type { PlannedPartition } from '../../src/model/plan.ts';
import { receiptSchema } from '../../src/model/receipt.ts';
import { buildReceipt } from '../../src/receipt/build.ts';
import type { ReceiptInput } from '../../src/receipt/build.ts';

const partition = (name: string, label: string, fs: PlannedPartition['fs'], encrypted = false): PlannedPartition => ({ number: 1, name, label, fs, start: 0, size: 1, encrypted });

const given = (engine: 'builtin' | 'kairos-agent', layout: readonly PlannedPartition[]): ReceiptInput =>
  ({
    version: 'v', time: 0, engineVersion: 'v', imageDigest: null, removed: [], closed: [], notes: [], audit: null, timings: {}, layout,
    facts: { system: { serial: null, uuid: null }, nics: [], disks: [] },
    planned: { plan: { engine, target: { kind: 'image', path: '/x.img', size: 1 }, source: { uri: 'dir:/x', release: {} }, hash: '0'.repeat(64), layout: [], kept: [], audit: 'written' } },
  }) as unknown as ReceiptInput;

test.each<['builtin' | 'kairos-agent', Record<string, string>]>([
  ['builtin', { COS_STATE: 'table read back, file system checked, systems read back and compared with the image', COS_PERSISTENT: 'table read back, file system checked' }],
  ['kairos-agent', { COS_STATE: 'table read back, file system checked, system is there', COS_PERSISTENT: 'table read back, LUKS header read back, opened, file system checked' }],
])('%s', (engine, expected) => {
  const layout = [partition('state', 'COS_STATE', 'ext4'), partition('persistent', 'COS_PERSISTENT', 'ext4', engine === 'kairos-agent'), partition('bios', '', 'none')];
  const receipt = receiptSchema.parse(buildReceipt(given(engine, layout)));
  expect(Object.fromEntries(receipt.partitions.map(({ label, verified }) => [label, verified]))).toEqual({ ...expected, bios: 'table read back' });
});
