/** What is wrong with a partition table, from what sfdisk says of it on standard error. Pure. */
import type { LostGpt } from './gpt.ts';
import type { TableDamage } from './node.ts';

/** null: it is whole. sfdisk reads whichever of the two is whole, and says which one is not. */
export const tableDamageIn = (stderr: string): TableDamage | null => {
  if (/backup GPT table is corrupt/i.test(stderr)) return { lost: 'backup', what: 'the backup of the partition table is damaged; the table itself is whole', script: null };
  if (/corrupt|checksum|invalid|damaged/i.test(stderr)) return { lost: 'primary', what: 'the partition table is damaged; what is known of it comes from its backup', script: null };
  return null;
};

/** The first sector is gone, and with it the sign that there is a GPT. */
export const frontDamage = ({ from, script }: LostGpt): TableDamage => ({
  lost: 'front',
  what: `the first ${from === 'primary' ? 'sector is' : 'sectors are'} damaged; what is known of the partitions comes from ${from === 'primary' ? 'the table behind it' : 'the backup at the end'}`,
  script,
});
