import { type MemberDocument, versionDigest } from '../../../lambdas/core';
import type { ComparisonOptions, Difference } from '../../../lambdas/failover/comparison';
import type { Domain } from '../../../lambdas/search';
import { idsOfPlacements, rangeOf } from '../../../lambdas/shards';
import { openDomain } from '../search/domains';
import { eventOf } from '../search/members';
import { arriving, type Compared, comparisonOf, later, meanwhile, memberAt, startCompared } from './compared';

const MEMBERS = 1500;

let compared: Compared;
/** The truth; at first in the order of ids. */
let rows: MemberDocument[];

beforeAll(async () => {
  rows = Array.from({ length: MEMBERS }, (_, index) => memberAt(index)).sort((a, b) =>
    BigInt(a.memberId) < BigInt(b.memberId) ? -1 : 1,
  );
  compared = await startCompared(rows);
}, 180_000);

afterAll(() => compared.stop());

function comparison(mode: 'check' | 'mend', options: Partial<ComparisonOptions> & { domain?: Domain } = {}) {
  const { domain = compared.whole.domain, ...others } = options;
  return comparisonOf(compared.database, domain, mode, others);
}

const ALL = idsOfPlacements(0, 4095);

describe('sums', () => {
  test('of rows and of documents are the same, and exact', async () => {
    await compared.whole.domain.refresh();
    const digest = rows.reduce((sum, { memberId, version }) => sum + versionDigest(memberId, version), 0);
    const lookups = rows.reduce(
      (sum, { status, accounts }) => sum + (status === 'closed' ? 0 : 1 + accounts.length),
      0,
    );
    expect(await compared.whole.domain.ranges.sum(ALL)).toEqual({ members: MEMBERS, digest, lookups });
    const place = { cluster: 'a1', schema: 'members_0' };
    const ofFirst = rows.filter(({ memberId }) => rangeOf(memberId).schema === 'members_0');
    expect(await compared.database.shards.ranges.sum(place, ALL, MEMBERS, 'A')).toEqual({
      members: ofFirst.length,
      digest: ofFirst.reduce((sum, { memberId, version }) => sum + versionDigest(memberId, version), 0),
      lookups: ofFirst.reduce((sum, { status, accounts }) => sum + (status === 'closed' ? 0 : 1 + accounts.length), 0),
      lastId: BigInt(ofFirst.at(-1)?.memberId ?? 0),
    });
  });

  test('of equal stores find nothing, in a masked domain as well, and nothing is read row by row', async () => {
    for (const { domain } of [compared.whole, compared.masked]) {
      const versions = jest.spyOn(domain.ranges, 'versions');
      expect(await comparison('check', { domain })).toMatchObject({ compared: MEMBERS, kinds: {}, told: [] });
      expect(versions).not.toHaveBeenCalled();
      versions.mockRestore();
    }
  });
});

describe('a domain that differs', () => {
  const at = (index: number) => rows[index] as MemberDocument;

  test('is found out, member by member, and mended where the rows decide', async () => {
    const [lower, aged, bare, misled, ahead] = [at(10), at(600), at(401), at(800), at(1400)];
    const unknown = memberAt(5000);
    const missing = memberAt(5001);
    // Lower: the row has moved on, lost a key, and the event was lost.
    const moved = { ...later(lower), accounts: [], profile: { ...lower.profile, phone: '+49301234567' } };
    await compared.putRows([moved, missing]);
    await compared.smuggle(aged, {}, aged.version + 3);
    await compared.smuggle(bare, { digest: 1 });
    await compared.hidePhone(misled);
    await compared.whole.domain.write([eventOf(later(ahead)), eventOf(unknown)]);

    const expected: Difference[] = [
      { memberId: missing.memberId, kind: 'missing', row: missing.version },
      { memberId: lower.memberId, kind: 'lower', row: moved.version, domain: lower.version },
      { memberId: bare.memberId, kind: 'altered', row: bare.version, domain: bare.version },
      { memberId: misled.memberId, kind: 'misled', row: misled.version, domain: misled.version },
      { memberId: ahead.memberId, kind: 'ahead', row: ahead.version, domain: ahead.version + 1 },
      { memberId: unknown.memberId, kind: 'unknown', domain: unknown.version },
    ];
    const undecided = byId(expected.filter(({ kind }) => kind === 'ahead' || kind === 'unknown'));
    const checked = await comparison('check');
    expect(checked.told).toEqual(byId(expected));
    expect(checked.written).toBe(0);

    const mended = await comparison('mend');
    expect(mended).toMatchObject({ written: 4, refused: 0, kinds: { missing: 1, lower: 1, altered: 1, misled: 1 } });
    expect(mended.told).toEqual(undecided);

    expect((await comparison('check')).told).toEqual(undecided);
    const { domain } = compared.whole;
    expect(await domain.getMember(moved.memberId, 5000)).toEqual(moved);
    expect(await domain.lookup({ kind: 'phone', value: moved.profile.phone ?? '' }, 5000)).toEqual([moved.memberId]);
    expect(await domain.lookup({ kind: 'phone', value: lower.profile.phone ?? '' }, 5000)).toEqual([]);
    expect(await domain.lookup({ kind: 'phone', value: misled.profile.phone ?? '' }, 5000)).toEqual([misled.memberId]);

    // Sums do not see under which version a document lies; who reads everything does.
    const thorough = await comparison('check', { isThorough: true });
    expect(thorough.told).toContainEqual(expect.objectContaining({ memberId: aged.memberId, kind: 'ahead' }));
    await compared.putRows([later(ahead), later(aged, 3), unknown]);
    await comparison('mend');
    expect(await comparison('check', { isThorough: true })).toMatchObject({ kinds: {}, written: 0 });
    rows = [
      ...rows.filter((row) => ![ahead, aged, lower].includes(row)),
      moved,
      missing,
      later(ahead),
      unknown,
      later(aged, 3),
    ];
  });
});

