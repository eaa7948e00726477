import type { Transition, UnitDecision } from '../../../lambdas/arbiter';
import { judge, type Sighting } from '../../../lambdas/failover/judgement';
import { begun, stepped } from '../../../lambdas/failover/transition';

const HAND = { by: 'A/1', nowMs: 1_800_000_000_000 };
const AT_8 = { epoch: 8, waitedMs: 0, hand: HAND };
const OPEN: UnitDecision = { unit: 'a1', epoch: 7, writer: 'A', mode: 'database', renewals: 4, grantedMs: 10_000 };
const WELL: Sighting = { answers: { A: true, B: true }, inStep: { A: true, B: true }, restsIn: 'A' };
const A_LOST: Sighting = { ...WELL, answers: { A: false, B: true }, inStep: { A: true, B: false } };
const TO_B = { writer: 'B', mode: 'database' } as const;
const TO_A = { writer: 'A', mode: 'database' } as const;

/** On its way to B by this kind, at this step. */
function moving(kind: Transition['kind'], step: Transition['step']): UnitDecision {
  const order = { kind, to: 'B', mode: 'database', actor: 'an operator' } as const;
  let decision = begun(OPEN, order, AT_8);
  while (decision.transition !== undefined && decision.transition.step !== step) {
    decision = stepped(decision, decision.transition, HAND);
  }
  return decision;
}

test('a unit that is as it is wanted stays as it is', () => {
  expect(judge(TO_A, OPEN, WELL)).toEqual({ kind: 'stands' });
  expect(judge(TO_B, moving('switchover', 'promote'), WELL)).toEqual({ kind: 'stands' });
  expect(judge(TO_B, moving('failover', 'promote'), A_LOST)).toEqual({ kind: 'stands' });
});

test('a writer that answers is moved as planned, one that does not is given up', () => {
  expect(judge(TO_B, OPEN, WELL)).toEqual({ kind: 'begin', transition: 'switchover' });
  expect(judge(TO_B, OPEN, A_LOST)).toEqual({ kind: 'begin', transition: 'failover' });
  expect(judge({ ...TO_A, mode: 'read-only' }, OPEN, WELL)).toEqual({ kind: 'begin', transition: 'mode' });
});

test.each([
  ['there is no region C', { writer: 'C', mode: 'database' } as never, OPEN, WELL],
  ['where its writer stands', { writer: 'B', mode: 'fallback' } as const, OPEN, A_LOST],
  ['do not answer', TO_B, OPEN, { ...WELL, answers: { A: true, B: false } }],
  ['do not answer', TO_B, OPEN, { ...A_LOST, answers: { A: false, B: false } }],
  ['are not in step', TO_B, OPEN, { ...WELL, inStep: { A: true, B: false } }],
  ['does not answer, so nothing can be changed there', { writer: 'A', mode: 'read-only' } as const, OPEN, A_LOST],
])('what is unsafe is refused: %s', (reason, request, decision, sighting) => {
  expect(judge(request, decision, sighting)).toEqual({ kind: 'refuse', reason: expect.stringContaining(reason) });
});

const BOTH_LOST: Sighting = { answers: { A: false, B: false }, inStep: { A: false, B: false }, restsIn: 'A' };
const IN_FALLBACK: UnitDecision = { ...OPEN, mode: 'fallback' };

describe('fallback', () => {
  const asked = { writer: 'A', mode: 'fallback' } as const;

  test('is granted whether a database answers or not, and needs none', () => {
    for (const sighting of [WELL, A_LOST, BOTH_LOST]) {
      expect(judge(asked, OPEN, sighting)).toEqual({ kind: 'begin', transition: 'mode' });
    }
    expect(judge(asked, IN_FALLBACK, BOTH_LOST)).toEqual({ kind: 'stands' });
  });

  test('takes the place of a move that cannot go on, and of no other', () => {
    const stuck = moving('failover', 'promote');
    expect(judge(asked, stuck, BOTH_LOST)).toEqual({ kind: 'begin', transition: 'mode' });
    expect(judge(asked, stuck, A_LOST).kind).toBe('refuse');
    expect(judge(asked, moving('failover', 'silence'), A_LOST)).toEqual({ kind: 'begin', transition: 'mode' });
    const promoted = moving('failover', 'replay');
    expect(judge({ ...asked, writer: 'B' }, promoted, BOTH_LOST)).toEqual({ kind: 'begin', transition: 'mode' });
  });

  test('is left for where the writers stand, once they answer', () => {
    expect(judge(TO_A, IN_FALLBACK, WELL)).toEqual({ kind: 'begin', transition: 'mode' });
    expect(judge(TO_A, IN_FALLBACK, BOTH_LOST).kind).toBe('refuse');
    expect(judge(TO_A, IN_FALLBACK, { ...WELL, restsIn: 'B' }).kind).toBe('refuse');
    expect(judge(TO_B, IN_FALLBACK, A_LOST)).toEqual({ kind: 'begin', transition: 'failover' });
  });
});

