import fc from 'fast-check';
import { contentOf, fieldsOf, forksAfter, type MemberDocument, type MemberRow, versionOf } from '../../../lambdas/core';

const AT = '2026-01-02T03:04:05.678Z';

function documentAt(version: number, change: Partial<MemberDocument> = {}): MemberDocument {
  const profile = { name: 'Ada', city: 'Rome' };
  return {
    memberId: '1',
    version,
    status: 'active',
    profile,
    accounts: [],
    registeredAt: AT,
    updatedAt: AT,
    ...change,
  };
}

const binding = (account: string, generation: number) => ({ platform: 'app', account, boundAt: AT, generation });

/** The row after each of these documents was written over the one before. */
function rowAfter(...documents: readonly MemberDocument[]): MemberRow {
  const [first, ...later] = documents as [MemberDocument, ...MemberDocument[]];
  return later.reduce<MemberRow>((row, document) => ({ document, forks: forksAfter(row, document) }), {
    document: first,
    forks: [],
  });
}

test('a fork says from which version its epoch began, and what every changed field was there', () => {
  const before = documentAt(versionOf(1, 3), { accounts: [binding('a', 1)] });
  const row = rowAfter(
    before,
    documentAt(versionOf(2, 1), { profile: { name: 'Ada', city: 'Oslo' }, accounts: [binding('a', 1)] }),
    documentAt(versionOf(2, 2), { profile: { name: 'Ada' }, accounts: [binding('b', 7)] }),
  );
  expect(row.forks).toEqual([
    {
      epoch: 2,
      from: before.version,
      changed: { 'profile.city': 'Rome', 'accounts.app:a': binding('a', 1), 'accounts.app:b': null },
      taken: {},
      at: AT,
    },
  ]);
});

test('a change under a third epoch is one since both forks, each with what the field was there', () => {
  const named = (epoch: number, name: string) => documentAt(versionOf(epoch, 1), { profile: { name } });
  expect(rowAfter(named(1, 'one'), named(2, 'two'), named(3, 'three')).forks).toMatchObject([
    { epoch: 2, changed: { 'profile.name': 'one' } },
    { epoch: 3, changed: { 'profile.name': 'two' } },
  ]);
});

test('writes of one epoch make no fork', () => {
  expect(rowAfter(documentAt(versionOf(1, 1)), documentAt(versionOf(1, 2), { profile: { name: 'B' } })).forks).toEqual(
    [],
  );
});

test('a fork is forgotten after 15 days, and not before', () => {
  const day = (days: number) => new Date(Date.parse(AT) + days * 86_400_000).toISOString();
  const forked = [documentAt(versionOf(1, 1)), documentAt(versionOf(2, 1))];
  const forksAt = (updatedAt: string) => rowAfter(...forked, documentAt(versionOf(2, 2), { updatedAt })).forks;
  expect(forksAt(day(14.99))).toHaveLength(1);
  expect(forksAt(day(15))).toHaveLength(0);
});

test('fields say all that a document holds', () => {
  const documents = fc.record({
    status: fc.constantFrom('active' as const, 'closed' as const),
    profile: fc.record(
      { name: fc.string(), city: fc.string(), tags: fc.array(fc.string()), marketingConsent: fc.boolean() },
      { requiredKeys: ['name'] },
    ),
    accounts: fc.uniqueArray(fc.string()).map((accounts) => accounts.map((account, index) => binding(account, index))),
  });
  fc.assert(
    fc.property(documents, (content) => {
      expect(contentOf(fieldsOf(documentAt(1, content)))).toEqual(content);
    }),
  );
});
