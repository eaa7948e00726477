import { setTimeout as pause } from 'node:timers/promises';
import type { Region } from '../../../topology';
import { type CacheCensus, type CachedEntry, type CensusPlace, THE_BEGINNING } from '../../cache';
import type { Clock, MemberRow } from '../../core';
import type { Shards } from '../../shards';
import { Pace } from '../comparison/pace';
import { denialsAmong } from './denials';
import { floorAbove, memberOf, type StaleEntry, staleness } from './judge';
import { rowsAtWriters } from './rows';

export interface CensusParts {
  readonly census: Pick<CacheCensus, 'pages' | 'entries' | 'size' | 'drop'>;
  readonly recovery: Pick<Shards['recovery'], 'rows'>;
  /** Regions of the units' writers, strongly read. */
  readonly writers: () => Promise<(unit: string) => Region>;
  readonly clock: Clock;
  /** How long a write may take to reach the cache before what it holds is told to be stale; 5 s by default. */
  readonly settleMs?: number;
}

export interface CensusTally {
  readonly compared: number;
  readonly stale: number;
  readonly dropped: number;
}

export interface CensusProgress {
  /** About, from 0 to 1: keys come and go. */
  readonly share: number;
  readonly tally: CensusTally;
  readonly place: CensusPlace;
}

export const NOTHING_SEEN: CensusTally = { compared: 0, stale: 0, dropped: 0 };

export interface CensusOptions {
  /** `check` changes nothing; `mend` lets the cache forget what is stale. */
  readonly mode: 'check' | 'mend';
  /** Below it nothing is read from the cache. */
  readonly generation: number;
  /** About so many keys are looked at together; 500 by default. */
  readonly keysAtOnce?: number;
  /** Where an earlier census ended, and what it had counted. */
  readonly from?: Pick<CensusProgress, 'place' | 'tally'>;
  /** Ends it after what is under way. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CensusProgress) => void | Promise<void>;
  readonly onFound?: (stale: readonly StaleEntry[]) => void | Promise<void>;
}

const SETTLE_MS = 5000;
const KEYS_AT_ONCE = 500;

/**
 * Holds all that a cache answers against the rows, which are the truth, at the writers; and the accounts of members that
 * were met on the way against what the cache denies.
 *
 * @throws Problem UNAVAILABLE, or the client's error, if the cache, a writer or the arbiter does not answer
 */
export async function takeCensus(parts: CensusParts, options: CensusOptions): Promise<CensusTally> {
  const { census, clock } = parts;
  const { generation, mode, keysAtOnce = KEYS_AT_ONCE } = options;
  const pace = new Pace(clock);
  const size = await census.size();
  let seen = 0;
  let { tally, place } = options.from ?? { tally: NOTHING_SEEN, place: THE_BEGINNING };
  for await (const { entries, next } of census.pages(generation, keysAtOnce, place)) {
    const stale = await staleAmong(parts, entries, { generation, pace });
    for (const one of mode === 'mend' ? stale : []) await census.drop({ key: one.key, version: floorAbove(one) });
    seen += keysAtOnce;
    place = next;
    tally = {
      compared: tally.compared + entries.length,
      stale: tally.stale + stale.length,
      dropped: tally.dropped + (mode === 'mend' ? stale.length : 0),
    };
    if (stale.length > 0) await options.onFound?.(stale);
    await options.onProgress?.({ share: Math.min(1, seen / Math.max(1, size)), tally, place });
    if (options.signal?.aborted === true) break;
  }
  return tally;
}

/** What differed, and after a while still does: the cache answers the same, and its row says something else. */
async function staleAmong(
  parts: CensusParts,
  entries: readonly CachedEntry[],
  { generation, pace }: { generation: number; pace: Pace },
): Promise<StaleEntry[]> {
  const rows = await rowsOf(parts, entries, pace);
  const denied = await denialsAmong(parts, [...rows.values()], generation);
  const suspected = heldAgainst(rows, entries);
  if (suspected.length === 0) return denied;
  await pause(parts.settleMs ?? SETTLE_MS);
  const before = new Map(suspected.map(({ key, cached }) => [key, cached]));
  const again = await parts.census.entries([...before.keys()], generation);
  const same = again.filter(({ key, version }) => before.get(key) === version);
  return [...heldAgainst(await rowsOf(parts, same, pace), same), ...denied];
}

function rowsOf(parts: CensusParts, entries: readonly CachedEntry[], pace: Pace): Promise<Map<string, MemberRow>> {
  const memberIds = entries.flatMap((entry) => memberOf(entry) ?? []);
  return rowsAtWriters(parts, memberIds, pace);
}

function heldAgainst(rows: ReadonlyMap<string, MemberRow>, entries: readonly CachedEntry[]): StaleEntry[] {
  return entries.flatMap((entry) => staleness(entry, rows.get(memberOf(entry) ?? '')) ?? []);
}
