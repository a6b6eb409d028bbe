/**
 * What systeminformation knows of this machine, for the welcome screen and the receipt only. It spawns shells and takes up to 40 ms a
 * question; nothing is ever decided by it (that is what `src/probe` is for).
 */
import * as information from 'systeminformation';

export interface HardwareSummary {
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly distribution: string;
  readonly kernel: string;
  /** `Intel Xeon Platinum 8375C`, vendor and brand in people's words */
  readonly processor: string;
  readonly virtual: boolean;
}

/** ms; a machine whose tools hang has no summary. */
const patience = 2000;

const gatherSummary = async (): Promise<HardwareSummary> => {
  const [os, cpu, system] = await Promise.all([information.osInfo(), information.cpu(), information.system()]);
  return {
    distribution: [os.distro, os.release, os.codename === '' ? '' : `(${os.codename})`].filter((part) => part !== '').join(' '),
    kernel: os.kernel,
    processor: [cpu.manufacturer, cpu.brand].filter((part) => part !== '').join(' '),
    virtual: system.virtual === true,
  };
};

/** The summary, or null when it could not be had in time. Never throws. */
export const hardwareSummary = async (): Promise<HardwareSummary | null> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), patience);
  });
  try {
    return await Promise.race([gatherSummary(), late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
};
