import fc from 'fast-check';
import type { UnitDecision } from '../../../lambdas/arbiter';
import {
  FALLS_KEPT_MS,
  FIRST_MEMORY,
  ILL_AFTER_LOOKS,
  type Memory,
  SILENT_AFTER_LOOKS,
} from '../../../lambdas/failover/controller/memory';
import { due } from '../../../lambdas/failover/controller/patience';
import {
  type Act,
  DWELL_MS,
  FALLS_BUDGET,
  FORSAKEN_AFTER_LOOKS,
  plan,
  restrained,
  STILL_AFTER_LOOKS,
} from '../../../lambdas/failover/controller/plan';
import type { Reach, Subject } from '../../../lambdas/failover/controller/report';
import { DOMAIN_NAMES, type DomainName, REGIONS, type Region, TRAFFIC_CLASSES } from '../../../topology';
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
      'cache/A': { value: { mode: 'off', generation: 1 }, byController: true },
      'regions/A': { value: 'fenced', byController: true },
    };
    // The controller of A has seen nothing of all that.
    const acts = [...plan(viewFrom('A', well, { switches })), ...plan(viewFrom('B', back, { switches }))];
    expect(acts).toEqual([expect.objectContaining({ name: 'cache/A', value: { mode: 'on', generation: 2 } })]);
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
      'sync/order': { value: 'paused', byController },
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
      const switches = { ...switchesAsFounded(), 'search/other': { value: [...DOMAIN_NAMES], byController: false } };
      const acts = plan(viewFrom('A', memory, { switches }));
      return acts.flatMap((act) => (act.kind === 'turn' && act.name === 'search/other' ? [act.value] : []));
    };
    expect(listsAfter('order', 'standby')).toEqual([['marketing']]);
    expect(listsAfter('order', 'standby', 'marketing')).toEqual([]);
  });

  it('turns off a cache that its region does not reach, and empties it on its return', () => {
    const reach = without(ALL_REACHED, { caches: { A: false, B: true } });
    const memory = lookRepeatedly(well, ILL_AFTER_LOOKS, { A: reach, B: ALL_REACHED });
    const turned = { kind: 'turn', name: 'cache/A', because: expect.any(String) };
    expect(plan(viewFrom('A', memory))).toEqual([{ ...turned, value: { mode: 'off', generation: 1 } }]);
    expect(plan(viewFrom('B', memory))).toEqual([]);
    const off = { ...switchesAsFounded(), 'cache/A': { value: { mode: 'off', generation: 1 }, byController: true } };
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

describe('whatever happened', () => {
  const reach: fc.Arbitrary<Reach> = fc.record({
    databases: fc.record({ a1: byRegion(), b1: byRegion() }),
    caches: byRegion(),
    domains: fc.record({ order: fc.boolean(), standby: fc.boolean(), marketing: fc.boolean() }),
  });
  const phase = fc.record({
    looks: fc.integer({ min: 1, max: 2 * FORSAKEN_AFTER_LOOKS }),
    A: fc.option(reach, { nil: undefined }),
    B: fc.option(reach, { nil: undefined }),
  });
  const memoryOf = (phases: readonly { looks: number; A: Reach | undefined; B: Reach | undefined }[]) =>
    phases.reduce(
      (memory, { looks, ...seen }, index) => lookRepeatedly(memory, looks, seen, index * 60_000),
      FIRST_MEMORY,
    );
  const memories = fc.array(phase, { minLength: 1, maxLength: 6 }).map(memoryOf);
  const writers = fc.record({ a1: fc.constantFrom(...REGIONS), b1: fc.constantFrom(...REGIONS) });
  const lists = fc.record(
    Object.fromEntries(TRAFFIC_CLASSES.map((name) => [name, fc.shuffledSubarray([...DOMAIN_NAMES], { minLength: 1 })])),
  ) as fc.Arbitrary<Record<string, DomainName[]>>;
  const views = fc.record({ memory: memories, writers, lists }).map((given) => ({
    memory: given.memory,
    units: UNITS.map((unit) => ({ ...unit, writer: given.writers[unit.unit as 'a1'] })),
    switches: {
      ...switchesAsFounded(),
      ...Object.fromEntries(
        Object.entries(given.lists).map(([name, value]) => [`search/${name}`, { value, byController: false }]),
      ),
    },
  }));

  it('two controllers that see the same never do the same, nor both fence each other', () => {
    fc.assert(
      fc.property(views, (view) => {
        const [inA, inB] = REGIONS.map((region) => plan(viewFrom(region, view.memory, view)).filter(isDone));
        const heardBoth = REGIONS.every((region) => view.memory.heard[region].silentLooks < SILENT_AFTER_LOOKS);
        if (heardBoth)
          expect(inA?.filter((act) => inB?.some((other) => targetOf(act) === targetOf(other)))).toEqual([]);
        const fenced = [...(inA ?? []), ...(inB ?? [])].filter((act) => targetOf(act).startsWith('regions/'));
        expect(fenced.length).toBeLessThan(2);
      }),
    );
  });

  it('nothing goes to what is ill, no list is emptied, and no unit leaves a region that reaches and reports it', () => {
    fc.assert(
      fc.property(views, fc.constantFrom(...REGIONS), (view, region) => {
        const isWell = (subject: Subject) => view.memory.standings[subject]?.isWell;
        for (const act of plan(viewFrom(region, view.memory, view))) {
          if (act.kind === 'move') {
            const { writer } = view.units.find(({ unit }) => unit === act.unit) as UnitDecision;
            expect(isWell(`database/${act.unit as 'a1'}/${act.to}`)).toBe(true);
            expect(act.to).not.toBe(writer);
            expect(
              isWell(`database/${act.unit}/${writer}`) &&
                (view.memory.heard[writer]?.silentLooks ?? 0) < FORSAKEN_AFTER_LOOKS,
            ).toBe(false);
          }
          if (act.kind === 'turn' && act.name.startsWith('search/')) {
            const left = act.value as DomainName[];
            expect(left.some((domain) => isWell(`domain/${domain}`))).toBe(true);
          }
        }
      }),
    );
  });
});

function byRegion() {
  return fc.record({ A: fc.boolean(), B: fc.boolean() });
}

function isDone({ kind }: Act): boolean {
  return kind !== 'hold-back';
}

function targetOf(act: Act): string {
  if (act.kind === 'move') return `units/${act.unit}`;
  if (act.kind === 'turn') return act.name;
  if (act.kind === 'carry-on') return `${act.subject}/carried`;
  return act.kind === 'readmit' ? `domain/${act.domain}` : act.subject;
}
