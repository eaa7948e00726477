import { readFileSync } from 'node:fs';
import { type FlowRule, NO_METRICS, systemClock } from '../../lambdas/core';
import { Deadline } from '../../lambdas/resilience';
import {
  AppliedRules,
  createGuards,
  type GuardedRequest,
  HotAccounts,
  hashSecret,
  type LimitStore,
} from '../../lambdas/traffic';
import { TRAFFIC_CLASSES } from '../../topology';
import type { GuardsFigures } from '../figures';
import { FunctionUnderTest } from '../handler/function-under-test';
import { compare, WARM_OPERATIONS, warmUp } from '../handler/rounds';
import { type BenchMember, type Job, readJob } from '../job';
import { cachedRead } from '../paths/cached-read';
import { at } from '../paths/request-path';
import { dividedBy } from '../statistics';
import { reply, runChild } from './child';

/** One for each guard that asks limits, so high that none refuses. */
const RULES: readonly FlowRule[] = [{ class: 'order' } as const, {}, { operation: 'getMember' } as const].map(
  (match, index) => ({ id: `r${index}`, match, algorithm: 'token-bucket', ratePerS: 1_000_000, mode: 'on' }),
);
/** Grants what is asked for, at once: what a trip costs is not a matter of the chain. */
const GENEROUS: LimitStore = {
  take: async (_, { wanted }) => ({ granted: wanted, waitUs: 0, retryAfterUs: 0, goodForUs: 1e9, bornUs: 0, nowUs: 0 }),
};
/** Requests of each operation that is measured: what beginning and counting one costs is no part of the guards. */
const AT_A_TIME = 10;
/** Longer than a measurement takes. */
const DEADLINE_MS = 3_600_000;

/** The chain of guards alone, for a caller that was met, with three rules for its calls, beside the cached read that it is a part of. */
async function measure(job: Job): Promise<GuardsFigures> {
  const { apiKey } = job.system;
  const [id = '', secret = ''] = apiKey.split('.');
  const caller = {
    id,
    owner: '',
    classes: TRAFFIC_CLASSES,
    rules: [],
    keys: [{ hash: hashSecret(secret), createdAtMs: 0 }],
    status: 'active',
    revision: 1,
    createdAtMs: 0,
    changed: { atMs: 0, by: 'the bench', action: 'entered it' },
  } as const;
  const clock = systemClock;
  const rules = new AppliedRules({ region: 'A', trafficClass: 'order', store: GENEROUS, clock });
  rules.countEnvironments({ ofClass: 1, ofAll: 1 });
  rules.follow({ rules: RULES, deny: [] }, true);
  const hotAccounts = new HotAccounts({ clock, metrics: NO_METRICS });
  hotAccounts.follow({ mode: 'on', readsPerS: 1_000_000, writesPerS: 1_000_000 });
  const admit = createGuards({ registry: { find: async () => caller }, clock, rules, hotAccounts });
  const deadline = Deadline.after(DEADLINE_MS, clock);
  const identified = { caller: undefined };
  // Made anew for each, as a request is; a spread would cost half as much as the guards.
  const requestFor = (account: string): GuardedRequest => ({
    apiKey,
    trafficClass: 'order',
    operation: 'getMember',
    writes: false,
    isForwarded: false,
    account,
    deadline,
    identified,
  });
  const members = JSON.parse(readFileSync(job.dataset, 'utf8')) as BenchMember[];
  const tested = new FunctionUnderTest(job);
  const context = { members, apiKey, run: job.run };
  const read = tested.contestant(cachedRead, context, async () => undefined);
  await warmUp(members.length, read.operation);
  const { handlerPairs, handlerRoundMs } = job.pace;
  const { ours, bare, cpuRatio } = await compare(
    {
      operation: async (index) => {
        for (let more = 0; more < AT_A_TIME; more += 1) {
          const admitted = admit(requestFor(at(members, index * AT_A_TIME + more).memberId));
          if (admitted instanceof Promise) await admitted;
        }
      },
    },
    read,
    {
      pairs: handlerPairs,
      warmOperations: WARM_OPERATIONS,
      durationMs: handlerRoundMs,
      inFlight: cachedRead.inFlight,
      mostOperations: Number.MAX_SAFE_INTEGER,
      onPair: (done) => reply({ kind: 'progress', text: `pair ${done} of ${handlerPairs}` }),
    },
  );
  await tested.close();
  return {
    usEach: dividedBy(ours.cpuUsEach, AT_A_TIME),
    cachedReadUsEach: bare.cpuUsEach,
    share: dividedBy(cpuRatio, AT_A_TIME),
  };
}

runChild(() => measure(readJob()));
