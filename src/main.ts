/** argv to command to exit code. The console is loaded only when it is needed. */
import { runCli } from './cli/run.ts';

// Whoever listens to a signal has gone when the program is just ending; a second Ctrl-C must not take the exit code with it.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});

process.exitCode = await runCli(process.argv.slice(2));
