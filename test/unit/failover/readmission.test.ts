import fc from 'fast-check';
import { NOTHING_YET, plus, type Tally } from '../../../lambdas/failover/comparison/tally';
import { withBack } from '../../../lambdas/failover/readmission/lists';
import {
  isUnderWay,
  MOST_PASSES,
  NEVER_OUT,
  type Pass,
  type Readmission,
  type ReadmissionEvent,
  readmissionAfter,
  type Step,
} from '../../../lambdas/failover/readmission/readmission';
import { DOMAIN_NAMES } from '../../../topology';

const CLEAN = plus(NOTHING_YET, { compared: 10 });
const DIFFERING = plus(NOTHING_YET, { compared: 10, written: 1 }, [{ memberId: '1', kind: 'lower' }]);

function after(...events: readonly ReadmissionEvent[]): Readmission {
  return events.reduce(readmissionAfter, NEVER_OUT);
}

const passOf = (number: number, tally: Tally, cursor = '7'): Pass => ({
  number,
  mode: number % 2 === 1 ? 'mend' : 'check',
  cursor,
  tally,
});
const asked: ReadmissionEvent = { kind: 'asked' };
const opened: ReadmissionEvent = { kind: 'opened', run: 1, inStep: 30 };
const caughtUp: ReadmissionEvent = { kind: 'caught-up', run: 1 };
const passed = (number: number, tally: Tally): ReadmissionEvent => ({
  kind: 'passed',
  run: 1,
  pass: passOf(number, tally),
});

test('a domain comes back step by step, mended and then checked', () => {
  const steps: [ReadmissionEvent, Step][] = [
    [asked, 'opening'],
    [opened, 'catching-up'],
    [caughtUp, 'comparing'],
    [passed(1, DIFFERING), 'comparing'],
    [passed(2, CLEAN), 'returning'],
    [{ kind: 'returned', run: 1 }, 'in'],
  ];
  let state = NEVER_OUT;
  for (const [event, step] of steps) {
    state = readmissionAfter(state, event);
    expect(state.step).toBe(step);
  }
  expect(state).toEqual({ step: 'in', run: 1, lists: {}, written: 1, openedInStep: 30 });
});

test('what a replay missed is looked for from the beginning, whatever has been compared by then', () => {
  const missed = (isPaused: boolean): ReadmissionEvent => ({ kind: 'missed', because: 'it was away', isPaused });
  for (const before of [[], [asked], [asked, opened, caughtUp, passed(1, CLEAN)]]) {
    const state = after(...before);
    const begun = readmissionAfter(state, missed(false));
    expect(begun).toMatchObject({ step: 'opening', run: state.run + 1 });
    expect(readmissionAfter(begun, passed(2, CLEAN))).toBe(begun);
    expect(readmissionAfter(state, missed(true))).toMatchObject({
      step: 'out',
      run: state.run + 1,
      because: 'it was away',
    });
  }
});

test('what was mended and found clean at once is still checked', () => {
  expect(after(asked, opened, caughtUp, passed(1, CLEAN))).toMatchObject({
    step: 'comparing',
    pass: { number: 2, mode: 'check', cursor: '-1', tally: NOTHING_YET },
  });
});

test('what differs in a check is mended again, and left to people in the end', () => {
  const passes = Array.from({ length: MOST_PASSES }, (_, index) => passed(index + 1, DIFFERING));
  expect(after(asked, opened, caughtUp, ...passes.slice(0, 2))).toMatchObject({ pass: { number: 3, mode: 'mend' } });
  const state = after(asked, opened, caughtUp, ...passes);
  expect(state.step).toBe('out');
  expect(state.because).toContain('1 members still differ');
});

test('the lists are remembered as they were before the first one was left, until the domain is back in them', () => {
  const left = (...before: (typeof DOMAIN_NAMES)[number][]): ReadmissionEvent => ({
    kind: 'left',
    domain: 'standby',
    list: 'search/other',
    before,
  });
  const out = after(left('standby', 'marketing'), left('marketing'));
  expect(out.lists).toEqual({ 'search/other': ['standby', 'marketing'] });
  const fallen = [asked, { kind: 'fell', run: 1, because: 'it fell' } as const].reduce(readmissionAfter, out);
  expect(fallen).toMatchObject({ step: 'out', because: 'it fell', lists: out.lists });
});

