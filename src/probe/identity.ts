import type { DiskIdentity } from '../model/plan.ts';
import type { System } from '../system/port.ts';
export const compareIdentity = (_a: DiskIdentity, _b: DiskIdentity): string[] => [];
export const readIdentity = async (_s: System, _p: string): Promise<DiskIdentity> => { throw new Error('x'); };
