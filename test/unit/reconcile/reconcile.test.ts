import fc from 'fast-check';
import { epochOf, fieldsOf, isSameValue, type MemberDocument, type MemberRow, versionOf } from '../../../lambdas/core';
import { anyWrite, line, Reconciling, registered, START_MS, type Write, written } from './histories';

/** Enough to find each rule of a merge that is missing, in about a second. */
const RUNS = 600;

/** An epoch of which only the first versions were replicated, and the one that went on from there. */
const lives = fc.record({
  replicated: fc.array(anyWrite, { maxLength: 4 }),
  lost: fc.array(anyWrite, { minLength: 1, maxLength: 4 }),
  later: fc.array(anyWrite, { maxLength: 4 }),
  isRegistrationLost: fc.boolean(),
  standing: fc.func(fc.boolean()),
});

type Life = {
  replicated: Write[];
  lost: Write[];
  later: Write[];
  isRegistrationLost: boolean;
  standing: (g: number) => boolean;
};

function lived(life: Life) {
  const before = line(registered(1), life.replicated, 1);
  const fork = before.at(-1) as MemberRow;
  const tail = line(fork, life.lost, 1);
  const isLost = life.isRegistrationLost && life.later.length === 0;
  const row = line(fork, life.later, 2).at(-1) as MemberRow;
  return {
    fork: isLost ? undefined : fork,
    row: isLost ? undefined : row,
    lost: (isLost ? tail : tail.slice(1)).map(({ document }) => document),
    replicated: before.map(({ document }) => document),
    start: () => new Reconciling(isLost ? undefined : row, 3, life.standing),
  };
}

/** A life, and two orders in which some of its lost versions arrive, some of them twice. */
const livesAndOrders = lives.chain((life) => {
  const { lost } = lived(life);
  const some = fc.subarray(lost);
  return some.chain((arriving) =>
    fc.record({
      life: fc.constant(life),
      one: shuffledWithRepeats(arriving),
      other: shuffledWithRepeats(arriving),
    }),
  );
});

function shuffledWithRepeats(documents: readonly MemberDocument[]): fc.Arbitrary<MemberDocument[]> {
  return fc
    .subarray([...documents])
    .chain((repeated) =>
      fc.shuffledSubarray([...documents, ...repeated], { minLength: documents.length + repeated.length }),
    );
}

const after = (reconciling: Reconciling, documents: readonly MemberDocument[]) => {
  for (const document of documents) reconciling.arrive(document);
  return reconciling;
};

test('race 50: the order in which lost versions arrive, and how often, changes nothing of what is kept or listed', () => {
  fc.assert(
    fc.property(livesAndOrders, ({ life, one, other }) => {
      const { start } = lived(life);
      const [first, second] = [after(start(), one), after(start(), other)];
      expect(second.kept).toEqual(first.kept);
      expect(new Map([...second.listed].sort())).toEqual(new Map([...first.listed].sort()));
    }),
    { numRuns: RUNS },
  );
});

test('race 50: what was lost is in the row, or listed with its value; and no later write is undone', () => {
  fc.assert(
    fc.property(livesAndOrders, ({ life, one }) => {
      const { row, fork, start } = lived(life);
      const end = after(start(), one);
      const highest = [...one].sort((a, b) => b.version - a.version)[0];
      if (highest === undefined || end.row === undefined) return;
      const [kept, theirs] = [fieldsOf(end.row.document), fieldsOf(highest)];
      const base = fork === undefined ? new Map<string, never>() : fieldsOf(fork.document);
      const mine = row === undefined ? new Map<string, never>() : fieldsOf(row.document);
      for (const field of new Set([...theirs.keys(), ...base.keys(), ...mine.keys()])) {
        if (!isSameValue(mine.get(field), base.get(field))) expect(kept.get(field)).toEqual(mine.get(field));
        if (isSameValue(theirs.get(field), base.get(field)) || isSameValue(theirs.get(field), kept.get(field)))
          continue;
        expect(end.listed.get(`1#${field}`)).toMatchObject({
          value: theirs.get(field) ?? null,
          version: highest.version,
        });
      }
    }),
    { numRuns: RUNS },
  );
});

test('race 42: the row ends above all that arrived, so that every store ends with it', () => {
  fc.assert(
    fc.property(livesAndOrders, ({ life, one }) => {
      const { start, row } = lived(life);
      const end = start();
      // A store that had applied the lost versions before the failover, and gets the row for each one that comes again.
      let stored = Math.max(0, ...one.map(({ version }) => version), row?.document.version ?? 0);
      for (const document of one) {
        end.arrive(document);
        stored = Math.max(stored, end.row?.document.version ?? 0);
      }
      expect(end.row?.document.version ?? 0).toBe(one.length === 0 ? (row?.document.version ?? 0) : stored);
    }),
  );
});

test('what has been reconciled once is contained, whatever was written since', () => {
  fc.assert(
    fc.property(livesAndOrders, fc.array(anyWrite, { maxLength: 3 }), ({ life, one }, writes) => {
      const end = after(lived(life).start(), one);
      for (const write of writes) end.write(write);
      for (const document of one) expect(end.arrive(document)).toEqual({ kind: 'contained' });
    }),
  );
});

test('race 25: of a row that no later epoch has changed, a lost version is its own future, whole', () => {
  fc.assert(
    fc.property(
      fc.array(anyWrite, { maxLength: 3 }),
      fc.array(anyWrite, { minLength: 1, maxLength: 3 }),
      (kept, lost) => {
        const row = line(registered(1), kept, 1).at(-1) as MemberRow;
        const tail = line(row, lost, 1).slice(1);
        for (const candidate of tail) {
          const end = new Reconciling(row, 3);
          const decision = end.arrive(candidate.document);
          expect(fieldsOf(end.row?.document as MemberDocument)).toEqual(fieldsOf(candidate.document));
          expect(decision).toMatchObject({ lost: [], forks: [{ epoch: 3, from: candidate.document.version }] });
          expect(end.row?.document.version).toBe(versionOf(3, 1));
        }
      },
    ),
  );
});

