/** The `install:`, `reset:` and `upgrade:` blocks (kairos.md 3.5, 3.6; sdk `schema/install_schema.go`). */
import * as z from 'zod';
import { block, flag, listOf, maybe, size, text, textList, textMap } from './words.ts';

/** As in the schema that the agent ships, plus what Slipway's `device` takes. */
const device = z.string({ error: 'takes a device' }).regex(/^(?:|auto|smallest|largest|\/dev\/.+|script:\/\/.+|serial:.+|wwn:.+|model:.+)$/, { error: 'takes auto, /dev/…, script:///PATH, serial:S, wwn:W, model:GLOB, smallest or largest' });

const source = z.string({ error: 'takes an image' }).regex(/^(?:|(?:oci|docker|dir|file|ocifile):.+|[\w./:@-]+)$/, { error: 'takes oci:, docker:, dir:, file: or ocifile:' });

const partition = block({ name: maybe(text), size: maybe(size), fs: maybe(text), label: maybe(text) });
const extraName = z.union([z.string().min(1), z.number(), z.boolean()], { error: 'each extra partition needs a name: kairos-agent refuses the install' });
const image = block({ size: maybe(size), source: maybe(source), uri: maybe(text), label: maybe(text), fs: maybe(text) });

export const bundles = listOf(block({ db_path: maybe(text), local_file: maybe(flag), repository: maybe(text), rootfs_path: maybe(text), targets: maybe(textList) }), 'bundles');

export const grubOptions = textMap;

export const install = block({
  auto: maybe(flag),
  device: maybe(device),
  source: maybe(source),
  reboot: maybe(flag),
  poweroff: maybe(flag),
  'no-format': maybe(flag),
  force: maybe(flag),
  partitions: maybe(block({ oem: maybe(partition), recovery: maybe(partition), state: maybe(partition), persistent: maybe(partition), efi: maybe(partition) })),
  'extra-partitions': maybe(listOf(block({ name: extraName, size: maybe(size), fs: maybe(text), label: maybe(text) }), 'partitions, each with a name')),
  system: maybe(image),
  'recovery-system': maybe(image),
  passive: maybe(image),
  encrypted_partitions: maybe(textList),
  skip_copy_kcrypt_plugin: maybe(flag),
  bundles: maybe(bundles),
  grub_options: maybe(grubOptions),
  'grub-entry-name': maybe(text),
  env: maybe(textList),
  bind_mounts: maybe(textList),
  ephemeral_mounts: maybe(textList),
  'extra-dirs-rootfs': maybe(textList),
  ssh_hardening: maybe(flag),
  nousers: maybe(flag),
  'cloud-init': maybe(textList),
  iso: maybe(text),
  tty: maybe(text),
  firmware: maybe(z.enum(['efi', 'bios'], { error: 'takes efi or bios' })),
  'part-table': maybe(z.enum(['gpt'], { error: 'takes gpt' })),
  'allow-insecure-registries': maybe(flag),
  'skip-entries': maybe(textList),
  image: maybe(text),
});

export const reset = block({
  'reset-persistent': maybe(flag),
  'reset-oem': maybe(flag),
  reboot: maybe(flag),
  poweroff: maybe(flag),
  'grub-entry-name': maybe(text),
  tty: maybe(text),
  'extra-dirs-rootfs': maybe(textList),
  system: maybe(image),
});

export const upgrade = block({
  entry: maybe(text),
  recovery: maybe(flag),
  system: maybe(image),
  'recovery-system': maybe(image),
  'grub-entry-name': maybe(text),
  reboot: maybe(flag),
  poweroff: maybe(flag),
  'extra-dirs-rootfs': maybe(textList),
  'allow-insecure-registries': maybe(flag),
  'excluded-paths': maybe(textList),
});
