import fc from 'fast-check';
import type { UnitDecision } from '../../../lambdas/arbiter';
import { FIRST_MEMORY, SILENT_AFTER_LOOKS } from '../../../lambdas/failover/controller/memory';
import { plan } from '../../../lambdas/failover/controller/plan';
import { FORSAKEN_AFTER_LOOKS } from '../../../lambdas/failover/controller/plan-unit';
import type { Reach, Subject } from '../../../lambdas/failover/controller/report';
import type { Act } from '../../../lambdas/failover/controller/view';
import { DOMAIN_NAMES, type DomainName, REGIONS, TRAFFIC_CLASSES } from '../../../topology';
import { lookRepeatedly, switchesAsFounded, UNITS, viewFrom } from './looks';

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
        Object.entries(given.lists).map(([name, value]) => [
          `search/${name}`,
          { value, revision: 1, byController: false },
        ]),
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
