/** The real agent, for everything that needs no disk: what this engine takes for granted about it is looked at here. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { composeConfig, installMap } from '../../../src/engine/kairos-agent/config.ts';
import { knowsProgressEvents, probeKairosAgent, readAgentVersion } from '../../../src/engine/kairos-agent/find.ts';
import { maskKernelLine } from '../../../src/engine/kairos-agent/kernel-line.ts';
import { judgeAgent } from '../../../src/engine/kairos-agent/outcome.ts';
import { addLine, emptyTranscript, readAgentLine } from '../../../src/engine/kairos-agent/progress.ts';
import type { AgentTranscript } from '../../../src/engine/kairos-agent/progress.ts';
import { stagePaths } from '../../../src/engine/kairos-agent/stage-files.ts';
import { createRealSystem } from '../../../src/system/real.ts';
import { gateDirectory, stagesHere } from './agent-stages.ts';
import { here, inside, realAgent, whyNot } from './namespace-root.ts';

const kept = `#cloud-config
hostname: node-1
stages:
  initramfs:
  - users:
      kairos: {passwd: "$6$salt$hash", groups: [admin]}
  - name: octal
    files:
    - {path: /etc/kept, permissions: 0640, content: x}
`;

/** What the agent itself printed. */
const transcriptOf = (output: string): AgentTranscript => output.replace(/^STATUS [^]*/m, '').split('\n').reduce((seen, line) => addLine(seen, readAgentLine(line)), emptyTranscript);

const step = (stage: string, index: number, value: Record<string, unknown>) => ({ stage, file: 'installer-data', index, value });

/** Our own files for an install to a disk that is not there: everything up to the first write is real. */
const manualInstall = (given: { readonly kept?: string; readonly steps?: Parameters<typeof stagesHere>[0]; readonly before?: string; readonly flags?: string; readonly open?: boolean }) => {
  const gates = gateDirectory;
  const install = installMap({ install: { nousers: false }, device: '/dev/nosuchdisk', layout: [], fixedPersistent: false, grubOptions: {}, uki: false, source: null });
  const config = composeConfig(given.kept ?? kept, { install, 'cloud-init-paths': stagePaths(gates, []) });
  return inside(
    `${given.before ?? ''}
${here('/run/config.yaml', config)}
${stagesHere(given.steps ?? [])}
${given.open === false ? '' : `: > ${gates}/prepare.go`}
mkdir -p /run/source /run/tmp
KAIROS_AGENT_PROGRESS=1 TMPDIR=/run/tmp timeout 20 $AGENT manual-install --source dir:/run/source ${given.flags ?? ''} /run/config.yaml && status=0 || status=$?
echo "STATUS $status"
ls -A ${gates} | sed 's/^/GATE /'
cat /run/trail 2>/dev/null | sed 's/^/TRAIL /' || true
cat /run/tmp/kairos-install-config* 2>/dev/null | sed 's/^/DUMP /' || true
`,
  );
};

const rows = (output: string, word: string): readonly string[] => output.split('\n').flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));

/** What the agent makes wherever it runs. */
const traces = (): readonly boolean[] => ['/oem', '/system', '/usr/local/cloud-config', '/var/log/kairos', '/dev/slipway-0011aabb', '/run/trail'].map((path) => existsSync(path));
const tracesBefore = traces();

