import fc from 'fast-check';
import type { Transition, UnitDecision } from '../../../lambdas/arbiter';
import { AUTOMATIC_GRANT_MS, MANUAL_GRANT_MS } from '../../../lambdas/failover';
import { begun, isLeaseOver, type Order, stepped, waited } from '../../../lambdas/failover/transition';

const HAND = { by: 'A/1', nowMs: 1_800_000_000_000 };
const OPEN: UnitDecision = {
  unit: 'a1',
  epoch: 7,
  writer: 'A',
  mode: 'database',
  renewals: 40,
  grantedMs: AUTOMATIC_GRANT_MS,
};
const ORDER: Order = { kind: 'switchover', to: 'B', mode: 'database', actor: 'an operator' };

const begin = (order: Partial<Order> = {}, seen = OPEN, waitedMs = 0) =>
  begun(seen, { ...ORDER, ...order }, { epoch: seen.epoch + 1, waitedMs, hand: HAND });

function step(decision: UnitDecision): UnitDecision {
  if (decision.transition === undefined) throw new Error('there is no transition');
  return stepped(decision, decision.transition, HAND);
}

/** All decisions of a transition, from its beginning until the unit is open. */
function course(first: UnitDecision): UnitDecision[] {
  const all = [first];
  for (let last = first; last.transition !== undefined; all.push(last)) last = step(last);
  return all;
}

const stepsOf = (decisions: readonly UnitDecision[]) => decisions.map(({ transition }) => transition?.step);

test.each([
  ['mode', ['silence', 'fence', 'open', undefined]],
  ['switchover', ['silence', 'promote', 'fence', 'open', undefined]],
  ['failover', ['silence', 'promote', 'fence', 'replay', 'open', undefined]],
] as const)('a %s takes these steps', (kind, steps) => {
  expect(stepsOf(course(begin({ kind, to: kind === 'mode' ? 'A' : 'B' })))).toEqual(steps);
});

test('a unit is read-only under its new epoch until it opens, and has its new writer once that was promoted', () => {
  const decisions = course(begin({ kind: 'failover' }));
  expect(decisions.map(({ epoch, mode, writer }) => [epoch, mode, writer])).toEqual([
    [8, 'read-only', 'A'],
    [8, 'read-only', 'A'],
    [8, 'read-only', 'B'],
    [8, 'read-only', 'B'],
    [8, 'read-only', 'B'],
    [8, 'database', 'B'],
  ]);
  for (const { renewals, grantedMs } of decisions) expect([renewals, grantedMs]).toEqual([0, 0]);
});

const over = (grantedMs: number, waitedMs: number) =>
  isLeaseOver({ ...(begin().transition as Transition), grantedMs }, waitedMs);

test('race 21: a lease is over when it has passed and a second more, or its thousandth part', () => {
  expect([over(AUTOMATIC_GRANT_MS, 10_999), over(AUTOMATIC_GRANT_MS, 11_000)]).toEqual([false, true]);
  expect([over(MANUAL_GRANT_MS, 3_603_599), over(MANUAL_GRANT_MS, 3_603_600)]).toEqual([false, true]);
  expect(over(0, 0)).toBe(true);
});

test('what has been waited for is kept, and counts for whoever goes on', () => {
  const begun = begin({}, OPEN, 1500);
  expect(begun.transition).toMatchObject({ grantedMs: AUTOMATIC_GRANT_MS, waitedMs: 1500 });
  const later = waited(begun, begun.transition as Transition, 6500);
  expect(later).toEqual({ ...begun, transition: { ...begun.transition, waitedMs: 6500 } });
});

test('a transition that takes the place of another waits for what is left of its silence, and no more', () => {
  const first = begin();
  const second = begin({}, waited(first, first.transition as Transition, 4000), 999_999);
  expect(second.transition).toMatchObject({ grantedMs: AUTOMATIC_GRANT_MS, waitedMs: 4000 });
  // The margin is waited for as well, and by whom does not matter.
  const third = begin({}, waited(second, second.transition as Transition, AUTOMATIC_GRANT_MS));
  const { transition } = third as { transition: Transition };
  expect([10_999, 11_000].map((waitedMs) => isLeaseOver(transition, waitedMs))).toEqual([false, true]);
  expect(transition.waitedMs).toBe(AUTOMATIC_GRANT_MS);
  expect(begin({}, step(first)).transition).toMatchObject({ grantedMs: 0, waitedMs: 0 });
});

