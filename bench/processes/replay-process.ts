import { readFileSync } from 'node:fs';
import { Random } from '../../scripts/members/random';
import { BareStores } from '../bare/stores';
import type { ReplayFigures } from '../figures';
import { FunctionUnderTest } from '../handler/function-under-test';
import { type BenchMember, type Job, readJob } from '../job';
import { cachedRead } from '../paths/cached-read';
import { patchOne } from '../paths/patch';
import { settle } from '../settle';
import { bestHits, type Replayed, zipf } from '../zipf';
import { reply, runChild } from './child';

const EXPONENT = 0.99;
const IN_FLIGHT = 32;
const SEED = 1;
const WRITE_SHARES = [0, 0.01];

interface Access {
  readonly key: number;
  readonly isWrite: boolean;
}

/** The same accesses on every machine. */
function accessesOf(count: number, members: number, writeShare: number): Access[] {
  const random = new Random(SEED);
  const uniform = () => random.below(2 ** 32) / 2 ** 32;
  const draw = zipf(members, EXPONENT, uniform);
  return Array.from({ length: count }, () => ({ key: draw(), isWrite: uniform() < writeShare }));
}

async function replay(job: Job): Promise<ReplayFigures> {
  const { system, pace } = job;
  const members = JSON.parse(readFileSync(job.dataset, 'utf8')) as BenchMember[];
  const stores = new BareStores(system);
  const tested = new FunctionUnderTest(job);
  const context = { members, apiKey: system.apiKey, run: `${job.run}z` };
  const [requestOf, patchOf] = [cachedRead.request(context), patchOne.request(context)];
  let writes = 0;
  const patchMember = (key: number) => {
    // A patch of the member that was drawn, and never the same one twice.
    writes += 1;
    return tested.answer(patchOf(key + writes * members.length));
  };
  const replays = [];
  for (const writeShare of WRITE_SHARES) {
    const accesses = accessesOf(Math.floor(pace.replayReads / WRITE_SHARES.length), members.length, writeShare);
    await stores.forget(members.map(({ memberId }) => `{m:${memberId}}`));
    reply({ kind: 'progress', text: `${accesses.length} accesses, ${writeShare * 100} % of them writes` });
    const ours = await replayThrough(accesses, (key) => tested.answer(requestOf(key)), patchMember);
    replays.push({ writeShare, ours, best: bestHits(accesses) });
    await settle(stores, system);
  }
  await tested.close();
  await stores.close();
  return { exponent: EXPONENT, members: members.length, replays };
}

async function replayThrough(
  accesses: readonly Access[],
  read: (key: number) => Promise<{ readonly headers: Readonly<Record<string, string>> }>,
  write: (key: number) => Promise<unknown>,
): Promise<Replayed> {
  let [next, reads, hits] = [0, 0, 0];
  const lane = async () => {
    for (let access = accesses[next++]; access !== undefined; access = accesses[next++]) {
      if (access.isWrite) {
        await write(access.key);
      } else {
        reads += 1;
        if ((await read(access.key)).headers.Source === 'cache') hits += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return { reads, hits };
}

runChild(() => replay(readJob()));
