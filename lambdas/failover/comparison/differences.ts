import { type Fork, isInHistory, type MemberDocument, type MemberRow, type Version, versionDigest } from '../../core';
import type { DomainSum, StoredVersion } from '../../search';
import type { RowSum } from '../../shards';

/**
 * How a domain differs from a member's row.
 * - `missing`, `lower`: it has not heard of the row's version.
 * - `altered`: it has the version, and not what belongs to it.
 * - `misled`: it has the document, but finds it by other keys.
 * - `ahead`, `unknown`: it has a version that the row, or any row, has not: the row does not decide about it.
 * - `forked`: it has a version of an older epoch that is not in the row's history, however high the row stands by now.
 */
export interface Difference {
  readonly memberId: string;
  readonly kind: 'missing' | 'lower' | 'altered' | 'misled' | 'ahead' | 'forked' | 'unknown';
  /** Undefined where there is no row. */
  readonly row?: Version;
  /** Undefined where the domain has no document. */
  readonly domain?: Version;
}

/** A row, as far as it says which versions led to it. */
export interface RowHistory {
  readonly version: Version;
  readonly forks: readonly Fork[];
}

type Versioned = Pick<MemberDocument, 'memberId'> & RowHistory;

export function versionedOf({ document: { memberId, version }, forks }: MemberRow): Versioned {
  return { memberId, version, forks };
}

/** Whether the sums of a range say that it is the same in both. */
export function isSame(rows: Omit<RowSum, 'lastId'>, domain: DomainSum): boolean {
  return rows.members === domain.members && rows.digest === domain.digest && rows.lookups === domain.lookups;
}

/** Differences of one range, in no order. */
export function differencesOf(rows: readonly Versioned[], stored: readonly StoredVersion[]): Difference[] {
  const known = new Map(stored.map((one) => [one.memberId, one]));
  const present = new Set(rows.map(({ memberId }) => memberId));
  const unknown = stored.filter(({ memberId }) => !present.has(memberId));
  return [
    ...rows.flatMap((row) => differenceOf(row, known.get(row.memberId)) ?? []),
    ...unknown.map(({ memberId, version }): Difference => ({ memberId, kind: 'unknown', domain: version })),
  ];
}

function differenceOf(
  { memberId, version, forks }: Versioned,
  stored: StoredVersion | undefined,
): Difference | undefined {
  if (stored === undefined) return { memberId, kind: 'missing', row: version };
  const both = { memberId, row: version, domain: stored.version };
  if (stored.version < version) {
    return { ...both, kind: isInHistory(stored.version, { version, forks }) ? 'lower' : 'forked' };
  }
  if (stored.version > version) return { ...both, kind: 'ahead' };
  return stored.digest === versionDigest(memberId, version) ? undefined : { ...both, kind: 'altered' };
}

/** Whether the row decides: what it says is written. */
export function isRowsToDecide({ kind }: Difference): boolean {
  return kind !== 'ahead' && kind !== 'forked' && kind !== 'unknown';
}

/** Versions do not tell of it: whoever wants to know looks inside. */
export function isInside({ kind }: Pick<Difference, 'kind'>): boolean {
  return kind === 'altered' || kind === 'misled';
}

/**
 * Differences looked at once more, for rows and domains move while they are compared. Whoever reads the domain first
 * and the rows of the writers then, knows that a domain that is ahead has what was never committed; one that is behind
 * may only not have heard of it yet.
 */
export function confirmed(
  suspected: readonly Difference[],
  domain: ReadonlyMap<string, StoredVersion>,
  rows: ReadonlyMap<string, RowHistory>,
): Difference[] {
  return suspected.flatMap((difference): Difference[] => {
    const { memberId } = difference;
    const row = rows.get(memberId);
    const stored = domain.get(memberId);
    if (row === undefined) return stored === undefined ? [] : [{ memberId, kind: 'unknown', domain: stored.version }];
    const now = differenceOf({ memberId, ...row }, stored);
    if (now !== undefined) return [now];
    return isInside(difference) && difference.row === row.version ? [difference] : [];
  });
}

/** Those that the domain has still not heard of, although the rows have said so for a while. */
export function persisting(behind: readonly Difference[], domain: ReadonlyMap<string, StoredVersion>): Difference[] {
  return behind.filter(({ memberId, kind, row = 0 }) => {
    const stored = domain.get(memberId);
    if (isInside({ kind })) return stored?.version === row;
    const now = differenceOf({ memberId, version: row, forks: [] }, stored);
    return now !== undefined && isRowsToDecide(now);
  });
}
