/** What the agent gets in its environment whenever it is started. */
import type { System } from '../../system/port.ts';

/** Where the agent's logger looks for journald (kairos-sdk `types/logger/logger_unix.go`). */
const journal = '/run/systemd/journal/socket';

/**
 * Without journald (OpenRC) the agent logs into files, and closes a log file's number behind the back of the file that owns it (kairos-sdk
 * v0.25.3 `KairosLogger.Close`, called by `ghw.GetDisks`). When Go collects that file, it closes the number again, whatever it belongs to by
 * then: often the output of a command that the agent runs, for which it then waits for ever, or a file that it just reads. Nothing is collected below 256 MiB, more than an
 * install from a directory or file takes. Where there is journald there is nothing to avoid, and nothing is set: hooks inherit it.
 */
export const agentEnvironment = async (system: Pick<System, 'stat'>): Promise<Readonly<Record<string, string>>> =>
  (await system.stat(journal)) === null ? { GOGC: 'off', GOMEMLIMIT: '256MiB' } : {};
