import type { Transition, UnitDecision } from '../../../lambdas/arbiter';
import {
  FALLS_KEPT_MS,
  FIRST_MEMORY,
  ILL_AFTER_LOOKS,
  type Memory,
  SILENT_AFTER_LOOKS,
} from '../../../lambdas/failover/controller/memory';
import { due } from '../../../lambdas/failover/controller/patience';
import { plan, restrained, STILL_AFTER_LOOKS } from '../../../lambdas/failover/controller/plan';
import { FORSAKEN_AFTER_LOOKS } from '../../../lambdas/failover/controller/plan-unit';
import type { Reach } from '../../../lambdas/failover/controller/report';
import { type Act, DWELL_MS, FALLS_BUDGET } from '../../../lambdas/failover/controller/view';
import { DOMAIN_NAMES, type DomainName, REGIONS, type Region } from '../../../topology';
import { ALL_REACHED, lookRepeatedly, switchesAsFounded, UNITS, viewFrom, WITHOUT_A, without } from './looks';

const MANY_LOOKS = FORSAKEN_AFTER_LOOKS + ILL_AFTER_LOOKS;

describe('what a controller plans', () => {
  const well = lookRepeatedly(FIRST_MEMORY, 3, { A: ALL_REACHED, B: ALL_REACHED });

  it('does nothing while all is well', () => {
    for (const region of REGIONS) expect(plan(viewFrom(region, well))).toEqual([]);
  });

  it('moves a unit whose writer no region reaches, from where it goes to', () => {
    const reach = without(ALL_REACHED, { databases: { ...ALL_REACHED.databases, a1: { A: false, B: true } } });
    const memory = lookRepeatedly(well, ILL_AFTER_LOOKS, { A: reach, B: reach });
    expect(plan(viewFrom('B', memory))).toEqual([
      { kind: 'move', unit: 'a1', to: 'B', because: expect.stringContaining('a1') },
    ]);
    expect(plan(viewFrom('A', memory))).toEqual([]);
  });

  it('waits for a writer that may come back where it stands, but not where its region is silent', () => {
    const writerPatienceMs = 60_000;
    const reach = without(ALL_REACHED, { databases: { ...ALL_REACHED.databases, a1: { A: false, B: true } } });
    const gone = lookRepeatedly(well, ILL_AFTER_LOOKS, { A: reach, B: reach });
    const fellAtMs = gone.standings['database/a1/A']?.fellAtMs[0] ?? 0;
    const plannedAfter = (ms: number) => plan(viewFrom('B', gone, { nowMs: fellAtMs + ms, writerPatienceMs }));
    expect(plannedAfter(writerPatienceMs - 1)).toEqual([
      { kind: 'hold-back', subject: 'unit/a1', because: expect.stringContaining('60 s') },
    ]);
    expect(plannedAfter(writerPatienceMs)).toEqual([expect.objectContaining({ kind: 'move', unit: 'a1', to: 'B' })]);
    const lost = lookRepeatedly(well, MANY_LOOKS, { A: undefined, B: WITHOUT_A });
    expect(plan(viewFrom('B', lost, { nowMs: lost.lookedAtMs, writerPatienceMs }))).toContainEqual(
      expect.objectContaining({ kind: 'move', unit: 'a1', to: 'B' }),
    );
  });

  it('leaves a unit alone that one region still reaches, and one that is moving', () => {
    const cut = without(ALL_REACHED, { databases: { ...ALL_REACHED.databases, a1: { A: false, B: true } } });
    expect(plan(viewFrom('B', lookRepeatedly(well, MANY_LOOKS, { A: ALL_REACHED, B: cut })))).toEqual([]);
    const dead = lookRepeatedly(well, ILL_AFTER_LOOKS, { A: cut, B: cut });
    const units = UNITS.map((unit) => ({ ...unit, mode: 'read-only' as const }));
    expect(plan(viewFrom('B', dead, { units }))).toEqual([]);
  });

  it('takes over a unit whose writer is lost on its way as planned, until the new one is promoted', () => {
    const reach = without(ALL_REACHED, { databases: { ...ALL_REACHED.databases, a1: { A: false, B: true } } });
    const gone = lookRepeatedly(well, ILL_AFTER_LOOKS, { A: reach, B: reach });
    const onItsWay = (step: Transition['step'], kind: Transition['kind'] = 'switchover') =>
      UNITS.map((one): UnitDecision => {
        const transition: Transition = {
          ...{ kind, from: 'A', to: 'B', mode: 'database', step, replays: false },
          ...{ grantedMs: 10_000, waitedMs: 0, actor: 'an operator', by: 'a run', sinceMs: 0 },
        };
        return one.unit === 'a1' ? { ...one, mode: 'read-only', transition } : one;
      });
    const planned = (memory: Memory, units: readonly UnitDecision[]) => plan(viewFrom('B', memory, { units }));
    const move = expect.objectContaining({ kind: 'move', unit: 'a1', to: 'B' });
    for (const step of ['silence', 'promote'] as const) {
      expect(planned(gone, onItsWay(step))).toEqual([move]);
      expect(planned(well, onItsWay(step))).toEqual([]);
      expect(planned(gone, onItsWay(step, 'failover'))).toEqual([]);
    }
    expect(planned(gone, onItsWay('fence'))).toEqual([]);
  });

  it('moves a unit out of a region that is fenced, though its writer answers, and into none that is', () => {
    const fenced = (region: Region) => ({
      ...switchesAsFounded(),
      [`regions/${region}`]: { value: 'fenced', revision: 2, byController: true },
    });
    const view = { writerPatienceMs: 60_000 };
    expect(plan(viewFrom('B', well, { ...view, switches: fenced('A') }))).toEqual([
      { kind: 'move', unit: 'a1', to: 'B', because: expect.stringContaining('fenced') },
    ]);
    const silent = lookRepeatedly(well, FORSAKEN_AFTER_LOOKS, { A: undefined, B: ALL_REACHED });
    expect(plan(viewFrom('B', silent, { ...view, switches: fenced('B') }))).toEqual([
      { kind: 'hold-back', subject: 'unit/a1', because: expect.stringContaining('region B is fenced') },
    ]);
  });

  it('says why it cannot move a unit whose other side is gone as well', () => {
    const reach = without(ALL_REACHED, { databases: { ...ALL_REACHED.databases, a1: { A: false, B: false } } });
    const memory = lookRepeatedly(well, ILL_AFTER_LOOKS, { A: reach, B: reach });
    expect(plan(viewFrom('B', memory))).toEqual([
      { kind: 'hold-back', subject: 'unit/a1', because: expect.stringContaining('replica') },
    ]);
  });

  it('takes the units of a region that nobody hears from', () => {
    const silent = (looks: number) => lookRepeatedly(well, looks, { A: undefined, B: ALL_REACHED });
    expect(plan(viewFrom('B', silent(FORSAKEN_AFTER_LOOKS - 1)))).toEqual([]);
    expect(plan(viewFrom('B', silent(FORSAKEN_AFTER_LOOKS)))).toEqual([
      { kind: 'move', unit: 'a1', to: 'B', because: expect.stringContaining('silent') },
    ]);
  });

  it('fences a lost region, moves its units, and takes its domain and its cache out', () => {
    const lost = lookRepeatedly(well, SILENT_AFTER_LOOKS + ILL_AFTER_LOOKS, { A: undefined, B: WITHOUT_A });
    const acts = plan(viewFrom('B', lost));
    expect(acts).toHaveLength(5);
    expect(acts).toContainEqual(expect.objectContaining({ kind: 'move', unit: 'a1', to: 'B' }));
    expect(acts).toContainEqual(expect.objectContaining({ name: 'regions/A', value: 'fenced' }));
    expect(acts).toContainEqual(expect.objectContaining({ name: 'search/order', value: ['standby'] }));
    expect(acts).toContainEqual(expect.objectContaining({ name: 'sync/order', value: 'paused' }));
    expect(acts).toContainEqual(
      expect.objectContaining({ name: 'cache/A', value: { mode: 'off', generation: 1 }, because: 'region A is lost' }),
    );
  });

  it('has a region that came back use its cache emptied only, and be fenced until somebody wants it', () => {
    const lost = lookRepeatedly(well, SILENT_AFTER_LOOKS + ILL_AFTER_LOOKS, { A: undefined, B: WITHOUT_A });
    const back = lookRepeatedly(lost, MANY_LOOKS, { A: ALL_REACHED, B: ALL_REACHED });
    const switches = {
      ...switchesAsFounded(),
      'cache/A': { value: { mode: 'off', generation: 1 }, revision: 1, byController: true },
      'regions/A': { value: 'fenced', revision: 1, byController: true },
    };
    const units = UNITS.map((one) => ({ ...one, writer: 'B' as const }));
    // The controller of A has seen nothing of all that, and that of B takes A for lost for a while.
    const plans = (seenByB: Memory, regionA: string) => {
      const now = { switches: { ...switches, 'regions/A': { ...switches['regions/A'], value: regionA } }, units };
      return [...plan(viewFrom('A', well, now)), ...plan(viewFrom('B', seenByB, now))];
    };
    expect(plans(lookRepeatedly(lost, 1, { A: ALL_REACHED, B: ALL_REACHED }), 'fenced').filter(isDone)).toEqual([]);
    expect(plans(back, 'fenced')).toEqual([]);
    expect(plans(back, 'active')).toEqual([
      expect.objectContaining({ name: 'cache/A', value: { mode: 'on', generation: 2 } }),
    ]);
  });

  it('brings back what it took out, after a pause that doubles, and leaves what an operator took out', () => {
    const fallen = (times: number): Memory => ({
      ...well,
      standings: {
        ...well.standings,
        'domain/order': { isWell: true, contrary: 0, fellAtMs: Array.from({ length: times }, () => 2_000_000) },
      },
    });
    const taken = (byController: boolean) => ({
      ...switchesAsFounded(),
      'sync/order': { value: 'paused', revision: 1, byController },
    });
    const at = (times: number, afterMs: number, byController = true): readonly Act[] =>
      plan(viewFrom('A', fallen(times), { nowMs: 2_000_000 + afterMs, switches: taken(byController) }));
    const readmitted = [{ kind: 'readmit', domain: 'order', because: expect.any(String) }];
    expect(at(1, DWELL_MS)).toEqual(readmitted);
    expect(at(1, DWELL_MS - 1)).toEqual([expect.objectContaining({ kind: 'hold-back', subject: 'domain/order' })]);
    expect(at(3, 4 * DWELL_MS)).toEqual(readmitted);
    expect(at(3, 4 * DWELL_MS - 1)).toEqual([expect.objectContaining({ kind: 'hold-back' })]);
    expect(at(FALLS_BUDGET + 1, FALLS_KEPT_MS - 1)).toEqual([expect.objectContaining({ kind: 'hold-back' })]);
    expect(at(1, DWELL_MS, false)).toEqual([]);
  });

  it('has somebody go on with what nobody is seen at', () => {
    const still = (stillLooks: number) => ({
      ...well,
      works: { 'unit/a1': { count: 7, stillLooks }, 'domain/order': { count: 3, stillLooks } },
    });
    const carried = (region: Region, looks: number) => plan(viewFrom(region, still(looks))).filter(isDone);
    expect(carried('A', STILL_AFTER_LOOKS - 1)).toEqual([]);
    expect(carried('A', STILL_AFTER_LOOKS)).toEqual([
      { kind: 'carry-on', subject: 'unit/a1', because: expect.any(String) },
      { kind: 'carry-on', subject: 'domain/order', because: expect.any(String) },
    ]);
    expect(carried('B', STILL_AFTER_LOOKS)).toEqual([]);
  });

  it('drops every domain of a list that is ill at once, but the last', () => {
    const ill = (...names: DomainName[]) =>
      without(ALL_REACHED, {
        domains: Object.fromEntries(DOMAIN_NAMES.map((name) => [name, !names.includes(name)])) as Reach['domains'],
      });
    const listsAfter = (...names: DomainName[]) => {
      const memory = lookRepeatedly(well, ILL_AFTER_LOOKS, { A: ill(...names), B: ill(...names) });
      const switches = {
        ...switchesAsFounded(),
        'search/other': { value: [...DOMAIN_NAMES], revision: 1, byController: false },
      };
      const acts = plan(viewFrom('A', memory, { switches }));
      return acts.flatMap((act) => (act.kind === 'turn' && act.name === 'search/other' ? [act.value] : []));
    };
    expect(listsAfter('order', 'standby')).toEqual([['marketing']]);
    expect(listsAfter('order', 'standby', 'marketing')).toEqual([]);
  });

  it('turns off a cache that its region does not reach, and empties it on its return', () => {
    const reach = without(ALL_REACHED, { caches: { A: false, B: true } });
    const memory = lookRepeatedly(well, ILL_AFTER_LOOKS, { A: reach, B: ALL_REACHED });
    const turned = { kind: 'turn', name: 'cache/A', expectedRevision: 1, because: expect.any(String) };
    expect(plan(viewFrom('A', memory))).toEqual([{ ...turned, value: { mode: 'off', generation: 1 } }]);
    expect(plan(viewFrom('B', memory))).toEqual([]);
    const off = {
      ...switchesAsFounded(),
      'cache/A': { value: { mode: 'off', generation: 1 }, revision: 1, byController: true },
    };
    expect(plan(viewFrom('A', well, { switches: off }))).toEqual([{ ...turned, value: { mode: 'on', generation: 2 } }]);
    const byHand = { ...off, 'cache/A': { ...off['cache/A'], byController: false } };
    expect(plan(viewFrom('A', well, { switches: byHand }))).toEqual([]);
  });
});

