import { readFileSync } from 'node:fs';
import { BareStores } from '../bare/stores';
import type { HandlerFigures } from '../figures';
import { FunctionUnderTest } from '../handler/function-under-test';
import { compare, WARM_OPERATIONS, warmUp } from '../handler/rounds';
import { countTrips } from '../handler/trips';
import { type BenchMember, type Job, readJob } from '../job';
import { requestPath } from '../paths/catalogue';
import { settle } from '../settle';
import { reply, runChild } from './child';

const COUNTED_OPERATIONS = 50;
/** A stride that no round reaches, so that counted operations repeat none of them. */
const COUNTED_FROM = 1_000_000;

async function measure(job: Job): Promise<HandlerFigures> {
  const { system, pace, run } = job;
  const path = requestPath(job.path);
  const members = JSON.parse(readFileSync(job.dataset, 'utf8')) as BenchMember[];
  const context = { members, apiKey: system.apiKey, run: `${run}h` };
  const stores = new BareStores(system);
  const tested = new FunctionUnderTest(job);
  const quiet = async () => (path.writes ? settle(stores, system) : undefined);
  const bare = await path.bare(stores, context);
  const ours = tested.contestant(path, context, async () => {
    await path.beforeRound?.(stores, context);
    await quiet();
  });
  const theirs = {
    operation: bare.operation,
    beforeRound: async () => {
      await bare.beforeRound?.();
      await quiet();
    },
  };
  // Everything is cached once before what is cached is measured.
  if (path.expectedSource === 'cache') await warmUp(members.length, ours.operation);
  const comparison = await compare(ours, theirs, {
    pairs: pace.handlerPairs,
    warmOperations: WARM_OPERATIONS,
    durationMs: pace.handlerRoundMs,
    inFlight: path.inFlight,
    mostOperations: path.mostInRound?.(context) ?? Number.MAX_SAFE_INTEGER,
    onPair: (done) => reply({ kind: 'progress', text: `handler, pair ${done} of ${pace.handlerPairs}` }),
  });
  await ours.beforeRound?.();
  const trips = await countTrips(system.ports, COUNTED_OPERATIONS, (index) => ours.operation(COUNTED_FROM + index));
  await theirs.beforeRound();
  const bareTrips = await countTrips(system.ports, COUNTED_OPERATIONS, (index) => bare.operation(COUNTED_FROM + index));
  await tested.close();
  await stores.close();
  return { comparison, trips, bareTrips };
}

runChild(() => measure(readJob()));
