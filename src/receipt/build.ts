/** Puts the receipt together. Pure: time and version come in. */
import type { AuditReport } from '../model/audit.ts';
import type { Facts } from '../model/facts.ts';
import type { PlannedInstall } from '../model/plan.ts';
import type { Receipt } from '../model/receipt.ts';

export interface ReceiptInput {
  readonly version: string;
  /** ms since the epoch */
  readonly time: number;
  readonly facts: Facts;
  readonly planned: PlannedInstall;
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
    partitions: plan.layout.map((partition) => ({
      label: partition.label || partition.name,
      size: partition.size,
      fs: partition.fs,
      encrypted: partition.encrypted,
      verified: partition.fs === 'ext4' ? 'table read back, file system checked, contents compared' : 'table read back',
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