describe('what is done of what is planned', () => {
  const move: Act = { kind: 'move', unit: 'a1', to: 'B', because: 'the writer is gone' };
  const goOn: Act = { kind: 'carry-on', subject: 'unit/a1', because: 'nobody is at it' };
  const wait: Act = { kind: 'hold-back', subject: 'domain/order', because: 'it fell lately' };

  it('is only said unless failover/auto is on; what has been decided goes on', () => {
    expect(restrained([move, wait], 'on')).toEqual([move, wait]);
    for (const auto of ['off', 'dry-run', undefined]) {
      const [said, kept] = restrained([move, wait], auto);
      expect(said).toEqual({ kind: 'hold-back', subject: 'unit/a1', because: expect.stringContaining('unit a1') });
      expect(kept).toEqual(wait);
      expect(restrained([goOn], auto)).toEqual([goOn]);
    }
  });

  it('is tried again while it is planned, after pauses that double, and said once', () => {
    const FIRST_MS = 5000;
    let known = due([move, wait], {}, 0).attempts;
    const tries = (nowMs: number) => {
      const decided = due([move, wait], known, nowMs);
      known = decided.attempts;
      return decided.due;
    };
    expect(tries(FIRST_MS - 1)).toEqual([]);
    expect(tries(FIRST_MS)).toEqual([move]);
    expect(tries(3 * FIRST_MS - 1)).toEqual([]);
    expect(tries(3 * FIRST_MS)).toEqual([move]);
    for (let times = 0; times < 20; times += 1) tries(1e9 * (times + 1));
    expect(tries(20e9 + 59_999)).toEqual([]);
    expect(tries(20e9 + 60_000)).toEqual([move]);
  });

  it('is done at once when it is planned anew, or for another reason', () => {
    const { attempts } = due([move], {}, 0);
    expect(due([{ ...move, because: 'another' }], attempts, 1).due).toHaveLength(1);
    expect(due([move], due([], attempts, 1).attempts, 2).due).toEqual([move]);
  });
});

function isDone({ kind }: Act): boolean {
  return kind !== 'hold-back';
}
