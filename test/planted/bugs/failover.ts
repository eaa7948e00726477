import type { PlantedBug } from '../bug';

const HEARTBEAT = 'test/engine/shards/heartbeat.test.ts';
const BEAT = 'lambdas/failover/heartbeat.ts';
const BREAKER = 'test/unit/resilience/breaker.test.ts';

/** What keeps a unit's writer entitled to write, and what is spared while it fails. */
export const FAILOVER_BUGS: readonly PlantedBug[] = [
  {
    name: 'lease-extended-without-a-renewal',
    races: [],
    file: BEAT,
    from: 'if (!isRenewed) return shards.leases.beat(unit, writer);',
    to: '',
    caughtBy: { file: HEARTBEAT, test: 'a renewal that the arbiter refuses extends nothing' },
  },
  {
    name: 'unanswered-renewal-taken-for-renewed',
    races: [],
    file: BEAT,
    from: '.catch(() => false);',
    to: '.catch(() => true);',
    caughtBy: { file: HEARTBEAT, test: 'a renewal that is not answered extends nothing' },
  },
  {
    name: 'lease-counted-from-after-the-renewal',
    races: [],
    file: BEAT,
    from: 'await Promise.all(clocks.map((clock) => shards.leases.extend({ unit, epoch, ...clock }, grant, writer)));',
    to: `const late = await shards.leases.readClocks(unit, writer);
      await Promise.all(late.map((clock) => shards.leases.extend({ unit, epoch, ...clock }, grant, writer)));`,
    caughtBy: { file: HEARTBEAT, test: 'a heartbeat that was frozen while it renewed' },
  },
  {
    name: 'lease-extended-under-any-epoch',
    races: [],
    file: 'lambdas/shards/leases.ts',
    from: 'heartbeat_at = SYSDATE(6) WHERE unit = ? AND epoch = ? AND lease_until',
    to: 'heartbeat_at = SYSDATE(6) WHERE unit = ? AND epoch <= ? AND lease_until',
    caughtBy: { file: HEARTBEAT, test: 'a renewal under another epoch extends nothing' },
  },
  {
    name: 'lease-shortened-by-the-next-grant',
    races: [],
    file: 'lambdas/shards/leases.ts',
    from: 'lease_until = GREATEST(lease_until, CAST(? AS DATETIME(6)) + INTERVAL ? MICROSECOND),',
    to: 'lease_until = CAST(? AS DATETIME(6)) + INTERVAL ? MICROSECOND,',
    caughtBy: { file: HEARTBEAT, test: 'what is left of a longer lease is recorded' },
  },
  {
    name: 'longer-lease-not-recorded',
    races: [],
    file: 'lambdas/failover/lease.ts',
    from: 'return Math.max(grant, ...leftMs);',
    to: 'return Math.min(grant, ...leftMs);',
    caughtBy: { file: HEARTBEAT, test: 'what is left of a longer lease is recorded' },
  },
  {
    name: 'long-lease-while-failover-is-automatic',
    races: [],
    file: 'lambdas/failover/lease.ts',
    from: "return auto === 'off' ? MANUAL_GRANT_MS : AUTOMATIC_GRANT_MS;",
    to: "return auto === 'off' ? AUTOMATIC_GRANT_MS : MANUAL_GRANT_MS;",
    caughtBy: { file: HEARTBEAT, test: 'a lease is granted for' },
  },
  {
    name: 'no-heartbeat-without-the-arbiter',
    races: [],
    file: BEAT,
    from: 'decided === undefined ? beatKnown(parts, known)',
    to: 'decided === undefined ? []',
    caughtBy: { file: HEARTBEAT, test: 'without the arbiter nothing is extended, and the writer is seen to live' },
  },
  {
    name: 'leases-of-the-other-region-renewed',
    races: [],
    file: BEAT,
    from: 'writer === parts.region && transition === undefined',
    to: 'transition === undefined',
    caughtBy: { file: HEARTBEAT, test: 'only the writer of a unit that stands here is beaten for' },
  },
  {
    name: 'half-open-breaker-flooded',
    races: [39],
    file: 'lambdas/resilience/breaker.ts',
    from: 'return state === CircuitState.Open && this.#pauseMs() <= 0;',
    to: 'return this.#pauseMs() <= 0;',
    caughtBy: { file: BREAKER, test: 'race 39: lets one probe through after the pause' },
  },
  {
    name: 'breaker-by-the-wall-clock',
    races: [39],
    file: 'lambdas/resilience/breaker.ts',
    from: 'pauseMs - clock.monotonicMs();',
    to: 'pauseMs - (clock.nowMs() - Date.parse("2025-06-01"));',
    caughtBy: { file: BREAKER, test: 'race 39: keeps its pause when the wall clock steps' },
  },
];
