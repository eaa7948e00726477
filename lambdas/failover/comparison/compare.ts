import type { Region, ShardRange } from '../../../topology';
import { above, type IdRange, isEmpty, type MemberDocument, upTo } from '../../core';
import { type DomainSum, MOST_HITS } from '../../search';
import type { RowSum, Shards } from '../../shards';
import { type Difference, differencesOf, isRowsToDecide, isSame, versionedOf } from './differences';
import { Pace } from './pace';
import { BEFORE_ALL, placesAbove, shareUpTo } from './places';
import { Restoring } from './restoring';
import { type SuspectParts, Suspects } from './suspects';
import { NOTHING_YET, plus, type Tally } from './tally';

export interface ComparisonParts extends Omit<SuspectParts, 'ranges' | 'settleMs'> {
  readonly ranges: Shards['ranges'];
  /** Whose database servers are read, writers or replicas. */
  readonly region: Region;
  /** 5 s by default; see `SuspectParts`. */
  readonly settleMs?: number;
  /** Rows that are added up at once; 20,000 by default, and never more than can be added exactly. */
  readonly rowsAtOnce?: number;
  /** Ranges of no more rows are read one by one, and not halved any more; 500 by default. */
  readonly leafRows?: number;
}

export interface Progress {
  /** Of all ids, from 0 to 1. */
  readonly share: number;
  /** Everything up to this id is done: a comparison may go on behind it. */
  readonly cursor: bigint;
  readonly tally: Tally;
}

export interface ComparisonOptions {
  /** `check` changes nothing; `mend` writes what the domain lacks from the rows. */
  readonly mode: 'check' | 'mend';
  /** Reads every document and look-up instead of sums: finds also what sums do not see. */
  readonly isThorough?: boolean;
  /** Where an earlier comparison ended, and what it had counted. */
  readonly from?: Pick<Progress, 'cursor' | 'tally'>;
  /** Ends it after what is under way. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void | Promise<void>;
  /** Differences that were confirmed; in `mend` only those that rows do not decide, the others having been mended. */
  readonly onFound?: (differences: readonly Difference[]) => void | Promise<void>;
  /** Decides in `mend` about those that rows do not decide; the same ones may come again. @returns how many it settled */
  readonly settle?: (differences: readonly Difference[]) => Promise<number>;
}

const SETTLE_MS = 5000;
const ROWS_AT_ONCE = 20_000;
/** Sums of more digests than this might not be exact in doubles. */
export const MOST_ROWS_AT_ONCE = 2 ** 20;
const LEAF_ROWS = 500;
const PAGE_ROWS = 1000;

/**
 * Compares a domain with the rows, which are the truth: range after range of ids, by sums that the engines make
 * themselves; a range whose sums differ is halved, down to a few hundred rows, which are compared one by one.
 *
 * @returns where it ended; it ended early where `signal` was aborted
 * @throws Problem UNAVAILABLE or the database's error if a store does not answer: `onProgress` has told how far it came
 */
export async function compare(parts: ComparisonParts, options: ComparisonOptions): Promise<Progress> {
  await parts.domain.refresh();
  return new Comparison(parts, options).run();
}

class Comparison {
  readonly #parts: ComparisonParts;
  readonly #options: ComparisonOptions;
  readonly #suspects: Suspects;
  readonly #restoring: Restoring;
  readonly #pace: Pace;
  /** Everything up to here was compared. */
  #cursor: bigint;
  #tally: Tally;

  constructor(parts: ComparisonParts, options: ComparisonOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#suspects = new Suspects({ ...parts, settleMs: parts.settleMs ?? SETTLE_MS });
    this.#restoring = new Restoring(parts.domain.ranges);
    this.#pace = new Pace(parts.clock);
    this.#cursor = options.from?.cursor ?? BEFORE_ALL;
    this.#tally = options.from?.tally ?? NOTHING_YET;
  }

  async run(): Promise<Progress> {
    const most = Math.min(this.#parts.rowsAtOnce ?? ROWS_AT_ONCE, MOST_ROWS_AT_ONCE);
    for (const { range, ids } of placesAbove(this.#cursor)) {
      await this.#walk(range, ids, most, async (segment, rows) => {
        await this.#finish({ all: false });
        this.#tally = plus(this.#tally, { compared: rows });
        this.#cursor = segment.last;
        await this.#tell();
      });
    }
    await this.#finish({ all: true });
    await this.#tell();
    return this.#progress();
  }

