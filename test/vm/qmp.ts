/** QEMU's monitor protocol: one JSON object a line, answers in the order of the commands. */
import type { Socket } from 'node:net';

interface Message {
  QMP?: unknown;
  event?: string;
  return?: unknown;
  error?: { class: string; desc: string };
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

export class Qmp {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  #rest = '';

  /** @param socket connected; the greeting may still be on its way */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => this.#receive(text));
    socket.on('error', () => {}); // `close` follows
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('QEMU closed its monitor'));
    });
  }

  #receive(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      const message = JSON.parse(line) as Message;
      if (message.QMP !== undefined || message.event !== undefined) continue;
      const waiting = this.#waiting.shift();
      if (message.error === undefined) waiting?.resolve(message.return);
      else waiting?.reject(new Error(`QEMU refused: ${message.error.desc}`));
    }
  }

  /** Sends one command and gives its `return` value. @throws Error when QEMU refuses it or has gone */
  execute(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('QEMU closed its monitor'));
      this.#waiting.push({ resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
  }
}
