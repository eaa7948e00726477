import { setTimeout as pause } from 'node:timers/promises';
import type { MemberRow } from '../../lambdas/core';
import { rangeOf } from '../../lambdas/shards';
import { REGIONS } from '../../topology';
import { untilStoresAgree } from '../region/support/agreement';
import { readNewestRows } from '../region/support/row-versions';
import { eventually, STATE_FILE } from '../region/support/system';
import { checkHistory, describeViolations, Session } from '../support/history';
import { Load } from '../support/load';
import { perform, putRight } from './acts';
import { type Decided, DecidedWatch } from './decided';
import { actText, type Drill } from './drill';
import { callFigures, type Fault, latencyMs, quantile, secondsOf } from './figures';
import { Recorder } from './recorder';
import { type DrillReport, fromFault, type Mark } from './report';
import type { Executed } from './runbook';
import { marksOf, ShownWatch, shownVerdicts } from './shown';
import type { Terminal } from './terminal';
import { alwaysExpected, judge, type Verdict } from './verdicts';
import { acknowledgedWrites, lostWrites } from './writes';

const PREPARED_WITHIN_MS = 60_000;
const RECOVERED_WITHIN_MS = 120_000;
const AGREED_WITHIN_MS = 120_000;
/** Leaves two cores room to spare: what a fault does to callers is to be seen, and an operator waits for his commands. */
const PAUSE_MS = 400;
/** So many calls without one that fails are a load that is served. */
const CALLS_WELL = 80;
/** How long the load runs before the first step at least: what is slow is judged by it. */
const BEFORE_MS = 6000;
/** How long the load goes on after the last step at least: reads of then are judged. */
const AFTERWARDS_MS = 12_000;
const SHOWN_BEFORE_S = 5;
/** What one region had acknowledged so long before a fault has reached the other, on a machine that is not overloaded. */
const REPLICATED_WITHIN_MS = 1000;

/** One run of a drill against the system of `TWINKEEP_TEST_STATE`. */
export class DrillRun {
  readonly #drill: Drill;
  readonly #seed: number;
  readonly #terminal: Terminal;
  readonly #load: Load;
  readonly #recorder = new Recorder();
  /** Where the clock of the recorded calls stands when that of the samples begins. */
  readonly #beganMs = performance.now();
  readonly #startedAt = new Date().toISOString();
  readonly #marks: { atMs: number; kind: Mark['kind']; text: string }[] = [];
  readonly #executed: Executed[] = [];
  /** When each line that shows a fault was first written. */
  readonly #shown = new Map<string, number>();
  readonly #decided: (Decided & { readonly atMs: number })[] = [];
  #fault: Fault | undefined;

