/**
 * The kernel line without what could be secret: for recordings, JSON and bug reports. Closed by default: a value is shown only where the
 * word is known to be harmless; names of words are always shown.
 */
const harmless: readonly RegExp[] = [
  /^(?:root|rootfstype|rootflags|ro|rw|quiet|console|earlycon|boot|cdroot|netboot|loglevel|init|systemd\.unit|selinux|security|ipv6\.disable|net\.ifnames|nomodeset|panic|BOOT_IMAGE|initrd|vga|consoleblank|mitigations|audit|cos-img\/filename|recovery-mode|reset|upgrade_failure)$/,
  /^(?:live-media|live-media-path|findiso|iso-scan\/filename|img_loop|img_dev|archisolabel|archisodevice|inst\.stage2)$/,
  /^rd\.(?:live|cos|immucore|kairos|neednet|shell|debug|multipath|md|dm|lvm|timeout)(?:\.[a-z_]+)*$/,
  /^slipway\.(?:unattended|device|allow-data-loss|allow|reinstall|engine|finish|audit|data-volume|wait-for-data|encrypt)$/,
];

const hidden = 'REDACTED';
/** Longer words without `=` are data, not switches. */
const longestSwitch = 64;

const redactWord = (word: string): string => {
  const equals = word.indexOf('=');
  if (equals === -1) return word.length > longestSwitch || /[:/@]/.test(word.replace(/^live:(?:CD)?LABEL$/, '')) ? hidden : word;
  const name = word.slice(0, equals).replaceAll('"', '');
  const value = word.slice(equals + 1);
  // Whatever the word: an address may carry a name, a password or a token.
  const isSafe = harmless.some((pattern) => pattern.test(name)) && !/:\/\/|@/.test(value);
  return isSafe ? word : `${name.slice(0, longestSwitch)}=${hidden}`;
};

/** Same words in the same order; values of unknown words become `REDACTED`. */
export const redactKernelLine = (line: string): string =>
  [...line.matchAll(/(?:[^\s"]+|"[^"]*"?)+/g)].map(([word]) => redactWord(word)).join(' ');
