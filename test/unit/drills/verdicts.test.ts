import type { Drill, Expectation } from '../../drills/drill';
import type { Sample } from '../../drills/recorder';
import { alwaysExpected, judge, type Seen } from '../../drills/verdicts';
import { acknowledgedWrites, lostWrites, staleReads } from '../../drills/writes';
import type { Operation } from '../../support/history';
import { failedAt, sampleAt } from './samples';

const fault = { fromMs: 10_000, toMs: 30_000 };

function verdictOn(
  expectation: Expectation,
  samples: readonly Sample[],
  operations: readonly Operation[] = [],
  decided: Seen['decided'] = [],
) {
  const drill: Drill = { name: 'd', shows: '', runbook: '', steps: [], expects: [expectation] };
  const [verdict] = judge(drill, { samples, fault, operations, samplesBeganMs: 0, decided });
  return verdict;
}

describe('errors end', () => {
  const within = (withinS: number, samples: readonly Sample[]) =>
    verdictOn({ kind: 'errors-end', scope: { calls: ['get'] }, withinS }, samples)?.holds;

  test('in time, or not', () => {
    const samples = [failedAt(10.5, { tookMs: 400 }), sampleAt(11)];
    expect([within(1, samples), within(0.8, samples), within(0, samples)]).toEqual([true, false, false]);
  });

  test('other calls and other times do not count', () => {
    expect(within(0, [failedAt(11, { call: 'patch' }), failedAt(5), failedAt(31), sampleAt(12)])).toBe(true);
  });

  test('what is judged apart does not count', () => {
    const samples = [failedAt(10.5), failedAt(15, { failure: 'UNDECIDED' })];
    const within = (except: readonly string[]) =>
      verdictOn({ kind: 'errors-end', scope: {}, withinS: 1, except }, samples)?.holds;
    expect([within(['UNDECIDED']), within([])]).toEqual([true, false]);
  });

  test('what was never called was not served', () => {
    expect(within(1, [sampleAt(5)])).toBe(false);
  });
});

test('errors last from the first to the last, however late they begin', () => {
  const lasting = (mostS: number, samples: readonly Sample[]) =>
    verdictOn({ kind: 'errors-last', scope: { calls: ['get'] }, mostS }, samples)?.holds;
  const samples = [
    sampleAt(11),
    failedAt(20, { tookMs: 500 }),
    sampleAt(21),
    failedAt(22, { tookMs: 500 }),
    sampleAt(25),
  ];
  expect([lasting(2.6, samples), lasting(2.4, samples)]).toEqual([true, false]);
  expect([lasting(0, [sampleAt(11)]), lasting(0, [sampleAt(5)])]).toEqual([true, false]);
});

test('few calls fail, or too many', () => {
  const isWell = (mostPercent: number) =>
    verdictOn({ kind: 'few-fail', scope: {}, mostPercent }, [sampleAt(11), sampleAt(12), failedAt(13), sampleAt(14)])
      ?.holds;
  expect([isWell(25), isWell(24)]).toEqual([true, false]);
});

test('a call is served if it was answered while the fault lasted, in each region', () => {
  const served = (samples: readonly Sample[]) =>
    verdictOn({ kind: 'served', scope: { calls: ['get'] } }, samples)?.holds;
  expect(served([sampleAt(12), sampleAt(12, { region: 'B' })])).toBe(true);
  expect(served([sampleAt(12), failedAt(12, { region: 'B' }), sampleAt(31, { region: 'B' })])).toBe(false);
});

describe('calls are not slow', () => {
  const isWell = (samples: readonly Sample[]) =>
    verdictOn({ kind: 'not-slow', scope: {}, afterS: 2, slowMs: 100, mostPercent: 20 }, samples)?.holds;
  const quick = [13, 14, 15, 16].map((atS) => sampleAt(atS));
  const slow = (atS: number) => sampleAt(atS, { tookMs: 900 });

  test('if few of them are, once the first moments are over', () => {
    expect(isWell([slow(11), ...quick, slow(17)])).toBe(true);
    expect(isWell([...quick, slow(17), slow(18)])).toBe(false);
  });

  test('if they were so before the fault, but for the few that always are', () => {
    expect(isWell([slow(7), slow(8), ...quick, slow(17), slow(18)])).toBe(true);
    const before = [4, 5, 6, 7].map((atS) => sampleAt(atS));
    expect(isWell([...before, slow(8), ...quick, slow(17), slow(18)])).toBe(false);
  });

  test('only if any were made', () => {
    expect(isWell([sampleAt(8), sampleAt(11)])).toBe(false);
  });
});

test('a source answers if it did while the fault lasted', () => {
  const expected: Expectation = { kind: 'answered-by', scope: { calls: ['phone'] }, source: 'domain=standby' };
  const standby = { call: 'phone', source: 'search;domain=standby' } as const;
  expect(verdictOn(expected, [sampleAt(12, standby)])?.holds).toBe(true);
  expect(verdictOn(expected, [sampleAt(9, standby), sampleAt(12, { ...standby, call: 'get' })])?.holds).toBe(false);
});

const told = { client: 'c', invokedAt: 0, returnedAt: 0, region: 'A' } as const;

