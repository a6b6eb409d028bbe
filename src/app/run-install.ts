/**
 * Executes a plan: engine, scrub, close, audit, receipt, finish. Both front ends run this and nothing else. It ends
 * with exactly one `done` event and never throws; every way out runs the clean-up list first.
 */
import { exitCodes } from '../model/exit-code.ts';
import type { ExitCode } from '../model/exit-code.ts';
import { phases } from '../model/events.ts';
import type { InstallEvent, Phase } from '../model/events.ts';
import type { AuditReport } from '../model/audit.ts';
import type { Facts } from '../model/facts.ts';
import type { PlannedInstall } from '../model/plan.ts';
import { SlipwayError } from '../model/problem.ts';
import type { Engine, LaidDown, RunState } from '../engine/engine.ts';
import { buildReceipt } from '../receipt/build.ts';
import { receiptLine } from '../receipt/qr.ts';
import { signReceipt } from '../receipt/sign.ts';
import { writeReceipts } from '../receipt/write.ts';
import { auditTarget } from '../scrub/audit.ts';
import type { AuditPlace } from '../scrub/audit.ts';
import { ejectMedia } from '../scrub/eject.ts';
import { excludePristine } from '../scrub/exclude-pristine.ts';
import { patternsInSlices } from '../scrub/patterns.ts';
import { redacted, redactorInSlices, redactReport } from '../scrub/redact.ts';
import type { Redactor } from '../scrub/redact.ts';
import { inSlices } from '../scrub/slices.ts';
import type { System } from '../system/port.ts';
import { markWriting } from '../system/writing-mark.ts';
import { createEventQueue } from './event-queue.ts';
import { watchSourceRate } from './source-rate.ts';

export interface InstallRun {
  readonly system: System;
  readonly planned: PlannedInstall;
  readonly facts: Facts;
  readonly engine: Engine;
  readonly engineVersion: string;
  readonly version: string;
  readonly signal: AbortSignal;
}

/** ms between two progress events */
const progressPeriod = 200;

/** The audit found something: an outcome of its own, not an error of a tool. */
class AuditFound extends Error {
  readonly report: AuditReport;
  constructor(report: AuditReport) {
    super('the audit found install-only material');
    this.report = report;
  }
}

/** What is to be kept out of all texts could not be listed. */
class NothingToRedactWith extends Error {
  constructor(cause: unknown) {
    super(`what must not be shown could not be listed: ${cause instanceof Error ? cause.name : typeof cause}`);
  }
}

const targetText = ({ diskTouched, finished, unsecured }: RunState): string => {
  if (finished) return 'the install itself is complete: the unfinished mark is off';
  if (!diskTouched) return 'the disk was not touched';
  return unsecured === undefined ? 'the disk was written to and is marked as unfinished: it does not boot' : `the disk was written to, and that it does not boot could not be made sure (${unsecured})`;
};

const diskText = (state: RunState): string => {
  const { wiped } = state;
  const target = targetText(state);
  return wiped.length === 0 ? target : `${target}; ${wiped.join(' and ')} lost its signatures as agreed`;
};

/** Something was written: the target, or another disk that the plan wipes. */
const hasWritten = ({ diskTouched, wiped }: RunState): boolean => diskTouched || wiped.length > 0;

const done = (exitCode: ExitCode, result: string, touched: boolean, text: string): InstallEvent => ({
  event: 'done',
  exitCode,
  ok: exitCode === exitCodes.done,
  result,
  diskTouched: touched,
  text,
});

const describeHits = (report: AuditReport): string =>
  report.hits
    .slice(0, 5)
    .map((hit) => `${hit.place} at byte ${hit.offset} (${hit.encoding}): ${hit.from}`)
    .join('; ');

/** The end of a run that threw: which exit code, and what to say. */
const failure = (error: unknown, state: RunState, signal: AbortSignal, phase: Phase): InstallEvent[] => {
  if (signal.aborted) {
    const text = `interrupted in ${phase}; ${diskText(state)}`;
    return [done(hasWritten(state) ? exitCodes.failedTouched : exitCodes.interrupted, 'interrupted', state.diskTouched, text)];
  }
  if (error instanceof AuditFound) {
    const hint = 'the disk stays marked as unfinished and does not boot; take the material out of what the stages leave on the target, then install again';
    return [
      { event: 'problem', id: 'audit-found', severity: 'error', what: 'install-only material is on the target', where: describeHits(error.report), hint },
      done(exitCodes.auditFound, 'failed', true, `the audit found install-only material in ${error.report.hits.length} places: ${describeHits(error.report)}`),
    ];
  }
  const exitCode = hasWritten(state) ? exitCodes.failedTouched : exitCodes.failedUntouched;
  if (error instanceof SlipwayError) {
    return [
      { event: 'problem', ...error.problem },
      done(exitCode, 'failed', state.diskTouched, `${phase} failed: ${error.problem.what} (${error.problem.where}); ${diskText(state)}; ${error.problem.hint}`),
    ];
  }
  const what = error instanceof Error ? error.message : String(error);
  return [
    { event: 'problem', id: 'bug', severity: 'error', what: `unexpected: ${what}`, where: phase, hint: 'this is a bug in slipway; please report it with the log' },
    done(exitCodes.bug, 'failed', state.diskTouched, `a bug in slipway (${what}); ${diskText(state)}`),
  ];
};

