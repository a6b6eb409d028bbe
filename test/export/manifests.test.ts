/** The manifests, read again by an independent way (YAML text to data to schema), and what the schemas refuse. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { makeNodeOp, printNodeOp } from '../../src/export/nodeop.ts';
import type { NodeOpOptions } from '../../src/export/nodeop.ts';
import { printNodeOpUpgrade } from '../../src/export/nodeopupgrade.ts';
import { artifactOutputs, checkOsArtifact, printOsArtifact } from '../../src/export/osartifact.ts';
import type { OsArtifactOptions } from '../../src/export/osartifact.ts';
import { headerLines, printManifests } from '../../src/export/print.ts';
import { nodeOpSchema, nodeOpUpgradeSchema, osArtifactSchema, secretSchema } from '../../src/export/schemas.ts';
import { nodeOpFields, nodeOpUpgradeFields, osArtifactFields, strangers } from './crd-fields.ts';
import { checkCanary, managedNodes, readSelector } from '../../src/export/selector.ts';

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

/** Labels of a node against a selector, as Kubernetes has it: all of the parts; `NotIn` is true of a node without the label. */
const selects = (selector: z.infer<typeof nodeOpUpgradeSchema>['spec']['nodeSelector'], labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
  && (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => values.includes(labels[key] ?? '\0') === (operator === 'In'));

describe('nodeopupgrade with a canary', () => {
  const managed = managedNodes.matchLabels;
  const upgrade = { name: 'up', namespace: 'edge', image: 'registry.example/kairos/x:v2', selector: managedNodes, concurrency: 5, stopOnFailure: true, recovery: true, excludePaths: ['/etc/a'], canary: readSelector(['ring=canary']).selector };
  const roundsOf = (options: typeof upgrade) => documentsOf(printNodeOpUpgrade(options)).map((document) => nodeOpUpgradeSchema.parse(document));

  test('the few first, one at a time, and not again with the rest', () => {
    const [first, second] = roundsOf(upgrade);
    expect(first).toMatchObject({ metadata: { name: 'up-canary' }, spec: { concurrency: 1, stopOnFailure: true } });
    expect(second).toMatchObject({ metadata: { name: 'up' }, spec: { concurrency: 5, upgradeRecovery: true, excludePaths: ['/etc/a'] } });
    for (const [labels, expected] of [[{ ...managed, ring: 'canary' }, [true, false]], [{ ...managed, ring: 'b' }, [false, true]], [managed, [false, true]], [{ ring: 'canary' }, [false, false]], [{}, [false, false]]] as const) {
      expect([first, second].map((round) => selects(round?.spec.nodeSelector, labels))).toEqual(expected);
    }
  });

  test('no node outside the selection is upgraded, whatever the labels', () => {
    const [first, second] = roundsOf({ ...upgrade, selector: readSelector(['ring=prod']).selector });
    expect([first, second].map((round) => selects(round?.spec.nodeSelector, { ring: 'canary' }))).toEqual([false, false]);
  });

  test.each([['ring=prod', /no node that is selected/], ['ring=canary', /nothing is left/]])('with the selection %s it is a contradiction', (selection, what) => {
    expect(checkCanary(readSelector([selection]).selector, upgrade.canary)).toMatchObject([{ severity: 'error', what: expect.stringMatching(what), where: '--canary ring=canary' }]);
    expect(checkCanary(readSelector(['site=a']).selector, upgrade.canary)).toEqual([]);
  });

  const commandsOf = (text: string): readonly string[] => text.split('\n').flatMap((line) => /^# +(kubectl (?!get nodes).*)$/.exec(line)?.[1] ?? []);

  test('its header has a command for each round, in the namespace, and none that starts both', () => {
    const text = printNodeOpUpgrade(upgrade);
    expect(commandsOf(text)).toEqual([
      'kubectl apply -f FILE -l slipway/round=canary',
      "kubectl -n edge wait --for=jsonpath='{.status.phase}'=Completed nodeopupgrade/up-canary --timeout=30m",
      'kubectl apply -f FILE -l slipway/round=rest',
      'kubectl -n edge get nodeopupgrade up -w',
    ]);
    expect(roundsOf(upgrade).map(({ metadata }) => metadata.labels)).toEqual([{ 'slipway/round': 'canary' }, { 'slipway/round': 'rest' }]);
    expect(text).not.toMatch(/apply -f FILE$/m);
    expect(commandsOf(printNodeOpUpgrade({ ...upgrade, canary: null }))).toEqual([]);
  });

  /** As much of an API server as `kubectl apply` asks for; what it is given is in `made`. */
  const withServer = async (use: (address: string, made: readonly string[]) => Promise<void>): Promise<void> => {
    const made: string[] = [];
    const server = createServer((request, response) => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        const answers: Record<string, unknown> = {
          '/api': { kind: 'APIVersions', versions: [] },
          '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [{ name: 'operator.kairos.io', versions: [{ groupVersion: 'operator.kairos.io/v1alpha1', version: 'v1alpha1' }] }] },
          '/apis/operator.kairos.io/v1alpha1': { kind: 'APIResourceList', groupVersion: 'operator.kairos.io/v1alpha1', resources: [{ name: 'nodeopupgrades', singularName: '', namespaced: true, kind: 'NodeOpUpgrade', verbs: ['create', 'get', 'patch'] }] },
        };
        response.setHeader('content-type', 'application/json');
        response.statusCode = request.method === 'POST' ? 201 : answers[path] === undefined ? 404 : 200;
        if (request.method === 'POST') made.push(`${path}/${(JSON.parse(body) as { metadata: { name: string } }).metadata.name}`);
        response.end(request.method === 'POST' ? body : JSON.stringify(answers[path] ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }));
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, made);
    } finally {
      server.close();
    }
  };

  test.skipIf(spawnSync('kubectl', ['version', '--client']).status !== 0)('kubectl takes one round out of the file with them (skipped where there is no kubectl)', async () => {
    const file = join(work, 'up.yaml');
    writeFileSync(file, printNodeOpUpgrade(upgrade));
    const objects = '/apis/operator.kairos.io/v1alpha1/namespaces/edge/nodeopupgrades';
    await withServer(async (address, made) => {
      for (const [command, name] of [[0, 'up-canary'], [2, 'up']] as const) {
        const words = (commandsOf(printNodeOpUpgrade(upgrade))[command] ?? '').replace('FILE', file).split(' ').slice(1);
        await promisify(execFile)('kubectl', ['--server', address, '--cache-dir', join(work, 'cache'), ...words, '--validate=false'], { env: { PATH: process.env['PATH'], HOME: work, KUBECONFIG: '/dev/null' } });
        expect(made.at(-1)).toBe(`${objects}/${name}`);
      }
      expect(made).toHaveLength(2);
    });
  });
});