  constructor(drill: Drill, seed: number, terminal: Terminal, signal: AbortSignal) {
    this.#drill = drill;
    this.#seed = seed;
    this.#terminal = terminal;
    const { weights = {} } = drill;
    this.#load = new Load(seed, signal, {
      weights,
      pauseMs: PAUSE_MS,
      watch: (client) => this.#recorder.watch(client),
    });
  }

  async run(): Promise<DrillReport> {
    let verdicts: Verdict[] = [];
    let rows: ReadonlyMap<string, MemberRow> | undefined;
    let brokenOff: string | undefined;
    this.#terminal.begin(this.#drill, this.#seed);
    try {
      for (const act of this.#drill.before ?? []) {
        this.#terminal.say(`before: ${actText(act)}`);
        await perform(act, this.#drill, (executed) => this.#noteExecuted(executed));
      }
      await eventually(() => this.#load.prepare().then(() => true), PREPARED_WITHIN_MS);
      const fault = await this.#strike();
      const disagreement = await this.#settle();
      rows = await readNewestRows();
      verdicts = this.#judge(fault, rows, disagreement);
    } catch (error) {
      brokenOff = error instanceof Error ? error.message : String(error);
    }
    const report = this.#report(verdicts, rows, brokenOff);
    this.#terminal.end(report);
    return report;
  }

  /** The load goes on from before the first step until it is served as before after the last. */
  async #strike(): Promise<Fault> {
    const { steps } = this.#drill;
    const watch = new DecidedWatch((decided) => this.#noteDecided(decided));
    const shown = new ShownWatch(STATE_FILE, marksOf(this.#drill), (line) => this.#noteShown(line));
    await watch.start();
    this.#load.start();
    this.#terminal.follow(this.#recorder);
    try {
      await Promise.all([this.#served(), pause(BEFORE_MS)]);
      // Nobody is left there who could refuse.
      this.#load.observed.begin(steps.flatMap(({ act }) => (act.kind === 'lose' ? [act.region] : [])));
      await shown.start();
      let fromMs = Number.NaN;
      for (const [index, { afterS, act }] of steps.entries()) {
        await pause(afterS * 1000);
        if (index === 0) fromMs = this.#recorder.nowMs;
        const isLast = index === steps.length - 1;
        this.#fault = { fromMs, toMs: Number.POSITIVE_INFINITY };
        // What is waited for is told when it has come.
        const isAwaited = 'withinS' in act;
        if (!isLast && !isAwaited) this.#mark('fault', actText(act));
        await perform(act, this.#drill, (executed) => this.#noteExecuted(executed));
        if (!isLast && isAwaited) this.#mark('fault', actText(act));
        if (isLast) this.#mark('end', actText(act));
      }
      this.#fault = { fromMs, toMs: this.#recorder.nowMs };
      await Promise.all([this.#served(), pause(AFTERWARDS_MS)]);
      return this.#fault;
    } finally {
      watch.stop();
      await shown.stop();
      await putRight(this.#drill).catch((error: Error) =>
        this.#terminal.say(`could not be put right: ${error.message}`),
      );
      await this.#load.stop();
      this.#terminal.unfollow();
    }
  }

  /** Waits until so many calls were served without one that failed. */
  async #served(): Promise<void> {
    const { observed } = this.#load;
    let from = observed.total;
    observed.takeFailures();
    await eventually(() => {
      if (observed.takeFailures() > 0) from = observed.total;
      return observed.total - from >= CALLS_WELL;
    }, RECOVERED_WITHIN_MS);
  }

  /** Nothing is under way any more, and everything is read once, in both regions. @returns in what stores differ */
  async #settle(): Promise<string | undefined> {
    this.#terminal.say('waiting until all stores agree');
    const disagreement = await untilStoresAgree(AGREED_WITHIN_MS, (member) => this.#failsOver(member)).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (disagreement === undefined) this.#load.history.settle();
    for (const region of REGIONS) {
      const session = new Session(this.#load.history, this.#load.observed.client(`reader ${region}`));
      for (const { id } of this.#load.members) await session.run({ region, call: { kind: 'get', member: id } });
      for (const account of this.#load.accounts) await session.run({ region, call: { kind: 'find', ...account } });
    }
    return disagreement;
  }

  #failsOver(member: string): boolean {
    return this.#drill.failsOver?.includes(rangeOf(member).unit) ?? false;
  }

  #judge(fault: Fault, rows: ReadonlyMap<string, MemberRow>, disagreement: string | undefined): Verdict[] {
    const { history, observed } = this.#load;
    const { operations } = history;
    const writes = acknowledgedWrites(operations);
    const lost = lostWrites(writes, rows);
    const { goesWithoutDatabases = [] } = this.#drill;
    const violations = checkHistory(history, {
      freshness: 'settled',
      failedOver: (member) => this.#failsOver(member),
      renumbered: (member) => goesWithoutDatabases.includes(rangeOf(member).unit),
      without: new Set(lost.map(({ member }) => member)),
    });
    const seen = {
      samples: this.#recorder.samples,
      fault,
      operations,
      samplesBeganMs: this.#beganMs,
      decided: this.#decided,
    };
    return [
      ...judge(this.#drill, seen),
      ...shownVerdicts(
        marksOf(this.#drill),
        new Map([...this.#shown].map(([line, ms]) => [line, fromFault(fault, ms)])),
      ),
      ...alwaysExpected({
        writes,
        lost,
        mayLoseFromMs:
          this.#drill.failsOver === undefined ? undefined : this.#beganMs + fault.fromMs - REPLICATED_WITHIN_MS,
        violations: violations.length === 0 ? '' : describeViolations(violations),
        disagreement,
        dishonest: observed.dishonest,
      }),
    ];
  }

  #report(
    verdicts: readonly Verdict[],
    rows: ReadonlyMap<string, MemberRow> | undefined,
    brokenOff: string | undefined,
  ): DrillReport {
    const { samples } = this.#recorder;
    const endMs = this.#recorder.nowMs;
    const fault = this.#fault ?? { fromMs: endMs, toMs: endMs };
    const closed = { ...fault, toMs: Math.min(fault.toMs, endMs) };
    const shifted = samples.map((sample) => ({
      ...sample,
      startedMs: sample.startedMs - fault.fromMs,
      endedMs: sample.endedMs - fault.fromMs,
    }));
    const writes = acknowledgedWrites(this.#load.history.operations);
    const lost = rows === undefined ? [] : lostWrites(writes, rows);
    const lastMs = Math.max(0, ...shifted.map(({ endedMs }) => endedMs));
    const calls = callFigures(samples, closed, REGIONS);
    const before = samples.filter(({ endedMs }) => endedMs <= fault.fromMs).map(latencyMs);
    const reads = samples.filter(({ isWrite, isDone }) => !isWrite && isDone);
    return {
      name: this.#drill.name,
      shows: this.#drill.shows,
      runbook: this.#drill.runbook,
      seed: this.#seed,
      startedAt: this.#startedAt,
      tookS: endMs / 1000,
      lastedS: fromFault(fault, closed.toMs),
      marks: this.#marks.map(({ atMs, ...mark }) => ({ atS: fromFault(fault, atMs), ...mark })),
      seconds: secondsOf(shifted, -SHOWN_BEFORE_S, Math.floor(lastMs / 1000)),
      calls,
      verdicts,
      totals: {
        calls: calls.reduce((sum, one) => sum + one.calls, 0),
        failed: calls.reduce((sum, one) => sum + one.failed, 0),
        acknowledgedWrites: writes.length,
        acknowledgedByBoth: writes.filter(({ by }) => by === 'both').length,
        answeredReads: reads.length,
        degradedReads: reads.filter(({ degraded }) => degraded !== undefined).length,
        lostWrites: lost.length,
        lostOfBoth: lost.filter(({ by }) => by === 'both').length,
      },
      before: { p50Ms: quantile(before, 0.5), p99Ms: quantile(before, 0.99) },
      lost,
      executed: this.#executed,
      ...(brokenOff === undefined ? {} : { brokenOff }),
    };
  }

  #mark(kind: Mark['kind'], text: string): void {
    this.#marks.push({ atMs: this.#recorder.nowMs, kind, text });
    this.#terminal.mark(text);
  }

  /** Who writes a unit is part of what is told of the unit. */
  #noteDecided(decided: Decided): void {
    this.#decided.push({ ...decided, atMs: this.#recorder.nowMs });
    const { subject, value, before } = decided;
    if (!subject.startsWith('writer of')) this.#mark('decided', `${subject}: ${value} (was ${before})`);
  }

  #noteShown(line: string): void {
    this.#shown.set(line, this.#recorder.nowMs);
    this.#mark('shown', `a line of a function: ${line}`);
  }

  #noteExecuted(executed: Executed): void {
    this.#executed.push(executed);
    this.#terminal.mark(`$ ${executed.command}`);
  }
}