const audit = async (run: InstallRun, laid: LaidDown, emit: (event: InstallEvent) => void): Promise<AuditReport> => {
  const { system, planned, signal } = run;
  const { plan, material } = planned;
  const all = await inSlices(patternsInSlices(material.items, { keptTexts: Object.values(material.keptFiles) }), signal);
  if (laid.pristine.length > 0) emit({ event: 'log', level: 'info', text: 'searching the source for strings that it holds too' });
  const patterns = await excludePristine(system, all, laid.pristine, {
    signal,
    onProgress: (bytes) => emit({ event: 'progress', phase: 'audit', fraction: null, bytes, total: null, bytesPerSecond: null }),
  });
  const begin = system.now();
  const layout = laid.layout ?? plan.layout;
  const search = (mapped: readonly AuditPlace[]): Promise<AuditReport> =>
    auditTarget(system, {
      path: plan.target.path,
      size: plan.target.kind === 'image' ? plan.target.size : plan.target.identity.size,
      partitions: [...layout.map((partition) => ({ label: partition.label || partition.name, start: partition.start, size: partition.size })), ...mapped],
      mode: plan.audit,
      patterns,
      trustedImages: laid.pristineImages,
      signal,
      onProgress: (bytes, total) => {
        const seconds = (system.now() - begin) / 1000;
        emit({ event: 'progress', phase: 'audit', fraction: total > 0 ? bytes / total : null, bytes, total, bytesPerSecond: seconds > 0 ? Math.round(bytes / seconds) : null });
      },
    });
  if (laid.withOpen === undefined) return search([]);
  // Encrypted partitions are searched as they lie on the disk and, opened, as they are read.
  return laid.withOpen((open) =>
    search(
      open
        .filter(({ encrypted }) => encrypted)
        .flatMap(({ name, device }) => {
          const partition = layout.find((row) => row.name === name);
          return partition === undefined ? [] : [{ label: `${partition.label} (opened)`, start: 0, size: partition.size, path: device }];
        }),
    ),
  );
};

/** The target of an image file belongs to another machine: this one keeps its media. */
const eject = async ({ system, planned, facts }: InstallRun, emit: (event: InstallEvent) => void): Promise<void> => {
  if (planned.plan.target.kind !== 'device') return;
  for (const text of await ejectMedia(system, facts, planned.dataVolume ?? null)) emit({ event: 'log', level: 'info', text });
};

interface RunParts {
  readonly state: RunState;
  readonly emit: (event: InstallEvent) => void;
  readonly enter: (phase: Phase) => void;
  readonly timings: Readonly<Record<string, number>>;
  readonly redact: (text: string) => string;
}

const execute = async (run: InstallRun, { state, emit, enter, timings, redact }: RunParts): Promise<InstallEvent> => {
  const { system, planned, signal } = run;
  const { plan, material } = planned;

  enter('engine');
  await markWriting(system);
  const laid = await run.engine.run({ system, planned, signal, state, emit });

  enter('scrub');
  const scrubbed = await laid.scrub();
  // Names of files that stages left are texts of theirs; events are redacted below, the receipt here.
  const [removed, notes] = [scrubbed.removed.map(redact), scrubbed.notes.map(redact)];
  emit({ event: 'scrub', removed, notes });
  await laid.verify();

  enter('close');
  const closed = await laid.close();
  for (const text of closed) emit({ event: 'log', level: 'info', text });
  signal.throwIfAborted();

  let report: AuditReport | null = null;
  if (plan.audit !== 'off') {
    enter('audit');
    report = redactReport(await audit(run, laid, emit), redact);
    emit({ event: 'audit', ...report });
    if (report.hits.length > 0) throw new AuditFound(report);
  }
  signal.throwIfAborted();
  state.unsecured = 'it was being made bootable';
  await laid.activate();
  delete state.unsecured;
  state.finished = true;

  enter('receipt');
  const unsigned = buildReceipt({
    version: run.version,
    time: system.now(),
    facts: run.facts,
    planned,
    layout: laid.layout ?? plan.layout,
    engineVersion: run.engineVersion,
    imageDigest: laid.pristineImages[0] ?? null,
    removed,
    closed,
    notes: [...notes, ...plan.wipes.map(({ text }) => `another disk was wiped as agreed: ${text}`)],
    audit: report,
    timings,
  });
  const receipt = material.receiptKey === null ? unsigned : signReceipt(unsigned, material.receiptKey);
  const { written, problems } = await writeReceipts(system, [...plan.receipts, ...(plan.receiptVolume === null ? [] : [plan.receiptVolume])], receipt, AbortSignal.timeout(60_000));
  for (const problem of problems) emit({ event: 'problem', ...problem });
  emit({ event: 'receipt', written, line: receiptLine(receipt) });

  enter('finish');
  await eject(run, emit);
  const proof = report === null
    ? 'nothing was proven: the audit was off'
    : `audit: ${report.patterns} patterns, ${report.bytesRead} bytes read back, nothing found, ${report.notSearchable.length} values not searchable`;
  return done(exitCodes.done, report === null ? 'installed-unproven' : 'installed', true, `installed to ${plan.targetText}; ${proof}`);
};

