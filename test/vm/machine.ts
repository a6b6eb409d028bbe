/**
 * A virtual machine for tests: started from a disk image, driven over its serial line.
 *
 *     await using machine = await Machine.start({ firmware: 'bios', drives: [{ file: 'disk.img' }] });
 *     await machine.waitForLine('SLIPWAY-SAMPLE booted');
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve as absolute } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { findEmulator, flags, type MachineOptions, qemuArguments, uefiVariablesTemplate } from './qemu-arguments.ts';
import { Qmp } from './qmp.ts';

/** Milliseconds. An emulated machine on a busy host needs 15 to 40 s to its login. */
const patience = 120_000;

interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Listens on a socket file that QEMU connects to: nothing it says can be missed, unlike the other way round. */
async function listen(path: string): Promise<{ server: Server; peer: Promise<Socket> }> {
  const server = createServer();
  const peer = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  return { server, peer };
}

/** Text is taken as it is; of an expression the flags that keep a position are dropped. */
function toExpression(pattern: RegExp | string): RegExp {
  if (typeof pattern === 'string') return new RegExp(pattern.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ''));
}

export class Machine {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #servers: Server[];
  readonly #serial: Socket;
  readonly #qmp: Qmp;
  readonly #exit: Promise<Exit>;
  readonly #whenTheProcessEnds: () => void;
  #ended: Exit | undefined;
  #raw = '';
  #errors: string;
  #read = 0;
  #listeners = new Set<() => void>();

