import type { DomainRecord } from '../../../lambdas/arbiter';
import { readmit } from '../../../lambdas/failover';
import type { Readmission } from '../../../lambdas/failover/readmission/readmission';

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };
const ACTOR = 'the controller of region A';
const RETURNING: Readmission = {
  step: 'returning',
  run: 1,
  lists: { 'search/order': ['order', 'standby'] },
  written: 0,
};

/** A domain that stands somewhere on its way back, and a keeper that refuses to put it back into its list. */
function world(stored: { readmission: Readmission; holder?: { id: string; untilMs: number } }, nowMs = 1_000_000) {
  let record: DomainRecord = { revision: 1, state: stored };
  let orders = 0;
  const sync = { value: 'on', actor: ACTOR };
  const parts = {
    decisions: {
      domain: async () => record,
      changeDomain: async (_name: string, from: DomainRecord, state: unknown) => {
        if (from.revision !== record.revision) return false;
        record = { revision: record.revision + 1, state };
        return true;
      },
      acceptedSwitch: async (name: string) => ({
        ...{ name, revision: 2 },
        ...(name.startsWith('search/') ? { value: ['standby'], actor: ACTOR } : sync),
      }),
      switchBook: async () => ({ step: 7 }),
    },
    keeper: {
      order: async (name: string) => {
        orders += 1;
        if (name.startsWith('sync/')) return { accepted: true, revision: 2 };
        return { accepted: false, reasons: ['not now'] };
      },
    },
    audit: { append: async () => undefined },
    domain: { name: 'order', provision: async () => undefined },
    queue: { redrive: async () => ({ moved: 0 }), countWaiting: async () => 1000 },
    clock: { nowMs: () => nowMs, monotonicMs: () => performance.now() },
    log: LOG,
  };
  return {
    bring: (budgetMs: number) => readmit(parts as never, { actor: ACTOR, budgetMs }),
    orders: () => orders,
    sync,
    step: () => (record.state as { readmission: Readmission }).readmission.step,
  };
}

test('a list that may not be turned back is tried once a second, for each refusal stands in the audit', async () => {
  const { bring, orders } = world({ readmission: RETURNING });
  expect(await bring(1500)).toBe('unfinished');
  expect(orders()).toBeGreaterThan(0);
  expect(orders()).toBeLessThan(4);
});

test.each([
  ['is believed while he may be at work', 20_000, 'elsewhere', 0],
  ['is not, where his clock was an hour ahead', 3_620_000, 'unfinished', 1],
])('whoever holds a domain %s', async (_, heldForMs, outcome, least) => {
  const nowMs = 1_000_000;
  const holder = { id: 'somebody', untilMs: nowMs + heldForMs };
  const { bring, orders } = world({ readmission: RETURNING, holder }, nowMs);
  expect(await bring(100)).toBe(outcome);
  expect(orders()).toBeGreaterThanOrEqual(least);
});

test('an operator has a domain compared that is in: he pauses its events, asks, turns them on, and asks again', async () => {
  const { bring, sync, step } = world({ readmission: { step: 'in', run: 0, lists: {}, written: 0 } });
  expect(await bring(100)).toBe('in');
  Object.assign(sync, { value: 'paused', actor: 'an operator in region A' });
  expect(await bring(100)).toBe('out');
  Object.assign(sync, { value: 'on' });
  expect(await bring(100)).toBe('unfinished');
  expect(step()).toBe('catching-up');
});
