import type { PlantedBug } from '../bug';

const LIMIT = 'lambdas/traffic/hot-accounts/account-limit.ts';
const FREQUENT = 'lambdas/traffic/hot-accounts/frequent.ts';
const TEST = 'test/unit/traffic/hot-accounts/account-limit.test.ts';

/** What keeps a hot account its own problem. */
export const HOT_ACCOUNT_BUGS: readonly PlantedBug[] = [
  {
    name: 'innocent-accounts-counted-too-high',
    races: [],
    file: FREQUENT,
    from: '    this.#decrease();\n    return 0;',
    to: '    const [first = [key, 0]] = this.#counts;\n    this.#counts.delete(first[0]);\n    this.#counts.set(key, first[1] + 1);\n    return first[1] + 1;',
    caughtBy: {
      file: 'test/unit/traffic/hot-accounts/frequent.test.ts',
      test: 'a count is never too high, and too low by at most',
    },
  },
  {
    name: 'hot-account-passes',
    races: [],
    file: LIMIT,
    from: 'if (hot !== undefined) return takeOf(hot, nowMs);',
    to: 'if (hot !== undefined) return 0;',
    caughtBy: { file: TEST, test: 'an account that goes on being asked for gets its rate' },
  },
  {
    name: 'each-environment-passes-the-whole-limit',
    races: [],
    file: LIMIT,
    from: '(this.ratePerS * ownPerS) / total',
    to: 'this.ratePerS',
    caughtBy: { file: TEST, test: 'what one environment alone would not notice' },
  },
  {
    name: 'hot-account-never-cools-down',
    races: [],
    file: LIMIT,
    from: 'if (nowMs >= hotUntilMs) this.#hot.delete(account);',
    to: 'if (nowMs < hotUntilMs) this.#hot.delete(account);',
    caughtBy: { file: TEST, test: 'an account that has cooled down is as any other' },
  },
  {
    name: 'others-pay-for-a-hot-account',
    races: [],
    file: LIMIT,
    from: 'const hot = this.#hot.size === 0 ? undefined : this.#hot.get(account);',
    to: 'const [hot] = this.#hot.values();',
    caughtBy: { file: TEST, test: 'beside a hot account nobody else is refused anything' },
  },
  {
    name: 'counts-of-a-frozen-environment-go-on',
    races: [],
    file: LIMIT,
    from: 'this.#asked.clear();',
    to: '',
    caughtBy: { file: TEST, test: 'an account that has cooled down is as any other' },
  },
  {
    name: 'refused-for-a-hot-account-and-counted-for-its-caller',
    races: [],
    file: 'lambdas/traffic/guards.ts',
    from: 'giveBackBefore(undefined, passage);',
    to: '',
    caughtBy: {
      file: 'test/unit/traffic/limiting-guards.test.ts',
      test: 'costs no other call of its caller',
    },
  },
  {
    name: 'caller-under-suspicion-gets-further-than-the-cache',
    races: [],
    file: 'lambdas/traffic/guards.ts',
    from: "callerOf(passage).status === 'cache-only' && ",
    to: "callerOf(passage).status === 'suspended' && ",
    caughtBy: {
      file: 'test/unit/traffic/guards.test.ts',
      test: 'a caller under suspicion gets no further than the cache',
    },
  },
  {
    name: 'suspicion-ends-at-a-miss-of-the-cache',
    races: [],
    file: 'lambdas/members/reader.ts',
    from: 'if (cacheOnly) return',
    to: 'if (cacheOnly && minVersion > 0) return',
    caughtBy: {
      file: 'test/unit/members/cache-only.test.ts',
      test: 'what the cache has not, or not new enough, is refused, and no hit reaches the origin',
    },
  },
  {
    name: 'second-told-of-twice-counted-twice',
    races: [],
    file: 'lambdas/cache/tally-functions.ts',
    from: 'math.min(before, former)',
    to: 'math.max(before, former)',
    caughtBy: { file: 'test/engine/cache/tally.test.ts', test: 'what was told in both of the two seconds before' },
  },
];
