/** Names of a node's systems, and of the files that each consists of. */

export const systemNames = ['active', 'passive', 'recovery'] as const;
export type SystemName = (typeof systemNames)[number];

/** The files of a system that Slipway laid down: `/cOS/active.img`, `/cOS/active.vmlinuz`, `/cOS/active.initrd`. */
export const suffixes = ['img', 'vmlinuz', 'initrd'] as const;
export type Suffix = (typeof suffixes)[number];