function written(member: string, version: number, endedMs: number): Operation {
  const call = { kind: 'patch', member, patch: {} } as const;
  return {
    ...told,
    call,
    outcome: { kind: 'ok', status: 200, version: `${version}` },
    startedMs: endedMs - 5,
    endedMs,
  };
}

function read(member: string, version: number, startedMs: number): Operation {
  const document = { memberId: member, version: String(version) } as never;
  const outcome = { kind: 'ok', status: 200, document } as const;
  return { ...told, call: { kind: 'get', member }, outcome, startedMs, endedMs: startedMs + 5 };
}

test('a read is stale if it is older than what was acknowledged before the end, and began after the time to catch up', () => {
  const moments = { writtenBeforeMs: 1000, readFromMs: 6000 };
  const writes = [written('m', 7, 900), written('m', 9, 2000)];
  expect(staleReads([...writes, read('m', 6, 5999), read('m', 7, 6000)], moments)).toEqual([]);
  expect(staleReads([...writes, read('m', 6, 6001)], moments)).toEqual([
    { region: 'A', member: 'm', read: 6, written: 7 },
  ]);
});

test('nothing that was read at all proves nothing', () => {
  const verdict = verdictOn({ kind: 'fresh', withinS: 5 }, [], [written('m', 7, 900)]);
  expect(verdict?.holds).toBe(false);
  expect(verdictOn({ kind: 'fresh', withinS: 5 }, [], [written('m', 7, 900), read('m', 7, 36_000)])?.holds).toBe(true);
});

test('what is decided counts from the first step on, by its subject', () => {
  const turnedAt = (atMs: number, subject = 'switch search/order') => ({ atMs, subject, value: 'x', before: 'y' });
  const isWell = (least: number, most: number, ...decided: Seen['decided']) =>
    verdictOn({ kind: 'turned', subject: 'switch search/order', least, most }, [], [], decided)?.holds;
  const [early, one, two] = [turnedAt(9000), turnedAt(12_000), turnedAt(40_000)];
  expect([isWell(1, 1, early, one), isWell(1, 1, one, two), isWell(0, 2, one, two)]).toEqual([true, false, true]);
  expect([isWell(1, 1), isWell(0, 0, turnedAt(12_000, 'switch sync/order'))]).toEqual([false, true]);
});

const rowOf = (version: number, forks: readonly { epoch: number; from: number }[] = []) =>
  ({ document: { version }, forks: forks.map((fork) => ({ ...fork, changed: {}, taken: {}, at: '' })) }) as never;

test('a write is lost if it is not in the history of its row, however high that stands', () => {
  const EPOCH = 2 ** 32;
  const writes = acknowledgedWrites([written('m', 7, 1), written('n', 8, 1)]);
  const rows = new Map([
    ['m', rowOf(EPOCH + 1, [{ epoch: 1, from: 7 }])],
    ['n', rowOf(EPOCH + 1, [{ epoch: 1, from: 7 }])],
  ]);
  expect(lostWrites(writes, rows).map(({ member }) => member)).toEqual(['n']);
});

test('a write is lost if the rows have not reached its version, or are not there', () => {
  const writes = acknowledgedWrites([written('m', 7, 1), written('n', 3, 1), written('o', 1, 1)]);
  const rows = new Map([
    ['m', rowOf(8)],
    ['n', rowOf(2)],
  ]);
  expect(lostWrites(writes, rows).map(({ member }) => member)).toEqual(['n', 'o']);
});

test('only what was acknowledged counts as acknowledged', () => {
  const refused = { ...written('m', 7, 1), outcome: { kind: 'refused', status: 409, code: 'UNDECIDED' } as const };
  const open = { ...written('m', 7, 1), outcome: { kind: 'unknown', reason: 'cut' } as const };
  expect(acknowledgedWrites([refused, open, read('m', 7, 1)])).toEqual([]);
});

test('what always has to hold is said of each part', () => {
  const none = { violations: '', disagreement: undefined, dishonest: [], mayLoseFromMs: undefined };
  expect(alwaysExpected({ ...none, writes: [], lost: [] }).every(({ holds }) => holds)).toBe(true);
  const writes = acknowledgedWrites([written('m', 7, 1)]);
  const ill = { ...none, writes, violations: 'x', disagreement: 'y', dishonest: ['z'] };
  const holds = alwaysExpected({ ...ill, lost: writes }).map((verdict) => verdict.holds);
  expect(holds).toEqual([true, false, false, false, false]);
});

test('where a unit fails over, what one region acknowledged last may be lost, and nothing that both did', () => {
  const [early, late] = acknowledgedWrites([written('m', 7, 1000), written('m', 8, 2000)]);
  const both = late && { ...late, by: 'both' as const };
  const holds = (...lost: (typeof early)[]) =>
    alwaysExpected({
      writes: [],
      lost: lost.flatMap((one) => one ?? []),
      mayLoseFromMs: 1500,
      violations: '',
      disagreement: undefined,
      dishonest: [],
    }).every((verdict) => verdict.holds);
  expect([holds(late), holds(early), holds(both)]).toEqual([true, false, false]);
});
