/** Keys on a machine's own keyboard, one after the other as a person types them, and what stands on its first virtual terminal. */
import { gunzipSync } from 'node:zlib';
import type { Machine } from './machine.ts';
import type { SerialShell } from './serial-shell.ts';

const named: Readonly<Record<string, string>> = { '\r': 'ret', '\u001B': 'esc', ' ': 'spc', '-': 'minus', '.': 'dot', '/': 'slash', '\t': 'tab' };
const arrows: Readonly<Record<string, string>> = { '\u001B[A': 'up', '\u001B[B': 'down', '\u001B[C': 'right', '\u001B[D': 'left' };

/** QEMU's names of the keys that give `text` on a US keyboard; an arrow's sequence is one key. */
export const keysOf = (text: string): readonly (readonly string[])[] =>
  [...text.matchAll(/\u001B\[[A-D]|[^]/gu)].map(([piece]) => {
    const name = arrows[piece] ?? named[piece] ?? (/^[a-z0-9]$/.test(piece) ? piece : undefined);
    if (name !== undefined) return [name];
    if (/^[A-Z]$/.test(piece)) return ['shift', piece.toLowerCase()];
    throw new Error(`there is no key for ${JSON.stringify(piece)} here`);
  });

export const typeOnKeyboard = async (machine: Machine, text: string): Promise<void> => {
  for (const keys of keysOf(text)) {
    await machine.qmp('send-key', { keys: keys.map((data) => ({ type: 'qcode', data })), 'hold-time': 60 });
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};

/** What stands on tty1, line by line, as the kernel keeps it; read by a shell on another console. */
export const readTty1 = async (shell: SerialShell): Promise<string> => {
  const { text } = await shell.run('head -c 2 /dev/vcsa1 | base64 -w0; echo; gzip -1 -c /dev/vcsu1 | base64 -w0; echo');
  const [size = '', packed = ''] = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const columns = Buffer.from(size, 'base64')[1] ?? 80;
  const cells = gunzipSync(Buffer.from(packed, 'base64'));
  let picture = '';
  for (let at = 0; at + 4 <= cells.length; at += 4) {
    const point = cells.readUInt32LE(at);
    picture += point === 0 || point > 0x10ffff ? ' ' : String.fromCodePoint(point);
    if ((at / 4 + 1) % columns === 0) picture += '\n';
  }
  return picture.split('\n').map((line) => line.trimEnd()).join('\n').trimEnd();
};