  private constructor(parts: {
    child: ChildProcess;
    folder: string;
    servers: Server[];
    serial: Socket;
    qmp: Qmp;
    exit: Promise<Exit>;
    errors: () => string;
    whenTheProcessEnds: () => void;
  }) {
    this.#child = parts.child;
    this.#folder = parts.folder;
    this.#servers = parts.servers;
    this.#serial = parts.serial;
    this.#qmp = parts.qmp;
    // The end is told only when the last of the serial line has been read: it may still be on its way then.
    const silence = new Promise<void>((resolve) => parts.serial.once('close', () => resolve()));
    this.#exit = parts.exit.then(async (exit) => {
      await silence;
      return exit;
    });
    this.#errors = '';
    this.#whenTheProcessEnds = parts.whenTheProcessEnds;
    this.#serial.setEncoding('utf8').on('data', (text: string) => {
      this.#raw += text;
      this.#notify();
    });
    this.#serial.on('error', () => {}); // QEMU went; #exit tells
    void this.#exit.then((exit) => {
      this.#ended = exit;
      this.#errors = parts.errors();
      this.#notify();
    });
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /**
   * Starts QEMU and connects to it. The firmware runs when this returns.
   *
   * The machine ends with this process, however that ends.
   *
   * @throws Error naming the Debian package when the emulator or its firmware is missing; with QEMU's
   *   own words when it does not start
   */
  static async start(options: MachineOptions): Promise<Machine> {
    const emulator = findEmulator(options);
    const folder = await mkdtemp(join(tmpdir(), 'slipway-vm-'));
    const servers: Server[] = [];
    let child: ChildProcess | undefined;
    try {
      let variables = join(folder, 'variables.fd');
      if (options.firmware === 'uefi') {
        if (options.uefiVariables !== undefined) variables = absolute(options.uefiVariables);
        if (!existsSync(variables)) await copyFile(uefiVariablesTemplate, variables);
      }
      const serial = await listen(join(folder, 'serial'));
      const monitor = await listen(join(folder, 'monitor'));
      servers.push(serial.server, monitor.server);
      const args = [
        qemuArguments(options, variables),
        flags(
          '-display none',
          `-chardev socket,id=serial,path=${join(folder, 'serial')}`,
          '-serial chardev:serial',
          `-chardev socket,id=monitor,path=${join(folder, 'monitor')}`,
          '-mon chardev=monitor,mode=control',
        ),
      ].flat();
      // setpriv replaces itself by QEMU, so child.pid is QEMU's; the kernel kills it when we are gone.
      const started = spawn('setpriv', ['--pdeathsig', 'KILL', emulator, ...args], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child = started;
      const whenTheProcessEnds = (): void => {
        started.kill('SIGKILL');
        rmSync(folder, { recursive: true, force: true });
      };
      process.once('exit', whenTheProcessEnds);

      let errors = '';
      started.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
      const exit = new Promise<Exit>((resolve) => {
        started.once('error', (error) => {
          errors += error.message;
          resolve({ code: null, signal: null });
        });
        started.once('close', (code, signal) => resolve({ code, signal }));
      });
      const failed = exit.then(() => {
        process.off('exit', whenTheProcessEnds);
        throw new Error(`QEMU did not start: ${errors.trim()}`);
      });
      failed.catch(() => {}); // it loses the race below when all is well, and nobody looks at it again
      const connected = await Promise.race([Promise.all([serial.peer, monitor.peer]), failed]);

      const qmp = new Qmp(connected[1]);
      // It connects before it opens its drives: when those are wrong, the monitor closes and its words follow.
      await qmp.execute('qmp_capabilities').catch(() => failed);
      return new Machine({
        child,
        folder,
        servers,
        serial: connected[0],
        qmp,
        exit,
        errors: () => errors,
        whenTheProcessEnds,
      });
    } catch (error) {
      child?.kill('SIGKILL');
      for (const server of servers) server.close();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Process id of QEMU. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Everything the serial line gave so far, exactly. */
  get rawText(): string {
    return this.#raw;
  }

  /** The same without terminal escapes and carriage returns. */
  get text(): string {
    return stripVTControlCharacters(this.#raw).replaceAll('\r', '');
  }

  /**
   * Waits until the serial line shows `pattern` behind the last match, so that successive calls walk
   * through the output.
   *
   * @param timeout milliseconds
   * @returns the match; for a string, a match of that string
   * @throws Error with the end of the output when the time is over or the machine ends first
   */
  waitFor(pattern: RegExp | string, timeout: number = patience): Promise<RegExpExecArray> {
    return this.#wait(toExpression(pattern), timeout, () => this.text);
  }

  /**
   * The same, but looks at complete lines only: use it where the pattern reaches to the end of a line,
   * which {@link waitFor} may see when half of it has come.
   */
  waitForLine(pattern: RegExp | string, timeout: number = patience): Promise<RegExpExecArray> {
    return this.#wait(toExpression(pattern), timeout, () => this.text.slice(0, this.text.lastIndexOf('\n') + 1));
  }

  #wait(expression: RegExp, timeout: number, text: () => string): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      const fail = (why: string): void => {
        finish();
        reject(new Error(`${why} while waiting for ${expression}; the serial line ended with:\n${this.text.slice(-3000)}`));
      };
      const look = (): void => {
        const match = expression.exec(text().slice(this.#read));
        if (match !== null) {
          this.#read += match.index + match[0].length;
          finish();
          resolve(match);
        } else if (this.#ended !== undefined) {
          fail(`the machine ended (${this.#ended.signal ?? this.#ended.code}) ${this.#errors.trim()}`);
        }
      };
      const timer = setTimeout(() => fail(`nothing came within ${timeout / 1000} s`), timeout);
      this.#listeners.add(look);
      look();
    });
  }

  /** Types on the serial line. A line ends with `\r`. */
  write(text: string): void {
    this.#serial.write(text);
  }

  /** Runs a monitor command (QMP). @throws Error when QEMU refuses it or has gone */
  qmp(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    return this.#qmp.execute(command, args);
  }

  /** Writes what the VGA screen shows into a PNG file. @throws Error when QEMU cannot write it */
  async screendump(file: string): Promise<void> {
    await this.qmp('screendump', { filename: absolute(file), format: 'png' });
  }

  /**
   * Waits for the machine to end by itself: it was powered off, or rebooted.
   *
   * @param timeout milliseconds
   * @throws Error with the end of the output when it still runs then
   */
  async waitForEnd(timeout: number = patience): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the machine still runs after ${timeout / 1000} s; the serial line ended with:\n${this.text.slice(-3000)}`)),
        timeout,
      );
    });
    try {
      await Promise.race([this.#exit, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends this machine, by its process id, and removes its temporary files. Calling it twice does no harm. */
  async stop(): Promise<void> {
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    if (this.#ended === undefined) this.#child.kill('SIGTERM');
    await this.#exit;
    clearTimeout(kill);
    process.off('exit', this.#whenTheProcessEnds);
    this.#serial.destroy();
    for (const server of this.#servers) server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
