/** What must be so on the live system before the agent may run; what can be put right is put right. */
import { SlipwayError } from '../../model/problem.ts';
import { cleanText } from '../../model/foreign-text.ts';
import { readBootState } from '../../probe/boot-state.ts';
import type { EngineContext } from '../engine.ts';
import type { System } from '../../system/port.ts';

const refuse = (id: string, what: string, where: string, hint: string): SlipwayError => new SlipwayError({ id, severity: 'error', what, where, hint });

/** ms; the agent's own `install` waits as long (agent `internal/agent/install.go` ensureDataSourceReady) */
const dataSourcePatience = 5 * 60_000;

const dataSourceMark = '/run/.userdata_load';

/** Waits until the live system has decided on a pulled data volume: until then its configuration may still change. */
export const waitForDataSource = async ({ system, signal, emit }: Pick<EngineContext, 'system' | 'signal' | 'emit'>): Promise<void> => {
  const begin = system.now();
  for (let told = false; (await system.stat(dataSourceMark)) !== null; ) {
    if (system.now() - begin > dataSourcePatience) {
      emit({ event: 'log', level: 'warn', text: `${dataSourceMark} is still there after ${dataSourcePatience / 60_000} minutes; going on without` });
      return;
    }
    if (!told) emit({ event: 'log', level: 'info', text: 'waiting for the live system to finish looking for user-data' });
    told = true;
    await system.sleep(500, signal);
  }
};

/** Stops the web installer, which could start a second install at any time. */
export const stopWebInstaller = async (system: System): Promise<void> => {
  const stopped = await system.run(['systemctl', 'stop', 'kairos-webui'], { timeout: 30_000 });
  if (stopped.missing) await system.run(['rc-service', 'kairos-webui', 'stop'], { timeout: 30_000 });
};

/** Commands of the agent that install, behind flags that stand before any command. Pure: the arguments of a process, as in `/proc/…/cmdline`. */
export const isInstalling = (commandLine: string): boolean => {
  const [program = '', ...rest] = commandLine.split('\0');
  const command = rest.find((word) => !word.startsWith('-')) ?? '';
  return /(?:^|\/)kairos-agent$/.test(program) && ['manual-install', 'm', 'install', 'i', 'reset', 'upgrade'].includes(command);
};

/** The process id of another install that runs already, or null. */
export const otherInstall = async (system: System): Promise<string | null> => {
  for (const pid of (await system.list('/proc')) ?? []) {
    if (/^\d+$/.test(pid) && isInstalling((await system.readText(`/proc/${pid}/cmdline`)) ?? '')) return pid;
  }
  return null;
};

export interface LiveState {
  readonly uki: boolean;
  readonly firmware: 'bios' | 'uefi';
  readonly kernelLine: string;
}

const checkNotBusy = async (system: System): Promise<void> => {
  const other = await otherInstall(system);
  if (other !== null) throw refuse('agent-busy', `another install is running (process ${cleanText(other, 20)})`, 'kairos-agent', 'wait for it to end, or end it');
};

/** Throws SlipwayError when the agent must not run here. */
export const checkLiveState = async (system: System): Promise<LiveState> => {
  if (!system.isRoot()) throw refuse('not-root', 'kairos-agent installs as root only', 'kairos-agent', 'start slipway as root');
  const kernelLine = (await system.readText('/proc/cmdline')) ?? '';
  const { state, uki } = readBootState((await system.list('/run/cos')) ?? [], kernelLine);
  if (!['live', 'unknown'].includes(state)) {
    const what = uki ? 'this is an installed Trusted Boot system: the agent would do nothing and say that all is well' : `this is an installed system (${state})`;
    throw refuse('not-live', what, 'kairos-agent', 'boot the installer medium; on an installed node use slipway recovery');
  }
  await checkNotBusy(system);
  return { uki, firmware: (await system.stat('/sys/firmware/efi')) === null ? 'bios' : 'uefi', kernelLine };
};

/**
 * Makes sure that nobody else installs, now or while we wait for user-data: the web installer is stopped before the wait, and what it may have
 * started between the first look and its end is looked for again. Throws SlipwayError when the agent must not run here.
 */
export const takeLiveSystem = async (context: Pick<EngineContext, 'system' | 'signal' | 'emit'>): Promise<LiveState> => {
  const { system } = context;
  const live = await checkLiveState(system);
  await stopWebInstaller(system);
  await checkNotBusy(system);
  await waitForDataSource(context);
  return live;
};
