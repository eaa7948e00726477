import type { PlantedBug } from '../bug';

const preferred = (test: string) => ({ file: 'test/unit/search/preferred.test.ts', test });

/** What keeps a request from waiting for what does not answer. */
export const REACTION_BUGS: readonly PlantedBug[] = [
  {
    name: 'stalled-domain-is-waited-for',
    races: [],
    file: 'lambdas/search/preferred.ts',
    from: 'return patienceMs === undefined ? asked : within(patienceMs, asked, name);',
    to: 'return asked;',
    caughtBy: preferred('one that stalls is waited for only as long as there is patience'),
  },
  {
    name: 'ill-domain-is-asked-by-every-request',
    races: [],
    file: 'lambdas/search/preferred.ts',
    from: 'rules: RULES,',
    to: 'rules: [],',
    caughtBy: preferred('one of which another class has no second'),
  },
  {
    name: 'wrong-request-opens-the-breaker',
    races: [],
    file: 'lambdas/search/preferred.ts',
    from: "isFailure: (error) => isProblem(error, 'UNAVAILABLE'),",
    to: '',
    caughtBy: preferred('a request that is wrong says nothing about the domains'),
  },
  {
    name: 'pause-of-a-breaker-does-not-grow',
    races: [],
    file: 'lambdas/resilience/breaker.ts',
    from: 'openMs * 2 ** (this.#openings - 1)',
    to: 'openMs',
    caughtBy: {
      file: 'test/unit/resilience/breaker.test.ts',
      test: 'stays open twice as long after each try that fails',
    },
  },
  {
    name: 'silent-server-counts-as-our-load',
    races: [],
    file: 'lambdas/shards/server.ts',
    from: 'const isOurs = this.#busy >= this.#connections;',
    to: 'const isOurs = true;',
    caughtBy: {
      file: 'test/unit/shards/server.test.ts',
      test: 'a server that takes connections and says nothing is left alone',
    },
  },
  {
    name: 'try-of-a-server-takes-a-whole-request',
    races: [],
    file: 'lambdas/shards/server.ts',
    from: 'breaker.isClosed ? Number.POSITIVE_INFINITY : TRY_CONNECT_MS',
    to: 'Number.POSITIVE_INFINITY',
    caughtBy: { file: 'test/unit/shards/server.test.ts', test: 'after a few requests, and tried for a moment' },
  },
  {
    name: 'region-blamed-for-who-had-no-time',
    races: [],
    file: 'lambdas/handlers/forward.ts',
    from: 'isFailure: (error) => !(error instanceof ShortOfTime),',
    to: '',
    caughtBy: {
      file: 'test/unit/handlers/forward.test.ts',
      test: 'requests that have hardly any time left say nothing about the region',
    },
  },
  {
    name: 'cut-region-is-asked-by-every-write',
    races: [],
    file: 'lambdas/handlers/forward.ts',
    from: '() => this.#breakers[region].execute(send)',
    to: 'send',
    caughtBy: {
      file: 'test/unit/handlers/forward.test.ts',
      test: 'a region that does not answer is asked a few times',
    },
  },
  {
    name: 'topic-that-refuses-is-asked-by-every-write',
    races: [],
    file: 'lambdas/sync/publisher.ts',
    from: 'rules: RULES,',
    to: 'rules: [],',
    caughtBy: {
      file: 'test/engine/sync/publisher.test.ts',
      test: 'a topic that refuses again and again is not asked for a while',
    },
  },
];
