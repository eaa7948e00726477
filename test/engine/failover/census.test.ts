import { CacheCensus, lookupKey, memberKey } from '../../../lambdas/cache';
import { encodeEntry } from '../../../lambdas/cache/entry';
import { floorKey } from '../../../lambdas/cache/keys';
import { isoTime, type MemberDocument, systemClock } from '../../../lambdas/core';
import { type CensusOptions, type StaleEntry, takeCensus } from '../../../lambdas/failover';
import { newMemberId } from '../sync/one-unit';
import { anAccount, inCity, lostAfter, Promoted } from './promoted';

const GENERATION = 3;
let promoted: Promoted;
let census: CacheCensus;
beforeAll(async () => {
  promoted = await Promoted.start();
  census = new CacheCensus({ region: 'A', address: promoted.regions.A.address });
});
beforeEach(async () => {
  await promoted.unit.reset();
  await promoted.regions.A.inside.flushall();
});
afterAll(async () => {
  census?.close();
  await promoted?.stop();
});

/** Puts into the cache of region A what no reader would have. */
async function plant(key: string, version: number, { flag = 'v', body = '', generation = GENERATION } = {}) {
  await promoted.regions.A.inside.set(key, encodeEntry({ version, flag, body }, generation));
}

const cached = ({ memberId, version }: MemberDocument) => plant(memberKey(memberId), version);

async function take(mode: 'check' | 'mend', options: Partial<CensusOptions> = {}, during = async () => {}) {
  const found: StaleEntry[] = [];
  const entries: typeof census.entries = async (...asked) => {
    await during();
    return census.entries(...asked);
  };
  const tally = await takeCensus(
    {
      census: {
        pages: (...asked) => census.pages(...asked),
        entries,
        size: () => census.size(),
        drop: (fence) => census.drop(fence),
      },
      recovery: promoted.unit.shards.recovery,
      writers: async () => () => 'A',
      clock: systemClock,
      settleMs: 50,
    },
    { mode, generation: GENERATION, keysAtOnce: 10, onFound: (stale) => void found.push(...stale), ...options },
  );
  return { tally, kinds: Object.fromEntries(found.map(({ memberId, kind }) => [memberId, kind])) };
}

test('whatever a cache answers that is not what the row says is found, of members and of look-ups, and forgotten', async () => {
  const fresh = await Promise.all(Array.from({ length: 40 }, () => promoted.registered()));
  const [moved, gone, denied, bound] = await Promise.all([1, 2, 3, 4].map(() => promoted.registered(['x'].slice(4))));
  const [older, ahead, negative, misled] = [moved, gone, denied, bound].map((one) => one?.document) as MemberDocument[];
  await Promise.all(fresh.map(({ document }) => cached(document)));
  await promoted.write({ document: older as MemberDocument, forks: [] }, { version: (older?.version ?? 0) + 1 });
  await cached(older as MemberDocument);
  await cached(lostAfter(ahead as MemberDocument, {}));
  await plant(memberKey(negative?.memberId ?? ''), 0, { flag: 'n' });
  await plant(lookupKey('account:app', 'nobody-has-it'), 2, { body: misled?.memberId ?? '' });
  // Neither is a stale answer: nobody is there, nobody reads a lower generation, and a fence is no value.
  await plant(memberKey(newMemberId()), 0, { flag: 'n' });
  await plant(memberKey(misled?.memberId ?? ''), 1, { generation: GENERATION - 1 });
  await promoted.regions.A.inside.set(floorKey(memberKey(newMemberId())), '7');
  const kinds = {
    [older?.memberId ?? '']: 'older',
    [ahead?.memberId ?? '']: 'ahead',
    [negative?.memberId ?? '']: 'negative',
    [misled?.memberId ?? '']: 'misled',
  };
  expect(await take('check')).toEqual({ tally: { compared: 45, stale: 4, dropped: 0 }, kinds });
  expect(await take('mend')).toEqual({ tally: { compared: 45, stale: 4, dropped: 4 }, kinds });
  expect(await take('check')).toEqual({ tally: { compared: 41, stale: 0, dropped: 0 }, kinds: {} });
  // What was forgotten is not filled by a reader who is late.
  expect(await promoted.regions.A.inside.get(floorKey(memberKey(older?.memberId ?? '')))).toBe(
    String((older?.version ?? 0) + 1),
  );
});

test('a write that reaches the cache a moment later is not told', async () => {
  const row = await promoted.registered();
  const { memberId, version } = row.document;
  await promoted.write(row, { ...inCity(row.document, 'later'), version: version + 1 });
  await cached(row.document);
  expect(await take('check', {}, () => plant(memberKey(memberId), version + 1))).toMatchObject({ tally: { stale: 0 } });
});

describe('race 16: an account that its member has, and of which the cache says that nobody has it', () => {
  /** A member that is cached, whose account is denied. */
  async function denied(boundAt?: string) {
    const account = anAccount();
    const row = await promoted.registered([account]);
    const accounts = row.document.accounts.map((binding) => ({ ...binding, ...(boundAt && { boundAt }) }));
    const now = await promoted.write(row, { version: row.document.version + 1, accounts });
    const key = lookupKey('account:app', account);
    await cached(now.document);
    await plant(key, 1, { flag: 'n' });
    return { row: now, key };
  }

  test('is told, and forgotten', async () => {
    const { row, key } = await denied();
    const kinds = { [row.document.memberId]: 'denied' };
    expect(await take('check')).toEqual({ tally: { compared: 2, stale: 1, dropped: 0 }, kinds });
    expect(await take('mend')).toMatchObject({ tally: { dropped: 1 }, kinds });
    const [binding] = row.document.accounts;
    expect(await promoted.regions.A.inside.get(floorKey(key))).toBe(String(2 * (binding?.generation ?? 0)));
    expect(await take('check')).toMatchObject({ tally: { stale: 0 } });
  });

  test('is not told while that may be from before it was bound', async () => {
    await denied(isoTime(Date.now()));
    expect(await take('check')).toMatchObject({ tally: { stale: 0 } });
  });

  test('is not told where it was unbound while the cache was asked', async () => {
    const { row } = await denied();
    const unbind = () => promoted.write(row, { version: row.document.version + 1, accounts: [] });
    let unbound: Promise<unknown> | undefined;
    const during = async () => {
      unbound ??= unbind();
      await unbound;
    };
    expect((await take('check', {}, during)).kinds).toEqual({});
  });
});
