import { MOST_BEHIND_MS } from '../../../lambdas/cache';
import { type MemberDocument, systemClock, versionOf } from '../../../lambdas/core';
import { MemberCopies } from '../../../lambdas/members';
import { Deadline } from '../../../lambdas/resilience';
import { PreferredDomains } from '../../../lambdas/search';
import { encodeMemberId, type Shards } from '../../../lambdas/shards';
import type { Snapshot } from '../../../lambdas/switches';
import type { Region } from '../../../topology';
import { keptLog } from '../gateway/hosted';

const EPOCH = 5;
const v = (counter: number, epoch = EPOCH) => versionOf(epoch, counter);
const memberId = encodeMemberId({ placement: 1, drawnAtMs: Date.UTC(2026, 0), region: 'A', layout: 0, random: 1 });

/** What a copy holds: a version, no row, or silence. */
type Holds = number | 'absent' | 'silent';

interface Copies {
  readonly A: Holds;
  readonly B: Holds;
  readonly heartbeatAgeMs?: number | undefined;
  readonly order?: Holds;
  readonly standby?: Holds;
  readonly marketing?: Holds;
}

function documentAt(version: number, status: MemberDocument['status'] = 'active'): MemberDocument {
  const at = '2026-01-01T00:00:00.000Z';
  return { memberId, version, status, profile: { name: 'Ada' }, accounts: [], registeredAt: at, updatedAt: at };
}

function documentOf(holds: Holds, status?: MemberDocument['status']): MemberDocument | undefined {
  if (holds === 'silent') throw new Error('no answer');
  return holds === 'absent' ? undefined : documentAt(holds, status);
}

/** Asks the copies of a member of unit `a1`, whose writer stands in A. */
async function find(from: Region, copies: Copies, asked: { floor?: number; minVersion?: number } = {}) {
  const sources: string[] = [];
  const members = {
    read: async (_: string, region: Region) => {
      sources.push(region);
      const document = documentOf(copies[region]);
      const heartbeatAgeMs = 'heartbeatAgeMs' in copies ? copies.heartbeatAgeMs : 0;
      return { row: document && { document, forks: [] }, heartbeatAgeMs };
    },
  };
  const domain = (name: 'order' | 'standby' | 'marketing') => ({
    getMember: async () => {
      sources.push(name);
      return documentOf(copies[name] ?? 'silent');
    },
  });
  const domains = { order: domain('order'), standby: domain('standby'), marketing: domain('marketing') };
  const finder = new MemberCopies({
    shards: { members } as unknown as Shards,
    domains: new PreferredDomains({ domains: domains as never, clock: systemClock, log: keptLog() }),
    region: from,
    preference: () => ['marketing', 'order', 'standby'],
    commands: { last: async () => undefined },
  });
  const snapshot = { units: { a1: { epoch: EPOCH, writer: 'A', mode: 'database' } } } as unknown as Snapshot;
  const request = { memberId, floor: 0, minVersion: 0, ...asked, deadline: Deadline.after(1000, systemClock) };
  const found = await finder.find(request, snapshot).catch((error: Error & { code?: string }) => error.code);
  if (typeof found !== 'object') return { code: found, sources };
  const { copy, fill } = found;
  return { flag: copy.flag, version: copy.version, degraded: copy.degraded, fill: fill.kind, sources };
}

const young = { heartbeatAgeMs: MOST_BEHIND_MS };

test('in the region of its writer a member is read there, and nowhere else', async () => {
  const found = await find('A', { A: v(2), B: v(9), ...young });
  expect(found).toMatchObject({ version: v(2), degraded: undefined, fill: 'fillable', sources: ['A'] });
});

