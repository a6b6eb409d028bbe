/** Running the build's tools: argument lists only, output kept for the failure message. */
import { spawn } from 'node:child_process';

export interface ToolOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Text for the tool's standard input. */
  input?: string;
}

/**
 * Runs a program and gives its standard output as text.
 *
 * @throws Error with the command and the end of what it printed, when it cannot be started or fails
 */
export function tool(command: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.stdin.on('error', () => {}); // a tool may end before it has read all; its exit code tells
    child.stdin.end(options.input ?? '');
    child.on('error', (error) => reject(new Error(`cannot start ${command}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ${args.join(' ')} failed (${signal ?? code}): ${(errors || out).trim().slice(-2000)}`));
    });
  });
}

/** Runs `producer | consumer`, for data too large to hold. @throws Error as {@link tool} does, for either side */
export function pipe(producer: readonly [string, ...string[]], consumer: readonly [string, ...string[]], cwd: string): Promise<void> {
  const script = 'set -o pipefail; IFS= read -r n; first=("${@:1:n}"); shift "$n"; "${first[@]}" | "$@"';
  return tool('bash', ['-c', script, 'pipe', ...producer, ...consumer], {
    cwd,
    input: `${producer.length}\n`,
  }).then(() => undefined);
}
