/** Between which bounds a limit moves, and when. */
export interface LimitSettings {
  /** Never fewer calls at a time than this, however slow they are. */
  readonly floor: number;
  readonly ceiling: number;
  /** How much longer than when nobody waits calls may take before fewer are let in. The most patient keeps its place. */
  readonly targetMs: number;
}

/** Calls that have ended since the limit was last set. */
export interface LimitSample {
  readonly calls: number;
  /** Of those that were answered. */
  readonly averageMs: number;
  /** Not answered in time, or refused for too much load. */
  readonly drops: number;
  readonly mostInFlight: number;
}

export interface LimitState {
  readonly limit: number;
  /** What calls take when nobody waits: the least average of this period, and of the one before. */
  readonly baseMs: number;
  readonly baseBeforeMs: number;
  readonly periodEndsAtMs: number;
}

/** How long a base is remembered at least, and at most twice as long: what it was may have changed for good. */
const PERIOD_MS = 60_000;
/** One drop in ten calls is more than bad luck. */
const DROPS = 0.1;
const AFTER_DROPS = 0.7;
const MOST_DOWN = 0.3;
const MOST_UP = 0.1;

/** Begins low: what calls take when nobody waits is learned before many do. */
const FIRST = 10;

export function firstLimit({ floor, ceiling }: LimitSettings, nowMs: number): LimitState {
  return {
    limit: Math.max(floor, Math.min(FIRST, ceiling)),
    baseMs: Number.POSITIVE_INFINITY,
    baseBeforeMs: Number.POSITIVE_INFINITY,
    periodEndsAtMs: nowMs + PERIOD_MS,
  };
}

/**
 * How many calls may be under way at a time, after one more sample. Netflix's concurrency-limits brought the window of TCP to
 * services; this is the window of LEDBAT (RFC 6817): it moves by how far the delay that waiting adds is from a target, and
 * falls at once when calls are lost. Of several that share a dependency the one with the lower target gives way to the others
 * as soon as they wait for each other, without any of them knowing of the rest: so class order, whose target is the highest,
 * borrows what the other classes use, and they never what it uses.
 */
export function nextLimit(state: LimitState, sample: LimitSample, settings: LimitSettings, nowMs: number): LimitState {
  const based = withBase(state, sample, nowMs);
  return { ...based, limit: bounded(moved(based, sample, settings), settings) };
}

function withBase(state: LimitState, { averageMs, calls, drops }: LimitSample, nowMs: number): LimitState {
  const seenMs = calls > drops ? averageMs : Number.POSITIVE_INFINITY;
  if (nowMs < state.periodEndsAtMs) return { ...state, baseMs: Math.min(state.baseMs, seenMs) };
  return { ...state, baseMs: seenMs, baseBeforeMs: state.baseMs, periodEndsAtMs: nowMs + PERIOD_MS };
}

function moved(state: LimitState, { calls, averageMs, drops, mostInFlight }: LimitSample, { targetMs }: LimitSettings) {
  const { limit } = state;
  if (drops > DROPS * calls) return limit * AFTER_DROPS;
  if (calls === drops) return limit;
  const waitedMs = averageMs - Math.min(state.baseMs, state.baseBeforeMs);
  const offTarget = Math.max(-1, (targetMs - waitedMs) / targetMs);
  if (offTarget < 0) return limit * (1 + MOST_DOWN * offTarget);
  // What was not used says nothing of what could be.
  return mostInFlight < Math.floor(limit) ? limit : limit + Math.max(1, MOST_UP * limit) * offTarget;
}

function bounded(limit: number, { floor, ceiling }: LimitSettings): number {
  return Math.min(ceiling, Math.max(floor, limit));
}

/** How long whoever comes now would wait for its turn. @param ahead how many wait already */
export function expectedWaitMs(ahead: number, limit: number, averageMs: number): number {
  return ((ahead + 1) * averageMs) / Math.max(1, Math.floor(limit));
}
