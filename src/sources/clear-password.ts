/**
 * Whether what stands for a password is one, or a hash of one, or a lock. yip (`mudler/entities`, `shadow.go`) writes what begins with `$`
 * or `!`, and a bare `*`, into `/etc/shadow` as it stands; everything else it hashes on the node, `x` too, out of a file that keeps the
 * clear text.
 */

/** The methods of crypt(5): md5, bcrypt, NT, SHA-256, SHA-512, scrypt, yescrypt, gost-yescrypt, sm3, SHA-1, Sun's md5. */
const methods = '1|2[abxy]?|3|5|6|7|g?y|sm3y?|sha1|md5(?:,[^$]*)?';

/** `$6$rounds=5000$salt$hash`: a method, what it takes, and something behind the last dollar sign. Locked with `!` before it. */
const cryptHash = new RegExp(`^!{0,2}\\$(?:${methods})\\$(?:[^\\s:$]*\\$)+[^\\s:$]+$`);

/** Nobody comes in with these: `!`, `!!`, `!*`, `*`. */
const lock = /^(?:!{1,2}\*?|\*)?$/;

/** `clear`: anybody who reads the file can use it. `unusable`: it is in clear text too, and will be taken for a hash, which it isn't. */
export const judgePassword = (value: unknown): 'clear' | 'unusable' | 'fine' => {
  // A number is a password, too.
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return 'fine';
  const text = String(value);
  // A template is filled in at boot.
  if (lock.test(text) || cryptHash.test(text) || text.includes('{{')) return 'fine';
  return /^[$!]/.test(text) ? 'unusable' : 'clear';
};