describe.skipIf(whyNot !== null)(`the real kairos-agent${whyNot === null ? '' : ` (${whyNot})`}`, () => {
  const system = createRealSystem();

  describe('is found and known', () => {
    test('by $KAIROS_AGENT_BIN, with a version, without a trace on this machine', async () => {
      const before = readdirSync('/var/log');
      const named = { ...system, environment: (name: string) => (name === 'KAIROS_AGENT_BIN' ? (realAgent ?? '') : undefined) };
      expect(await probeKairosAgent(named)).toMatchObject({ name: 'kairos-agent', available: true, path: realAgent, version: expect.stringMatching(/^v?\d+\.\d+\.\d+/) });
      expect(readdirSync('/var/log')).toEqual(before);
    });

    test('as one that knows progress events; a shell is not', async () => {
      expect(await knowsProgressEvents(system, realAgent ?? '')).toBe(true);
      expect(await knowsProgressEvents(system, '/bin/sh')).toBe(false);
      expect(await knowsProgressEvents(system, '/no/such/file')).toBe(false);
    });

    test('a program that says no version has none', async () => {
      expect(await readAgentVersion(system, '/bin/true')).toBe('unknown');
    });
  });

  describe('starts the installer', () => {
    const installer = here('/run/installer', '#!/bin/sh\necho "ARGUMENTS $*"\nexit ${EXIT:-0}\n') + 'chmod 755 /run/installer\n';

    test('that KAIROS_INSTALLER names, without arguments', () => {
      const { stdout, status } = inside(`${installer}KAIROS_INSTALLER=/run/installer $AGENT interactive-install`);
      expect(stdout).toMatch(/^ARGUMENTS $/m);
      expect(status).toBe(0);
    });

    test('in the override slot before its own', () => {
      const { stdout } = inside(`${installer}mkdir -p /system/installer; cp /run/installer /system/installer/installer; printf '#!/bin/sh\\necho DEFAULT\\n' > /system/installer/kairos-installer; chmod 755 /system/installer/*; $AGENT interactive-install`);
      expect(stdout).toMatch(/^ARGUMENTS $/m);
      expect(stdout).not.toContain('DEFAULT');
    });

    test('with the source, and refuses one that it does not know', () => {
      expect(inside(`${installer}KAIROS_INSTALLER=/run/installer $AGENT interactive-install --source oci:registry.invalid/x/y:z`).stdout).toMatch(/^ARGUMENTS --source oci:registry\.invalid\/x\/y:z$/m);
      expect(inside(`${installer}KAIROS_INSTALLER=/run/installer $AGENT interactive-install --source docker:x`)).toMatchObject({ status: 1, stdout: expect.not.stringContaining('ARGUMENTS') });
    });

    const built = existsSync('dist/slipway');
    test.skipIf(!built)(`Slipway itself in the override slot, at a terminal and without one${built ? '' : ' (dist/slipway is not built)'}`, () => {
      const slot = 'mkdir -p /system/installer; ln -s /run/project/dist/slipway /system/installer/installer; ';
      const none = inside(`${slot}$AGENT interactive-install --source oci:registry.invalid/x/y:z < /dev/null`);
      expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining('the console needs a terminal') });
      const terminal = 'mkdir -p /dev/pts; mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts; ln -sf pts/ptmx /dev/ptmx; ';
      const typed = 'for n in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 2; echo quit; done';
      const { status, stdout } = inside(`${slot}${terminal}(${typed}) 2> /dev/null | TERM=dumb script -qec "$AGENT interactive-install --source dir:/run/nosuchtree" /dev/null`);
      expect(stdout).toContain('== Welcome ==');
      // What --source forwarded is what it looks at.
      expect(stdout).toContain('there is nothing at /run/nosuchtree');
      expect(status).toBe(130);
    });

    test.each([0, 1, 2, 6, 70, 130])('and ends with its exit code %i', (code) => {
      expect(inside(`${installer}EXIT=${code} KAIROS_INSTALLER=/run/installer $AGENT interactive-install`).status).toBe(code);
    });
  });

  describe('reads our configuration', () => {
    test('validate takes what we give it', () => {
      const text = composeConfig('#cloud-config\nusers:\n- name: kairos\n  groups: [admin]\n', { install: installMap({ install: {}, device: '/dev/vda', layout: [], fixedPersistent: false, grubOptions: { extra_cmdline: 'quiet' }, uki: false, source: null }), 'cloud-init-paths': ['/dev/x'] });
      expect(inside(`${here('/run/config.yaml', text)}$AGENT validate /run/config.yaml`).status).toBe(0);
      expect(inside(`${here('/run/config.yaml', text.replace('"/dev/vda"', '7'))}$AGENT validate /run/config.yaml`).status).toBe(1);
    });

    test('config get gives the values that we wrote', () => {
      const text = composeConfig(kept, { install: installMap({ install: { bundles: [] }, device: '/dev/vda', layout: [], fixedPersistent: false, grubOptions: {}, uki: false, source: null }) });
      const { stdout } = inside(`${here('/oem/90_custom.yaml', text)}$AGENT config get install.device; echo; $AGENT config get hostname; echo; $AGENT config get 'stages.initramfs[1].files[0].permissions'`);
      expect(stdout.split('\n').map((line) => line.trim())).toEqual(expect.arrayContaining(['/dev/vda', 'node-1', '416']));
    });

    test('run-stage executes each step of our stage file once, in order, with the gates in their places', () => {
      const stages = stagesHere([
        step('before-install', 0, { name: 'b', commands: ['echo two >> /run/trail'] }),
        step('before-install.before', 0, { commands: ['echo one >> /run/trail'] }),
        step('before-install.after', 0, { if: 'false', commands: ['echo never >> /run/trail'] }),
        step('before-install', 1, { files: [{ path: '/run/made', permissions: 384, content: 'it\'s "quoted": yes\n' }], commands: ['stat -c %a /run/made >> /run/trail'] }),
      ]);
      const { stdout } = inside(`${stages}: > ${gateDirectory}/mark.go
$AGENT run-stage ${stagePaths(gateDirectory, []).map((path) => `--cloud-init-paths ${path}`).join(' ')} before-install > /dev/null
sed 's/^/TRAIL /' /run/trail; cat /run/made; ls ${gateDirectory} | sed 's/^/GATE /'`);
      expect(rows(stdout, 'TRAIL')).toEqual(['one', 'two', '600']);
      expect(stdout).toContain('it\'s "quoted": yes\n');
      expect(rows(stdout, 'GATE')).toEqual(['first', 'last', 'mark.at', 'mark.go', 'steps']);
    });
  });

  describe('driven by manual-install as this engine does it', () => {
    test('waits at the gate before it partitions, for as long as it takes', () => {
      const { stdout } = manualInstall({ open: false });
      expect(rows(stdout, 'STATUS')).toEqual(['124']);
      expect(rows(stdout, 'GATE')).toContain('prepare.at');
      expect(transcriptOf(stdout)).toMatchObject({ step: 'prepare', announced: null });
    });

    test('runs the install-only steps from the stage directory and writes none of them into what it merges', () => {
      const { stdout } = manualInstall({ steps: [step('kairos-install.pre', 0, { name: 'x', commands: ['echo ran-once-zebra >> /run/trail'] })] });
      expect(rows(stdout, 'TRAIL')).toEqual(['ran-once-zebra']);
      const dump = rows(stdout, 'DUMP').join('\n');
      expect(dump).toContain('hostname: node-1');
      expect(dump).toContain('device: /dev/nosuchdisk');
      expect(dump).not.toContain('zebra');
      expect(dump).not.toContain('kairos-install.pre');
    });

    test('announces the partition step and the error as events, and both are understood', () => {
      const { stdout } = manualInstall({});
      const seen = transcriptOf(stdout);
      expect(seen).toMatchObject({ step: 'partition', announced: 'partition', done: false, errors: ['disk /dev/nosuchdisk does not exist'] });
      expect(judgeAgent(seen, { exitCode: Number(rows(stdout, 'STATUS')[0]), missing: false }, { knowsEvents: true, uki: false })).toMatchObject({ ok: false, id: 'agent-error' });
    });

    test('without an admin user it refuses in plain words, before any gate', () => {
      const { stdout } = manualInstall({ kept: '#cloud-config\nhostname: a\n' });
      expect(rows(stdout, 'GATE')).toEqual(['first', 'last', 'prepare.go', 'steps']);
      expect(judgeAgent(transcriptOf(stdout), { exitCode: Number(rows(stdout, 'STATUS')[0]), missing: false }, { knowsEvents: true, uki: false })).toMatchObject({
        ok: false,
        id: 'agent-refused',
        what: expect.stringContaining('No users found'),
      });
    });

    test('a failing step is said and does not stop it', () => {
      const { stdout } = manualInstall({ steps: [step('kairos-install.pre', 0, { name: 'breaks', commands: ['exit 3'] })] });
      const seen = stdout.split('\n').map(readAgentLine);
      expect(seen).toContainEqual(expect.objectContaining({ kind: 'log', level: 'error', text: expect.stringContaining('on stage breaks') }));
      expect(transcriptOf(stdout).announced).toBe('partition');
    });

    test('the kernel line overrides what it is given, unless it is masked', () => {
      const line = 'quiet install.device=/dev/fromthekernelline';
      const cmdline = (text: string): string => `printf '%s\\n' '${text.trim()}' > /run/cmdline; mount --bind /run/cmdline /proc/cmdline`;
      expect(transcriptOf(manualInstall({ before: cmdline(line) }).stdout).errors).toEqual(['disk /dev/fromthekernelline does not exist']);
      expect(transcriptOf(manualInstall({ before: cmdline(maskKernelLine(line).text) }).stdout).errors).toEqual(['disk /dev/nosuchdisk does not exist']);
      // The agent reads the line as a shell does: quotes and backslashes do not hide a word from it.
      for (const hidden of ['quiet "install.device=/dev/fromthekernelline"', 'quiet in\\stall.device=/dev/fromthekernelline']) {
        expect(transcriptOf(manualInstall({ before: cmdline(hidden) }).stdout).errors).toEqual(['disk /dev/fromthekernelline does not exist']);
        expect(transcriptOf(manualInstall({ before: cmdline(maskKernelLine(hidden).text) }).stdout).errors).toEqual(['disk /dev/nosuchdisk does not exist']);
      }
    });

    test('an installed Trusted Boot system ends it with exit code 0 and nothing done, which is not taken for success', () => {
      const { stdout } = manualInstall({ before: "printf 'rd.immucore.uki quiet\\n' > /run/cmdline; mount --bind /run/cmdline /proc/cmdline" });
      const status = Number(rows(stdout, 'STATUS')[0]);
      expect(judgeAgent(transcriptOf(stdout), { exitCode: status, missing: false }, { knowsEvents: true, uki: true }).ok).toBe(false);
    });
  });

  test('nothing of all this is on this machine', () => {
    expect(traces()).toEqual(tracesBefore);
  });
});
