/** Executes stage steps in yip's meaning: condition, directories, files, commands; errors are collected, the rest still runs. */
import { decodeFileContent } from '../../sources/file-encoding.ts';
import type { BuiltinStep, StageDirectory, StageFile } from '../../plan/builtin-stages.ts';
import type { System } from '../../system/port.ts';
import type { StageNamespace } from './stage-namespace.ts';

export interface StepFailure {
  /** `installer-data: stages.before-install[0]` */
  readonly from: string;
  /** `commands[1] ended with exit code 3`; never the command's text. */
  readonly what: string;
}


const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

/** yip gives new parent directories the file's mode, with the owner's search bit where it would lack it. */
const parentMode = (permissions: number): number => (permissions < 0o700 ? permissions + 0o100 : permissions);

/** Puts a directory in place as yip does: missing parents get the same mode and owner. Arguments: path, mode, owner. */
const directoryScript = `set -eu
path=$1; mode=$2; owner=$3
if [ -d "$path" ]; then chmod "$mode" "$path"; chown "$owner" "$path"; exit 0; fi
make() {
  parent=$(dirname "$1")
  [ -e "$parent" ] || make "$parent"
  mkdir "$1"; chmod "$mode" "$1"; chown "$owner" "$1"
}
make "$path"
`;

/** Puts a file in place. Arguments: content file, path, mode, owner, mode of a missing parent. */
const fileScript = `set -eu
content=$1; path=$2; mode=$3; owner=$4; parentmode=$5
parent=$(dirname "$path")
[ -e "$parent" ] || sh /run/slipway-stage/directory.sh "$parent" "$parentmode" "$owner"
cat "$content" > "$path"
chmod "$mode" "$path"
chown "$owner" "$path"
`;

export interface StepRunner {
  /** Runs every step of one stage. `onLine` gets what the steps print: it may hold secrets, redact before showing. */
  run(stage: string, signal: AbortSignal, onLine: (line: string) => void): Promise<readonly StepFailure[]>;
}

/**
 * Makes a runner for these steps. All of them see the same overlay, one after the other.
 * @param environment text for a shell to read: what conditions and commands find in their environment
 */
export const createStepRunner = async (
  system: System,
  namespace: StageNamespace,
  steps: readonly BuiltinStep[],
  environment = '',
): Promise<StepRunner> => {
  const inside = '/run/slipway-stage';
  const outside = `${namespace.workspace}/run/slipway-stage`;
  await system.makeDirectory(outside, 0o700);
  await system.writeFile(`${outside}/directory.sh`, directoryScript, { mode: 0o500 });
  await system.writeFile(`${outside}/file.sh`, fileScript, { mode: 0o500 });
  await system.writeFile(`${outside}/environment`, environment, { mode: 0o400 });

  const execute = async (program: readonly string[], signal: AbortSignal, onLine: (line: string) => void): Promise<string | null> => {
    const result = await system.stream(namespace.command(program), { signal, onLine, timeout: 0 });
    signal.throwIfAborted();
    if (result.exitCode === 0) return null;
    return result.exitCode === null ? 'was ended by a signal' : `ended with exit code ${result.exitCode}`;
  };
  /** The text goes through a file, never through an argument list. */
  const shell = async (text: string, signal: AbortSignal, onLine: (line: string) => void): Promise<string | null> => {
    await system.writeFile(`${outside}/command`, text, { mode: 0o500 });
    try {
      return await execute(['/bin/sh', '-c', '. "$0"; exec /bin/sh "$1"', `${inside}/environment`, `${inside}/command`], signal, onLine);
    } finally {
      await system.remove(`${outside}/command`);
    }
  };
  const putDirectory = (item: StageDirectory, signal: AbortSignal, onLine: (line: string) => void): Promise<string | null> =>
    execute(['/bin/sh', `${inside}/directory.sh`, item.path, octal(item.permissions), `${item.owner}:${item.group}`], signal, onLine);
  const putFile = async (file: StageFile, signal: AbortSignal, onLine: (line: string) => void): Promise<string | null> => {
    await system.writeFile(`${outside}/content`, decodeFileContent(file.content, file.encoding), { mode: 0o600 });
    const owner = file.ownerString === '' ? `${file.owner}:${file.group}` : file.ownerString;
    try {
      return await execute(
        ['/bin/sh', `${inside}/file.sh`, `${inside}/content`, file.path, octal(file.permissions), owner, octal(parentMode(file.permissions))],
        signal,
        onLine,
      );
    } finally {
      await system.remove(`${outside}/content`);
    }
  };

  return {
    async run(stage, signal, onLine) {
      const failures: StepFailure[] = [];
      for (const step of steps.filter((candidate) => candidate.stage === stage)) {
        const note = (what: string, failed: string | null): void => {
          if (failed !== null) failures.push({ from: step.from, what: `${what} ${failed}` });
        };
        if (step.condition !== null && (await shell(step.condition, signal, onLine)) !== null) {
          onLine(`skipped ${step.from}: its "if" does not hold`);
          continue;
        }
        for (const [index, item] of step.directories.entries()) note(`directories[${index}]`, await putDirectory(item, signal, onLine));
        for (const [index, item] of step.files.entries()) {
          try {
            note(`files[${index}]`, await putFile(item, signal, onLine));
          } catch (error) {
            signal.throwIfAborted();
            note(`files[${index}]`, `cannot be decoded or written (${error instanceof Error ? error.name : 'error'})`);
          }
        }
        for (const [index, command] of step.commands.entries()) note(`commands[${index}]`, await shell(command, signal, onLine));
      }
      return failures;
    },
  };
};
