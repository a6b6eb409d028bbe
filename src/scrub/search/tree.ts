/** Walks a directory and searches names, link targets and files. */
import type { System } from '../../system/port.ts';
import type { Collector } from './collect.ts';
import { createDeepSearcher } from './deep.ts';
import { searchPieces } from './stream.ts';

export interface WalkOptions {
  readonly onProgress?: (bytes: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Paths within the tree that are not entered. */
  readonly skip?: ReadonlySet<string>;
}

/** Returns how many bytes of files were read. Links are not followed; devices, sockets and pipes are not opened. */
export const walkTree = async (system: System, root: string, collector: Collector, options: WalkOptions): Promise<number> => {
  const { matcher } = collector;
  const { signal } = options;
  let bytesRead = 0;
  const count = (bytes: number): void => {
    bytesRead += bytes;
    options.onProgress?.(bytesRead, bytesRead);
  };
  const searcher = createDeepSearcher({ collector, trusted: new Set(), onRead: count, ...(signal === undefined ? {} : { signal }) });
  const searchText = (text: string, place: string, inside: string): void => {
    const pieces = searchPieces({ matcher, onMatch: (pattern, offset) => collector.hit(pattern, place, offset, inside) });
    pieces.push(new Uint8Array(Buffer.from(text)));
    pieces.end();
  };
  const searchFile = async (path: string, place: string, size: number): Promise<void> => {
    let file;
    try {
      file = await system.open(path);
    } catch {
      collector.note(`${place}: cannot be read`);
      return;
    }
    try {
      const source = { size, read: (buffer: Uint8Array, position: number) => file.read(buffer, position) };
      await searcher.search(source, [{ start: 0, size }], (offset) => ({ place, offset }));
    } finally {
      await file.close();
    }
  };
  const pending: string[] = [''];
  for (let relative = pending.pop(); relative !== undefined; relative = pending.pop()) {
    signal?.throwIfAborted();
    const path = `${root}/${relative}`;
    const stat = await system.stat(relative === '' ? root : path);
    const place = relative === '' ? root : relative;
    if (stat?.kind === 'directory') {
      const names = await system.list(relative === '' ? root : path);
      if (names === null) collector.note(`${place}: cannot be listed`);
      for (const name of names ?? []) {
        const child = relative === '' ? name : `${relative}/${name}`;
        if (options.skip?.has(child) === true) continue;
        searchText(name, child, 'the name');
        pending.push(child);
      }
    } else if (stat?.kind === 'link') {
      const target = await system.readLink(path);
      if (target !== null) searchText(target, place, 'the link');
    } else if (stat?.kind === 'file' && stat.size > 0) {
      await searchFile(relative === '' ? root : path, place, stat.size);
    }
  }
  return bytesRead;
};
