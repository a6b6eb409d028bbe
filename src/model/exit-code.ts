/** What the process ends with. Scripts and factories rely on these numbers. */
export const exitCodes = {
  done: 0,
  usage: 2,
  answersInvalid: 3,
  machineUnsuitable: 4,
  failedUntouched: 5,
  failedTouched: 6,
  auditFound: 7,
  dataVolumeOrPlan: 8,
  bug: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What each code means, in the words of the README and of the last line of a run. */
export const exitCodeMeaning: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  2: 'usage error',
  3: 'answers or configuration invalid',
  4: 'machine unsuitable',
  5: 'failed, disk untouched',
  6: 'failed, disk touched',
  7: 'the audit found install-only material',
  8: 'data volume or approved plan not there or not equal',
  70: 'a bug in slipway',
  130: 'interrupted before the disk was touched',
};
