/** What reset and upgrade of the installed node do unless they are told otherwise: its `reset:` and `upgrade:` blocks. Pure. */

export interface ResetDefaults {
  /** Keep COS_PERSISTENT; kairos-agent formats it otherwise. */
  readonly keepPersistent?: boolean;
  /** Format COS_OEM too: the configuration goes with it. */
  readonly oem?: boolean;
  readonly finish?: 'reboot' | 'poweroff';
}

export interface UpgradeDefaults {
  /** Image: `oci:`, `docker:`, `dir:`, `file:`, `ocifile:` or a bare reference. */
  readonly source?: string;
  /** Upgrade the recovery system instead of the active one. */
  readonly recovery?: boolean;
  readonly finish?: 'reboot' | 'poweroff';
}

const sourceName = /^(?:(?:oci|docker|dir|file|ocifile):)?[\w./:@-]{1,500}$/;

/** What is wrong with an image to upgrade from, or null. */
export const checkUpgradeSource = (source: string): string | null => (sourceName.test(source) ? null : 'an image is written like oci:registry.example/kairos/image:tag');

const finishKey = (finish: 'reboot' | 'poweroff' | undefined): Readonly<Record<string, unknown>> => (finish === undefined ? {} : { [finish]: true });

/** The two top-level keys, each only where something was answered. A source that is none gives no key. */
export const lifeCycleBlocks = ({ reset, upgrade }: { readonly reset?: ResetDefaults | undefined; readonly upgrade?: UpgradeDefaults | undefined }): Readonly<Record<string, unknown>> => {
  const resetKeys = {
    ...(reset?.keepPersistent === undefined ? {} : { 'reset-persistent': !reset.keepPersistent }),
    ...(reset?.oem === undefined ? {} : { 'reset-oem': reset.oem }),
    ...finishKey(reset?.finish),
  };
  const source = upgrade?.source !== undefined && checkUpgradeSource(upgrade.source) === null ? upgrade.source : undefined;
  const upgradeKeys = {
    ...(source === undefined ? {} : { system: { source } }),
    ...(upgrade?.recovery === undefined ? {} : { recovery: upgrade.recovery }),
    ...finishKey(upgrade?.finish),
  };
  return {
    ...(Object.keys(resetKeys).length === 0 ? {} : { reset: resetKeys }),
    ...(Object.keys(upgradeKeys).length === 0 ? {} : { upgrade: upgradeKeys }),
  };
};