/** Without it nothing of the run may be told, not even how it ended: then its own failure is told, in words that hold nothing of the material. */
const makeRedactor = async ({ planned, signal }: InstallRun): Promise<Redactor> => {
  try {
    return await inSlices(redactorInSlices(planned.material.items), signal);
  } catch (error) {
    throw signal.aborted ? error : new NothingToRedactWith(error);
  }
};

/** Runs the plan; iterate to the end. */
export const runInstall = (run: InstallRun): AsyncIterable<InstallEvent> => {
  const queue = createEventQueue<InstallEvent>();
  // Nothing that could hold material is told before it is made.
  const unmade: Redactor = () => redacted;
  let redact = unmade;
  const medium = watchSourceRate(run.system, run.facts.boot.liveMedium);
  let lastProgress = 0;
  const emit = (event: InstallEvent): void => {
    if (event.event === 'progress') {
      // A few a second are enough for an eye and for a log; the end of a phase is always told.
      const now = run.system.now();
      if (now - lastProgress < progressPeriod && event.fraction !== 1) return;
      lastProgress = now;
      queue.push({ ...event, sourceBytesPerSecond: medium.rate() });
      return;
    }
    if (event.event === 'log') queue.push({ ...event, text: redact(event.text) });
    else if (event.event === 'problem') queue.push({ ...event, what: redact(event.what), where: redact(event.where) });
    else if (event.event === 'scrub') queue.push({ ...event, notes: event.notes.map(redact) });
    else if (event.event === 'done') queue.push({ ...event, text: redact(event.text) });
    else queue.push(event);
  };
  const state: RunState = { diskTouched: false, wiped: [], finished: false };
  const timings: Record<string, number> = {};
  let current: { phase: Phase; since: number } = { phase: 'engine', since: run.system.now() };
  const enter = (phase: Phase): void => {
    const now = run.system.now();
    timings[current.phase] = now - current.since;
    current = { phase, since: now };
    if (!state.finished) run.signal.throwIfAborted();
    emit({ event: 'phase', phase, index: phases.indexOf(phase) + 1, of: phases.length });
  };
  const whole = async (): Promise<void> => {
    const last: InstallEvent[] = [];
    try {
      redact = await makeRedactor(run);
      if (run.planned.already) {
        emit({ event: 'phase', phase: 'finish', index: phases.length, of: phases.length });
        await eject(run, emit);
        const text = `${run.planned.plan.targetText} already holds a finished install with this configuration; nothing was written (--reinstall repeats it)`;
        last.push({ event: 'done', exitCode: exitCodes.done, ok: true, result: 'already', already: true, diskTouched: false, text });
      } else {
        last.push(await execute(run, { state, emit, enter, timings, redact }));
      }
    } catch (error) {
      // Nothing ran, so no text is anybody else's.
      if (error instanceof NothingToRedactWith || (redact === unmade && run.signal.aborted)) redact = (text) => text;
      last.push(...failure(error, state, run.signal, current.phase));
    }
    // Everything is unmounted, closed and deleted before the end is announced.
    const stuck = await run.system.cleanup.run();
    for (const what of stuck) emit({ event: 'problem', id: 'cleanup-failed', severity: 'warning', what: `could not be undone: ${what}`, where: 'clean-up', hint: 'look at it before you go on' });
    medium.stop();
    for (const event of last) emit(event);
    queue.end();
  };
  void whole();
  return queue;
};