test('what an epoch replicated is contained in every row that follows', () => {
  fc.assert(
    fc.property(livesAndOrders, ({ life, one }) => {
      const { replicated, start, row } = lived(life);
      if (row === undefined) return;
      const end = after(start(), one);
      for (const document of replicated) expect(end.arrive(document)).toEqual({ kind: 'contained' });
    }),
  );
});

/** Each write is told from all others by its value. */
const distinct = (field: 'profile.city' | 'profile.locale', value: string): Write => ({ field, value });

test('race 50: tails of two epochs are both kept or listed, whichever comes first', () => {
  const writes = fc.array(fc.constantFrom('profile.city' as const, 'profile.locale' as const), { maxLength: 3 });
  fc.assert(
    fc.property(
      writes,
      writes,
      writes,
      fc.nat(3),
      fc.infiniteStream(fc.boolean()),
      (one, two, three, replicated, coins) => {
        const root = registered(1);
        const first = line(
          root,
          one.map((field, at) => distinct(field, `1.${at}`)),
          1,
        );
        const second = line(
          root,
          two.map((field, at) => distinct(field, `2.${at}`)),
          2,
        );
        const kept = second[Math.min(replicated, second.length - 1)] as MemberRow;
        const row = line(
          kept,
          three.map((field, at) => distinct(field, `3.${at}`)),
          3,
        ).at(-1) as MemberRow;
        const heads = [first, second].flatMap((rows) => rows.slice(1).slice(-1)).map(({ document }) => document);
        const order = coins.next().value ? heads : [...heads].reverse();
        const end = after(new Reconciling(row, 4), order);
        const values = new Set([
          ...fieldsOf(end.row?.document as MemberDocument).values(),
          ...[...end.listed.values()].map(({ value }) => value),
        ]);
        const now = fieldsOf(row.document);
        for (const head of heads) {
          if (epochOf(head.version) === 2 && head.version <= kept.document.version) continue;
          for (const [field, value] of fieldsOf(head)) {
            const isTheirs =
              !isSameValue(value, fieldsOf(root.document).get(field)) &&
              !isSameValue(value, fieldsOf(kept.document).get(field));
            if (isTheirs && !isSameValue(value, now.get(field))) expect(values).toContain(value);
          }
        }
        for (const head of heads) expect(end.arrive(head)).toEqual({ kind: 'contained' });
      },
    ),
    { numRuns: RUNS },
  );
});

test('of an account whose claim has moved on the binding is listed, and not taken', () => {
  const row = registered(1);
  const binding = { platform: 'app', account: 'y', boundAt: row.document.registeredAt, generation: 5 };
  const [, bound] = line(row, [{ field: 'accounts.app:y', value: binding }], 1) as [MemberRow, MemberRow];
  const [kept, moved] = [5, 6].map((generation) => new Reconciling(row, 3, (asked) => asked === generation)) as [
    Reconciling,
    Reconciling,
  ];
  expect(kept.arrive(bound.document)).toMatchObject({ kind: 'adopt', lost: [] });
  expect(kept.row?.document.accounts).toEqual([...row.document.accounts, binding]);
  expect(moved.arrive(bound.document)).toMatchObject({
    kind: 'quarantine',
    lost: [{ field: 'accounts.app:y', value: binding, kept: null, base: null, reason: 'claim moved' }],
  });
  expect(moved.row?.document.accounts).toEqual(row.document.accounts);
});

test('two accounts that two epochs bound do not meet', () => {
  const row = registered(1);
  const bind = (account: string): Write => ({
    field: `accounts.app:${account}`,
    value: { platform: 'app', account, boundAt: row.document.registeredAt, generation: 3 },
  });
  const lost = written(row, bind('lost'), 1);
  const end = new Reconciling(written(row, bind('later'), 2), 2);
  expect(end.arrive(lost.document)).toMatchObject({ kind: 'merge', lost: [] });
  expect(end.row?.document.accounts.map(({ account }) => account)).toEqual(['x', 'later', 'lost']);
});

test('a member that was closed before another epoch changed it stays open without accounts, and its closing is listed', () => {
  const row = registered(1);
  const closed = written(row, 'close', 1);
  const end = new Reconciling(written(row, distinct('profile.city', 'two'), 2), 2);
  expect(end.arrive(closed.document)).toMatchObject({
    kind: 'quarantine',
    lost: [{ field: 'status', value: 'closed' }],
  });
  expect(end.row?.document).toMatchObject({ status: 'active', accounts: [], profile: { city: 'two' } });
});

test('a member that a later epoch closed gains nothing, and what it does not get is listed', () => {
  const row = registered(1);
  const lost = written(row, distinct('profile.city', 'two'), 1);
  const end = new Reconciling(written(row, 'close', 2), 2);
  expect(end.arrive(lost.document)).toMatchObject({
    kind: 'quarantine',
    lost: [{ field: 'profile.city', value: 'two', kept: 'one', base: 'one', reason: 'closed since' }],
  });
  expect(end.row?.document).toMatchObject({ status: 'closed', accounts: [], profile: { city: 'one' } });
});

test('a version of the epoch that judges is not judged', () => {
  const row = registered(3);
  const terms = new Reconciling(undefined, 3);
  expect(terms.arrive(row.document)).toEqual({ kind: 'contained' });
  expect(START_MS).toBeGreaterThan(0);
});
