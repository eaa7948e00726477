import type { PlantedBug } from '../bug';

const LIMIT = 'lambdas/resilience/limit.ts';
const limit = (test: string) => ({ file: 'test/unit/resilience/limit.test.ts', test });
const BREAKER = 'lambdas/resilience/breaker.ts';
const breaker = (test: string) => ({ file: 'test/unit/resilience/breaker.test.ts', test });
const rules = (test: string) => ({ file: 'test/unit/resilience/breaker-rules.test.ts', test });
const waiting = (test: string) => ({ file: 'test/unit/gateway/entry-waiting.test.ts', test });
const entry = (test: string) => ({ file: 'test/unit/gateway/entry.test.ts', test });
const deadlines = (test: string) => ({ file: 'test/unit/shards/server-deadlines.test.ts', test });

export const RESILIENCE_BUGS: readonly PlantedBug[] = [
  {
    name: 'call-counts-a-millisecond-too-long',
    races: [],
    file: 'lambdas/resilience/call-window.ts',
    from: '(this.#atMs[this.#first] ?? 0) <= goneMs',
    to: '(this.#atMs[this.#first] ?? 0) < goneMs',
    caughtBy: rules('counts a call until just before a minute has passed'),
  },
  {
    name: 'ratio-of-too-few-calls-opens',
    races: [],
    file: 'lambdas/resilience/breaker-rules.ts',
    from: 'seen.failures > 0 &&\n        seen.calls >= rule.minimumCalls &&',
    to: 'seen.failures > 0 &&',
    caughtBy: rules('says nothing as a ratio before enough calls have ended'),
  },
  {
    name: 'slow-probe-closes-a-breaker',
    races: [],
    file: BREAKER,
    from: 'throw new SlowAnswer(value);',
    to: 'return value;',
    caughtBy: rules('is left alone, tried by one call that must be quick'),
  },
  {
    name: 'call-of-an-earlier-state-is-counted',
    races: [39],
    file: BREAKER,
    from: 'if (era !== this.#era) throw error;',
    to: '',
    caughtBy: breaker('ends a call that began before it opened without counting it'),
  },
  {
    name: 'isolated-dependency-is-tried',
    races: [],
    file: BREAKER,
    from: 'return state === CircuitState.Open && this.#pauseMs() <= 0;',
    to: 'return state !== CircuitState.HalfOpen && this.#pauseMs() <= 0;',
    caughtBy: breaker('refuses whatever the rules say, until it is let go'),
  },
  {
    name: 'retries-without-a-budget',
    races: [],
    file: 'lambdas/resilience/retry-budget.ts',
    from: 'if (this.#hundredths < RETRY) return false;',
    to: '',
    caughtBy: deadlines('a server that drops one call of four is sent hardly more'),
  },
  {
    name: 'arbiter-asked-again-whatever-the-budget',
    races: [],
    file: 'lambdas/arbiter/attempts.ts',
    from: '!(isFree || budget.withdraw())',
    to: 'false',
    caughtBy: { file: 'test/unit/arbiter/attempts.test.ts', test: 'of many calls to an arbiter that fails' },
  },
  {
    name: 'statements-of-a-transaction-have-time-each',
    races: [],
    file: 'lambdas/shards/server.ts',
    from: 'const value = await work((statement) => send(connection, statement, deadline));',
    to: 'const value = await work((statement) => send(connection, statement, Deadline.after(timeoutMs, this.#clock)));',
    caughtBy: deadlines('all statements of a transaction are over by one deadline'),
  },
  {
    name: 'limit-below-its-floor',
    races: [],
    file: LIMIT,
    from: 'return Math.min(ceiling, Math.max(floor, limit));',
    to: 'return Math.min(ceiling, limit);',
    caughtBy: limit('whatever happens, a limit stays between its floor and its ceiling'),
  },
  {
    name: 'limit-that-no-delay-lowers',
    races: [],
    file: LIMIT,
    from: 'if (offTarget < 0) return limit * (1 + MOST_DOWN * offTarget);',
    to: 'if (offTarget < 0) return limit;',
    caughtBy: limit('calls that take longer than the target lower it'),
  },
  {
    name: 'lost-calls-do-not-lower-a-limit',
    races: [],
    file: LIMIT,
    from: 'if (drops > DROPS * calls) return limit * AFTER_DROPS;',
    to: '',
    caughtBy: limit('calls that are lost bring it down to the floor within seconds'),
  },
  {
    name: 'all-classes-give-way-alike',
    races: [],
    file: LIMIT,
    from: '(targetMs - waitedMs) / targetMs);',
    to: '(100 - waitedMs) / 100) * (targetMs / targetMs);',
    caughtBy: limit('class order takes what it needs from the others, and they never from it'),
  },
  {
    name: 'overload-waits-instead-of-being-refused',
    races: [],
    file: 'lambdas/resilience/concurrency.ts',
    from: 'if (expectedMs > waitMs) return Promise.reject(this.#shed(expectedMs));',
    to: '',
    caughtBy: {
      file: 'test/unit/resilience/concurrency.test.ts',
      test: 'what would wait longer than it may is refused at once',
    },
  },
  {
    name: 'places-of-reads-given-to-writes',
    races: [],
    file: 'lambdas/shards/server.ts',
    from: "this.#writes = lane('writes', FAILING);",
    to: "this.#writes = { breaker: lane('writes', FAILING).breaker, limit: undefined };",
    caughtBy: {
      file: 'test/unit/shards/server-places.test.ts',
      test: 'writes that hang leave connections to reads',
    },
  },
  {
    name: 'request-waits-for-the-arbiter-beyond-its-deadline',
    races: [],
    file: 'lambdas/resilience/deadline.ts',
    from: 'return deadline === undefined ? work : deadline.child().with(work, what);',
    to: 'return work;',
    caughtBy: {
      file: 'test/engine/handlers/deadlines.test.ts',
      test: 'every call ends before whoever waits for it gives up',
    },
  },
  {
    name: 'classes-enter-without-limits',
    races: [],
    file: 'local/gateway/listener.ts',
    from: '(route.entry?.run(invoke, isDrop) ?? invoke())',
    to: 'invoke()',
    caughtBy: entry('what would wait too long for its turn is refused by the rule of the entry'),
  },
  {
    name: 'region-looks-ill-because-it-is-busy',
    races: [],
    file: 'local/gateway/routes.ts',
    from: 'entry: undefined,',
    to: 'entry: classes[2]?.route.entry,',
    caughtBy: entry('classes that wait hold up no other, and nobody who asks whether the region is well'),
  },
  {
    name: 'queue-of-one-caller-holds-the-places-of-its-class',
    races: [],
    file: 'local/gateway/entry.ts',
    from: 'heldMs = limit.suspend(place);',
    to: '',
    caughtBy: waiting('requests that wait for their turn hold no place of their class'),
  },
  {
    name: 'given-up-wait-leaves-twice',
    races: [],
    file: 'local/gateway/entry.ts',
    from: '      goOn();\n',
    to: '',
    caughtBy: waiting('a request that is given up while it waits leaves once'),
  },
  {
    name: 'wait-for-a-turn-taken-for-slowness',
    races: [],
    file: 'local/gateway/entry.ts',
    from: 'place = limit.resume(heldMs)',
    to: 'limit.resume(heldMs)',
    caughtBy: waiting('the time of a wait is not taken for the time of a request'),
  },
  {
    name: 'wait-for-a-turn-untold',
    races: [],
    file: 'lambdas/traffic/guards.ts',
    from: 'const goOn = waiting?.begin();',
    to: 'const goOn = undefined as (() => void) | undefined;',
    caughtBy: {
      file: 'test/unit/traffic/limiting-guards.test.ts',
      test: 'tells whoever waits for its turn when it begins',
    },
  },
  {
    name: 'background-takes-the-processors-from-whoever-answers',
    races: [],
    file: 'local/system/niceness.ts',
    from: "return role === 'order' ? 0 : BACKGROUND_NICENESS;",
    to: 'return 0;',
    caughtBy: {
      file: 'test/unit/local-engines/niceness.test.ts',
      test: 'who answers goes before what is asked for it',
    },
  },
];
