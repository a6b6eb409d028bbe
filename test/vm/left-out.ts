/**
 * Test files that `npm run test:vm` leaves to `npm run soak`: all of it together takes longer than a change can wait for. Files that run
 * in both leave single tests out by `soak`, and say so in their names.
 */
export const leftOut: readonly { readonly file: string; readonly what: string }[] = [
  { file: 'agent-power-cut.test.ts', what: 'power cuts under kairos-agent; the windows in which it is not held back, measured' },
  { file: 'target-changed.test.ts', what: 'disks that swap their names before the first write, on real devices; on recorded ones in npm test' },
  { file: 'known-partitions.test.ts', what: 'an install over partitions that the kernel has read; that of a repeated power cut is one, too' },
  { file: 'agent-abort.test.ts', what: 'kairos-agent aborted and killed in a machine; its conformance tests of the same run in npm test' },
];

/** What is shorter there than in the soak. */
export const shortened: readonly string[] = [
  'boot menu: not the entries for the serial line and of Kairos',
  'power cuts: 4 of 20, each followed by a start with BIOS or with UEFI and not with both, none over an older install; a disk that is untouched is not installed again',
  'the factory with kairos-agent: with BIOS, one start from its disk of three, without the second run of the same media',
];
