/** The two documents as wholes: for checking, and for the JSON schemas in `docs/schema`. */
import * as z from 'zod';
import { isInstallStage } from '../../model/stages.ts';
import { settings } from '../../model/settings.ts';
import { allStageNames } from '../vocabulary.ts';
import { k0s, k3s, kcrypt, kubevip, p2p, phonehome } from './cluster.ts';
import { bundles, grubOptions, install, reset, upgrade } from './install.ts';
import { stageList, stages, userKeys } from './stages.ts';
import { block, flag, listOf, maybe, text, textList, whole } from './words.ts';

/** A setting as it may stand in a file. */
const settingSchema = (row: (typeof settings)[number]): z.ZodType => {
  switch (row.kind) {
    case 'switch':
      // Read by Slipway alone, which takes what a flag takes.
      return z.union([flag, z.enum(['true', 'false'])]);
    case 'list':
      return z.union([text, textList]);
    case 'choice':
      return z.enum(row.words as readonly [string, ...string[]]);
    case 'choices':
      return z.union([z.array(z.enum(row.words as readonly [string, ...string[]])), z.string()]);
    case 'seconds':
      return z.int().min(0).max(86_400);
    case 'size':
      return z.union([z.int(), z.string().regex(/^\d+(?:\.\d+)?\s*[KMGTkmgt]?(?:i?B)?$/)]);
    case 'text':
      return text;
  }
};

const slipwayKeys = Object.fromEntries(
  settings
    .filter((row) => !('flagOnly' in row && row.flagOnly))
    .map((row) => [row.name, settingSchema(row).optional().meta({ description: row.help })]),
);

/** The agent's pattern is not anchored: it asks for one letter of these, anywhere. */
const userName = z.union([z.string().regex(/[a-z_]/), z.number()], { error: 'takes a user name' });

const user = block({ ...userKeys, name: userName });

/** user-data: everything that Kairos is known to read. Other keys pass. */
export const userDataSchema = block({
  name: maybe(text),
  hostname: maybe(text),
  users: maybe(listOf(user, 'users, each with a name')),
  ssh_authorized_keys: maybe(textList),
  write_files: maybe(listOf(block({ path: text, content: maybe(text), permissions: maybe(text), owner: maybe(text), encoding: maybe(text) }), 'files')),
  runcmd: maybe(textList),
  growpart: maybe(block({ devices: maybe(textList) })),
  stages: maybe(stages),
  install: maybe(install),
  reset: maybe(reset),
  upgrade: maybe(upgrade),
  bundles: maybe(bundles),
  grub_options: maybe(grubOptions),
  k3s: maybe(k3s),
  'k3s-agent': maybe(k3s),
  k0s: maybe(k0s),
  'k0s-worker': maybe(k0s),
  kubevip: maybe(kubevip),
  p2p: maybe(p2p),
  kcrypt: maybe(kcrypt),
  phonehome: maybe(phonehome),
  logs: maybe(block({ journal: maybe(textList), files: maybe(textList) })),
  'bind-pcrs': maybe(textList),
  'bind-public-pcrs': maybe(textList),
  config_url: maybe(text),
  env: maybe(textList),
  debug: maybe(flag),
  strict: maybe(flag),
  'cloud-init-paths': maybe(textList),
  'eject-cd': maybe(flag),
  cosign: maybe(flag),
  verify: maybe(flag),
  'cosign-key': maybe(text),
  arch: maybe(text),
  'squash-no-compression': maybe(flag),
  'squash-compression': maybe(textList),
  fail_on_bundles_errors: maybe(flag),
  'uki-max-entries': maybe(whole),
}).meta({ title: 'Kairos user-data', description: 'Cloud-config of a Kairos node. The first line of the file is "#cloud-config".' });

/** installer-data: install stages, `install`, `slipway`; nothing else. */
export const installerDataSchema = z
  .strictObject({
    stages: z.strictObject(Object.fromEntries(allStageNames.filter(isInstallStage).map((name) => [name, stageList]))).optional(),
    install: install.optional(),
    slipway: z
      .strictObject({ ...slipwayKeys, receipt_key: z.string().optional().meta({ description: 'ed25519 private key that signs the receipt, PEM or base64' }) })
      .optional(),
  })
  .meta({ title: 'Slipway installer-data', description: 'Install-only: nothing of it stays on the node. The first line of the file is "#cloud-config".' });
