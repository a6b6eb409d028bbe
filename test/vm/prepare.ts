/** Before any test in a virtual machine: what several of them share is made once, and not by two at the same time. */
import { prepareLiveShell } from './live-shell.ts';

/** Builds the live ISO where it is not up to date, and the state from which machines with a shell are restored. */
export const setup = async (): Promise<void> => {
  const begin = Date.now();
  await prepareLiveShell();
  console.log(`# live ISO and a machine's state: ready after ${((Date.now() - begin) / 1000).toFixed(0)} s`);
};
