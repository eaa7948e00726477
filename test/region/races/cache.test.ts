import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { type Cache, type CacheEntry, type Fillable, lookupKey, memberKey } from '../../../lambdas/cache';
import { decodeEntry } from '../../../lambdas/cache/entry';
import { floorKey, marksKey } from '../../../lambdas/cache/keys';
import { systemClock, unavailable } from '../../../lambdas/core';
import { AccountFinder, MemberCopies, type MemberCopy, MemberReader, type Parts } from '../../../lambdas/members';
import { unboundOrder } from '../../../lambdas/members/fences';
import { Deadline } from '../../../lambdas/resilience';
import { createDomain, type Domain, PreferredDomains } from '../../../lambdas/search';
import { createShards, rangeOf, type Shards } from '../../../lambdas/shards';
import { DOMAIN_NAMES, DOMAINS, type DomainName, REGIONS, type Region } from '../../../topology';
import { unique } from '../support/client';
import { SILENT } from '../support/parts';
import { engine, eventually, secrets } from '../support/system';
import {
  endpoints,
  execute,
  holdRelay,
  NOBODY,
  openPatientParts,
  owed,
  patiently,
  settledMember,
  toCity,
  withholding,
} from './environment';

// Nothing here is quick on a busy machine.
const parts = { A: openPatientParts('A'), B: openPatientParts('B') };
const domains = Object.fromEntries(
  DOMAIN_NAMES.map((name) => {
    const contactKey = String(secrets().contactKey);
    const { holds } = DOMAINS[name];
    return [name, createDomain({ name, url: endpoints().domains[name], holds, contactKey, log: SILENT })];
  }),
) as Record<DomainName, Domain>;
const preferred = new PreferredDomains({ domains, clock: systemClock, log: SILENT });
const shardsWithout: Shards[] = [];
afterAll(async () => {
  await Promise.all([...Object.values(parts), ...Object.values(domains), ...shardsWithout].map((one) => one.close()));
});

/** As a region reads members. */
function readerIn(region: Region, changed: Partial<Parts> = {}): MemberReader {
  const { arbiter, cache, shards, switches } = { ...parts[region], ...changed };
  const preference = () => ['order', 'standby'] as const;
  const { commands } = arbiter;
  const copies = new MemberCopies({ shards, domains: preferred, region, preference, commands });
  return new MemberReader({ cache, copies, switches });
}

const finderIn = (region: Region) =>
  new AccountFinder({
    ...parts[region],
    domains: preferred,
    reader: readerIn(region),
    preference: () => ['order', 'standby'],
  });

/** A copy as it is read when every server that is up answers in time. */
function readUndisturbed(reader: MemberReader, memberId: string): Promise<MemberCopy> {
  return patiently(async () => {
    const copy = await reader.read(memberId, soon());
    if (copy.degraded !== undefined) throw unavailable('a server was too slow');
    return copy;
  });
}

const findUndisturbed = (region: Region, account: { platform: string; account: string }) =>
  patiently(() => finderIn(region).find(account, soon()));

const soon = () => ({ deadline: Deadline.after(10_000, systemClock) });

async function cachedIn(region: Region, key: string): Promise<CacheEntry | undefined> {
  return decodeEntry((await parts[region].cache.getText(key)) ?? null, 0);
}

/** Databases of which no server answers. */
function lostShards(): Shards {
  const nowhere = { A: NOBODY, B: NOBODY };
  const shards = createShards({
    endpoints: { a1: nowhere, b1: nowhere },
    secrets: { user: 'nobody', password: 'none' },
    connections: 2,
    clock: systemClock,
  });
  shardsWithout.push(shards);
  return shards;
}

/** Runs `work` while a replica does not apply what happens to a member, as if it lagged; it goes on to answer reads. */
async function whileBehind(memberId: string, region: Region, work: () => Promise<void>): Promise<void> {
  const { cluster, schema } = rangeOf(memberId);
  const { host, port } = engine(`${cluster}-${region}`);
  const password = String(secrets().databasePassword);
  const connection = await createConnection({ host, port, user: 'twinkeep', password });
  try {
    await connection.query('START TRANSACTION');
    await connection.query(`SELECT version FROM ${schema}.member WHERE member_id = ${memberId} LOCK IN SHARE MODE`);
    await work();
  } finally {
    await connection.query('ROLLBACK').catch(() => undefined);
    await connection.end();
  }
}

