import { readFileSync } from 'node:fs';
import { systemClock } from '../../lambdas/core';
import { createGuards, hashSecret } from '../../lambdas/traffic';
import { TRAFFIC_CLASSES } from '../../topology';
import type { GuardsFigures } from '../figures';
import { FunctionUnderTest } from '../handler/function-under-test';
import { compare, WARM_OPERATIONS, warmUp } from '../handler/rounds';
import { type BenchMember, type Job, readJob } from '../job';
import { cachedRead } from '../paths/cached-read';
import { reply, runChild } from './child';

/** The chain of guards alone, for a caller that was met, beside the cached read that it is a part of. */
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
  const admit = createGuards({ registry: { find: async () => caller }, clock: systemClock });
  const request = { apiKey, trafficClass: 'order', operation: 'getMember', writes: false } as const;
  const members = JSON.parse(readFileSync(job.dataset, 'utf8')) as BenchMember[];
  const tested = new FunctionUnderTest(job);
  const context = { members, apiKey, run: job.run };
  const read = tested.contestant(cachedRead, context, async () => undefined);
  await warmUp(members.length, read.operation);
  const { handlerPairs, handlerRoundMs } = job.pace;
  const { ours, bare, cpuRatio } = await compare({ operation: async () => admit(request) }, read, {
    pairs: handlerPairs,
    warmOperations: WARM_OPERATIONS,
    durationMs: handlerRoundMs,
    inFlight: cachedRead.inFlight,
    mostOperations: Number.MAX_SAFE_INTEGER,
    onPair: (done) => reply({ kind: 'progress', text: `pair ${done} of ${handlerPairs}` }),
  });
  await tested.close();
  return { usEach: ours.cpuUsEach, cachedReadUsEach: bare.cpuUsEach, share: cpuRatio };
}

runChild(() => measure(readJob()));
