import type { Region } from '../../topology';
import type { Arbiter, UnitDecision } from '../arbiter';
import type { Log } from '../core';
import type { Shards } from '../shards';
import { grantMs, recordedGrantMs } from './lease';

interface LeaseParts {
  readonly arbiter: Pick<Arbiter, 'decisions'>;
  readonly shards: Pick<Shards, 'leases'>;
}

interface HeartbeatParts extends LeaseParts {
  readonly region: Region;
  readonly log: Log;
}

/** A unit, its writer and its mode, as this environment last heard of them. */
export type KnownUnit = Pick<UnitDecision, 'unit' | 'writer' | 'mode'>;

/**
 * One beat for every unit whose writer stands in this region: reads the database's clock, renews at the arbiter, then
 * extends the lease from that reading. In this order, a heartbeat that was frozen in between extends nothing beyond
 * what was granted, and one that cannot reach the arbiter extends nothing at all. Only a unit in mode `database` has a
 * lease. One in transition or in fallback has no heartbeat either: the last one tells what a writer may lack.
 */
export async function beat(parts: HeartbeatParts, known: readonly KnownUnit[]): Promise<void> {
  const decided = await readDecisions(parts);
  const beating = decided === undefined ? beatKnown(parts, known) : beatDecided(parts, decided);
  await Promise.all(
    beating.map(({ unit, beat }) =>
      beat.catch((error: Error) => parts.log.warn('a unit has no heartbeat', { unit, error })),
    ),
  );
}

/** What is not in mode `database` may be in transition. */
function beatKnown({ shards, region }: HeartbeatParts, known: readonly KnownUnit[]) {
  return known
    .filter(({ writer, mode }) => writer === region && mode === 'database')
    .map(({ unit, writer }) => ({ unit, beat: shards.leases.beat(unit, writer) }));
}

function beatDecided(parts: HeartbeatParts, { units, grant }: { units: readonly UnitDecision[]; grant: number }) {
  return units
    .filter(
      ({ writer, mode, transition }) => writer === parts.region && transition === undefined && mode !== 'fallback',
    )
    .map((decision) => ({ unit: decision.unit, beat: renewLease(parts, decision, grant) }));
}

/** Undefined if the arbiter does not answer: then nothing is renewed, but the writers are seen to live. */
async function readDecisions({ arbiter, log }: HeartbeatParts) {
  try {
    const units = await arbiter.decisions.units();
    return { units, grant: await readGrantMs(arbiter) };
  } catch (error) {
    log.warn('no lease is renewed: the arbiter does not answer', { error: error as Error });
    return undefined;
  }
}

/** How long a lease is granted now. */
export async function readGrantMs(arbiter: LeaseParts['arbiter']): Promise<number> {
  const auto = await arbiter.decisions.acceptedSwitch('failover/auto');
  return grantMs(auto?.value);
}

/**
 * Renews the lease of a unit's writer, wherever that stands, and extends it. Where a longer lease than the grant may
 * still run, or be on its way, that is ended first: what is recorded then covers all that was ever granted.
 */
export async function renewLease(
  { arbiter, shards }: LeaseParts,
  { unit, epoch, writer, mode, renewals, grantedMs }: UnitDecision,
  grant: number,
): Promise<void> {
  if (mode !== 'database') return shards.leases.beat(unit, writer);
  if (grant < grantedMs) await shards.leases.shorten({ unit, epoch }, grant, writer);
  const clocks = await shards.leases.readClocks(unit, writer);
  const recorded = recordedGrantMs(
    grant,
    clocks.map(({ leftMs }) => leftMs),
  );
  const isRenewed = await arbiter.decisions.renew(unit, { epoch, writer, renewals }, recorded).catch(() => false);
  if (!isRenewed) return shards.leases.beat(unit, writer);
  await Promise.all(clocks.map((clock) => shards.leases.extend({ unit, epoch, ...clock }, grant, writer)));
}
