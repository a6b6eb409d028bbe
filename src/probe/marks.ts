/** Which serial numbers and WWNs tell one disk from another, and which are filler. */

const filler =
  /^(?:(.)\1*|0?1?23456789[0a-f]*|abcdefgh?|(?:serial|sn|none|unknown|n\/a|default|usb|disk|generic|sd|mmc)[\s._-]*(?:number)?0*|to be filled.*)$/i;

/** A serial that a maker really gave: not empty, not one character repeated, not a well-known filler. */
export const isSerialMark = (serial: string | null): serial is string => serial !== null && serial.length >= 2 && !filler.test(serial);

/** A WWN that isn't all zeros or all ones, whatever its prefix (`0x`, `naa.`, `eui.`, `uuid.`, `nvme.`). */
export const isWwnMark = (wwn: string | null): wwn is string => {
  if (wwn === null) return false;
  const digits = wwn.replace(/^(?:0x|naa\.|eui\.|uuid\.|t10\.|nvme\.)/i, '').replaceAll(/[^0-9a-z]/gi, '');
  return digits.length >= 8 && !/^(.)\1*$/i.test(digits);
};

export interface Marked {
  readonly kname: string;
  readonly serial: string | null;
  readonly wwn: string | null;
  /** bytes */
  readonly size: number;
}

/** True when serial or WWN tells this disk from every other one in the list. */
export const hasIdentity = (disk: Marked, others: readonly Marked[]): boolean => {
  const alone = (same: (other: Marked) => boolean): boolean => !others.some((other) => other.kname !== disk.kname && same(other));
  return (
    (isWwnMark(disk.wwn) && alone((other) => other.wwn === disk.wwn)) ||
    (isSerialMark(disk.serial) && alone((other) => other.serial === disk.serial))
  );
};

/** Two names of one disk may differ in whether they say the serial number, not in which one it is. */
const contradict = (one: string | null, other: string | null): boolean => isSerialMark(one) && isSerialMark(other) && one !== other;

/** Another path to the same disk: two names that answer with the same WWN and size, and not with different serial numbers. */
export const otherPathOf = <T extends Marked>(disk: Marked, others: readonly T[]): T | undefined =>
  isWwnMark(disk.wwn)
    ? others.find((other) => other.kname !== disk.kname && other.size === disk.size && other.wwn === disk.wwn && !contradict(disk.serial, other.serial))
    : undefined;