test.each([
  ['A', 'B'],
  ['B', 'A'],
] as const)(
  'race 5: the fence that overtakes the replica of %s sends its readers to the writer in %s',
  async (here, home) => {
    const memberId = await settledMember(home);
    await eventually(async () => (await parts[here].shards.members.read(memberId, here, 1000)).row !== undefined);
    await whileBehind(memberId, here, async () => {
      const { document } = await execute(parts[home], memberId, toCity('Lisbon'));
      const behind = await parts[here].shards.members.read(memberId, here, 10_000);
      expect(behind.row?.document.version).toBeLessThan(document.version);
      const copy = await readUndisturbed(readerIn(here), memberId);
      expect(copy).toMatchObject({ version: document.version, source: { kind: 'database', role: 'writer' } });
      expect(await cachedIn(here, memberKey(memberId))).toMatchObject({ version: document.version });
    });
  },
);

/** As if the region's cache had been started anew: neither a value nor the mark or the fence of a write is left. */
async function forget(region: Region, key: string): Promise<void> {
  const { host, port } = engine(`redis-${region}`);
  const redis = new Redis({ host, port });
  await redis.del(key, floorKey(key), marksKey(key));
  redis.disconnect();
}

test('races 1, 41: what a search domain that is behind answers while the databases are away is not cached', async () => {
  const memberId = await settledMember('A');
  const { document } = await execute(parts.A, memberId, toCity('Lisbon'));
  await eventually(async () => (await owed(memberId)).length === 0);
  await eventually(async () => (await domains.order.getMember(memberId, 5000))?.version === document.version);
  const quiet = withholding(parts.A);
  const newer = await execute(quiet.parts, memberId, toCity('Porto'));
  await holdRelay(memberId);
  for (const region of REGIONS) {
    await forget(region, memberKey(memberId));
    const reader = readerIn(region, { shards: lostShards() });
    const copy = await patiently(() => reader.read(memberId, soon()));
    expect(copy).toMatchObject({ degraded: 'search', version: document.version });
    expect(await cachedIn(region, memberKey(memberId))).toBeUndefined();
    await eventually(async () => (await readerIn(region).read(memberId, soon())).version === newer.document.version);
  }
  await quiet.deliver();
});

describe('an account that was not bound', () => {
  /** Both regions have been told that nobody holds it. */
  async function unboundAccount() {
    const account = { platform: 'app', account: unique('unbound') };
    const key = lookupKey('account:app', account.account);
    for (const region of REGIONS) {
      await expect(findUndisturbed(region, account)).rejects.toMatchObject({ code: 'NOT_BOUND' });
      expect(await cachedIn(region, key)).toMatchObject({ flag: 'n' });
    }
    return { account, key };
  }

  test.each(REGIONS)(
    'race 16: is found in both regions as soon as a bind in %s is answered, before any event',
    async (home) => {
      const memberId = await settledMember(home);
      // Marks may be lost; what counts is the fence.
      const cache: Cache = { ...parts[home].cache, mark: async () => undefined };
      const quiet = withholding(parts[home], cache);
      const { account, key } = await unboundAccount();
      const { document } = await execute(quiet.parts, memberId, { kind: 'bind', ...account });
      await holdRelay(memberId);
      for (const region of REGIONS) {
        expect(await cachedIn(region, key)).toBeUndefined();
        const copy = await findUndisturbed(region, account);
        expect(copy).toMatchObject({ flag: 'active', version: document.version });
      }
      await quiet.deliver();
    },
  );

  test.each(REGIONS)(
    'race 16: is not cached as such in %s by a reader who looked before the bind and answers after it',
    async (region) => {
      const memberId = await settledMember('A');
      const account = { platform: 'app', account: unique('unbound') };
      const key = lookupKey('account:app', account.account);
      const cache: Cache = { ...parts.A.cache, mark: async () => undefined };
      const quiet = withholding(parts.A, cache);
      await parts[region].cache.read({
        key,
        load: async () => {
          const found: Fillable = {
            kind: 'fillable',
            entry: { version: unboundOrder(0), flag: 'n', body: '' },
            behindMs: 0,
          };
          await execute(quiet.parts, memberId, { kind: 'bind', ...account });
          await holdRelay(memberId);
          return found;
        },
      });
      expect(await cachedIn(region, key)).toBeUndefined();
      expect(await findUndisturbed(region, account)).toMatchObject({ flag: 'active' });
      await quiet.deliver();
    },
  );

  test('race 16: is not cached as such while somebody is about to bind it', async () => {
    const memberId = await settledMember('A');
    const account = { platform: 'app', account: unique('pending') };
    const claimKey = `account:app:${account.account}`;
    const taking = { memberId, unit: rangeOf(memberId).unit, operationId: unique('operation') };
    const leaseUntilMs = systemClock.nowMs() + 15_000;
    const { claim } = await parts.A.arbiter.claims.take(claimKey, { ...taking, leaseUntilMs });
    for (const region of REGIONS) {
      await expect(findUndisturbed(region, account)).rejects.toMatchObject({ code: 'NOT_BOUND' });
      expect(await cachedIn(region, lookupKey('account:app', account.account))).toBeUndefined();
    }
    await parts.A.arbiter.claims.free(claimKey, claim.generation);
  });
});
