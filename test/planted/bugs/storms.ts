import { bug, type PlantedBug } from '../bug';

const flow = (file: string) => `lambdas/traffic/flow/${file}.ts`;
const guards = (test: string) => ({ file: 'test/unit/traffic/limiting-guards.test.ts', test });
const givenBack = (test: string) => ({ file: 'test/unit/traffic/flow/given-back.test.ts', test });

/** In what keeps a storm of one caller, or of nobody, from its neighbours, and the counts of it true. */
export const STORM_BUGS: readonly PlantedBug[] = [
  bug(
    'invented-callers-take-the-arbiter',
    'lambdas/traffic/caller-directory.ts',
    ['settings: { floor: 8, ceiling: 8,', 'settings: { floor: 800, ceiling: 800,'],
    { file: 'test/unit/traffic/caller-directory.test.ts', test: 'of names that nobody has met few are asked for' },
  ),
  bug(
    'refusing-costs-more-than-serving',
    'lambdas/handlers/http/problem-answer.ts',
    [' && !COUNTED.has(problem.code)', ''],
    { file: 'test/unit/http/answers.test.ts', test: 'because we would do no more is counted, and not logged' },
  ),
  bug(
    'known-callers-wait-for-invented-ones',
    'lambdas/traffic/caller-directory.ts',
    ['await (entry === undefined ?', 'await (id !== "" ?'],
    { file: 'test/unit/traffic/caller-directory.test.ts', test: 'of names that nobody has met few are asked for' },
  ),
  bug(
    'trial-given-what-it-would-have-refused',
    'lambdas/traffic/guards.ts',
    ['passage.uncounted.add(applied);', ''],
    guards('what a rule on trial would have refused is not given back to it'),
  ),
  bug(
    'more-held-than-a-twentieth-once-many-gave-back',
    flow('leased-limit'),
    ['if (this.#held > this.#mostHeld() && !this.#isPassingOn) this.#passOnSoon();', ''],
    givenBack('whatever is given back, no window has more than its limit'),
  ),
  bug(
    'what-many-gave-back-is-lost',
    flow('source'),
    ['store.take(region, take).catch(() => undefined);', ''],
    givenBack('others can have at once what many calls gave back'),
  ),
  bug(
    'window-forgets-what-passed-for-what-was-given-back',
    flow('algorithms/sliding-window'),
    ['const parts = kept.flatMap(', 'const parts = kept.toReversed().flatMap('],
    givenBack('what passed in a sliding window stays in it'),
  ),
  bug('given-back-in-redis-to-nobody', 'lambdas/cache/limit-functions.ts', ['  granted = -left\n', '  granted = 0\n'], {
    file: 'test/engine/traffic/limits.test.ts',
    test: 'decides as the algorithm does, on the clock of the server',
  }),
  bug(
    'turns-taken-by-who-is-refused-elsewhere',
    flow('settings'),
    ["return algorithm === 'leaky-bucket';", "return algorithm === 'counter';"],
    guards('gives no turn to who is refused by another rule'),
  ),
  bug(
    'turns-of-a-class-taken-by-a-full-queue-of-a-caller',
    flow('settings'),
    [
      'general: [...queues.caller, ...queues.global, ...queues.class]',
      'general: [...queues.class, ...queues.global, ...queues.caller]',
    ],
    guards('gives no turn to who is refused by another rule'),
  ),
  bug(
    'queue-of-one-caller-fills-the-entry-of-its-class',
    'local/gateway/entry.ts',
    ['const MOST_WAITING = 0.5;', 'const MOST_WAITING = 1;'],
    { file: 'test/unit/gateway/entry-waiting.test.ts', test: 'half of what the class may have is left' },
  ),
  bug(
    'entry-lets-in-more-than-the-function-has',
    'local/gateway/entry.ts',
    ['limit.inFlight + this.#waiting >= this.#most', 'limit.inFlight >= this.#most'],
    { file: 'test/unit/gateway/entry-waiting.test.ts', test: 'no more are let in beside those that wait' },
  ),
  bug(
    'waits-that-the-entry-is-not-told-of',
    'local/gateway/invoker.ts',
    ['deadlineMs, reject, waiting);', 'deadlineMs, reject);'],
    { file: 'test/unit/gateway/entry.test.ts', test: 'an invocation that waits for its turn leaves its place' },
  ),
  bug(
    'turn-given-to-who-may-not-wait-for-it',
    'lambdas/traffic/guards.ts',
    ['waiting?.isOpen === false ? 0 : ', ''],
    guards('gives no turn to who may not'),
  ),
  bug(
    'who-must-not-wait-waits',
    'lambdas/traffic/guards.ts',
    ['if (waiting !== undefined && goOn === undefined) throw tooManyWait(waitMs);', ''],
    guards('lets nobody wait of whom too many do'),
  ),
  bug(
    'hot-account-cooled-by-its-spelling',
    'lambdas/handlers/call.ts',
    ['canonicalAccount(platform, account)}`', 'canonicalAccount(platform, account) && account}`'],
    { file: 'test/unit/handlers/call.test.ts', test: 'an account is the same one however it is spelled' },
  ),
  bug(
    'hot-account-limited-by-a-limit-of-before',
    'lambdas/traffic/hot-accounts/account-limit.ts',
    ['for (const hot of this.#hot.values()) hot.ratePerS *= ratePerS / this.#ratePerS;', ''],
    {
      file: 'test/unit/traffic/hot-accounts/account-limit.test.ts',
      test: 'an account that is hot while its limit is changed',
    },
  ),
  bug('lifted-rule-taken-for-a-bound', 'cli/callers/audit.ts', [' && !own.some((one) => one.id === rule.id)', ''], {
    file: 'test/unit/cli/callers-audit.test.ts',
    test: 'a rule that one of the caller itself has lifted',
  }),
  bug('uncounted-caller-said-to-be-unused', 'cli/callers/audit.ts', ['usage.isPartial || ', ''], {
    file: 'test/unit/cli/callers-audit.test.ts',
    test: 'who may be among those that were counted together',
  }),
  bug(
    'lost-region-found-well-by-who-has-no-time',
    'lambdas/handlers/forward.ts',
    ['timeoutMs < LEAST_TELLING_MS && !this.#breakers', 'timeoutMs < 0 && !this.#breakers'],
    { file: 'test/unit/handlers/forward.test.ts', test: 'nor do they try whether a region is back' },
  ),
  bug('everything-refused-by-several-rules', 'lambdas/switches/flow-rules.ts', ['refusingEverything(rules), ', ''], {
    file: 'test/unit/switches/flow-rules.test.ts',
    test: 'rules for one operation each leave next to nothing',
  }),
  bug(
    'snapshot-of-before-a-freeze-taken-for-young',
    'lambdas/switches/switches.ts',
    [', this.#clock.nowMs() - this.#lookedAtWallMs);', ', 0);'],
    { file: 'test/unit/switches/switches.test.ts', test: 'an environment that was frozen looks before it serves' },
  ),
];
