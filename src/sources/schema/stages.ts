/** The steps of a stage (mudler/yip v1.25 `pkg/schema/schema.go`). */
import * as z from 'zod';
import { allStageNames } from '../vocabulary.ts';
import { block, flag, listOf, maybe, size, text, textList, textMap, whole } from './words.ts';

const permissions = z.int({ error: 'takes octal permissions without quotes, such as 0644' }).min(0).max(0o7777, { error: 'takes octal permissions such as 0644' });

const path = text.meta({ description: 'absolute path' });

const file = block({
  path,
  permissions: maybe(permissions),
  owner: maybe(whole),
  group: maybe(whole),
  ownerstring: maybe(text),
  content: maybe(text),
  encoding: maybe(text),
});

const download = block({ path, url: text, permissions: maybe(permissions), owner: maybe(whole), group: maybe(whole), ownerstring: maybe(text), timeout: maybe(whole) });
const directory = block({ path, permissions: maybe(permissions), owner: maybe(whole), group: maybe(whole) });
const entity = block({ path: maybe(text), entity: maybe(text) });

/** A user of a stage (`users: {name: …}`) and, with `name`, of the top-level list. */
export const userKeys = {
  name: maybe(text),
  passwd: maybe(text).meta({ description: 'crypt hash, $6$…' }),
  ssh_authorized_keys: maybe(textList).meta({ description: 'literal keys, github:USER or gitlab:USER' }),
  groups: maybe(textList),
  primary_group: maybe(text),
  gecos: maybe(text),
  homedir: maybe(text),
  no_create_home: maybe(flag),
  no_user_group: maybe(flag),
  system: maybe(flag),
  no_log_init: maybe(flag),
  shell: maybe(text),
  lock_passwd: maybe(flag),
  uid: maybe(text),
} as const;

const systemctl = block({
  enable: maybe(textList),
  disable: maybe(textList),
  start: maybe(textList),
  mask: maybe(textList),
  overrides: maybe(listOf(block({ service: maybe(text), content: maybe(text), name: maybe(text) }), 'overrides')),
});

const layout = block({
  device: maybe(block({ label: maybe(text), path: maybe(text), init_disk: maybe(flag), disk_name: maybe(text) })),
  expand_partition: maybe(block({ size: maybe(size) })),
  add_partitions: maybe(listOf(block({ fsLabel: maybe(text), size: maybe(size), pLabel: maybe(text), filesystem: maybe(text), bootable: maybe(flag) }), 'partitions')),
});

const git = block({
  url: maybe(text),
  path: maybe(text),
  branch: maybe(text),
  branch_only: maybe(flag),
  auth: maybe(block({ username: maybe(text), password: maybe(text), private_key: maybe(text), insecure: maybe(flag), public_key: maybe(text) })),
});

export const stageStep = block({
  name: maybe(text),
  if: maybe(text).meta({ description: 'shell condition' }),
  commands: maybe(textList).meta({ description: 'shell commands' }),
  files: maybe(listOf(file, 'files')),
  downloads: maybe(listOf(download, 'downloads')),
  directories: maybe(listOf(directory, 'directories')),
  users: maybe(z.record(z.string(), block(userKeys), { error: 'takes a map of user names (the list form is for the top level)' })),
  authorized_keys: maybe(z.record(z.string(), textList, { error: 'takes a map of user names' })),
  ensure_entities: maybe(listOf(entity, 'entities')),
  delete_entities: maybe(listOf(entity, 'entities')),
  dns: maybe(block({ nameservers: maybe(textList), search: maybe(textList), options: maybe(textList), path: maybe(text) })),
  hostname: maybe(text),
  sysctl: maybe(textMap),
  modules: maybe(textList),
  systemctl: maybe(systemctl),
  environment: maybe(textMap),
  environment_file: maybe(text),
  packages: maybe(block({ install: maybe(textList), remove: maybe(textList), refresh: maybe(flag), upgrade: maybe(flag) })),
  package_pins: maybe(textMap),
  unpack_images: maybe(listOf(block({ source: maybe(text), target: maybe(text), platform: maybe(text) }), 'images')),
  node: maybe(text),
  after: maybe(listOf(block({ name: maybe(text) }), 'names')),
  datasource: maybe(block({ providers: maybe(textList), path: maybe(text), userdata_name: maybe(text) })),
  layout: maybe(layout),
  systemd_firstboot: maybe(textMap),
  timesyncd: maybe(textMap),
  git: maybe(git),
  only_os: maybe(text),
  only_os_version: maybe(text),
  only_arch: maybe(text),
  only_service_manager: maybe(text),
  if_files: maybe(z.record(z.string(), textList, { error: 'takes any, all or none, each with a list of paths' })),
});

/** A stage's list. Null is an empty one. */
export const stageList = maybe(listOf(stageStep, 'steps'));

/** All stages by name; Kairos knows more than the ones listed here, and anybody may run one by name. */
export const stages = z.record(z.string(), stageList, { error: 'takes a map of stage names' }).meta({ examples: [Object.fromEntries(allStageNames.slice(0, 1).map((name) => [name, []]))] });
