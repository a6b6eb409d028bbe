import type { Cleanup } from './port.ts';

/** The one list of things to undo. Run on every way out of the process; later entries run first. */
export const createCleanup = (): Cleanup => {
  const entries: { what: string; undo: () => Promise<void> }[] = [];
  return {
    add(what, undo) {
      const entry = { what, undo };
      entries.push(entry);
      return async () => {
        const index = entries.indexOf(entry);
        if (index === -1) return;
        entries.splice(index, 1);
        await undo();
      };
    },
    async run() {
      const failed: string[] = [];
      for (let entry = entries.pop(); entry !== undefined; entry = entries.pop()) {
        try {
          await entry.undo();
        } catch (error) {
          failed.push(`${entry.what}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      return failed;
    },
  };
};
