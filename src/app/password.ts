/** Passwords become hashes the moment they are known; nothing else of them is held. */
import { encrypt } from 'unixcrypt';
import type { Problem } from '../model/problem.ts';
import type { System } from '../system/port.ts';

const longest = 1024;

/** SHA-512 crypt (`$6$`) of a password. */
export const hashPassword = (password: string): string => encrypt(password);

/** Reads the first line of a file and hashes it. */
export const hashPasswordFile = async (
  system: System,
  path: string,
): Promise<{ readonly hash: string | null; readonly problems: readonly Problem[] }> => {
  const refuse = (what: string, hint: string): { hash: null; problems: Problem[] } => ({
    hash: null,
    problems: [{ id: 'password-file', severity: 'error', what, where: `--password-file ${path}`, hint }],
  });
  const text = await system.readText(path, longest);
  if (text === null) return refuse('cannot be read, or is bigger than 1 KiB', 'name a file that holds the password alone');
  const password = text.split(/\r?\n/)[0] ?? '';
  if (password === '') return refuse('its first line is empty', 'write the password there');
  return { hash: hashPassword(password), problems: [] };
};
