import { bug, type PlantedBug } from '../bug';

const FLOW = 'lambdas/traffic/flow';
const GUARDS = 'lambdas/traffic/guards.ts';
const SAFETY = 'lambdas/switches/flow-rules.ts';
const model = (test: string) => ({ file: 'test/unit/traffic/flow/algorithms.model.test.ts', test });
const limits = (test: string) => ({ file: 'test/unit/traffic/flow/limits.test.ts', test });
const applied = (test: string) => ({ file: 'test/unit/traffic/flow/applied-rules.test.ts', test });
const guards = (test: string) => ({ file: 'test/unit/traffic/limiting-guards.test.ts', test });
const safety = (test: string) => ({ file: 'test/unit/switches/flow-rules.test.ts', test });
const redis = (test: string) => ({ file: 'test/engine/traffic/limits.test.ts', test });

const ALGORITHM_BUGS: readonly PlantedBug[] = [
  bug(
    'counter-forgets-its-window',
    `${FLOW}/algorithms/counter.ts`,
    ['const used = isRunning ? state.used : 0;', 'const used = 0;'],
    model('decides as its model does, call by call'),
  ),
  bug(
    'sliding-window-lets-go-too-early',
    `${FLOW}/algorithms/sliding-window.ts`,
    ['endUs + windowUs > nowUs', 'endUs + windowUs / 2 > nowUs'],
    model('no window of a sliding window has more calls than its limit'),
  ),
  bug(
    'token-bucket-that-overflows-into-nothing',
    `${FLOW}/algorithms/token-bucket.ts`,
    ['Math.min(full, kept + sinceUs * calls)', 'kept + sinceUs * calls'],
    model('decides as its model does, call by call'),
  ),
  bug(
    'queue-takes-who-cannot-wait',
    `${FLOW}/algorithms/leaky-bucket.ts`,
    ['Math.min(mostWaitUs, windowUs) * calls', 'windowUs * calls'],
    model('decides as its model does, call by call'),
  ),
  bug(
    'bucket-begins-warm',
    `${FLOW}/algorithms/warm-up.ts`,
    ['{ units: sizeAt(limit, warmUpUs), coldUs: warmUpUs }', '{ units: sizeAt(limit, 0), coldUs: 0 }'],
    model('a bucket that is cold gives a third'),
  ),
];

const STORE_BUGS: readonly PlantedBug[] = [
  bug(
    'limit-opened-by-a-step-of-the-clock',
    'lambdas/cache/limit-functions.ts',
    ['if ARGV[6] == kept[1] then', 'if false then'],
    redis('is neither opened nor closed by a server whose clock steps'),
  ),
  bug(
    'sighting-of-another-clock-believed',
    'lambdas/cache/limit-functions.ts',
    ['if ARGV[6] == kept[1] then', "if ARGV[6] ~= '' then"],
    redis('what an environment has seen of a clock that is gone counts for nothing'),
  ),
  bug(
    'bucket-in-redis-never-empties',
    'lambdas/cache/limit-functions.ts',
    ['local left = units - granted * windowUs', 'local left = units'],
    redis('is atomic: of many who ask at once'),
  ),
  bug(
    'recent-calls-without-bound',
    'lambdas/cache/call-functions.ts',
    ["redis.call('HLEN', second) >= ", "redis.call('HLEN', second) >= 1000 * "],
    redis('names without end do not fill the cache'),
  ),
];

const LEASE_BUGS: readonly PlantedBug[] = [
  bug(
    'held-calls-outlive-their-window',
    `${FLOW}/leased-limit.ts`,
    ['if (this.#held > 0 && nowMs < this.#heldUntilMs) {', 'if (this.#held > 0) {'],
    limits('what was fetched in one window of a counter is not used in the next'),
  ),
  bug(
    'too-much-held-ahead',
    `${FLOW}/leased-limit.ts`,
    ['const MOST_HELD = 0.05;', 'const MOST_HELD = 2;'],
    limits('calls a second four environments hold'),
  ),
  bug(
    'refused-calls-come-again-too-early',
    `${FLOW}/source.ts`,
    ['clock.monotonicMs() + Math.max(durationMs, pauseMs)', 'clock.monotonicMs() + Math.min(durationMs, pauseMs)'],
    limits('who is refused is told when to come again, and until then nobody is asked'),
  ),
  bug(
    'nothing-fetched-ahead',
    `${FLOW}/leased-limit.ts`,
    ['const AHEAD_MS = 200;', 'const AHEAD_MS = 0;'],
    limits('the common call asks nobody and waits for nothing'),
  ),
  bug(
    'each-region-counts-the-whole',
    `${FLOW}/share.ts`,
    ['if (isAlone) return limit;', 'return limit;'],
    limits('while regions do not reach each other, they let no more pass together than the limit'),
  ),
  bug(
    'what-the-other-region-left-is-lost',
    `${FLOW}/applied-rules.ts`,
    ['...(other === undefined\n', '...(other !== undefined\n'],
    limits('each counts its half, and uses what the other has not'),
  ),
  bug(
    'each-environment-counts-the-whole-without-redis',
    `${FLOW}/source.ts`,
    ['const limit = partOf(share, environments());', 'const limit = partOf(share, 1);'],
    limits('environments have together no more than the limit allows in that time'),
  ),
  bug(
    'losing-redis-gives-a-burst',
    `${FLOW}/source.ts`,
    ['{ units: 0, atUs:', '{ units: limit.calls * limit.windowUs, atUs:'],
    limits('an environment that was just answered does not begin with a burst'),
  ),
  bug(
    'one-late-answer-closes-a-limit',
    `${FLOW}/source.ts`,
    ['Math.min(retryAfterUs / US_PER_MS, ASK_AGAIN_MS)', 'retryAfterUs / US_PER_MS'],
    limits('one answer that did not come closes nothing'),
  ),
  bug(
    'rule-on-trial-refuses',
    `${FLOW}/dry-run.ts`,
    ['void verdict.then((decided) => this.#noted(decided));', 'return verdict as never;'],
    applied('a rule on trial lets everything pass'),
  ),
];

