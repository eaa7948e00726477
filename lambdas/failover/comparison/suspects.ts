import { setTimeout as pause } from 'node:timers/promises';
import type { Region } from '../../../topology';
import type { Clock, MemberDocument } from '../../core';
import type { Domain } from '../../search';
import type { Shards } from '../../shards';
import { confirmed, type Difference, isInside, isRowsToDecide, persisting } from './differences';

export interface SuspectParts {
  readonly ranges: Pick<Shards['ranges'], 'historiesAtWriters'>;
  readonly domain: Pick<Domain, 'ranges' | 'refresh'>;
  /** Regions of the units' writers, strongly read. */
  readonly writers: () => Promise<(unit: string) => Region>;
  readonly clock: Clock;
  /** How long an event may be on its way before the domain is told to be behind. */
  readonly settleMs: number;
}

interface Settling {
  readonly dueAtMs: number;
  /** What was compared before, and need not be again. */
  readonly cursor: bigint;
  readonly behind: readonly Difference[];
  /** Rows of members that differ inside one version. */
  readonly inside: readonly MemberDocument[];
}

/** Differences that may only be movement: each is looked at again before anybody is told. */
export class Suspects {
  readonly #parts: SuspectParts;
  #settling: Settling[] = [];

  constructor(parts: SuspectParts) {
    this.#parts = parts;
  }

  /** Up to where nothing is in question, if anything is. */
  get cursor(): bigint | undefined {
    return this.#settling[0]?.cursor;
  }

  /**
   * Looks again at once: at the domain first, then at the rows of the writers. What is ahead then is told; what is
   * behind may be on its way, and is looked at once more when it has had the time.
   *
   * @param cursor up to where everything was compared before these
   */
  async confirm(
    suspected: readonly Difference[],
    documents: readonly MemberDocument[],
    cursor: bigint,
  ): Promise<Difference[]> {
    if (suspected.length === 0) return [];
    const { ranges, domain, writers, clock, settleMs } = this.#parts;
    const ids = suspected.map(({ memberId }) => memberId);
    const stored = await domain.ranges.versionsNow(ids);
    const rows = await ranges.historiesAtWriters(ids, await writers());
    const found = confirmed(suspected, stored, rows);
    const behind = found.filter(isRowsToDecide);
    if (behind.length > 0) {
      const insideIds = new Set(behind.filter(isInside).map(({ memberId }) => memberId));
      const inside = documents.filter(({ memberId }) => insideIds.has(memberId));
      this.#settling.push({ dueAtMs: clock.monotonicMs() + settleMs, cursor, behind, inside });
    }
    return found.filter((difference) => !isRowsToDecide(difference));
  }

  /** What has had its time and is still behind; with `all`, it waits for those that have not. */
  async settled({ all }: { all: boolean }): Promise<Difference[]> {
    const found: Difference[] = [];
    for (let next = this.#settling[0]; next !== undefined; next = this.#settling[0]) {
      const waitMs = next.dueAtMs - this.#parts.clock.monotonicMs();
      if (waitMs > 0 && !all) break;
      if (waitMs > 0) await pause(waitMs);
      found.push(...(await this.#stillBehind(next)));
      this.#settling = this.#settling.slice(1);
    }
    return found;
  }

  async #stillBehind({ behind, inside }: Settling): Promise<Difference[]> {
    const { domain } = this.#parts;
    const stored = await domain.ranges.versionsNow(behind.map(({ memberId }) => memberId));
    const persistent = persisting(behind, stored);
    if (inside.length === 0) return persistent;
    await domain.refresh();
    const misled = new Set(await domain.ranges.misled(inside));
    const altered = new Set(await domain.ranges.altered(inside));
    return persistent.filter(({ kind, memberId }) => {
      if (kind === 'misled') return misled.has(memberId);
      return kind !== 'altered' || altered.has(memberId);
    });
  }
}
