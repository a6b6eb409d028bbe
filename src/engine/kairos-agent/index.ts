/** The engine `kairos-agent`, as the rest of the program sees it. */
export { kairosAgentEngine } from './kairos-agent.ts';
export type { AgentLaidDown } from './kairos-agent.ts';
export type { AgentMaterial } from './material.ts';
export { findKairosAgent, probeKairosAgent } from './find.ts';
