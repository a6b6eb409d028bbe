/** Flags of `slipway export` beside the settings of an install. */
import type { Flag } from './commands.ts';

export const exportFlags: readonly Flag[] = [
  { name: 'output', values: 'FILE', help: 'where it goes (cidata: needed; the others: standard output)' },
  { name: 'replace', values: '', help: 'replace a file that is there' },
  { name: 'format', values: 'iso|vfat', help: 'cidata: the file system of the volume (default: iso)' },
  { name: 'instance-id', values: 'ID', help: 'cidata: instance-id of meta-data (default: slipway)' },
  { name: 'image', values: 'REF', help: 'osartifact, nodeopupgrade: the Kairos image; nodeop: the image that the command runs in' },
  { name: 'name', values: 'NAME', help: 'name of the object (default: slipway)' },
  { name: 'namespace', values: 'NAME', help: 'its namespace' },
  { name: 'selector', values: 'KEY=VALUE', help: 'nodeop, nodeopupgrade: which nodes; repeatable (default: kairos.io/managed=true)', repeatable: true },
  { name: 'concurrency', values: 'NUMBER', help: 'nodeop, nodeopupgrade: nodes at a time; 0: all (default: 1)' },
  { name: 'keep-going', values: '', help: 'nodeop, nodeopupgrade: a failure does not stop the rest' },
  { name: 'canary', values: 'KEY=VALUE', help: 'nodeopupgrade: a first round on the nodes with this label', repeatable: true },
  { name: 'recovery', values: '', help: 'nodeopupgrade: the recovery system, too' },
  { name: 'exclude-path', values: 'PATH', help: 'nodeopupgrade: paths that are not taken from the image; repeatable', repeatable: true },
  { name: 'drain', values: '', help: 'nodeop: move workloads away first' },
  { name: 'arch', values: 'amd64|arm64', help: 'osartifact: processor (default: amd64)' },
  { name: 'artifact', values: 'iso|uki|netboot|cloud|azure|gce', help: 'osartifact: what to build; repeatable (default: iso)', repeatable: true },
  { name: 'overlay-iso', values: 'CLAIM', help: 'osartifact: volume claim whose files go onto the medium' },
  { name: 'overlay-rootfs', values: 'CLAIM', help: 'osartifact: volume claim whose files go into the image' },
  { name: 'keys-secret', values: 'SECRET', help: 'osartifact: the keys of a UKI' },
  { name: 'netboot-url', values: 'URL', help: 'osartifact: where the netboot files will be' },
  { name: 'disk-size', values: 'SIZE', help: 'osartifact: size of cloud images: MiB, or with a unit (32768, 32Gi)' },
];
