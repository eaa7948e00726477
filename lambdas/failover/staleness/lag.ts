import { type Region, UNITS } from '../../../topology';
import { type Clock, isoTime, type MemberRow } from '../../core';
import type { Domain } from '../../search';
import { type Shards, schemasOfUnit } from '../../shards';

export interface Lag {
  readonly sampled: number;
  /** Of those, so many the domain has not heard of. */
  readonly behind: number;
  /** How long ago the oldest of those was written; 0 where there is none. By the clocks of functions. */
  readonly lagMs: number;
}

const LATELY_MS = 60_000;
const ROWS_OF_A_SCHEMA = 25;

/** A few rows of each schema that were changed within the last minute, the oldest of them, as this region has them. */
export async function changedLately(
  recovery: Pick<Shards['recovery'], 'changedSince'>,
  { region, clock }: { region: Region; clock: Clock },
): Promise<MemberRow[]> {
  const page = { since: isoTime(clock.nowMs() - LATELY_MS), after: undefined, limit: ROWS_OF_A_SCHEMA };
  const places = UNITS.flatMap(({ name }) => schemasOfUnit(name));
  return (await Promise.all(places.map((place) => recovery.changedSince(place, region, page)))).flat();
}

/** How late a domain hears of what was changed within the last minute, by a few rows of each schema, the oldest of them. */
export async function measureLag(
  recovery: Pick<Shards['recovery'], 'changedSince'>,
  domain: Pick<Domain, 'ranges'>,
  { region, clock }: { region: Region; clock: Clock },
): Promise<Lag> {
  const rows = await changedLately(recovery, { region, clock });
  const readAtMs = clock.nowMs();
  const stored = await domain.ranges.versionsNow(rows.map(({ document }) => document.memberId));
  const behind = rows.filter(({ document }) => (stored.get(document.memberId)?.version ?? 0) < document.version);
  const ages = behind.map(({ document }) => Math.max(0, readAtMs - Date.parse(document.updatedAt)));
  return { sampled: rows.length, behind: behind.length, lagMs: Math.max(0, ...ages) };
}