function byId(differences: readonly Difference[]): Difference[] {
  return [...differences].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
}

describe('while it is compared', () => {
  /**
   * The last member that is compared, whose row the domain has not heard of yet: its range is read one by one, and no time
   * goes by with others afterwards.
   */
  async function moved(): Promise<MemberDocument> {
    const active = rows.filter(({ status }) => status === 'active');
    const last = active.reduce((one, other) => (BigInt(one.memberId) > BigInt(other.memberId) ? one : other));
    const document = later(last);
    rows[rows.indexOf(last)] = document;
    await compared.putRows([document]);
    return document;
  }

  test('race 34: a row that moves on, with an event that overtakes the reading, is no difference', async () => {
    const document = await moved();
    const domain = meanwhile(compared.whole.domain, async () => {
      rows[rows.indexOf(document)] = later(document);
      await compared.putRows([later(document)]);
      await compared.whole.domain.write([eventOf(later(document))]);
      await compared.whole.domain.refresh();
    });
    expect(await comparison('check', { domain })).toMatchObject({ kinds: {}, told: [] });
  });

  test('race 34: an event that is still on its way is no difference; one that does not come is', async () => {
    const document = await moved();
    const { domain } = compared.whole;
    expect(await comparison('check', { domain: arriving(domain, eventOf(document)) })).toMatchObject({
      kinds: {},
      told: [],
    });
    const lost = await moved();
    expect(await comparison('check')).toMatchObject({ kinds: { lower: 1 }, told: [{ memberId: lost.memberId }] });
  });

  test('what is written from a row does not undo what came meanwhile', async () => {
    const document = await moved();
    const next = later(document, 1, { city: 'Basel' });
    const domain = meanwhile(compared.whole.domain, () => compared.whole.domain.write([eventOf(next)]));
    expect(await comparison('mend', { domain })).toMatchObject({ written: 0 });
    expect((await compared.whole.domain.getMember(next.memberId, 5000))?.profile.city).toBe('Basel');
    rows[rows.indexOf(document)] = next;
    await compared.putRows([next]);
  });
});

describe('an empty domain', () => {
  test.each(['whole', 'masked'] as const)(
    'that holds documents %s is filled, and goes on where it was',
    async (holds) => {
      const opened = await openDomain({ holds });
      const { domain } = opened;
      const stop = new AbortController();
      const first = await comparison('mend', {
        domain,
        signal: stop.signal,
        onProgress: ({ share }) => (share > 0.5 ? stop.abort() : undefined),
      });
      expect(first.compared).toBeGreaterThan(rows.length / 3);
      expect(first.compared).toBeLessThan(rows.length);
      const second = await comparison('mend', { domain, from: first.end });
      expect(second).toMatchObject({ compared: rows.length, written: rows.length, kinds: { missing: rows.length } });
      expect(await comparison('check', { domain, isThorough: true })).toMatchObject({ kinds: {}, written: 0 });
      await opened.remove();
    },
  );
});

test('in a masked domain a key that a row has lost is taken back, although only its hash is there', async () => {
  const before = rows.find(({ accounts, status }) => accounts.length > 0 && status === 'active') as MemberDocument;
  const after = { ...later(before), accounts: [], profile: { name: before.profile.name } };
  await compared.putRows([after]);
  expect(await comparison('mend', { domain: compared.masked.domain })).toMatchObject({ refused: 0 });
  await compared.masked.domain.refresh();
  expect(await compared.masked.domain.lookup({ kind: 'phone', value: before.profile.phone ?? '' }, 5000)).toEqual([]);
  expect(await compared.masked.domain.ranges.misled([after])).toEqual([]);
});
