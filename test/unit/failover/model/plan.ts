import fc from 'fast-check';
import type { Without } from './arbiter';
import { bring, FAULTY_MS, type Fault, faults, recover } from './faults';
import { Lives } from './lives';
import type { Commit } from './server';
import { System, UNIT } from './system';

/** After the last fault: long enough for whatever is frozen to wake up, and for the unit to come home. */
const QUIET_MS = 60_000;

export interface Plan {
  readonly seed: number;
  readonly auto: 'on' | 'off';
  readonly faults: readonly Fault[];
}

export const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.integer(),
  auto: fc.constantFrom('on' as const, 'on' as const, 'on' as const, 'off' as const),
  faults,
});

export interface Ran {
  readonly commits: readonly Commit[];
  readonly inOrder: Readonly<Record<'A' | 'B', readonly Commit[]>>;
  readonly promotions: number;
  readonly isHome: boolean;
  /** Whether a lease is waited out that was granted for longer than the model goes on. */
  readonly waitsForLong: boolean;
  /** Acknowledged after the unit was asked home, and had everything it needs. */
  readonly atTheEnd: number;
}

export async function run(plan: Plan, without?: Without): Promise<Ran> {
  const system = new System(plan.seed, { without });
  const { world, cluster, table } = system;
  table.setSwitch('failover/auto', plan.auto);
  const lives = new Lives(system);
  for (const fault of plan.faults) bring(fault, system, lives);
  await world.runUntil(FAULTY_MS);
  if (without === undefined) {
    recover(system, lives);
    await world.runUntil(FAULTY_MS + QUIET_MS);
  }
  const item = table.get({ key: { S: `unit#${UNIT}` } });
  const inOrder = { A: cluster.servers.A.commits, B: cluster.servers.B.commits };
  const commits = [...inOrder.A, ...inOrder.B];
  const lastMs = FAULTY_MS + QUIET_MS - 5000;
  return {
    commits,
    inOrder,
    promotions: cluster.promotions,
    waitsForLong: waitsForLong(item?.transition?.S),
    isHome: item?.writer?.S === 'B' && item.mode?.S === 'database' && cluster.writer === 'B',
    atTheEnd: commits.filter(({ atMs, acknowledgedUnder }) => atMs > lastMs && acknowledgedUnder !== undefined).length,
  };
}

function waitsForLong(transition: string | undefined): boolean {
  if (transition === undefined) return false;
  const { step, grantedMs } = JSON.parse(transition) as { step: string; grantedMs: number };
  return step === 'silence' && grantedMs > QUIET_MS;
}

/** What must never be, whatever happens; in words, for the report of a failure. */
export function violations({ commits, inOrder }: Ran): string[] {
  const found: string[] = [];
  const servers = new Map<number, Set<string>>();
  for (const { epoch, server } of commits) servers.set(epoch, (servers.get(epoch) ?? new Set()).add(server));
  for (const [epoch, regions] of servers)
    if (regions.size > 1) found.push(`both regions committed under epoch ${epoch}`);
  for (const { epoch, server, atMs, writerThen, acknowledgedUnder, fence } of commits) {
    if (epoch < fence) found.push(`committed in ${server} under epoch ${epoch} at ${atMs} ms, below the fence`);
    if (acknowledgedUnder === undefined || (writerThen === server && acknowledgedUnder === server)) continue;
    found.push(`acknowledged in ${server} under epoch ${epoch} at ${atMs} ms, after the other region was promoted`);
  }
  for (const region of ['A', 'B'] as const) {
    inOrder[region].forEach(({ epoch, atMs }, index, all) => {
      if (epoch < (all[index - 1]?.epoch ?? 0)) found.push(`${region} went back to epoch ${epoch} at ${atMs} ms`);
    });
  }
  return found;
}
