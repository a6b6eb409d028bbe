/** The manifests, read again by an independent way (YAML text to data to schema), and what the schemas refuse. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { makeNodeOp, printNodeOp } from '../../src/export/nodeop.ts';
import type { NodeOpOptions } from '../../src/export/nodeop.ts';
import { printNodeOpUpgrade } from '../../src/export/nodeopupgrade.ts';
import { artifactOutputs, checkOsArtifact, printOsArtifact } from '../../src/export/osartifact.ts';
import type { OsArtifactOptions } from '../../src/export/osartifact.ts';
import { nodeOpSchema, nodeOpUpgradeSchema, osArtifactSchema, secretSchema } from '../../src/export/schemas.ts';
import { nodeOpFields, nodeOpUpgradeFields, osArtifactFields, strangers } from './crd-fields.ts';
import { managedNodes, readSelector } from '../../src/export/selector.ts';

const documentsOf = (text: string): unknown[] =>
  parseAllDocuments(text).map((document) => {
    if ('errors' in document && document.errors.length > 0) throw document.errors[0];
    return (document as { toJS(): unknown }).toJS();
  });

const config = '#cloud-config\nhostname: "it\'s \\"quoted\\" $(reboot)"\nusers: [{name: a, groups: [admin]}]\nmode: 0644\n';
const work = mkdtempSync(join(tmpdir(), 'slipway-export-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const nodeOp: NodeOpOptions = { name: 'again', namespace: 'edge', selector: managedNodes, config, image: null, concurrency: 1, stopOnFailure: true, drain: true };

describe('nodeop', () => {
  test('is a NodeOp with a header that says how it is applied and what is lost', () => {
    const text = printNodeOp(nodeOp);
    expect(text).toMatch(/^# .*\n(#.*\n)*---\n/);
    expect(text).toContain('kubectl apply -f');
    expect(text).toMatch(/LOST .*COS_PERSISTENT/);
    const [first, ...more] = documentsOf(text);
    expect(more).toEqual([]);
    expect(nodeOpSchema.parse(first)).toMatchObject({ metadata: { name: 'again', namespace: 'edge' }, spec: { cordon: true, rebootOnSuccess: true, drainOptions: { enabled: true } } });
  });

  /** The command as a node would run it: in a folder that stands for the host, with an agent that writes down its arguments. */
  const runOn = (options: NodeOpOptions, agentEnds: number) => {
    const host = mkdtempSync(join(work, 'host-'));
    mkdirSync(join(host, 'usr/bin'), { recursive: true });
    mkdirSync(join(host, 'oem'));
    writeFileSync(join(host, 'oem/90_custom.yaml'), 'old\n');
    writeFileSync(join(host, 'usr/bin/kairos-agent'), '');
    chmodSync(join(host, 'usr/bin/kairos-agent'), 0o755);
    const bin = mkdtempSync(join(work, 'bin-'));
    writeFileSync(join(bin, 'chroot'), `#!/bin/sh\necho "$@" > ${host}/called\nexit ${agentEnds}\n`);
    chmodSync(join(bin, 'chroot'), 0o755);
    const command = makeNodeOp(options).spec.command.map((word) => word.replace('host=/host', `host=${host}`));
    const { status } = spawnSync(command[0] ?? '', command.slice(1), { env: { PATH: `${bin}:/usr/bin:/bin` } });
    const read = (name: string): string | null => (existsSync(join(host, name)) ? readFileSync(join(host, name), 'utf8') : null);
    return { status, config: read('oem/90_custom.yaml'), called: read('called'), closed: existsSync(join(host, 'oem/95_userdata')), host };
  };

  test('its command puts the very configuration in place, then chooses the reset', () => {
    const ran = runOn(nodeOp, 0);
    expect(ran).toMatchObject({ status: 0, config, called: `${ran.host} /usr/bin/kairos-agent bootentry --select statereset\n`, closed: true });
  });

  test('without a configuration it leaves the one that is there', () => {
    expect(runOn({ ...nodeOp, config: null }, 0)).toMatchObject({ status: 0, config: 'old\n' });
  });

  test('a text without the header does not replace the configuration, and nothing is reset', () => {
    expect(runOn({ ...nodeOp, config: 'hostname: x\n' }, 0)).toMatchObject({ status: 1, config: 'old\n', called: null });
  });

  test('an agent that fails fails the operation: the node is not rebooted', () => {
    expect(runOn(nodeOp, 3).status).toBe(3);
  });
});

test('nodeopupgrade with a canary: the few first, and not again with the rest', () => {
  const canary = readSelector(['ring=canary']).selector;
  const text = printNodeOpUpgrade({ name: 'up', namespace: null, image: 'registry.example/kairos/x:v2', selector: managedNodes, concurrency: 5, stopOnFailure: true, recovery: true, excludePaths: ['/etc/a'], canary });
  const [first, second] = documentsOf(text).map((document) => nodeOpUpgradeSchema.parse(document));
  expect(first).toMatchObject({ metadata: { name: 'up-canary' }, spec: { concurrency: 1, stopOnFailure: true, nodeSelector: { matchLabels: { ...managedNodes.matchLabels, ring: 'canary' } } } });
  expect(second).toMatchObject({ metadata: { name: 'up' }, spec: { concurrency: 5, upgradeRecovery: true, excludePaths: ['/etc/a'], nodeSelector: { ...managedNodes, matchExpressions: [{ key: 'ring', operator: 'NotIn', values: ['canary'] }] } } });
});

