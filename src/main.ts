/** argv to command to exit code. The console is loaded only when it is needed. */
import { runCli } from './cli/run.ts';

process.exitCode = await runCli(process.argv.slice(2));
