import { setTimeout as delay } from 'node:timers/promises';
import type { Arbiter, UnitDecision } from '../../../lambdas/arbiter';
import { systemClock, versionOf } from '../../../lambdas/core';
import { type RequestAnswer, renewLease, requestUnit, TransitionRun } from '../../../lambdas/failover';
import { createShards, rangeOf, type Shards, type WriteOutcome } from '../../../lambdas/shards';
import type { Region } from '../../../topology';
import { type ArbiterTables, startArbiterTables } from '../arbiter/tables';
import { ACCOUNTS, TrialCluster } from '../clusters/trial-cluster';
import { documentOf, newId, tripOf } from '../shards/trips';

const UNIT = 'a1';
const GRANT_MS = 10_000;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let tables: ArbiterTables;
let arbiter: Arbiter;
let trial: TrialCluster;
let shards: Shards;

beforeAll(async () => {
  [tables, trial] = await Promise.all([startArbiterTables(), TrialCluster.start()]);
  arbiter = tables.arbiter();
  const address = (region: Region) => ({ host: '127.0.0.1', port: trial.servers[region].port });
  const endpoint = { A: address('A'), B: address('B') };
  shards = createShards({
    endpoints: { a1: endpoint },
    secrets: ACCOUNTS.application,
    connections: 8,
    clock: systemClock,
  });
  const { epoch } = await arbiter.decisions.foundUnit(UNIT, 'A');
  await shards.provision({ name: UNIT, epoch, writer: 'A' });
  await renew();
}, 180_000);

afterAll(async () => {
  await shards.close();
  await trial.end();
  await tables.stop();
});

async function decision(): Promise<UnitDecision> {
  const standing = await arbiter.decisions.unit(UNIT);
  if (standing === undefined) throw new Error('the unit was not founded');
  return standing;
}

const renew = async () => renewLease({ arbiter, shards }, await decision(), GRANT_MS);

const parts = () => ({ arbiter, shards, clusters: trial.callers, region: 'B' as const, clock: systemClock, log });

const ask = (writer: Region): Promise<RequestAnswer> =>
  requestUnit({ ...parts(), wake: async () => undefined }, UNIT, { writer, mode: 'database' }, 'a test');

function run(signal: AbortSignal): Promise<boolean> {
  const announce = async () => undefined;
  const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined);
  // What a drain and a replay find is tested by itself: nothing was left behind here.
  const nothing = async () => undefined;
  const announceMove = async () => ({ A: 'free', B: 'free' }) as const;
  const more = { announce, announceMove, pause, drain: nothing, replay: nothing };
  return new TransitionRun({ ...parts(), ...more }, UNIT).advance(signal);
}

/** A new member, as an environment writes it that believes this of the unit. */
async function write({ epoch, writer }: Pick<UnitDecision, 'epoch' | 'writer'>, timeoutMs = 3000) {
  const memberId = newId();
  const document = { ...documentOf(memberId, 1), version: versionOf(epoch, 1) };
  const outcome = await shards.members.write(tripOf(document, { epoch }), writer, timeoutMs);
  return { memberId, outcome };
}

const isIn = async (region: Region, memberId: string) => {
  const sql = `SELECT COUNT(*) AS n FROM ${rangeOf(memberId).schema}.member WHERE member_id = ${memberId}`;
  return Number((await trial.root<{ n: number }>(region, sql))[0]?.n) === 1;
};

test('a planned move loses nothing that was acknowledged, and its old writer takes nothing more', async () => {
  const before = await decision();
  const acknowledged: string[] = [];
  const others = new Set<WriteOutcome['kind']>();
  const stopping = new AbortController();
  const writing = Array.from({ length: 4 }, async () => {
    while (!stopping.signal.aborted) {
      const { memberId, outcome } = await write(before);
      if (outcome.kind === 'committed') acknowledged.push(memberId);
      else {
        others.add(outcome.kind);
        // A server that is left alone refuses without a call: nobody else would ever get a turn.
        await delay(5);
      }
    }
  });
  while (acknowledged.length < 20) await delay(10);
  // Refused while the replica is late, which it may be where four write at once.
  while (!(await ask('B')).accepted) await delay(100);
  expect((await decision()).transition).toMatchObject({ kind: 'switchover', from: 'A', to: 'B' });
  expect(await run(AbortSignal.timeout(60_000))).toBe(true);
  stopping.abort();
  await Promise.all(writing);
  const after = await decision();
  expect(after).toMatchObject({ writer: 'B', mode: 'database' });
  expect(after.epoch).toBeGreaterThan(before.epoch);
  for (const memberId of acknowledged) expect(await isIn('B', memberId)).toBe(true);
  expect([...others]).toContain('fenced');
  expect((await write(before)).outcome.kind).toBe('fenced');
  expect((await write(after)).outcome).toEqual({ kind: 'committed' });
});

test('race 20: what sleeps in the socket of a frozen writer is not committed once the other region was promoted', async () => {
  await trial.whole();
  await renew();
  const before = await decision();
  expect(before.writer).toBe('B');
  trial.signal('B', 'SIGSTOP');
  const frozenAtMs = performance.now();
  const sleeping = write(before, 60_000);
  expect(await ask('A')).toEqual({ accepted: true });
  expect((await decision()).transition).toMatchObject({ kind: 'failover', from: 'B', to: 'A' });
  // A run that is ended early, and another one that goes on where it was.
  expect(await run(AbortSignal.timeout(4000))).toBe(false);
  expect(await run(AbortSignal.timeout(60_000))).toBe(true);
  expect(performance.now() - frozenAtMs).toBeGreaterThan(GRANT_MS);
  const after = await decision();
  expect(after).toMatchObject({ writer: 'A', mode: 'database' });
  expect((await write(after)).outcome).toEqual({ kind: 'committed' });
  trial.signal('B', 'SIGCONT');
  const { memberId, outcome } = await sleeping;
  expect(outcome.kind).not.toBe('committed');
  expect(await isIn('A', memberId)).toBe(false);
  const entries = await arbiter.audit.list(`unit/${UNIT}`, { limit: 100 });
  const deeds = entries.filter(({ outcome: how }) => how === 'done').map(({ action }) => action);
  expect(deeds.reverse().slice(-5)).toEqual([
    `made sure that nobody writes unit a1 in region B under an epoch before ${after.epoch}`,
    'saw the databases of unit a1 promoted in region A',
    `fenced unit a1 in region A with epoch ${after.epoch}`,
    'ended the replay of unit a1 in region A',
    `opened unit a1 in region A in mode database under epoch ${after.epoch}`,
  ]);
});
