/** Kubernetes and peer-to-peer blocks (provider-kairos `internal/provider/config/config.go`; kairos.md 3.7, 3.8, 6). Runtime names. */
import * as z from 'zod';
import { block, flag, maybe, text, textList, textMap, whole } from './words.ts';

const distribution = {
  enabled: maybe(flag),
  args: maybe(textList),
  env: maybe(textMap),
  replace_args: maybe(flag),
  replace_env: maybe(flag),
} as const;

export const k3s = block({ ...distribution, embedded_registry: maybe(flag) });
export const k0s = block(distribution);

export const kubevip = block({
  eip: maybe(text),
  manifest_url: maybe(text),
  interface: maybe(z.string({ error: 'takes the name of a network interface' })),
  enable: maybe(flag),
  static_pod: maybe(flag),
  version: maybe(text),
  image: maybe(text),
});

export const p2p = block({
  network_token: maybe(z.string({ error: 'takes a token as text' })),
  network_id: maybe(text),
  role: maybe(z.enum(['', 'master', 'worker', 'none'], { error: 'takes master, worker or none' })),
  dns: maybe(flag),
  loglevel: maybe(text),
  minimum_nodes: maybe(whole),
  disable_dht: maybe(flag),
  dynamic_roles: maybe(flag),
  vpn: maybe(block({ create: maybe(flag), use: maybe(flag), env: maybe(textMap) })),
  auto: maybe(
    block({
      enable: maybe(flag),
      ha: maybe(block({ enable: maybe(flag), master_nodes: maybe(whole.min(1, { error: 'takes a number from 1' })), external_db: maybe(text) })),
    }),
  ),
});

export const kcrypt = block({
  challenger: maybe(block({ challenger_server: maybe(text), mdns: maybe(flag), certificate: maybe(text) })),
  nv_index: maybe(text),
  c_index: maybe(text),
  tpm_device: maybe(text),
});

const duration = z.union([z.string().regex(/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/), z.literal('')], { error: 'takes a duration such as 30s or 1m' });

export const phonehomeCommands = ['upgrade', 'upgrade-recovery', 'reboot', 'unregister', 'exec', 'reset', 'apply-cloud-config'] as const;

export const phonehome = block({
  url: maybe(text),
  registration_token: maybe(text),
  group: maybe(text),
  labels: maybe(textMap),
  heartbeat_interval: maybe(duration),
  reconnect_backoff: maybe(duration),
  artifact_download_retries: maybe(whole),
  artifact_download_retry_interval: maybe(duration),
  allowed_commands: maybe(z.array(z.enum(phonehomeCommands, { error: `takes ${phonehomeCommands.join(', ')}` }), { error: 'takes a list of commands' })),
});
