/** Puts the receipt together. Pure: time and version come in. */
import type { AuditReport } from '../model/audit.ts';
import type { Facts } from '../model/facts.ts';
import type { PlannedInstall, PlannedPartition } from '../model/plan.ts';
import type { Receipt } from '../model/receipt.ts';

export interface ReceiptInput {
  readonly version: string;
  /** ms since the epoch */
  readonly time: number;
  readonly facts: Facts;
  readonly planned: PlannedInstall;
  /** The partitions as they really are. */
  readonly layout: readonly PlannedPartition[];
  readonly engineVersion: string;
  /** SHA-256 of the system image, hex */
  readonly imageDigest: string | null;
  readonly removed: readonly string[];
  readonly closed: readonly string[];
  readonly notes: readonly string[];
  readonly audit: AuditReport | null;
  /** ms per phase */
  readonly timings: Readonly<Record<string, number>>;
}

/** What the engines' checks have compared on a partition besides the table: no more than they did (`verify.ts` of each). */
const compared = (engine: PlannedInstall['plan']['engine'], { name }: PlannedPartition): string | null => {
  if (name === 'oem') return 'kept configuration read back and compared';
  if (name === 'efi') return 'boot loader is there';
  if (name !== 'state' && name !== 'recovery') return null;
  return engine === 'builtin' ? 'systems read back and compared with the image' : 'system is there';
};

const verifiedHow = (engine: PlannedInstall['plan']['engine'], partition: PlannedPartition): string =>
  [
    'table read back',
    partition.encrypted ? 'LUKS header read back, opened' : null,
    partition.fs === 'ext4' ? 'file system checked' : null,
    compared(engine, partition),
  ]
    .filter((text) => text !== null)
    .join(', ');

/** The receipt, not signed yet. */
export const buildReceipt = (input: ReceiptInput): Receipt => {
  const { plan } = input.planned;
  const { facts, audit } = input;
  return {
    slipwayReceipt: 1,
    version: input.version,
    time: new Date(input.time).toISOString(),
    machine: {
      serial: facts.system.serial,
      uuid: facts.system.uuid,
      macs: facts.nics.flatMap((nic) => (nic.mac === null ? [] : [nic.mac])),
      disks: facts.disks.flatMap((disk) => (disk.serial === null ? [] : [disk.serial])),
      target: plan.target.path,
      targetSerial: plan.target.kind === 'device' ? plan.target.identity.serial : null,
    },
    engine: { name: plan.engine, version: input.engineVersion },
    source: { uri: plan.source.uri, digest: input.imageDigest, release: { ...plan.source.release } },
    planHash: plan.hash,
    partitions: input.layout.map((partition) => ({
      label: partition.label || partition.name,
      size: partition.size,
      fs: partition.fs,
      encrypted: partition.encrypted,
      verified: verifiedHow(plan.engine, partition),
    })),
    keptConfig: plan.kept.map((file) => ({ name: file.name, sha256: file.sha256 })),
    scrub: { removed: [...input.removed], closed: [...input.closed], notes: [...input.notes] },
    audit:
      audit === null
        ? null
        : {
            mode: audit.mode,
            bytesRead: audit.bytesRead,
            patterns: audit.patterns,
            notSearchable: audit.notSearchable.length,
            hits: audit.hits.length,
            readPath: audit.readPath,
          },
    timings: { ...input.timings },
    result: plan.audit === 'off' ? 'installed-unproven' : 'installed',
  };
};