const GUARD_BUGS: readonly PlantedBug[] = [
  bug(
    'denied-caller-admitted',
    GUARDS,
    ['if (passes.isDenied) throw', 'if (false) throw'],
    guards('who is denied learns that'),
  ),
  bug(
    'forwarded-request-counted-twice',
    GUARDS,
    ['passes[guard].length === 0 || request.isForwarded', 'passes[guard].length === 0'],
    guards('a request that was forwarded is counted where it was called'),
  ),
  bug(
    'refused-call-taken-from-other-limits',
    GUARDS,
    ['if (uncounted?.has(applied) !== true) applied.limit.giveBack(atMs);', ''],
    guards('what one limit refuses is not taken from another'),
  ),
  bug(
    'awaited-call-given-back-as-of-an-earlier-one',
    GUARDS,
    ['atMs = awaited?.get(applied) ?? atMs;', 'atMs = passedAtMs;'],
    guards('what others need is given back, however long its limit had to be waited for'),
  ),
  bug(
    'call-given-back-into-the-next-window',
    `${FLOW}/leased-limit.ts`,
    ['if (passedAtMs >= this.#heldSinceMs) this.#held += 1;', 'this.#held += 1;'],
    limits('what passed in a window that is over is not given back into the next one'),
  ),
  bug(
    'call-given-back-after-its-time',
    `${FLOW}/leased-limit.ts`,
    ['const left = calls - served.length;', 'const left = calls - served.length;\n    if (left === 0) return;'],
    guards('takes nothing from others, also where few calls pass'),
  ),
  bug(
    'late-call-begun-after-its-caller-was-found',
    GUARDS,
    ['passage.nowMs = clock.monotonicMs();\n      return pass(', 'return pass('],
    guards('time that guards wait for is over for those behind them'),
  ),
  bug(
    'time-that-a-limit-took-waited-for-once-more',
    GUARDS,
    ['passage.nowMs = clock.monotonicMs();\n      heed(decided', 'heed(decided'],
    guards('time that guards wait for is over for those behind them'),
  ),
  bug(
    'queued-call-served-too-late',
    GUARDS,
    ['remainingAt(passage.nowMs) - SERVING_MS', 'remainingAt(passage.nowMs)'],
    guards('refuses at once who could not be served in time after the wait'),
  ),
  bug(
    'queued-call-does-not-wait',
    GUARDS,
    ['if (waitMs > 0) return turn(waitMs, request);', ''],
    guards('lets a call go on when its turn has come'),
  ),
];

const RULE_BUGS: readonly PlantedBug[] = [
  bug(
    'contradicting-rules-accepted',
    SAFETY,
    [', ...contradictions(rules)];', '];'],
    safety('two rules of one id, or for the same calls, are refused'),
  ),
  bug(
    'rule-that-refuses-everything-accepted',
    SAFETY,
    ['refillS > MOST_REFILL_S\n', 'refillS > 1e9 * MOST_REFILL_S\n'],
    safety('a rule is refused: '),
  ),
  bug(
    'everything-denied-by-several-entries',
    SAFETY,
    [
      'coverEverything(denied.map(({ match }) => match)) ?',
      'denied.some(({ match }) => Object.keys(match).length === 0) ?',
    ],
    safety('what is denied leaves something to call'),
  ),
  bug('trial-previewed-as-refusing', `${FLOW}/preview.ts`, ['return isOn ? granted : calls;', 'return granted;'], {
    file: 'test/unit/traffic/flow/preview.test.ts',
    test: 'a rule on trial refuses nothing',
  }),
];

/** In what limits calls. */
export const FLOW_BUGS: readonly PlantedBug[] = [
  ...ALGORITHM_BUGS,
  ...STORE_BUGS,
  ...LEASE_BUGS,
  ...GUARD_BUGS,
  ...RULE_BUGS,
];
