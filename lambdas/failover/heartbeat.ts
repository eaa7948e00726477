import type { Region } from '../../topology';
import type { Arbiter, UnitDecision } from '../arbiter';
import type { Log } from '../core';
import type { Shards } from '../shards';
import { grantMs, recordedGrantMs } from './lease';

interface HeartbeatParts {
  readonly arbiter: Arbiter;
  readonly shards: Shards;
  readonly region: Region;
  readonly log: Log;
}

/** A unit and its writer, as this environment last heard of them. */
export type KnownUnit = Pick<UnitDecision, 'unit' | 'writer'>;

/**
 * One beat for every unit whose writer stands in this region: reads the database's clock, renews at the arbiter, then
 * extends the lease from that reading. In this order, a heartbeat that was frozen in between extends nothing beyond
 * what was granted, and one that cannot reach the arbiter extends nothing at all.
 */
export async function beat(parts: HeartbeatParts, known: readonly KnownUnit[]): Promise<void> {
  const decided = await readDecisions(parts);
  const units: readonly KnownUnit[] = decided?.units ?? known;
  const here = units.filter(({ writer }) => writer === parts.region);
  await Promise.all(
    here.map(({ unit, writer }) => {
      const decision = decided?.units.find((candidate) => candidate.unit === unit);
      const beating =
        decided === undefined || decision === undefined
          ? parts.shards.leases.beat(unit, writer)
          : beatUnit(parts, decision, decided.grant);
      return beating.catch((error: Error) => parts.log.warn('a unit has no heartbeat', { unit, error }));
    }),
  );
}

/** Undefined if the arbiter does not answer: then nothing is renewed, but the writers are seen to live. */
async function readDecisions({ arbiter, log }: HeartbeatParts) {
  try {
    const units = await arbiter.decisions.units();
    const auto = await arbiter.decisions.acceptedSwitch('failover/auto');
    return { units, grant: grantMs(auto?.value) };
  } catch (error) {
    log.warn('no lease is renewed: the arbiter does not answer', { error: error as Error });
    return undefined;
  }
}

async function beatUnit(
  { arbiter, shards }: { arbiter: Arbiter; shards: Shards },
  { unit, epoch, writer }: UnitDecision,
  grant: number,
): Promise<void> {
  const clocks = await shards.leases.readClocks(unit, writer);
  const recorded = recordedGrantMs(
    grant,
    clocks.map(({ leftMs }) => leftMs),
  );
  const isRenewed = await arbiter.decisions.renew(unit, { epoch, writer }, recorded).catch(() => false);
  if (!isRenewed) return shards.leases.beat(unit, writer);
  await Promise.all(clocks.map((clock) => shards.leases.extend({ unit, epoch, ...clock }, grant, writer)));
}
