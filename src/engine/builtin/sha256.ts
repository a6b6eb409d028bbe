/** SHA-256 of what is too big to be held in memory. */
import { createHash } from 'node:crypto';
import type { System } from '../../system/port.ts';

const chunkSize = 4 * 1024 * 1024;

/** SHA-256 (hex) of a file or of `length` bytes of it from `start`. */
export const sha256OfFile = async (system: System, path: string, signal: AbortSignal, start = 0, length = Infinity): Promise<string> => {
  const file = await system.open(path);
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(chunkSize);
    for (let position = 0; position < length; ) {
      signal.throwIfAborted();
      const read = await file.read(buffer.subarray(0, Math.min(chunkSize, length - position)), start + position);
      if (read === 0) break;
      hash.update(buffer.subarray(0, read));
      position += read;
    }
    return hash.digest('hex');
  } finally {
    await file.close();
  }
};
