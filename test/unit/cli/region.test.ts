import { missingIn, NO_BACKLOG, type Seen, wasComparedSince } from '../../../cli/regions';
import type { Reach, Readmission } from '../../../lambdas/failover';
import { ALL_REACHED, without } from '../failover/looks';

const IN: Readmission = { step: 'in', run: 1, lists: {}, written: 0 };

/** A region of which nothing is missing. */
const WELL: Seen = {
  region: 'A',
  isTakenForLost: false,
  reach: ALL_REACHED,
  clusters: [
    { cluster: 'a1', isInStep: true, heartbeatAgeMs: 2900 },
    { cluster: 'b1', isInStep: true, heartbeatAgeMs: 3100 },
  ],
  unreadKept: [],
  differingSwitches: [],
  queues: [{ name: 'invalidate-A', waiting: NO_BACKLOG }],
  owedFences: 0,
  domains: [{ name: 'order', readmission: IN, pausedBy: undefined, isVerified: true }],
};

const saidOf = (change: Partial<Seen>) => missingIn({ ...WELL, ...change }).map(({ says }) => says);
const reached = (change: Partial<Reach>) => saidOf({ reach: without(ALL_REACHED, change) });
const domain = (change: Partial<Seen['domains'][number]>) =>
  saidOf({ domains: [{ ...WELL.domains[0], ...change } as never] });
const database = (change: Partial<Seen['clusters'][number]>) =>
  saidOf({ clusters: [{ ...WELL.clusters[0], ...change } as never] });

describe('what is missing in a region that is to serve again', () => {
  it('is nothing where all is well', () => {
    expect(missingIn(WELL)).toEqual([]);
  });

  it('is its heartbeat: what was reported before the loss says nothing', () => {
    expect(saidOf({ reach: undefined })).toEqual(['no new heartbeat of region A is heard']);
  });

  it('is the other region, as long as its controller would turn the cache off once more', () => {
    expect(saidOf({ isTakenForLost: true })).toEqual(['the controller of region B still takes region A for lost']);
  });

  it('is every store that its functions do not reach', () => {
    expect(reached({ caches: { A: false, B: false } })).toEqual(['region A does not reach its cache']);
    expect(reached({ databases: { ...ALL_REACHED.databases, b1: { A: true, B: false } } })).toEqual([
      'region A does not reach the databases of b1 in region B',
    ]);
    // One of the other region does not concern it.
    expect(reached({ domains: { order: false, standby: false, marketing: true } })).toEqual([
      'region A does not reach the search domain order',
    ]);
  });

  it('is a database that does not follow, or is behind', () => {
    expect(database({ isInStep: false })).toEqual(['a1-A is not in step with its writer']);
    expect(database({ isInStep: undefined })).toEqual(['a1-A is not in step with its writer']);
    expect(database({ heartbeatAgeMs: undefined })).toEqual(['a1-A does not say how old it is']);
    expect(database({ heartbeatAgeMs: 65_000 })).toEqual(['a1-A is 65 s behind its writer']);
  });

  it('is what a former writer had kept, until it has been read', () => {
    expect(saidOf({ unreadKept: ['a1-A'] })).toEqual([expect.stringContaining('twinkeep reconcile kept a1-A')]);
    expect(saidOf({ unreadKept: undefined })).toEqual([expect.stringContaining('RDS does not tell')]);
  });

  it('is a switch store that holds something else, events that wait, and fences that are owed', () => {
    expect(saidOf({ differingSwitches: ['search/order'] })).toEqual([expect.stringContaining('search/order')]);
    expect(saidOf({ differingSwitches: undefined })).toEqual([expect.stringContaining('does not answer')]);
    expect(saidOf({ queues: [{ name: 'index-order', waiting: NO_BACKLOG + 1 }] })).toEqual([
      '51 events wait in index-order',
    ]);
    expect(saidOf({ queues: [{ name: 'index-order', waiting: undefined }] })).toEqual([
      expect.stringContaining('answer'),
    ]);
    expect(saidOf({ owedFences: 3 })).toEqual(['the cache of region A is owed 3 fences']);
    expect(saidOf({ owedFences: undefined })).toEqual([expect.stringContaining('nobody can tell')]);
  });

  it('is a search domain that is out, on its way, paused, or not compared', () => {
    expect(domain({ readmission: { ...IN, step: 'out', because: 'it fell' } })).toEqual([
      'the search domain order is out: it fell',
    ]);
    expect(domain({ readmission: { ...IN, step: 'catching-up' } })).toEqual([expect.stringContaining('catching-up')]);
    expect(domain({ pausedBy: 'ops' })).toEqual(['events of the search domain order were paused by ops']);
    expect(domain({ isVerified: false })).toEqual(['the search domain order has not been compared with the rows']);
  });
});

describe('a search domain counts as compared', () => {
  const steps = { fenced: 20, turned: 21 };

  it('by its own way back since its region was fenced', () => {
    expect(wasComparedSince({ ...IN, openedInStep: 21 }, steps)).toBe(true);
    expect(wasComparedSince({ ...IN, openedInStep: 19 }, { fenced: 20, turned: 18 })).toBe(false);
    expect(wasComparedSince({ ...IN, step: 'comparing', openedInStep: 21 }, steps)).toBe(false);
  });

  it('by nobody who only turned its events on', () => {
    expect(wasComparedSince(IN, steps)).toBe(false);
    // It came back, and its events were paused and turned on by hand since.
    expect(wasComparedSince({ ...IN, openedInStep: 21 }, { fenced: 20, turned: 25 })).toBe(false);
  });
});
