/**
 * Where `slipway validate` and `kairos-agent validate` (v2.31.4) differ, and why. The one table: a difference that no row
 * explains fails the test. `kairos-agent validate` checks the JSON schema alone, which leaves most keys out.
 */

export interface Difference {
  /** Who complains alone. */
  readonly only: 'slipway' | 'agent';
  /** Slipway: `id key.path` of its problem. Agent: its message. */
  readonly matches: RegExp;
  readonly because: string;
}

export const differences: readonly Difference[] = [
  {
    only: 'slipway',
    matches: /^wrong-type (?:hostname|name|write_files|runcmd|growpart|ssh_authorized_keys|k3s|"?k3s-agent"?|k0s|"?k0s-worker"?|kubevip|kcrypt|phonehome|logs|reset|upgrade|bind-pcrs|bind-public-pcrs)\b/,
    because: 'the agent’s schema does not list the key; yip, the provider or the agent at run time cannot read the value',
  },
  {
    only: 'slipway',
    matches: /^wrong-type stages\./,
    because: 'the schema of a stage lists "commands" alone; yip refuses the whole file for a wrong kind anywhere in a step',
  },
  { only: 'slipway', matches: /^wrong-type install\.extra-partitions\[\d+\]\.name$/, because: 'the name is asked for at install time, not by the schema' },
  { only: 'slipway', matches: /^wrong-type install\.(?:firmware|part-table)$/, because: 'the schema takes any text; the install fails later for others' },
  { only: 'slipway', matches: /^ssh-hardening-without-keys /, because: 'a rule of every configuration scan, which validate does not run' },
  { only: 'slipway', matches: /^(?:network-token|p2p-without-token) /, because: 'the schema takes any text as a token; the node then never joins' },
  { only: 'slipway', matches: /^url-invalid config_url$/, because: 'a fetch that fails is silently left out by the agent' },
  { only: 'slipway', matches: /^server-and-agent /, because: 'not a matter of the schema; the provider starts one of the two' },
  { only: 'slipway', matches: /^placeholder /, because: 'a word of Slipway’s presets' },
  { only: 'agent', matches: /'\/users' does not validate with\s+minimum 1 items/, because: 'a warning of every scan only; Slipway warns when nobody in it is an admin' },
  { only: 'agent', matches: /'\/users\/\d+\/name' does not validate with\s+expected string, but got number/, because: 'yip reads a number as text' },
  { only: 'agent', matches: /'\/install\/device' does not validate with\s+does not match pattern/, because: 'Slipway resolves serial:, wwn:, model:, smallest, largest and an empty device itself; none of it is kept' },
  { only: 'agent', matches: /expected boolean, but got string/, because: 'gopkg.in/yaml.v3 reads yes and on as true where a bool is wanted' },
  { only: 'agent', matches: /'\/install' does not validate with\s+expected object, but got null/, because: 'Slipway warns and leaves the key out of what is kept' },
  { only: 'agent', matches: /'\/p2p' does not validate with\s+missing properties: 'network_token'/, because: 'the provider reads the other p2p keys without a token, too' },
  { only: 'agent', matches: /'\/(?:config_url|arch|cosign-key|fullcloudconfig)' does not validate with\s+expected string, but got number/, because: 'read as text at run time' },
];