test.each(['nonsense', '=x', 'a b=c', 'key=va lue', '-x=1'])('%j is no selector', (word) => {
  expect(readSelector([word]).problems).toHaveLength(1);
});

const artifact: OsArtifactOptions = {
  name: 'media', namespace: null, image: 'registry.example/kairos/x:v2', arch: 'amd64', outputs: ['iso', 'uki', 'netboot', 'cloud'], config,
  overlayIsoClaim: 'iso-files', overlayRootfsClaim: null, keysSecret: 'keys', netbootUrl: 'http://boot.invalid/x', diskSize: '32Gi',
};

describe('osartifact', () => {
  test('comes with its Secret, and every volume that it names', () => {
    const [secret, object] = documentsOf(printOsArtifact(artifact));
    expect(secretSchema.parse(secret).stringData['cloud-config.yaml']).toBe(config);
    const parsed = osArtifactSchema.parse(object);
    expect(parsed.spec.artifacts).toMatchObject({ iso: true, cloudImage: true, netboot: true, uki: { iso: true, keysVolume: 'uki-keys' }, cloudConfigRef: { name: 'media-cloud-config', key: 'cloud-config.yaml' } });
    expect(parsed.spec.volumes?.map(({ name }) => name)).toEqual(['overlay-iso', 'uki-keys']);
  });

  test('what cannot be built is said, not printed', () => {
    expect(checkOsArtifact({ ...artifact, outputs: ['uki'], keysSecret: null })).toHaveLength(1);
    expect(checkOsArtifact({ ...artifact, outputs: [] })).toHaveLength(1);
    expect(checkOsArtifact(artifact)).toEqual([]);
  });

  const good = osArtifactSchema.parse(documentsOf(printOsArtifact(artifact))[1]);
  test.each([
    ['an output is missing', { image: { ref: 'x' }, artifacts: { arch: 'amd64' } }],
    ['a volume is not listed', { image: { ref: 'x' }, artifacts: { iso: true, overlayISOVolume: 'nowhere' } }],
    ['a volume has a reserved name', { image: { ref: 'x' }, artifacts: { iso: true }, volumes: [{ name: 'rootfs' }] }],
    ['ref and buildImage together', { image: { ref: 'x', buildImage: { registry: 'r', repository: 'p', tag: 't' } }, artifacts: { iso: true } }],
    ['the old flat form', { imageName: 'x', iso: true }],
    ['the processor is none', { image: { ref: 'x' }, artifacts: { iso: true, arch: 'mips' } }],
  ])('the schema refuses it when %s', (_what, spec) => {
    expect(osArtifactSchema.safeParse({ ...good, spec }).success).toBe(false);
  });
});

describe('against the operator\'s own definitions', () => {
  const specOf = (document: unknown): unknown => (document as { spec: unknown }).spec;

  test('nothing is printed that an API server would drop', () => {
    expect(strangers(specOf(documentsOf(printNodeOp({ ...nodeOp, image: 'registry.example/x' }))[0]), nodeOpFields)).toEqual([]);
    const upgrades = documentsOf(printNodeOpUpgrade({ name: 'up', namespace: null, image: 'i', selector: managedNodes, concurrency: 5, stopOnFailure: true, recovery: true, excludePaths: ['/etc/a'], canary: readSelector(['ring=canary']).selector }));
    expect(upgrades.flatMap((document) => strangers(specOf(document), nodeOpUpgradeFields))).toEqual([]);
    const media = documentsOf(printOsArtifact({ ...artifact, outputs: artifactOutputs, overlayRootfsClaim: 'rootfs-files' }))[1];
    expect(strangers(specOf(media), osArtifactFields)).toEqual([]);
    expect(strangers({ image: { reference: 'x' }, artifacts: { iso: 'yes' } }, osArtifactFields)).toEqual(['spec.image.reference', 'spec.artifacts.iso']);
  });

  test('the schemas know every field of the definitions of nodes', () => {
    const names = (schema: z.ZodType): readonly string[] => Object.keys((z.toJSONSchema(schema) as unknown as { properties: { spec: { properties: object } } }).properties.spec.properties).toSorted();
    expect(names(nodeOpSchema)).toEqual(Object.keys(nodeOpFields).toSorted());
    expect(names(nodeOpUpgradeSchema)).toEqual(Object.keys(nodeOpUpgradeFields).toSorted());
  });
});

test.each([
  ['no command', {}],
  ['draining without cordoning', { command: ['x'], drainOptions: { enabled: true } }],
  ['a field that does not exist', { command: ['x'], hostPath: '/x' }],
  ['less than no nodes', { command: ['x'], concurrency: -1 }],
])('the schema of NodeOp refuses %s', (_what, spec) => {
  expect(nodeOpSchema.safeParse({ apiVersion: 'operator.kairos.io/v1alpha1', kind: 'NodeOp', metadata: { name: 'a' }, spec }).success).toBe(false);
});
