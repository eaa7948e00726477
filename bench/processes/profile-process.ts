import { readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { BareStores } from '../bare/stores';
import { FunctionUnderTest } from '../handler/function-under-test';
import { runRound, warmUp } from '../handler/rounds';
import { type BenchMember, type Job, readJob } from '../job';
import { requestPath } from '../paths/catalogue';
import { type CpuProfile, type SelfTimes, selfTimes } from '../profile/self-time';
import { bundlePlaces } from '../profile/source-places';
import { reply, runChild } from './child';

const SAMPLE_EVERY_US = 200;
const WARM_UP_ROUNDS = 3;
const PROFILED_ROUNDS = 6;

export interface ProfileFigures extends SelfTimes {
  readonly operations: number;
  /** Operations that were answered by another path, or not well. */
  readonly strays: number;
}

/** Rounds of one path at the handler's level, looked into. */
async function profile(job: Job): Promise<ProfileFigures> {
  const path = requestPath(job.path);
  const members = JSON.parse(readFileSync(job.dataset, 'utf8')) as BenchMember[];
  const context = { members, apiKey: job.system.apiKey, run: `${job.run}p` };
  const stores = new BareStores(job.system);
  const tested = new FunctionUnderTest(job);
  const contestant = tested.contestant(path, context, async () => path.beforeRound?.(stores, context));
  const limits = {
    inFlight: path.inFlight,
    durationMs: job.pace.handlerRoundMs,
    mostOperations: path.mostInRound?.(context) ?? Number.MAX_SAFE_INTEGER,
  };
  let next = 0;
  const run = async (rounds: number) => {
    const total = { operations: 0, strays: 0 };
    for (let round = 0; round < rounds; round += 1) {
      await contestant.beforeRound?.();
      const { operations, strays } = await runRound(contestant, next, limits);
      next += operations;
      total.operations += operations;
      total.strays += strays;
    }
    return total;
  };
  if (path.expectedSource === 'cache') await warmUp(members.length, contestant.operation);
  await run(WARM_UP_ROUNDS);
  reply({ kind: 'progress', text: 'sampling' });
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
  await session.post('Profiler.start');
  const total = await run(PROFILED_ROUNDS);
  const { profile: taken } = await session.post('Profiler.stop');
  if (job.profileFile !== undefined) writeFileSync(job.profileFile, JSON.stringify(taken));
  await tested.close();
  await stores.close();
  return { ...selfTimes(taken as CpuProfile, bundlePlaces()), ...total };
}

runChild(() => profile(readJob()));
