import { type MemberDocument, systemClock, versionOf } from '../../../lambdas/core';
import { AccountFinder, MemberReader, publicJson } from '../../../lambdas/members';
import { Deadline } from '../../../lambdas/resilience';
import { encodeMemberId } from '../../../lambdas/shards';

const ACCOUNT = { platform: 'app', account: 'ada' };
const AT = '2026-01-01T00:00:00.000Z';
const GENERATION = 3;

function memberAt(random: number, counter: number, accounts: MemberDocument['accounts'] = []): MemberDocument {
  const memberId = encodeMemberId({ placement: 1, drawnAtMs: Date.UTC(2026, 0), region: 'A', layout: 0, random });
  const version = versionOf(1, counter);
  const times = { registeredAt: AT, updatedAt: AT };
  return { memberId, version, status: 'active', profile: { name: 'Ada' }, accounts, ...times };
}

const entryOf = (document: MemberDocument) => ({ version: document.version, flag: 'v', body: publicJson(document) });

/** Copies that a cache holds, and rows; the claim names the second member. */
function finderOf(cached: readonly MemberDocument[], rows: readonly MemberDocument[], believed: string) {
  const [, holder] = rows;
  const entries = new Map(cached.map((document) => [`{m:${document.memberId}}`, entryOf(document)]));
  const cache = {
    read: async ({ key, minVersion = 0, load }: { key: string; minVersion?: number; load: (o: object) => object }) => {
      const entry = key.startsWith('{m:') ? entries.get(key) : { version: 2, flag: 'v', body: believed };
      if (entry !== undefined && entry.version >= minVersion) return { source: 'cache', entry };
      return { source: 'loaded', found: await load({ floor: 0 }) };
    },
  };
  const rowOf = (id: string) => rows.find(({ memberId }) => memberId === id);
  const copies = {
    find: async ({ memberId }: { memberId: string }) => ({
      fill: { kind: 'fillable', entry: entryOf(rowOf(memberId) as MemberDocument), behindMs: 0 },
    }),
  };
  const switches = { current: async () => ({ units: { a1: { epoch: 1, writer: 'A', mode: 'database' } } }) };
  const claim = { key: 'account:app:ada', generation: GENERATION, state: 'held', memberId: holder?.memberId };
  const shards = { members: { read: async (id: string) => ({ row: { document: rowOf(id), forks: [] } }) } };
  const reader = new MemberReader({ cache, copies, switches } as never);
  const arbiter = { claims: { read: async () => claim } };
  return new AccountFinder({ region: 'A', arbiter, cache, shards, switches, reader } as never);
}

test('an account that has moved is found, however old the copy is that a cache has of its member', async () => {
  const binding = { ...ACCOUNT, boundAt: AT, generation: GENERATION };
  const [former, before, after] = [memberAt(1, 9), memberAt(2, 1), memberAt(2, 2, [binding])];
  const finder = finderOf([former, before], [former, after], former.memberId);
  const found = await finder.find(ACCOUNT, { deadline: Deadline.after(1000, systemClock) });
  expect(found).toMatchObject({ version: after.version, source: { kind: 'database' } });
});