test('a header and its values stay what they are for a reader of YAML 1.1', () => {
  const ends = '\u0085\u2028\u2029\r';
  expect(headerLines([`a${ends}b: 1`])).toBe('# a    b: 1');
  const value = `#cloud-config\nmotd: "x${ends}y\u{e0001}\u0007"\n`;
  const text = printManifests([`from ${ends}kind: Evil`], [{ value, plain: 'a\nb\n' }]);
  expect(text).not.toMatch(/[\u0085\u2028\u2029\r\u0007]|\u{e0001}/u);
  expect(documentsOf(text)).toEqual([{ value, plain: 'a\nb\n' }]);
  expect(text).toContain('plain: |\n');
});

test('the header of a reset warns of control planes and says how to select fewer nodes', () => {
  const text = printNodeOp(nodeOp);
  expect(text).toMatch(/^# WARNING: .*Control planes.*datastore/m);
  expect(text).toContain("kubectl get nodes -l 'kairos.io/managed=true'");
  expect(text).toContain('kubectl -n edge get nodeop again -w');
  expect(text).toMatch(/^# .*slipway export nodeop --selector /m);
});

test.each(['nonsense', '=x', 'a b=c', 'key=va lue', '-x=1', 'a..b/c=d', 'A/c=d', `${'a'.repeat(254)}/c=d`])('%j is no selector', (word) => {
  expect(readSelector([word]).problems).toHaveLength(1);
});

test('one label with two values is no selector: no node has both', () => {
  expect(readSelector(['a=1', 'a=2']).problems).toMatchObject([{ where: '--selector a=2' }]);
  expect(readSelector(['a=1', 'a=1']).problems).toEqual([]);
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
    expect(parsed.spec.artifacts).toMatchObject({ iso: true, cloudImage: true, diskSize: '32768', netboot: true, uki: { iso: true, keysVolume: 'uki-keys' }, cloudConfigRef: { name: 'media-cloud-config', key: 'cloud-config.yaml' } });
    expect(parsed.spec.volumes?.map(({ name }) => name)).toEqual(['overlay-iso', 'uki-keys']);
  });

  test('what cannot be built is said, not printed', () => {
    expect(checkOsArtifact({ ...artifact, outputs: ['uki'], keysSecret: null })).toHaveLength(1);
    expect(checkOsArtifact({ ...artifact, outputs: [] })).toHaveLength(1);
    expect(checkOsArtifact(artifact)).toEqual([]);
    for (const wrong of [{ keysSecret: 'Bad Name!' }, { overlayIsoClaim: 'Bad_Claim' }, { overlayRootfsClaim: 'a..b' }, { diskSize: 'nonsense' }, { netbootUrl: 'not a url' }]) expect(checkOsArtifact({ ...artifact, ...wrong })).toHaveLength(1);
  });

  const good = osArtifactSchema.parse(documentsOf(printOsArtifact(artifact))[1]);
  test.each([
    ['an output is missing', { image: { ref: 'x' }, artifacts: { arch: 'amd64' } }],
    ['a volume is not listed', { image: { ref: 'x' }, artifacts: { iso: true, overlayISOVolume: 'nowhere' } }],
    ['a volume has a reserved name', { image: { ref: 'x' }, artifacts: { iso: true }, volumes: [{ name: 'rootfs' }] }],
    ['ref and buildImage together', { image: { ref: 'x', buildImage: { registry: 'r', repository: 'p', tag: 't' } }, artifacts: { iso: true } }],
    ['the old flat form', { imageName: 'x', iso: true }],
    ['a build context is not listed', { image: { ociSpec: { ref: { name: 'x' }, buildContextVolume: 'nowhere' } }, artifacts: { iso: true } }],
    ['a UKI has no keys', { image: { ref: 'x' }, artifacts: { uki: { iso: true } } }],
    ['a result has an impossible name', { image: { ref: 'x' }, artifacts: { iso: true }, nameOverride: { iso: 'a.b' } }],
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

  interface Shape { readonly properties: Readonly<Record<string, Shape>> }

  test('the schemas know every field of the definitions', () => {
    const shapeOf = (schema: z.ZodType, ...path: readonly string[]): readonly string[] => {
      let shape = (z.toJSONSchema(schema) as unknown as Shape).properties['spec'];
      for (const name of path) shape = shape?.properties[name];
      return Object.keys(shape?.properties ?? {}).toSorted();
    };
    const names = (fields: unknown): readonly string[] => Object.keys(fields as object).toSorted();
    expect(shapeOf(nodeOpSchema)).toEqual(names(nodeOpFields));
    expect(shapeOf(nodeOpUpgradeSchema)).toEqual(names(nodeOpUpgradeFields));
    expect(shapeOf(osArtifactSchema)).toEqual(names(osArtifactFields));
    const parts = osArtifactFields as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    for (const part of ['image', 'artifacts', 'resources', 'nameOverride']) expect(shapeOf(osArtifactSchema, part)).toEqual(names(parts[part]));
    for (const [part, name] of [['image', 'buildOptions'], ['image', 'ociSpec'], ['image', 'buildImage'], ['artifacts', 'uki']] as const) expect(shapeOf(osArtifactSchema, part, name)).toEqual(names(parts[part]?.[name]));
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
