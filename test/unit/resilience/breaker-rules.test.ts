import fc from 'fast-check';
import { Breaker, type BreakerChange, type BreakerRule, type RuleKind } from '../../../lambdas/resilience';
import { RULE_WINDOW_MS, Ruling } from '../../../lambdas/resilience/breaker-rules';
import { CallWindow } from '../../../lambdas/resilience/call-window';

/** One call as the test makes it: how long after the one before it ends, how long it takes, and whether it fails. */
interface Made {
  readonly afterMs: number;
  readonly tookMs: number;
  readonly hasFailed: boolean;
}

interface Ended {
  readonly atMs: number;
  readonly tookMs: number;
  readonly hasFailed: boolean;
}

/** Pauses of fractions of a millisecond, of seconds, and such that the window's end falls between two calls. */
const pauses = fc.oneof(
  fc.double({ min: 0, max: 3, noNaN: true }),
  fc.integer({ min: 0, max: 5_000 }),
  fc.constantFrom(RULE_WINDOW_MS - 1, RULE_WINDOW_MS, RULE_WINDOW_MS + 1, RULE_WINDOW_MS / 2, 3 * RULE_WINDOW_MS),
);
const calls: fc.Arbitrary<Made[]> = fc.array(
  fc.record({ afterMs: pauses, tookMs: fc.integer({ min: 0, max: 1000 }), hasFailed: fc.boolean() }),
  { maxLength: 80 },
);

/** Whatever has ended within the minute before `nowMs`, counted from scratch. */
function within(ended: readonly Ended[], nowMs: number): readonly Ended[] {
  return ended.filter(({ atMs }) => Math.floor(atMs) > Math.floor(nowMs) - RULE_WINDOW_MS);
}

function endedOf(made: readonly Made[]): Ended[] {
  let atMs = 0;
  return made.map(({ afterMs, tookMs, hasFailed }) => {
    atMs += afterMs;
    return { atMs, tookMs, hasFailed };
  });
}

const SLOW_MS = 400;
const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
const average = (ended: readonly Ended[]) =>
  share(
    ended.reduce((sum, { tookMs }) => sum + tookMs, 0),
    ended.length,
  );

/** What each rule says, by its words alone. */
const MODELS: Record<
  Exclude<RuleKind, 'failures-in-a-row'>,
  { rule: BreakerRule; opens(e: readonly Ended[]): boolean }
> = {
  'exception-count': {
    rule: { kind: 'exception-count', failures: 5 },
    opens: (ended) => ended.filter(({ hasFailed }) => hasFailed).length >= 5,
  },
  'exception-ratio': {
    rule: { kind: 'exception-ratio', ratio: 0.5, minimumCalls: 6 },
    opens: (ended) => {
      const failed = ended.filter(({ hasFailed }) => hasFailed).length;
      return ended.length >= 6 && failed > 0 && share(failed, ended.length) >= 0.5;
    },
  },
  'slow-ratio': {
    rule: { kind: 'slow-ratio', slowMs: SLOW_MS, ratio: 0.5, minimumCalls: 6 },
    opens: (ended) => {
      const slow = ended.filter(({ tookMs }) => tookMs > SLOW_MS).length;
      return ended.length >= 6 && slow > 0 && share(slow, ended.length) >= 0.5;
    },
  },
  'average-time': {
    rule: { kind: 'average-time', averageMs: 500, minimumCalls: 6 },
    opens: (ended) => ended.length >= 6 && average(ended) >= 500,
  },
};

/** A breaker whose calls end when the test says so. */
function breakerWith(rules: readonly BreakerRule[]) {
  const time = { monotonicMs: 0 };
  const changes: BreakerChange[] = [];
  const breaker = new Breaker({
    name: 'it',
    clock: { nowMs: () => 0, monotonicMs: () => time.monotonicMs },
    rules,
    openMs: 1000,
    onChange: (change) => changes.push(change),
  });
  const end = ({ atMs, tookMs, hasFailed }: Ended) => {
    time.monotonicMs = atMs - tookMs;
    return breaker
      .execute(async () => {
        time.monotonicMs = atMs;
        if (hasFailed) throw new Error('down');
      })
      .catch(() => undefined);
  };
  return { breaker, changes, end, time };
}

describe('CallWindow', () => {
  it('holds exactly the calls of the minute before now', () => {
    fc.assert(
      fc.property(calls, pauses, (made, afterwardsMs) => {
        const window = new CallWindow(RULE_WINDOW_MS);
        const ended = endedOf(made);
        for (const [index, { atMs, tookMs, hasFailed }] of ended.entries()) {
          window.add(atMs, { hasFailed, isSlow: tookMs > SLOW_MS, tookMs });
          expect(window.calls).toBe(within(ended.slice(0, index + 1), atMs).length);
        }
        const nowMs = (ended.at(-1)?.atMs ?? 0) + afterwardsMs;
        window.advance(nowMs);
        const left = within(ended, nowMs);
        expect([window.calls, window.failures, window.slow]).toEqual([
          left.length,
          left.filter(({ hasFailed }) => hasFailed).length,
          left.filter(({ tookMs }) => tookMs > SLOW_MS).length,
        ]);
        expect(window.averageMs).toBeCloseTo(average(left), 3);
      }),
    );
  });

  it('counts a call until just before a minute has passed', () => {
    const window = new CallWindow(RULE_WINDOW_MS);
    window.add(1000.9, { hasFailed: true, isSlow: false, tookMs: 1 });
    window.advance(1000 + RULE_WINDOW_MS - 0.1);
    expect(window.failures).toBe(1);
    window.advance(1000 + RULE_WINDOW_MS);
    expect(window.failures).toBe(0);
  });
});