test('a list that an operator turned before the domain had left it is put back as he turned it', () => {
  const left = (before: readonly (typeof DOMAIN_NAMES)[number][]): ReadmissionEvent => ({
    kind: 'left',
    domain: 'order',
    list: 'search/order',
    before,
  });
  // The first turn was refused, because somebody had turned the list since.
  const { lists } = after(left(['order', 'standby']), left(['standby', 'order']));
  expect(withBack(['standby'], lists['search/order'] ?? [], 'order')).toEqual(['standby', 'order']);
});

const tally = fc.constantFrom(CLEAN, DIFFERING);
const run = fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 0, max: 3 }));
const pass = fc
  .record({ number: fc.integer({ min: 1, max: 4 }), tally, cursor: fc.integer({ min: -1, max: 5 }).map(String) })
  .map((one) => passOf(one.number, one.tally, one.cursor));
const event: fc.Arbitrary<ReadmissionEvent> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<ReadmissionEvent>({ kind: 'asked' }) },
  fc.record({ kind: fc.constant('missed' as const), because: fc.constant('it was away'), isPaused: fc.boolean() }),
  fc.record({ kind: fc.constant('opened' as const), run, inStep: fc.nat() }),
  fc.record({ kind: fc.constant('caught-up' as const), run }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('advanced' as const, 'passed' as const), run, pass }) },
  fc.record({ kind: fc.constant('returned' as const), run }),
  fc.record({ kind: fc.constant('fell' as const), run, because: fc.constant('it fell') }),
);
/** Half of them come to a comparison at once: by chance few would. */
const events = fc
  .tuple(fc.boolean(), fc.array(event, { maxLength: 40 }))
  .map(([isBegun, told]) => (isBegun ? [asked, opened, caughtUp, ...told] : told));

test('whatever comes in whatever order: it returns only from a check of its own run that found nothing', () => {
  fc.assert(
    fc.property(events, (told) => {
      let state = NEVER_OUT;
      for (const one of told) {
        const next = readmissionAfter(state, one);
        if (next.step === 'returning' && state.step !== 'returning') {
          expect(state).toMatchObject({ step: 'comparing', pass: { mode: 'check' } });
          expect(one).toMatchObject({ kind: 'passed', run: state.run, pass: { tally: CLEAN } });
        }
        state = next;
      }
    }),
  );
});

test('what belongs to another run or pass, or has not come as far, changes nothing', () => {
  fc.assert(
    fc.property(events, event, (told, one) => {
      const state = told.reduce(readmissionAfter, NEVER_OUT);
      const next = readmissionAfter(state, one);
      if ('run' in one && one.run !== state.run) expect(next).toBe(state);
      if (one.kind === 'advanced' && next !== state) {
        expect(BigInt(next.pass?.cursor ?? -2)).toBeGreaterThanOrEqual(BigInt(state.pass?.cursor ?? -2));
        expect(next.pass?.number).toBe(state.pass?.number);
      }
      expect(next.run).toBeGreaterThanOrEqual(state.run);
      if (isUnderWay(state) && one.kind === 'asked') expect(next).toBe(state);
    }),
  );
});

test('of two who work on one pass, whoever has come further is believed', () => {
  const place = fc.integer({ min: -1, max: 50 });
  const at = (cursor: number): ReadmissionEvent => ({
    kind: 'advanced',
    run: 1,
    pass: passOf(1, DIFFERING, String(cursor)),
  });
  fc.assert(
    fc.property(place, place, (one, other) => {
      const told = after(asked, opened, caughtUp, at(one), at(other));
      expect(told.pass?.cursor).toBe(String(Math.max(one, other)));
    }),
  );
});

describe('a list', () => {
  const list = fc.shuffledSubarray([...DOMAIN_NAMES]);

  test('has its domain back where it was, and else what an operator or controller left in it', () => {
    fc.assert(
      fc.property(list, fc.constantFrom(...DOMAIN_NAMES), fc.func(fc.boolean()), (before, domain, stays) => {
        const now = before.filter((name) => name !== domain && stays(name));
        const back = withBack(now, before, domain);
        expect(back).toEqual(before.filter((name) => name === domain || now.includes(name)));
      }),
    );
  });

  test('that never had the domain, or has it, stays; what came into it meanwhile is not lost', () => {
    fc.assert(
      fc.property(list, list, fc.constantFrom(...DOMAIN_NAMES), (now, before, domain) => {
        const back = withBack(now, before, domain);
        if (now.includes(domain) || !before.includes(domain)) expect(back).toBe(now);
        expect([...back].sort()).toEqual([...new Set([...now, ...(before.includes(domain) ? [domain] : [])])].sort());
      }),
    );
  });
});
