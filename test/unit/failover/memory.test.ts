import fc from 'fast-check';
import {
  FALLS_KEPT_MS,
  FIRST_MEMORY,
  ILL_AFTER_LOOKS,
  isTimeToLook,
  LOOK_EVERY_MS,
  SILENT_AFTER_LOOKS,
  WELL_AFTER_LOOKS,
} from '../../../lambdas/failover/controller/memory';
import { judge, type Reach, SUBJECTS, type Subject } from '../../../lambdas/failover/controller/report';
import { ALL_REACHED, lookRepeatedly, NOTHING_REACHED, WITHOUT_A, without } from './looks';

describe('what is judged from reports', () => {
  it('finds nothing well that no region reaches, and everything well that one reaches', () => {
    const judged = judge([
      { region: 'A', count: 1, reach: NOTHING_REACHED },
      { region: 'B', count: 1, reach: ALL_REACHED },
    ]);
    expect(judged.get('domain/order')).toBe(true);
    expect(judged.get('database/a1/A')).toBe(true);
    // What matters is whether the region that reads a cache reaches it.
    expect(judged.get('cache/A')).toBe(false);
    expect(judged.get('cache/B')).toBe(true);
  });

  it('takes a silent region for lost only where nothing of it is reached', () => {
    const ofB = (reach: Reach) => judge([{ region: 'B', count: 1, reach }]).get('region/A');
    expect(ofB(WITHOUT_A)).toBe(false);
    expect(ofB(without(WITHOUT_A, { caches: { A: true, B: true } }))).toBe(true);
    expect(ofB(without(WITHOUT_A, { domains: { ...WITHOUT_A.domains, order: true } }))).toBe(true);
    expect(ofB(without(WITHOUT_A, { databases: { ...WITHOUT_A.databases, b1: { A: true, B: true } } }))).toBe(true);
  });
});

describe('the memory of a controller', () => {
  it('is convinced by looks in a row only', () => {
    const subject: Subject = 'domain/order';
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (answers) => {
        let memory = FIRST_MEMORY;
        let expected = true;
        answers.forEach((reached, index) => {
          const reach = without(ALL_REACHED, { domains: { ...ALL_REACHED.domains, order: reached } });
          memory = lookRepeatedly(memory, 1, { A: reach, B: reach }, index * LOOK_EVERY_MS);
          const needed = expected ? ILL_AFTER_LOOKS : WELL_AFTER_LOOKS;
          const last = answers.slice(0, index + 1).slice(-needed);
          if (last.length === needed && last.every((answer) => answer !== expected)) expected = !expected;
          expect(memory.standings[subject].isWell).toBe(expected);
        });
      }),
    );
  });

  it('knows until when a region was taken for lost, however long that is ago', () => {
    const lost = lookRepeatedly(FIRST_MEMORY, SILENT_AFTER_LOOKS + ILL_AFTER_LOOKS, { A: undefined, B: WITHOUT_A }, 0);
    const lostAtMs = lost.lookedAtMs;
    expect(lost.lostAtMs).toEqual({ A: lostAtMs });
    const back = lookRepeatedly(lost, WELL_AFTER_LOOKS, { A: ALL_REACHED, B: ALL_REACHED }, lostAtMs + LOOK_EVERY_MS);
    expect(back.standings['region/A'].isWell).toBe(true);
    expect(back.lostAtMs.A).toBe(lostAtMs + (WELL_AFTER_LOOKS - 1) * LOOK_EVERY_MS);
    const later = lookRepeatedly(back, 1, { A: ALL_REACHED, B: ALL_REACHED }, lostAtMs + 2 * FALLS_KEPT_MS);
    expect(later.standings['region/A'].fellAtMs).toEqual([]);
    expect(later.lostAtMs).toEqual(back.lostAtMs);
  });

  it('does not hear who repeats himself', () => {
    const before = lookRepeatedly(FIRST_MEMORY, 2, { A: ALL_REACHED, B: ALL_REACHED });
    const silent = lookRepeatedly(before, SILENT_AFTER_LOOKS + ILL_AFTER_LOOKS, { A: undefined, B: WITHOUT_A });
    expect(silent.standings['region/A'].isWell).toBe(false);
    expect(silent.standings['cache/A'].isWell).toBe(false);
    expect(silent.standings['region/B'].isWell).toBe(true);
  });

  it('holds a fall against its subject for an hour', () => {
    const fallen = lookRepeatedly(FIRST_MEMORY, ILL_AFTER_LOOKS, { A: NOTHING_REACHED, B: NOTHING_REACHED }, 0);
    expect(fallen.standings['domain/order'].fellAtMs).toHaveLength(1);
    const [fellAtMs = 0] = fallen.standings['domain/order'].fellAtMs;
    const kept = lookRepeatedly(fallen, 1, { A: ALL_REACHED, B: ALL_REACHED }, fellAtMs + FALLS_KEPT_MS - 1);
    expect(kept.standings['domain/order'].fellAtMs).toHaveLength(1);
    const forgotten = lookRepeatedly(fallen, 1, { A: ALL_REACHED, B: ALL_REACHED }, fellAtMs + FALLS_KEPT_MS);
    expect(forgotten.standings['domain/order'].fellAtMs).toHaveLength(0);
  });

  it('takes looks that come together for one, also when the clock steps', () => {
    const memory = { ...FIRST_MEMORY, lookedAtMs: 50_000 };
    expect(isTimeToLook(memory, 50_000 + LOOK_EVERY_MS - 1)).toBe(false);
    expect(isTimeToLook(memory, 50_000 + LOOK_EVERY_MS)).toBe(true);
    expect(isTimeToLook(memory, 50_000 - LOOK_EVERY_MS)).toBe(true);
  });

  it('names every subject once', () => {
    expect(new Set(SUBJECTS).size).toBe(SUBJECTS.length);
    expect(Object.keys(FIRST_MEMORY.standings).sort()).toEqual([...SUBJECTS].sort());
  });
});