describe.each(Object.entries(MODELS))('rule %s', (kind, { rule, opens }) => {
  it('opens at exactly the call at which a model that counts from scratch says so', async () => {
    await fc.assert(
      fc.asyncProperty(calls, async (made) => {
        const ended = endedOf(made);
        const { changes, end } = breakerWith([rule]);
        // Calls overlap as they like; what counts is when they end.
        for (const [index, call] of ended.entries()) {
          await end(call);
          const isOpen = opens(within(ended.slice(0, index + 1), call.atMs));
          expect(changes).toEqual(isOpen ? [{ state: 'open', by: kind }] : []);
          if (isOpen) return;
        }
      }),
    );
  });
});

const failing = (atMs: number): Ended => ({ atMs, tookMs: 1, hasFailed: true });
const slow = (atMs: number): Ended => ({ atMs, tookMs: 700, hasFailed: false });

describe('a limit within a minute', () => {
  it('is reached by failures a millisecond less than a minute apart, and not by those a whole minute apart', async () => {
    for (const [lastMs, isOpen] of [
      [1000 + RULE_WINDOW_MS - 1, true],
      [1000 + RULE_WINDOW_MS, false],
    ] as const) {
      const { breaker, end } = breakerWith([{ kind: 'exception-count', failures: 2 }]);
      await end(failing(1000));
      await end(failing(lastMs));
      expect(breaker.admits).toBe(!isOpen);
    }
  });

  it('says nothing as a ratio before enough calls have ended', async () => {
    const { breaker, end } = breakerWith([{ kind: 'exception-ratio', ratio: 0.5, minimumCalls: 3 }]);
    await end(failing(1000));
    await end(failing(1001));
    expect(breaker.admits).toBe(true);
    await end({ ...failing(1002), hasFailed: false });
    expect(breaker.admits).toBe(false);
  });

  it('is reached as a ratio by failures that go on, and by none that come all at once', () => {
    const rule: BreakerRule = { kind: 'exception-ratio', ratio: 0.5, minimumCalls: 4, overMs: 1000 };
    const together = new Ruling([rule]);
    for (const atMs of [0, 1, 2, 3]) expect(together.failed(atMs, 0)).toBeUndefined();
    expect(together.succeeded(5000, 0)).toBeUndefined();
    expect(together.failed(999, 0)).toBeUndefined();
    expect(together.failed(1000, 0)).toBe('exception-ratio');
  });

  it('reckons how long failures go on from the first that is still within the window', () => {
    const ruling = new Ruling([{ kind: 'exception-ratio', ratio: 0.5, minimumCalls: 4, overMs: 1000 }]);
    expect(ruling.failed(0, 0)).toBeUndefined();
    for (const afterMs of [0, 1, 2, 3]) expect(ruling.failed(2 * RULE_WINDOW_MS + afterMs, 0)).toBeUndefined();
  });

  it('is counted anew once the breaker has closed', async () => {
    const { breaker, end, time } = breakerWith([{ kind: 'exception-count', failures: 2 }]);
    await end(failing(1000));
    await end(failing(1100));
    time.monotonicMs = 2200;
    await breaker.execute(async () => undefined);
    await end(failing(2300));
    expect(breaker.admits).toBe(true);
    await end(failing(2400));
    expect(breaker.admits).toBe(false);
  });
});

describe.each([
  [{ kind: 'average-time', averageMs: 500, minimumCalls: 3 }],
  [{ kind: 'slow-ratio', slowMs: 500, ratio: 0.9, minimumCalls: 3 }],
] as [BreakerRule][])('what is slow (%j)', (rule) => {
  it('is left alone, tried by one call that must be quick, and asked again', async () => {
    const { breaker, changes, end, time } = breakerWith([rule]);
    for (const atMs of [1000, 2000, 3000]) await end(slow(atMs));
    expect(breaker.admits).toBe(false);
    time.monotonicMs = 4000;
    const answer = breaker.execute(async () => {
      time.monotonicMs = 4700;
      return 'late, and an answer all the same';
    });
    expect(breaker.admits).toBe(false);
    await expect(answer).resolves.toBe('late, and an answer all the same');
    expect(breaker.admits).toBe(false);
    time.monotonicMs = 5700;
    await expect(breaker.execute(async () => 'quick')).resolves.toBe('quick');
    expect(breaker.admits).toBe(true);
    expect(changes).toEqual([{ state: 'open', by: rule.kind }, { state: 'open', by: 'probe' }, { state: 'closed' }]);
  });
});
