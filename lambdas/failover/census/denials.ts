import { lookupKey } from '../../cache';
import { accountKind, type ClaimReference, type MemberRow } from '../../core';
import { boundOrder } from '../../members';
import type { CensusParts } from './census';
import type { StaleEntry } from './judge';
import { rowsAtWriters } from './rows';

/** Longer than a negative look-up lives, and than clocks of functions differ: none from before a binding is left by then. */
const KNOWN_AFTER_MS = 10_000;

/** A binding of a row, under the key by which the cache is asked for its account. */
interface Binding {
  readonly memberId: string;
  readonly key: string;
  readonly generation: ClaimReference['generation'];
}

/**
 * Accounts of these members of which the cache says that nobody has them. Keys of look-ups are hashed, so negatives cannot be
 * held against rows: rows are held against them. A generation is given once, so a binding that its row has before and after
 * the cache was asked was there all the while.
 *
 * @param rows as they were read just now, from any server
 * @throws Problem UNAVAILABLE, or the client's error, if the cache, a writer or the arbiter does not answer
 */
export async function denialsAmong(
  parts: Omit<CensusParts, 'census'> & { readonly census: Pick<CensusParts['census'], 'entries'> },
  rows: readonly MemberRow[],
  generation: number,
): Promise<StaleEntry[]> {
  const bindings = bindingsOf(rows, parts.clock.nowMs() - KNOWN_AFTER_MS);
  if (bindings.length === 0) return [];
  const answered = await parts.census.entries(
    bindings.map(({ key }) => key),
    generation,
  );
  const negatives = new Map(answered.filter(({ flag }) => flag === 'n').map(({ key, version }) => [key, version]));
  const denied = bindings.filter(({ key }) => negatives.has(key));
  if (denied.length === 0) return [];
  const again = await rowsAtWriters(
    parts,
    denied.map(({ memberId }) => memberId),
  );
  const standing = new Set(bindingsOf([...again.values()], Number.POSITIVE_INFINITY).map(nameOf));
  return denied
    .filter((binding) => standing.has(nameOf(binding)))
    .map(({ key, memberId, generation: held }) => {
      return { key, memberId, kind: 'denied', cached: negatives.get(key) ?? 0, row: boundOrder(held) };
    });
}

function bindingsOf(rows: readonly MemberRow[], beforeMs: number): Binding[] {
  return rows.flatMap(({ document: { memberId, accounts } }) =>
    accounts
      .filter(({ boundAt }) => Date.parse(boundAt) < beforeMs)
      .map(({ platform, account, generation }) => {
        return { memberId, key: lookupKey(accountKind(platform), account), generation };
      }),
  );
}

function nameOf({ key, memberId, generation }: Binding): string {
  return `${memberId} ${generation} ${key}`;
}
