/**
 * Kairos's own partition names and file system labels (agent `sdk/constants`): a disk laid down by
 * Slipway is found by the same words as one laid down by kairos-agent.
 */
export const cosLabels = ['COS_GRUB', 'COS_OEM', 'COS_RECOVERY', 'COS_STATE', 'COS_PERSISTENT'] as const;
export type CosLabel = (typeof cosLabels)[number];

export const kairosPartitionNames = ['bios', 'efi', 'oem', 'recovery', 'state', 'persistent'] as const;
export type KairosPartitionName = (typeof kairosPartitionNames)[number];

/** GPT name of partition 1 while an install runs. See docs of the unfinished mark in the README. */
export const unfinishedMark = 'slipway-unfinished';

/** Labels of a data volume, any case; an earlier one wins. */
export const dataVolumeLabels = ['SLIPWAY', 'CIDATA'] as const;

/** The kept configuration's name on COS_OEM, as kairos-agent names its dump. */
export const keptConfigName = '90_custom.yaml';
