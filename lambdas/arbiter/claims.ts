import { PENDING_INDEX } from '../../topology';
import { type Clock, isoTime } from '../core';
import {
  type Claim,
  claimKey,
  claimOf,
  freeUpdate,
  holdUpdate,
  isHeld,
  isPast,
  PENDING_SHARD_NAMES,
  reviveUpdate,
  type TakeOutcome,
  type Taking,
  takeOutcome,
  takeOverOutcome,
  takeOverUpdate,
  takeUpdate,
} from './claim';
import { number, text } from './item';
import type { ItemQuery } from './requests';
import type { ItemTable } from './table';

/** Every call throws Problem UNAVAILABLE where the arbiter does not answer; a change may then have happened or not. */
export interface Claims {
  /** Absent or free -> pending under the next generation; otherwise the claim that stands. Repeatable by its operation. */
  take(key: string, taking: Taking): Promise<TakeOutcome>;
  /**
   * The claim of this generation, pending or held -> pending under the next one; otherwise the claim that stands.
   *
   * @param metOperationId the operation by which the claim was judged: under another one it stands
   */
  takeOver(key: string, generation: number, taking: Taking, metOperationId?: string): Promise<TakeOutcome>;
  /**
   * The member's claim of this generation -> pending under it for another operation, so that nobody goes by what its row
   * said before. False if the key is no longer the member's under it.
   */
  revive(key: string, generation: number, taking: Taking): Promise<boolean>;
  /** Pending -> held. True if the claim is held under this generation, also if it already was. */
  hold(key: string, generation: number): Promise<boolean>;
  /** This generation -> free. True if nobody can hold the key under it any more, also if that was so before. */
  free(key: string, generation: number, metOperationId?: string): Promise<boolean>;
  /** `consistent` reads see every change that was answered, in any region; others may be a moment behind. */
  read(key: string, options: { consistent: boolean }): Promise<Claim | undefined>;
  /** Those of these claims that were ever taken, by key. */
  readMany(keys: readonly string[], options: { consistent: boolean }): Promise<ReadonlyMap<string, Claim>>;
  /**
   * Pending claims of members of these units whose lease ended before this time. A moment behind: look at the claim
   * again before acting.
   */
  overdue(beforeMs: number, limit: number, units: readonly string[]): Promise<Claim[]>;
}

export function createClaims(table: ItemTable, clock: Clock): Claims {
  return {
    async take(key, taking) {
      const outcome = await table.update(claimKey(key), takeUpdate(key, taking, clock.nowMs()));
      return takeOutcome(key, taking, outcome);
    },

    async takeOver(key, generation, taking, metOperationId) {
      const met = { generation, operationId: metOperationId };
      const outcome = await table.update(claimKey(key), takeOverUpdate(key, met, taking, clock.nowMs()));
      return takeOverOutcome(key, generation, taking, outcome);
    },

    async hold(key, generation) {
      return isHeld(generation, await table.update(claimKey(key), holdUpdate(generation)));
    },

    async revive(key, generation, taking) {
      const outcome = await table.update(claimKey(key), reviveUpdate(key, generation, taking, clock.nowMs()));
      return takeOutcome(key, taking, outcome).won;
    },

    async free(key, generation, metOperationId) {
      return isPast(
        generation,
        await table.update(claimKey(key), freeUpdate({ generation, operationId: metOperationId })),
      );
    },

    async read(key, { consistent }) {
      const item = await table.get(claimKey(key), consistent);
      return item === undefined ? undefined : claimOf(item);
    },

    async readMany(keys, { consistent }) {
      const items = await table.getMany([...new Set(keys)].map(claimKey), consistent);
      return new Map(items.map(claimOf).map((claim) => [claim.key, claim]));
    },

    async overdue(beforeMs, limit, units) {
      const shards = await Promise.all(
        PENDING_SHARD_NAMES.map((shard) => table.query(overdueQuery(shard, beforeMs, limit, units))),
      );
      const claims = shards.flat().map(claimOf);
      return claims.sort((one, other) => one.leaseUntilMs - other.leaseUntilMs).slice(0, limit);
    },
  };
}

function overdueQuery(shard: string, beforeMs: number, limit: number, units: readonly string[]): ItemQuery {
  const unitValues = Object.fromEntries(units.map((unit, index) => [`:unit${index}`, text(unit)]));
  return {
    index: PENDING_INDEX,
    // A lease ends after it began, so what was taken later cannot be overdue and is not even read.
    keys: '#pendingShard = :shard AND #pendingSince < :before',
    filter: `#leaseUntilMs < :beforeMs AND #unit IN (${Object.keys(unitValues).join()})`,
    values: { ':shard': text(shard), ':before': text(isoTime(beforeMs)), ':beforeMs': number(beforeMs), ...unitValues },
    limit,
    consistent: false,
  };
}