test('elsewhere the replica answers if it is neither too old, nor below the fence or the token, nor without the row', async () => {
  expect(await find('B', { A: v(3), B: v(2), ...young })).toMatchObject({ version: v(2), sources: ['B'] });
  const fence = { floor: v(3) };
  const token = { minVersion: v(3) };
  const old = { heartbeatAgeMs: MOST_BEHIND_MS + 1 };
  for (const [copies, asked] of [
    [{ A: v(3), B: v(2) }, fence],
    [{ A: v(3), B: v(2) }, token],
    [{ A: v(3), B: v(2), ...old }, {}],
    [{ A: v(3), B: v(2), heartbeatAgeMs: undefined }, {}],
    [{ A: v(3), B: 'absent' }, {}],
    [{ A: v(3), B: 'silent' }, {}],
  ] as const) {
    expect(await find('B', copies, asked)).toMatchObject({ version: v(3), degraded: undefined, sources: ['B', 'A'] });
  }
});

test('what the writer has not, nobody has', async () => {
  expect(await find('B', { A: 'absent', B: 'absent' })).toMatchObject({ flag: 'absent', fill: 'fillable' });
});

test('what may be behind its fence is answered, and not filled', async () => {
  expect(await find('A', { A: v(2), B: 'silent' }, { floor: v(3) })).toMatchObject({
    version: v(2),
    fill: 'uncacheable',
  });
  const old = { heartbeatAgeMs: MOST_BEHIND_MS + 1 };
  expect(await find('A', { A: v(2), B: 'silent', ...old })).toMatchObject({ version: v(2), fill: 'uncacheable' });
});

test('a token that the writer has not reached is refused, one of an older epoch was lost in a failover', async () => {
  const copies = { A: v(2), B: v(2) };
  expect(await find('A', copies, { minVersion: v(3) })).toMatchObject({ code: 'UNAVAILABLE' });
  expect(await find('A', { A: v(2, 4), B: v(2, 4) }, { minVersion: v(3, 4) })).toMatchObject({
    version: v(2, 4),
    degraded: 'lost-write',
    fill: 'uncacheable',
  });
});

describe('without the writer', () => {
  const lost = { A: 'silent', order: v(4), standby: v(5), marketing: v(9) } as const;

  test('a replica answers, wherever it stands, and says so if it is the last resort', async () => {
    expect(await find('B', { ...lost, B: v(2) })).toMatchObject({ version: v(2), degraded: undefined, sources: ['B'] });
    const old = { heartbeatAgeMs: MOST_BEHIND_MS + 1 };
    const found = await find('B', { ...lost, B: v(2), ...old });
    expect(found).toMatchObject({ version: v(2), degraded: 'replica', sources: ['B', 'A'] });
    expect(await find('A', { ...lost, B: v(2) })).toMatchObject({
      version: v(2),
      degraded: 'replica',
      fill: 'uncacheable',
      sources: ['A', 'B'],
    });
  });

  test('a domain that holds documents whole answers what the replica has not yet, in the order of preference', async () => {
    for (const asked of [{ floor: v(4) }, { minVersion: v(4) }]) {
      expect(await find('A', { ...lost, B: v(3) }, asked)).toMatchObject({ version: v(4), degraded: 'search' });
    }
    const found = await find('A', { ...lost, B: v(3) }, { minVersion: v(5) });
    expect(found).toMatchObject({ version: v(5), fill: 'uncacheable', sources: ['A', 'B', 'order', 'standby'] });
    expect(await find('A', { ...lost, B: 'absent' })).toMatchObject({ version: v(4), degraded: 'search' });
    expect(await find('A', { ...lost, B: 'silent', order: 'silent' })).toMatchObject({ version: v(5) });
  });

  test('the replica is better than nothing if only the fence is above it', async () => {
    const copies = { ...lost, B: v(3) };
    expect(await find('A', copies, { floor: v(6) })).toMatchObject({ version: v(3), degraded: 'replica' });
    expect(await find('A', copies, { minVersion: v(6) })).toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('copies that do not have the member prove nothing', async () => {
    const nobody = { A: 'silent', B: 'absent', order: 'absent', standby: 'absent' } as const;
    expect(await find('A', nobody)).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await find('B', nobody)).toMatchObject({ code: 'UNAVAILABLE' });
  });
});
