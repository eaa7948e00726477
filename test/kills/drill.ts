import { untilStoresAgree } from '../region/support/agreement';
import { eventually, REGION_NAMES } from '../region/support/system';
import { checkHistory, describeViolations, Session } from '../support/history';
import { Load, needText } from '../support/load';
import { type Fault, nameOf } from './faults';
import { needsDuring, regionsCut } from './needs';
import { StandingFault } from './standing-fault';
import type { Timeline } from './timeline';

export interface DrillOutcome {
  readonly faults: readonly string[];
  readonly seed: number;
  readonly calls: number;
  readonly tookMs: number;
  /** What should not have been; empty if all is well. */
  readonly failures: readonly string[];
}

const PREPARED_WITHIN_MS = 60_000;
const SERVED_WITHIN_MS = 90_000;
const RECOVERED_WITHIN_MS = 120_000;
const AGREED_WITHIN_MS = 120_000;
const CALLS_BEFORE = 60;
/** So many calls without one that fails are a recovery. */
const CALLS_RECOVERED = 80;

/** Faults under one load, one after another, from a system that is well to one that is well again. */
export async function runDrill(
  faults: readonly Fault[],
  seed: number,
  timeline: Timeline,
  signal: AbortSignal,
): Promise<DrillOutcome> {
  const startedMs = performance.now();
  const load = new Load(seed, signal);
  const failures: string[] = [];
  try {
    await eventually(() => load.prepare().then(() => true), PREPARED_WITHIN_MS);
    await strikeAll(faults, load, timeline, failures);
    failures.push(...(await verdictOn(load, timeline)));
  } catch (error) {
    failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const tookMs = Math.round(performance.now() - startedMs);
  for (const failure of failures) timeline.say(`  FAILED: ${failure}`);
  return { faults: faults.map(nameOf), seed, calls: load.observed.total, tookMs, failures };
}

/** The load goes on from before the first fault until it is served as before after the last. */
async function strikeAll(faults: readonly Fault[], load: Load, timeline: Timeline, failures: string[]): Promise<void> {
  let down = '';
  const unfollow = timeline.follow(load.observed, () => down);
  load.start();
  try {
    for (const fault of faults) {
      timeline.say(nameOf(fault));
      await recovered(load, CALLS_BEFORE);
      down = `down: ${fault.engines.join(', ')}`;
      failures.push(...(await strike(fault, load)));
      down = '';
      timeline.say('  it is back');
      await recovered(load, CALLS_RECOVERED);
    }
  } finally {
    unfollow();
    await load.stop();
  }
}

/** @returns what was not served while the fault lasted, but should have been */
async function strike(fault: Fault, { observed }: Load): Promise<string[]> {
  const needs = needsDuring(fault);
  observed.begin(regionsCut(fault));
  const standing = StandingFault.strike(fault);
  try {
    await Promise.all([
      standing.last(),
      eventually(() => observed.missing(needs).length === 0, SERVED_WITHIN_MS).catch(() => undefined),
    ]);
  } finally {
    await standing.lift();
  }
  const missing = observed.missing(needs).map(needText);
  return missing.length === 0 ? [] : [`${nameOf(fault)}: not served while it lasted: ${missing.join(', ')}`];
}

/** What failed of the calls that were under way when it came back does not count. */
async function recovered({ observed }: Load, calls: number): Promise<void> {
  let from = observed.total;
  observed.takeFailures();
  await eventually(() => {
    if (observed.takeFailures() > 0) from = observed.total;
    return observed.total - from >= calls;
  }, RECOVERED_WITHIN_MS);
}

/** What holds when everything runs again and nothing is under way. */
async function verdictOn(load: Load, timeline: Timeline): Promise<string[]> {
  const disagreement = await untilStoresAgree(AGREED_WITHIN_MS).then(
    () => undefined,
    (error: Error) => error.message,
  );
  // Reads need not see what has not reached every store.
  if (disagreement === undefined) load.history.settle();
  await readAll(load);
  const violations = checkHistory(load.history, { freshness: 'settled' });
  timeline.say(`  ${load.history.operations.length} calls were recorded`);
  return [
    ...(disagreement === undefined ? [] : [disagreement]),
    ...load.observed.dishonest,
    ...(violations.length > 0 ? [describeViolations(violations)] : []),
  ];
}

/** Everything that was acknowledged must be there, in both regions. */
async function readAll(load: Load): Promise<void> {
  for (const region of REGION_NAMES) {
    const session = new Session(load.history, load.observed.client(`reader ${region}`));
    for (const { id } of load.members) await session.run({ region, call: { kind: 'get', member: id } });
    for (const account of load.accounts) await session.run({ region, call: { kind: 'find', ...account } });
  }
}