test('what a failover owed is owed by whatever takes its place, once it may have promoted a copy', () => {
  const first = begin({ kind: 'failover' });
  expect(begin({}, first).transition?.replays).toBe(false);
  expect(begin({}, step(first)).transition?.replays).toBe(true);
  const promoted = step(step(first));
  const closed = begin({ kind: 'mode', to: 'B', mode: 'read-only' }, promoted);
  expect(stepsOf(course(closed))).toEqual(['silence', 'fence', 'replay', 'open', undefined]);
});

test('race 28: what a failover owes is owed through any number of transitions that are given up', () => {
  const promoted = step(step(step(begin({ kind: 'failover' }))));
  expect(promoted).toMatchObject({ writer: 'B', transition: { step: 'replay' } });
  const back = begin({ kind: 'failover', to: 'A' }, promoted);
  expect(back.transition).toMatchObject({ step: 'silence', replays: true });
  const turned = begin({ kind: 'mode', to: 'B' }, back);
  expect(stepsOf(course(turned))).toEqual(['silence', 'fence', 'replay', 'open', undefined]);
  expect(begin({ kind: 'mode', to: 'B' }, begin({ kind: 'failover', to: 'A' }, turned)).transition?.replays).toBe(true);
});

test('races 28, 53: fallback needs nothing of a database; whatever leaves it drains before it replays, and replays before it opens', () => {
  const entering = begin({ kind: 'mode', to: 'A', mode: 'fallback' });
  expect(stepsOf(course(entering))).toEqual(['silence', 'open', undefined]);
  const fallback = course(entering).at(-1) as UnitDecision;
  expect(fallback).toMatchObject({ mode: 'fallback', writer: 'A', epoch: 8 });
  for (const mode of ['database', 'read-only'] as const) {
    const home = course(begin({ kind: 'mode', to: 'A', mode }, fallback));
    expect(stepsOf(home)).toEqual(['silence', 'fence', 'drain', 'replay', 'open', undefined]);
    // Nobody has a lease under the epoch of a fallback.
    expect(home[0]?.transition).toMatchObject({ grantedMs: 0 });
  }
  const away = course(begin({ kind: 'failover', to: 'B' }, fallback));
  expect(stepsOf(away)).toEqual(['silence', 'promote', 'fence', 'drain', 'replay', 'open', undefined]);
});

test('what a fallback owes is owed by whatever takes the place of the transition that leaves it', () => {
  const fallback = course(begin({ kind: 'mode', to: 'A', mode: 'fallback' })).at(-1) as UnitDecision;
  const leaving = begin({ kind: 'mode', to: 'A' }, fallback);
  const again = begin({ kind: 'mode', to: 'A', mode: 'fallback' }, step(step(leaving)));
  expect(stepsOf(course(again))).toEqual(['silence', 'open', undefined]);
  for (const seen of [leaving, step(step(leaving)), again]) {
    expect(begin({ kind: 'mode', to: 'A' }, seen).transition).toMatchObject({ drains: true, replays: true });
  }
});

test('what a failover owes is not forgotten for a fallback that was asked for on its way, and not reached', () => {
  const promoting = step(begin({ kind: 'failover' }));
  const entering = begin({ kind: 'mode', to: 'A', mode: 'fallback' }, promoting);
  expect(begin({ kind: 'mode', to: 'A' }, entering).transition).toMatchObject({ replays: true });
});

test('however transitions follow each other, epochs rise, and nobody may write between one and the next', () => {
  const orders = fc.array(
    fc.record({
      kind: fc.constantFrom('mode' as const, 'switchover' as const, 'failover' as const),
      mode: fc.constantFrom('database' as const, 'read-only' as const),
      steps: fc.nat({ max: 5 }),
    }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(orders, (list) => {
      let decision = OPEN;
      for (const { kind, mode, steps } of list) {
        const other = decision.writer === 'A' ? 'B' : 'A';
        const next = begin({ kind, mode, to: kind === 'mode' ? decision.writer : other }, decision);
        expect(next.epoch).toBeGreaterThan(decision.epoch);
        expect(next.writer).toBe(decision.writer);
        decision = next;
        for (let taken = 0; taken < steps && decision.transition !== undefined; taken++) {
          expect(decision.mode).toBe('read-only');
          decision = step(decision);
        }
      }
      expect(course(decision).at(-1)?.transition).toBeUndefined();
    }),
  );
});
