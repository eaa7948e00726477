import {
  FIRST_MEMORY,
  ILL_AFTER_LOOKS,
  LOOK_EVERY_MS,
  lagMs,
  type Memory,
} from '../../../lambdas/failover/controller/memory';
import { plan } from '../../../lambdas/failover/controller/plan';
import type { Reach } from '../../../lambdas/failover/controller/report';
import { subjectOf } from '../../../lambdas/failover/controller/view';
import { ALL_REACHED, lookRepeatedly, viewFrom, WITHOUT_A, without } from './looks';

const promotableLagMs = 60_000;
const BOUND_LOOKS = promotableLagMs / LOOK_EVERY_MS;
const CUT = without(ALL_REACHED, { databases: { ...ALL_REACHED.databases, a1: { A: false, B: true } } });
/** The last look at which the writer was at work, of twice as many. */
const LAST_LOOK = 39;

/** The copy has followed up to so many looks before the writer was lost, and nothing has come to it since. */
function lostAt(looksBehind: number, left: { A: Reach | undefined; B: Reach } = { A: CUT, B: CUT }): Memory {
  let memory = FIRST_MEMORY;
  for (let time = 0; time <= 2 * LAST_LOOK; time += 1) {
    const seen = time <= LAST_LOOK ? { A: ALL_REACHED, B: ALL_REACHED } : left;
    const a1 = Math.max(0, time - (LAST_LOOK - looksBehind)) * LOOK_EVERY_MS;
    memory = lookRepeatedly(memory, 1, { A: seen.A, B: { ...seen.B, heartbeatAgesMs: { a1 } } }, time * LOOK_EVERY_MS);
  }
  return memory;
}

function planned(memory: Memory, over: { promotableLagMs?: number } = {}) {
  const view = viewFrom('B', memory, { promotableLagMs, nowMs: memory.lookedAtMs, ...over });
  return plan(view).filter((act) => subjectOf(act) === 'unit/a1');
}

const MOVED = [expect.objectContaining({ kind: 'move', unit: 'a1', to: 'B' })];

test('a unit moves to a copy within the bound only, however long ago its writer was lost; else it is said what could be', () => {
  expect(lagMs(lostAt(BOUND_LOOKS), 'a1')).toBe(promotableLagMs);
  expect(planned(lostAt(BOUND_LOOKS))).toEqual(MOVED);
  const said = /reaches the writer of a1 .* its copy in region B is more than 60 s behind, .* move it by hand/;
  expect(planned(lostAt(BOUND_LOOKS + 1))).toEqual([
    { kind: 'hold-back', subject: 'unit/a1', because: expect.stringMatching(said), needsPeople: true },
  ]);
  expect(planned(lostAt(BOUND_LOOKS + 1), { promotableLagMs: 1000 })).toEqual([
    expect.objectContaining({ because: expect.stringContaining('more than 32 s behind') }),
  ]);
});

test('of a region that is lost as a whole no report counts any more, and the bound stands', () => {
  const left = { A: undefined, B: WITHOUT_A };
  expect(planned(lostAt(0, left))).toEqual(MOVED);
  expect(planned(lostAt(BOUND_LOOKS + 1, left))).toEqual([
    expect.objectContaining({ kind: 'hold-back', needsPeople: true }),
  ]);
});

test('a unit moves once its copy has caught up with what had reached it', () => {
  const behind = lostAt(BOUND_LOOKS + 1);
  const inB = { ...CUT, heartbeatAgesMs: { a1: LAST_LOOK * LOOK_EVERY_MS } };
  expect(planned(lookRepeatedly(behind, 1, { A: CUT, B: inB }, behind.lookedAtMs))).toEqual(MOVED);
});

test('nobody knows how far a copy is behind a writer that he has not seen at work', () => {
  const inB = { ...CUT, heartbeatAgesMs: { a1: 86_400_000 } };
  const never = lookRepeatedly(FIRST_MEMORY, ILL_AFTER_LOOKS, { A: CUT, B: inB });
  expect([lagMs(never, 'a1'), planned(never)]).toEqual([undefined, MOVED]);
  const silent = lookRepeatedly(lostAt(BOUND_LOOKS + 1), 1, { A: CUT, B: CUT });
  expect(lagMs(silent, 'a1')).toBe((BOUND_LOOKS + 1) * LOOK_EVERY_MS);
});

test('a writer that could be reached and wrote nothing any more leaves no copy behind', () => {
  let memory = FIRST_MEMORY;
  for (let time = 0; time <= 2 * BOUND_LOOKS; time += 1) {
    // As of a disk that is full: neither of them has a heartbeat that the other lacks.
    const stands = { ...ALL_REACHED, heartbeatAgesMs: { a1: time * LOOK_EVERY_MS } };
    memory = lookRepeatedly(memory, 1, { A: stands, B: stands }, time * LOOK_EVERY_MS);
  }
  const inB = { ...CUT, heartbeatAgesMs: { a1: 2 * promotableLagMs } };
  const lost = lookRepeatedly(memory, ILL_AFTER_LOOKS, { A: CUT, B: inB }, memory.lookedAtMs);
  expect(planned(lost)).toEqual(MOVED);
});
