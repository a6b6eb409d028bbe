/** What this engine reads of the material besides what every engine does. */
import type { InstallMaterial } from '../../model/plan.ts';

/** The planner fills these in for kairos-agent. */
export interface AgentMaterial extends InstallMaterial {
  /** The merged `install:` map, as data: user-data's, and installer-data's over it. Held in memory only. */
  readonly install?: Readonly<Record<string, unknown>>;
}

/** Top-level keys of the configuration that are install-only lists of text (`env`, `cloud-init-paths`), from the material. */
export const listOf = (material: InstallMaterial, key: string): readonly string[] =>
  material.items.filter((item) => item.keyPath[0] === key && typeof item.keyPath[1] === 'number').map((item) => item.value);