describe('writers that stand elsewhere than was decided', () => {
  const ELSEWHERE: Sighting = { ...WELL, restsIn: 'B' };
  const refused = { kind: 'refuse', reason: expect.stringContaining('stand in region B: ask for that region') };

  test('are not where they were wanted, and no mode can be changed there', () => {
    for (const mode of ['database', 'read-only'] as const) {
      expect(judge({ writer: 'A', mode }, OPEN, ELSEWHERE)).toEqual(refused);
    }
  });

  test('race 25: are followed as after an unplanned move, because something may be missing', () => {
    expect(judge(TO_B, OPEN, ELSEWHERE)).toEqual({ kind: 'begin', transition: 'failover' });
    expect(judge(TO_B, { ...OPEN, mode: 'fallback' }, ELSEWHERE)).toEqual({ kind: 'begin', transition: 'failover' });
    expect(judge(TO_B, OPEN, { ...ELSEWHERE, answers: { A: true, B: false } }).kind).toBe('refuse');
  });

  test('hold no transition up for ever: it is left for where they stand', () => {
    const mode = begun(OPEN, { kind: 'mode', to: 'A', mode: 'read-only', actor: 'an operator' }, AT_8);
    const fencing = stepped(mode, mode.transition as Transition, HAND);
    expect(fencing.transition?.step).toBe('fence');
    expect(judge(TO_A, fencing, ELSEWHERE)).toEqual(refused);
    expect(judge(TO_B, fencing, ELSEWHERE)).toEqual({ kind: 'begin', transition: 'failover' });
    for (const step of ['fence', 'replay', 'open'] as const) {
      expect(judge(TO_A, moving('failover', step), WELL)).toEqual({ kind: 'begin', transition: 'failover' });
      expect(judge(TO_B, moving('failover', step), WELL).kind).toBe('refuse');
    }
  });

  test('and those of which that is not seen are not taken for where a fallback ends', () => {
    const unseen: Sighting = { ...A_LOST, answers: { A: true, B: false }, restsIn: undefined };
    const answer = judge(TO_A, { ...OPEN, mode: 'fallback' }, unseen);
    expect(answer).toEqual({ kind: 'refuse', reason: 'it is not seen that the writers of unit a1 stand in region A' });
    expect(judge({ writer: 'A', mode: 'read-only' }, OPEN, unseen)).toEqual({ kind: 'begin', transition: 'mode' });
  });
});

test('until the old writer is silent a unit can be turned back', () => {
  expect(judge(TO_A, moving('switchover', 'silence'), WELL)).toEqual({ kind: 'begin', transition: 'mode' });
  expect(judge(TO_A, moving('failover', 'silence'), WELL)).toEqual({ kind: 'begin', transition: 'mode' });
});

test('a planned move whose writer is lost on the way becomes an unplanned one', () => {
  for (const step of ['silence', 'promote'] as const) {
    expect(judge(TO_B, moving('switchover', step), A_LOST)).toEqual({ kind: 'begin', transition: 'failover' });
  }
});

test('a planned move is turned back while nothing has moved, by a move of its own', () => {
  expect(judge(TO_A, moving('switchover', 'promote'), WELL)).toEqual({ kind: 'begin', transition: 'switchover' });
  for (const restsIn of [undefined, 'B'] as const) {
    expect(judge(TO_A, moving('switchover', 'promote'), { ...WELL, restsIn }).kind).toBe('refuse');
  }
});

test('an unplanned move is not turned back, lest two writers are promoted', () => {
  const stuck = moving('failover', 'promote');
  expect(judge(TO_A, stuck, WELL)).toEqual({
    kind: 'refuse',
    reason: expect.stringMatching(/ask again when it is there$/),
  });
  const lost: Sighting = { ...WELL, answers: { A: true, B: false } };
  const reason = expect.stringMatching(/only mode fallback in region A can take its place$/);
  expect(judge(TO_A, stuck, lost)).toEqual({ kind: 'refuse', reason });
  expect(judge({ ...TO_A, mode: 'fallback' }, stuck, lost)).toEqual({ kind: 'begin', transition: 'mode' });
});

test('a move that was promoted goes on, unless its new writer is lost', () => {
  for (const step of ['fence', 'replay', 'open'] as const) {
    const decision = moving('failover', step);
    expect(judge(TO_A, decision, { ...WELL, restsIn: 'B' }).kind).toBe('refuse');
    const lost: Sighting = { answers: { A: true, B: false }, inStep: { A: false, B: true }, restsIn: 'B' };
    expect(judge(TO_A, decision, lost)).toEqual({ kind: 'begin', transition: 'failover' });
  }
});
