import fc from 'fast-check';
import { FIRST_MEMORY, look, type Memory } from '../../../lambdas/failover/controller/memory';
import { type Attempts, due } from '../../../lambdas/failover/controller/patience';
import { plan } from '../../../lambdas/failover/controller/plan';
import type { Reach, Report } from '../../../lambdas/failover/controller/report';
import { type Act, FALLS_BUDGET } from '../../../lambdas/failover/controller/view';
import { DOMAIN_PREFERENCE, type DomainName, REGIONS, type Region, TRAFFIC_CLASSES } from '../../../topology';
import { ALL_REACHED, switchesAsFounded, UNITS, viewFrom, without } from './looks';

/** Both controllers, each looking every 3 s in turn, over switches and units that follow at once. */
function goOn(reported: (region: Region, ms: number) => Reach | undefined, endMs: number) {
  const memories: Record<Region, Memory> = { A: FIRST_MEMORY, B: FIRST_MEMORY };
  const attempts: Record<Region, Attempts> = { A: {}, B: {} };
  const counts = { A: 0, B: 0 };
  const left = new Set<DomainName>();
  const moves: Act[] = [];
  let [units, switches] = [UNITS, switchesAsFounded()];
  for (let ms = 0; ms < endMs; ms += 1500) {
    const region = REGIONS[(ms / 1500) % 2] ?? 'A';
    const reports = REGIONS.map((name): Report => {
      const reach = reported(name, ms);
      if (reach !== undefined) counts[name] += 1;
      return { region: name, count: counts[name], reach: reach ?? ALL_REACHED };
    });
    if (reported(region, ms) === undefined) continue;
    memories[region] = look(memories[region], reports, ms, { units });
    const view = viewFrom(region, memories[region], { nowMs: ms, units, switches, left: [...left] });
    const decided = due(plan(view), attempts[region], ms);
    attempts[region] = decided.attempts;
    for (const act of decided.due) {
      if (act.kind === 'turn') {
        const lost = act.name.startsWith('search/') ? (switches[act.name]?.value as DomainName[]) : [];
        for (const name of lost) if (!(act.value as DomainName[]).includes(name)) left.add(name);
        const { revision = 1 } = switches[act.name] ?? {};
        switches = { ...switches, [act.name]: { value: act.value, revision: revision + 1, byController: true } };
      }
      if (act.kind === 'readmit') {
        left.delete(act.domain);
        const founded = switchesAsFounded();
        const lists = TRAFFIC_CLASSES.map((name) => [`search/${name}`, founded[`search/${name}`]]);
        switches = {
          ...switches,
          ...Object.fromEntries(lists),
          [`sync/${act.domain}`]: founded[`sync/${act.domain}`],
        };
      }
      if (act.kind === 'move') {
        moves.push(act);
        units = units.map((one) => (one.unit === act.unit ? { ...one, writer: act.to, epoch: one.epoch + 2 } : one));
      }
    }
  }
  return { moves, switches };
}

test('a domain that falls for a moment comes back into every list, whichever controller has seen how much of it', () => {
  const down = without(ALL_REACHED, { domains: { ...ALL_REACHED.domains, standby: false } });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1000, max: 20_000 }), (offsetMs, lengthMs) => {
      const fromMs = 30_000 + offsetMs;
      const isDown = (ms: number) => ms >= fromMs && ms < fromMs + lengthMs;
      const { switches } = goOn((_, ms) => (isDown(ms) ? down : ALL_REACHED), 300_000);
      const standing = (name: string) => switches[name]?.value;
      for (const name of TRAFFIC_CLASSES) expect(standing(`search/${name}`)).toEqual(DOMAIN_PREFERENCE[name]);
      expect(standing('sync/standby')).toBe('on');
    }),
    { numRuns: 30 },
  );
});

test('units do not go to and fro without end between regions that fall silent in turn', () => {
  const phaseOf = (ms: number) => Math.floor(ms / 30_000) % 4;
  const isSilent = (region: Region, ms: number) => phaseOf(ms) === (region === 'A' ? 0 : 2);
  const { moves } = goOn((region, ms) => (isSilent(region, ms) ? undefined : ALL_REACHED), 3_600_000);
  expect(moves.length).toBeGreaterThan(0);
  // Of two that happen between its looks a controller sees none.
  expect(moves.length).toBeLessThanOrEqual(UNITS.length * (FALLS_BUDGET + 2));
});
