import fc from 'fast-check';
import { lookupKeysOf, type MemberDocument, type MemberEvent } from '../../../lambdas/core';
import { ask, contents, openDomain, type Stored, type TestDomain } from './domains';
import { eventsOf, memberOf } from './members';

/** What may happen to a member; a small choice of keys, so that they come and go and come again. */
type Step = { readonly version: number } & (
  | { readonly kind: 'phone' | 'city'; readonly value: string | undefined }
  | { readonly kind: 'bind' | 'unbind'; readonly account: string }
  | { readonly kind: 'close' }
);

const advance = fc.constantFrom(1, 1, 1, 2 ** 32);
const few = fc.constantFrom('a', 'b', 'c');
const step = fc
  .tuple(
    advance,
    fc.oneof(
      fc.record({
        kind: fc.constantFrom('phone' as const, 'city' as const),
        value: fc.option(few, { nil: undefined }),
      }),
      fc.record({ kind: fc.constantFrom('bind' as const, 'unbind' as const), account: few }),
      fc.record({ kind: fc.constant('close' as const) }),
    ),
  )
  .map(([version, change]) => ({ version, ...change }) as Step);

function after(document: MemberDocument, taken: Step): MemberDocument {
  const { phone, city, ...profile } = document.profile;
  const next = { ...document, version: document.version + taken.version };
  const withField = (fields: { phone?: string | undefined; city?: string | undefined }): MemberDocument => ({
    ...next,
    profile: {
      ...profile,
      ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    } as never,
  });
  switch (taken.kind) {
    case 'phone':
      return withField({ phone: taken.value, city });
    case 'city':
      return withField({ phone, city: taken.value });
    case 'close':
      return { ...next, status: 'closed', accounts: [] };
    case 'bind':
    case 'unbind': {
      const others = document.accounts.filter(({ account }) => account !== taken.account);
      const { accounts } = memberOf({ accounts: [['app', taken.account]] });
      return {
        ...next,
        accounts: taken.kind === 'bind' && document.status === 'active' ? [...others, ...accounts] : others,
      };
    }
  }
}

const history = fc.array(step, { maxLength: 8 }).map((steps) => {
  const documents = [memberOf()];
  for (const taken of steps) documents.push(after(documents.at(-1) ?? memberOf(), taken));
  return documents;
});

/** Histories of some members, and the same events in any order, some of them twice, in batches of any size. */
const stream = fc.array(history, { minLength: 1, maxLength: 12 }).chain((histories) => {
  const count = histories.reduce((sum, documents) => sum + documents.length, 0);
  const order = fc
    .array(fc.nat(count - 1), { maxLength: 12 })
    .chain((again) => fc.shuffledSubarray([...Array(count).keys(), ...again], { minLength: count + again.length }));
  return fc.record({ histories: fc.constant(histories), order, batchSize: fc.integer({ min: 4, max: 40 }) });
});

let memberCount = 0;

function named(histories: readonly (readonly MemberDocument[])[]) {
  return histories.map((documents) => {
    memberCount += 1;
    const memberId = String(memberCount);
    return documents.map((document) => ({ ...document, memberId }));
  });
}

async function writeInBatches(
  { domain }: TestDomain,
  events: readonly MemberEvent[],
  batchSize: number,
): Promise<void> {
  for (let from = 0; from < events.length; from += batchSize) {
    const outcomes = await domain.write(events.slice(from, from + batchSize));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
  }
}

async function storedOf(index: string, memberIds: readonly string[]): Promise<Stored[]> {
  const stored = await contents(index);
  return stored.filter(({ source }) => memberIds.includes((source as { memberId: string }).memberId));
}

describe.each(['whole', 'masked'] as const)('in a domain that holds documents %s', (holds) => {
  let [inOrder, shuffled] = [] as unknown as [TestDomain, TestDomain];
  beforeAll(async () => {
    [inOrder, shuffled] = await Promise.all([openDomain({ holds }), openDomain({ holds })]);
  });
  afterAll(async () => {
    await Promise.all([inOrder.remove(), shuffled.remove()]);
  });

  test('races 4, 6: the same events, shuffled and duplicated, give the same indices', async () => {
    await fc.assert(
      fc.asyncProperty(stream, async ({ histories, order, batchSize }) => {
        const documents = named(histories);
        const events = documents.flatMap(eventsOf);
        await writeInBatches(inOrder, events, events.length);
        const anyOrder = order.flatMap((at) => events[at] ?? []);
        await writeInBatches(shuffled, anyOrder, batchSize);

        const memberIds = documents.flatMap((history) => history[0]?.memberId ?? []);
        const members = await storedOf(shuffled.members, memberIds);
        const lookups = await storedOf(shuffled.lookups, memberIds);
        expect(members).toEqual(await storedOf(inOrder.members, memberIds));
        expect(lookups).toEqual(await storedOf(inOrder.lookups, memberIds));

        // And they are what the last documents say: every key that they have is there, every other is marked removed.
        const last = documents.flatMap((history) => history.at(-1) ?? []);
        expect(members.map(({ id, version }) => [id, version]).sort()).toEqual(
          last.map(({ memberId, version }) => [memberId, version]).sort(),
        );
        const present = lookups.filter(({ source }) => !(source as { removed: boolean }).removed);
        expect(present).toHaveLength(last.flatMap(lookupKeysOf).length);
        const known = documents.map(
          (history) => new Set(history.flatMap(lookupKeysOf).map((key) => JSON.stringify(key))),
        );
        expect(lookups).toHaveLength(known.reduce((sum, keys) => sum + keys.size, 0));
      }),
      { numRuns: 12 },
    );
  });

  test('races 7, 47: nothing was ever deleted, so nothing can be revived when a tombstone is forgotten', async () => {
    const { body } = await ask('GET', `/${shuffled.members},${shuffled.lookups}/_stats/indexing`);
    expect(body._all.primaries.indexing.delete_total).toBe(0);
  });
});
