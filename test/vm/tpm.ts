/** A software TPM 2.0 for a virtual machine. Its state stays in a folder: another start of it is the same chip. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Tpm {
  /** QEMU arguments. */
  readonly args: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** One for one machine; it ends with the machine, or with `dispose`. @throws Error when the Debian package swtpm is missing */
export const startTpm = async (folder: string): Promise<Tpm> => {
  const state = resolve(folder);
  const socket = `${state}/socket`;
  mkdirSync(state, { recursive: true });
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'swtpm', 'socket', '--tpm2', '--tpmstate', `dir=${state}`, '--ctrl', `type=unixio,path=${socket}`, '--terminate', '--flags', 'startup-clear'], { stdio: 'ignore' });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  for (let waited = 0; !existsSync(socket); waited += 50) {
    if (waited > 5000 || child.exitCode !== null) throw new Error('the software TPM did not start; install the Debian package swtpm (node scripts/prepare.mjs does)');
    await delay(50);
  }
  return {
    args: ['-chardev', `socket,id=tpm,path=${socket}`, '-tpmdev', 'emulator,id=tpm0,chardev=tpm', '-device', 'tpm-tis,tpmdev=tpm0'],
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
};