  /** Takes a range in segments of so many rows. */
  async #walk(
    range: ShardRange,
    ids: IdRange,
    most: number,
    onSegment?: (segment: IdRange, rows: number) => Promise<void>,
  ): Promise<void> {
    for (let rest = ids; !isEmpty(rest) && !this.#isEnded; ) {
      const first = rest;
      const rows = await this.#pace.take(() => this.#parts.ranges.sum(range, first, most, this.#parts.region));
      const segment = rows.members < most || rows.lastId === undefined ? rest : upTo(rest, rows.lastId);
      const stored = await this.#parts.domain.ranges.sum(segment);
      if (this.#options.isThorough === true || !isSame(rows, stored))
        await this.#lookInto(range, segment, rows, stored);
      if (!this.#isEnded) await onSegment?.(segment, rows.members);
      rest = above(rest, segment.last);
    }
  }

  /** Halves what is large, unless so much is missing that all of it would be read in the end. */
  async #lookInto(range: ShardRange, segment: IdRange, rows: RowSum, stored: DomainSum): Promise<void> {
    const { leafRows = LEAF_ROWS } = this.#parts;
    const isFarApart = Math.abs(rows.members - stored.members) >= leafRows;
    if (rows.members > leafRows && !isFarApart && this.#options.isThorough !== true) {
      return this.#walk(range, segment, Math.ceil(rows.members / 2));
    }
    return this.#readRows(range, segment, {
      isEmpty: stored.members === 0 && stored.lookups === 0,
      wantsLookups: this.#options.isThorough === true || rows.lookups !== stored.lookups,
    });
  }

  async #readRows(range: ShardRange, ids: IdRange, domain: { isEmpty: boolean; wantsLookups: boolean }): Promise<void> {
    for (let rest = ids; !isEmpty(rest) && !this.#isEnded; ) {
      const first = rest;
      const { ranges, region } = this.#parts;
      const read = await this.#pace.take(() => ranges.rows(range, first, PAGE_ROWS, region));
      const full = read.length < PAGE_ROWS ? rest : upTo(rest, idOf(read.at(-1)?.document));
      const stored = domain.isEmpty ? [] : await this.#parts.domain.ranges.versions(full);
      const page = stored.length < MOST_HITS ? full : upTo(full, idOf(stored.at(-1)));
      const rows = read.filter(({ document }) => idOf(document) <= page.last);
      const documents = rows.map(({ document }) => document);
      const differences = differencesOf(rows.map(versionedOf), stored);
      if (!domain.isEmpty) differences.push(...(await this.#inside(documents, differences, domain.wantsLookups)));
      await this.#settle(documents, differences, domain);
      rest = above(rest, page.last);
    }
  }

  /** What differs although the versions are the same. */
  async #inside(
    documents: readonly MemberDocument[],
    known: readonly Difference[],
    wantsLookups: boolean,
  ): Promise<Difference[]> {
    const { ranges } = this.#parts.domain;
    const different = new Set(known.map(({ memberId }) => memberId));
    const others = documents.filter(({ memberId }) => !different.has(memberId));
    const altered = this.#options.isThorough === true ? await ranges.altered(others) : [];
    const misled = wantsLookups && others.length > 0 ? await ranges.misled(others) : [];
    return others.flatMap(({ memberId, version }): Difference[] => {
      const both = { memberId, row: version, domain: version };
      if (altered.includes(memberId)) return [{ ...both, kind: 'altered' }];
      return misled.includes(memberId) ? [{ ...both, kind: 'misled' }] : [];
    });
  }

  /** What a row decides is written at once: the engine itself keeps what is higher by then. All else is looked at again. */
  async #settle(
    documents: readonly MemberDocument[],
    differences: readonly Difference[],
    domain: { isEmpty: boolean },
  ): Promise<void> {
    const writes = this.#options.mode === 'mend';
    const mended = writes ? differences.filter(isRowsToDecide) : [];
    if (mended.length > 0) await this.#restoring.begin(documents, mended, domain);
    const suspected = writes ? differences.filter((difference) => !isRowsToDecide(difference)) : differences;
    await this.#report(await this.#suspects.confirm(suspected, documents, this.#cursor));
  }

  /** Waits for what was begun, and tells what it came to. */
  async #finish({ all }: { all: boolean }): Promise<void> {
    const { found, surpassed, ...counts } = await this.#restoring.ended();
    this.#tally = plus(this.#tally, counts, found);
    await this.#report(await this.#suspects.confirm(surpassed, [], this.#cursor));
    await this.#report(await this.#suspects.settled({ all: all && !this.#isEnded }));
  }

  async #report(found: readonly Difference[]): Promise<void> {
    if (found.length === 0) return;
    this.#tally = plus(this.#tally, {}, found);
    await this.#options.onFound?.(found);
    const open = this.#options.mode === 'mend' ? found.filter((one) => !isRowsToDecide(one)) : [];
    if (open.length > 0) this.#tally = plus(this.#tally, { settled: (await this.#options.settle?.(open)) ?? 0 });
  }

  async #tell(): Promise<void> {
    await this.#options.onProgress?.(this.#progress());
  }

  #progress(): Progress {
    const cursor = this.#suspects.cursor ?? this.#cursor;
    return { share: shareUpTo(this.#cursor), cursor, tally: this.#tally };
  }

  get #isEnded(): boolean {
    return this.#options.signal?.aborted === true;
  }
}

function idOf(member: { readonly memberId: string } | undefined): bigint {
  return BigInt(member?.memberId ?? -1);
}
