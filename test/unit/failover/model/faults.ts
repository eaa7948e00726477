import fc from 'fast-check';
import { otherRegion, REGIONS, type Region } from '../../../../topology';
import type { Kind, Lives } from './lives';
import type { System } from './system';

/** What happens to a system while it works. */
export type Fault =
  | { readonly kind: 'cut'; readonly way: readonly [string, string]; readonly atMs: number; readonly forMs: number }
  /** A region whose databases only its own functions reach, and which reaches nothing else. */
  | { readonly kind: 'isolate'; readonly region: Region; readonly atMs: number; readonly forMs: number }
  | {
      readonly kind: 'freeze';
      readonly who: Kind | 'server';
      readonly region: Region;
      readonly atMs: number;
      readonly forMs: number;
      /** So many calls later. */
      readonly calls: number;
    }
  /** All of a region's functions freeze, its databases are seen by nobody else, and whoever notices sleeps as well. */
  | {
      readonly kind: 'stall';
      readonly region: Region;
      readonly atMs: number;
      readonly forMs: number;
      readonly calls: number;
      readonly hiddenMs: number;
      readonly noticing: { readonly calls: number; readonly forMs: number };
    }
  | { readonly kind: 'kill'; readonly who: Kind; readonly region: Region; readonly atMs: number }
  | { readonly kind: 'auto'; readonly value: 'on' | 'off'; readonly atMs: number }
  | {
      readonly kind: 'request';
      readonly from: Region;
      readonly writer: Region;
      readonly mode: 'database' | 'read-only';
      readonly atMs: number;
    };

export const FAULTY_MS = 60_000;
const LONGEST_MS = 30_000;
const ASKS_EVERY_MS = 3000;

const atMs = fc.nat({ max: FAULTY_MS });
const forMs = fc.integer({ min: 500, max: LONGEST_MS });
const calls = fc.nat({ max: 5 });
const region = fc.constantFrom(...REGIONS);
const way = fc.constantFrom<(readonly [string, string])[]>(
  ['A', 'arbiter'],
  ['B', 'arbiter'],
  ['A', 'database B'],
  ['B', 'database B'],
  ['B', 'database A'],
  ['A', 'rds'],
  ['database A', 'database B'],
);
const kinds = fc.constantFrom<Kind[]>('heartbeat', 'client', 'controller', 'run');

export const faults: fc.Arbitrary<Fault[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('cut' as const), way, atMs, forMs }),
    fc.record({ kind: fc.constant('isolate' as const), region, atMs, forMs }),
    fc.record({
      kind: fc.constant('freeze' as const),
      who: fc.oneof(kinds, fc.constant('server' as const)),
      region,
      atMs,
      forMs,
      calls,
    }),
    fc.record({
      kind: fc.constant('stall' as const),
      region,
      atMs,
      forMs,
      calls,
      hiddenMs: fc.integer({ min: 15_000, max: 2 * LONGEST_MS }),
      noticing: fc.record({ calls: fc.nat({ max: 14 }), forMs }),
    }),
    fc.record({ kind: fc.constant('kill' as const), who: kinds, region, atMs }),
    fc.record({ kind: fc.constant('auto' as const), value: fc.constantFrom('on' as const, 'off' as const), atMs }),
    fc.record({
      kind: fc.constant('request' as const),
      from: region,
      writer: region,
      mode: fc.constantFrom('database' as const, 'database' as const, 'read-only' as const),
      atMs,
    }),
  ),
  { minLength: 1, maxLength: 8 },
);

export function bring(fault: Fault, system: System, lives: Lives): void {
  system.world.at(fault.atMs, () => happen(fault, system, lives));
}

function happen(fault: Fault, system: System, lives: Lives): void {
  const { world, network } = system;
  switch (fault.kind) {
    case 'cut':
      network.cut(...fault.way, world.nowMs + fault.forMs);
      break;
    case 'isolate':
      isolate(fault.region, system, world.nowMs + fault.forMs);
      break;
    case 'freeze':
      freeze(fault, system, lives);
      break;
    case 'stall':
      stall(fault, system, lives);
      break;
    case 'kill':
      lives.kill(fault.who, fault.region);
      break;
    case 'auto':
      system.table.setSwitch('failover/auto', fault.value);
      break;
    case 'request': {
      const { writer, mode } = fault;
      void system.request(system.process(fault.from), { writer, mode }, lives.wake).catch(() => undefined);
    }
  }
}

function freeze(fault: Extract<Fault, { kind: 'freeze' }>, { cluster, world }: System, lives: Lives): void {
  const { who, region, calls, forMs } = fault;
  if (who === 'server') cluster.servers[region].process.frozenUntilMs = world.nowMs + forMs;
  else for (const process of lives.of(who, region)) process.freezeAfter(calls, forMs);
}

function stall(fault: Extract<Fault, { kind: 'stall' }>, { network, world }: System, lives: Lives): void {
  const { region, calls, forMs, hiddenMs, noticing } = fault;
  const other = otherRegion(region);
  network.cut(other, `database ${region}`, world.nowMs + hiddenMs);
  network.cut('database A', 'database B', world.nowMs + hiddenMs);
  for (const kind of ['heartbeat', 'client'] as const) {
    for (const process of lives.of(kind, region)) process.freezeAfter(calls, forMs);
  }
  for (const process of lives.of('controller', other)) process.freezeAfter(noticing.calls, noticing.forMs);
}

function isolate(region: Region, { network }: System, untilMs: number): void {
  const other = otherRegion(region);
  for (const place of ['arbiter', 'rds', `database ${other}`]) network.cut(region, place, untilMs);
  network.cut(other, `database ${region}`, untilMs);
  network.cut('database A', 'database B', untilMs);
}

/** Nothing is cut or frozen any more, nobody moves the unit by himself, and somebody wants it at home. */
export function recover(system: System, lives: Lives): void {
  system.network.heal();
  // Nobody promotes by himself any more, and leases are short.
  system.table.setSwitch('failover/auto', 'dry-run');
  for (const { process } of Object.values(system.cluster.servers)) process.frozenUntilMs = 0;
  const askFor = (writer: Region) => system.request(system.process('A'), { writer, mode: 'database' }, lives.wake);
  /** An operator who is told that the writers stand elsewhere asks for that region first. */
  const askHome = async () => {
    const answer = await askFor('B');
    if (!answer.accepted && answer.reason.endsWith('ask for that region')) await askFor('A');
  };
  const ask = () => {
    void askHome().catch(() => undefined);
    system.world.at(system.world.nowMs + ASKS_EVERY_MS, ask);
  };
  ask();
}
