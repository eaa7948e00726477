import type { Region } from '../../topology';
import type { Arbiter, UnitDecision } from '../arbiter';
import type { Log } from '../core';
import type { Shards } from '../shards';
import { grantMs, recordedGrantMs } from './lease';

/**
 * One beat for every unit whose writer stands in this region: reads the database's clock, renews at the arbiter, then
 * extends the lease from that reading. In this order, a heartbeat that was frozen in between extends nothing beyond
 * what was granted, and one that cannot reach the arbiter extends nothing at all.
 */
export async function beat(parts: { arbiter: Arbiter; shards: Shards; region: Region; log: Log }): Promise<void> {
  const units = await parts.arbiter.decisions.units();
  const auto = await parts.arbiter.decisions.acceptedSwitch('failover/auto');
  const grant = grantMs(auto?.value);
  const here = units.filter((unit) => unit.writer === parts.region);
  const beats = await Promise.allSettled(here.map((unit) => beatUnit(parts, unit, grant)));
  for (const [index, result] of beats.entries()) {
    if (result.status === 'rejected') {
      parts.log.warn('a unit has no heartbeat', { unit: here[index]?.unit, error: result.reason as Error });
    }
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
