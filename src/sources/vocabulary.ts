/**
 * The words that Kairos, yip and provider-kairos know (kairos.md 3.3 to 3.9). A word of it is never secret: the
 * checks suggest from it, and the audit does not search for it.
 */
import { bootStageNames, installStageNames } from '../model/stages.ts';
import { settings } from '../model/settings.ts';

/** Top-level keys of a cloud-config that an installed node reads. */
export const keptTopLevelKeys = [
  'name', 'users', 'stages', 'install', 'bundles', 'grub_options', 'options', 'p2p', 'k3s', 'k3s-agent', 'k0s', 'k0s-worker',
  'kubevip', 'kcrypt', 'phonehome', 'logs', 'reset', 'upgrade', 'hostname', 'write_files', 'runcmd', 'growpart',
  'ssh_authorized_keys', 'bind-pcrs', 'bind-public-pcrs', 'eject-cd', 'cosign', 'verify', 'squash-no-compression',
  'squash-compression', 'fail_on_bundles_errors', 'cosign-key', 'arch', 'fullcloudconfig', 'uki-max-entries', 'provider',
] as const;

/** Top-level keys that are install-only: an installed node would act on them again. */
export const installOnlyTopLevelKeys = ['config_url', 'env', 'debug', 'strict', 'cloud-init-paths', 'slipway'] as const;

/** Keys of `install:` whose effect is meant to stay: stripped, not searched for. */
export const effectStaysInstallKeys = [
  'bundles', 'grub_options', 'grub-entry-name', 'bind_mounts', 'ephemeral_mounts', 'extra-dirs-rootfs', 'partitions',
  'extra-partitions', 'encrypted_partitions', 'ssh_hardening', 'device', 'source', 'system', 'recovery-system',
] as const;

export const installKeys = [
  ...effectStaysInstallKeys,
  'auto', 'reboot', 'poweroff', 'no-format', 'force', 'passive', 'skip_copy_kcrypt_plugin', 'env', 'nousers', 'cloud-init', 'iso',
  'tty', 'firmware', 'part-table', 'allow-insecure-registries', 'skip-entries', 'image', 'eject-cd',
] as const;

/** Keys of one entry of a stage's list. */
export const stageEntryKeys = [
  'name', 'if', 'commands', 'files', 'downloads', 'directories', 'users', 'authorized_keys', 'ensure_entities',
  'delete_entities', 'dns', 'hostname', 'sysctl', 'modules', 'systemctl', 'environment', 'environment_file', 'packages',
  'package_pins', 'unpack_images', 'node', 'after', 'datasource', 'layout', 'systemd_firstboot', 'timesyncd', 'git', 'only_os',
  'only_os_version', 'only_arch', 'only_service_manager', 'if_files',
] as const;

const nestedWords = [
  'path', 'permissions', 'owner', 'group', 'ownerstring', 'owner_string', 'content', 'encoding', 'url', 'timeout', 'entity',
  'nameservers', 'search', 'options', 'enable', 'disable', 'start', 'mask', 'overrides', 'service', 'install', 'remove', 'refresh',
  'upgrade', 'source', 'target', 'platform', 'providers', 'userdata_name', 'device', 'label', 'init_disk', 'disk_name',
  'expand_partition', 'add_partitions', 'fsLabel', 'pLabel', 'filesystem', 'bootable', 'size', 'fs', 'auth', 'username', 'password',
  'private_key', 'insecure', 'public_key', 'branch', 'branch_only', 'any', 'all', 'none', 'passwd', 'groups', 'primary_group',
  'gecos', 'homedir', 'no_create_home', 'no_user_group', 'system', 'no_log_init', 'shell', 'lock_passwd', 'lockPasswd', 'uid',
  'oem', 'recovery', 'state', 'persistent', 'efi', 'uri', 'db_path', 'local_file', 'repository', 'rootfs_path', 'targets',
  'default_fallback', 'default_menu_entry', 'extra_active_cmdline', 'extra_cmdline', 'extra_passive_cmdline',
  'extra_recovery_cmdline', 'next_entry', 'saved_entry', 'enabled', 'args', 'replace_args', 'replace_env', 'embedded_registry',
  'network_token', 'network_id', 'role', 'dns', 'loglevel', 'minimum_nodes', 'disable_dht', 'dynamic_roles', 'vpn', 'create', 'use',
  'auto', 'ha', 'master_nodes', 'external_db', 'eip', 'manifest_url', 'interface', 'static_pod', 'version', 'image', 'challenger',
  'challenger_server', 'mdns', 'certificate', 'nv_index', 'c_index', 'tpm_device', 'devices', 'journal', 'receipt_key',
] as const;

const stageNames = [...installStageNames, ...bootStageNames];

/** Every stage name, with `.before` and `.after`. */
export const allStageNames: readonly string[] = stageNames.flatMap((name) => [`${name}.before`, name, `${name}.after`]);

/** Values out of fixed lists: they are in every image and say nothing. */
const enumWords = [
  'true', 'false', 'null', 'auto', 'admin', 'root', 'base64', 'b64', 'gzip', 'gz', 'ext2', 'ext3', 'ext4', 'xfs', 'vfat', 'btrfs', 'swap',
  'master', 'worker', 'COS_OEM', 'COS_PERSISTENT', 'COS_STATE', 'COS_RECOVERY', 'COS_GRUB', 'COS_ACTIVE', 'COS_PASSIVE', 'COS_SYSTEM',
  'unattended', 'poweroff', 'kairos-agent', 'systemd', 'openrc', '#cloud-config', '/bin/bash', '/bin/sh', '/dev/null', 'kairos',
] as const;

/** Keys, stage names and enum values: what the audit leaves out as fixed vocabulary. */
export const fixedVocabulary: ReadonlySet<string> = new Set<string>([
  ...keptTopLevelKeys,
  ...installOnlyTopLevelKeys,
  ...installKeys,
  ...stageEntryKeys,
  ...nestedWords,
  ...allStageNames,
  ...enumWords,
  ...settings.map((setting) => setting.name),
  ...settings.flatMap((setting): readonly string[] => ('words' in setting ? setting.words : [])),
]);
