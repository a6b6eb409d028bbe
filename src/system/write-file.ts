/** Writing whole files so that at every moment the old or the new one is there. */
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import type { System } from './port.ts';
import { runToEnd } from './run-command.ts';

/** Owner and extended attributes of `from`; the attributes as far as both file systems have them. */
const takeAfter = async (handle: fs.FileHandle, temporary: string, from: string, mode: number): Promise<void> => {
  const { uid, gid } = await fs.lstat(from);
  const own = await handle.stat();
  if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid);
  // Node has no call for extended attributes (access lists, SELinux labels); cp of the coreutils has, busybox's does without.
  await runToEnd(['cp', '--attributes-only', '--no-dereference', '--preserve=all', '--', from, temporary]);
  await handle.chmod(mode);
  const now = new Date();
  await handle.utimes(now, now);
};

/** Zeros over the content of a file that was just replaced: its blocks are free now and would keep it. Not where another name holds it. */
const overwrite = async (old: fs.FileHandle): Promise<void> => {
  const { nlink, size } = await old.stat();
  if (nlink > 0 || size === 0) return;
  await old.write(Buffer.alloc(size), 0, size, 0);
  await old.datasync();
};

/** FAT among them, of which data volumes are made. */
const withoutLinks = new Set(['EPERM', 'EOPNOTSUPP', 'ENOSYS']);

/** Gives a file its name, where nothing has it yet. Throws with code EEXIST where something has. */
const nameOnce = async (temporary: string, path: string): Promise<void> => {
  try {
    // link() fails where something is already; rename() would replace it.
    await fs.link(temporary, path);
    await fs.unlink(temporary);
  } catch (error) {
    if (!withoutLinks.has(String((error as { code?: unknown }).code))) throw error;
    // The name is taken first, by an empty file of our own; then that one is replaced.
    await (await fs.open(path, 'wx')).close();
    await fs.rename(temporary, path);
  }
};

/** See `System.writeFile`; `explain` makes the error that is thrown. */
export const writeWholeFile = async (
  path: string,
  data: string | Uint8Array,
  { mode, exclusive, replaces }: Parameters<System['writeFile']>[2],
  explain: (error: unknown) => Error,
): Promise<void> => {
  const temporary = `${path}.${Buffer.from(crypto.getRandomValues(new Uint8Array(6))).toString('hex')}.tmp`;
  let old: fs.FileHandle | undefined;
  try {
    if (replaces === true) old = await fs.open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const handle = await fs.open(temporary, 'wx', mode);
    try {
      await handle.chmod(mode);
      await handle.writeFile(data);
      if (replaces === true) await takeAfter(handle, temporary, path, mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (exclusive === true) await nameOnce(temporary, path);
    else await fs.rename(temporary, path);
    if (old !== undefined) await overwrite(old);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw explain(error);
  } finally {
    await old?.close().catch(() => undefined);
  }
};
