import type { UnitDecision } from '../../arbiter';
import { rangeOf } from '../../shards';

/** What a copy has and its row has not, or the other way round. */
export interface Found {
  readonly memberId: string;
  readonly kind: string;
}

/** What an accepted command may do to a copy before its row has it: a later version, or an account that was unbound. */
const LED: readonly string[] = ['ahead', 'denied'];

/**
 * Those differences that are nobody's intention. While a unit is written without its databases, documents lead the rows:
 * commands are applied to them at once, and to the rows when the unit leaves that mode.
 */
export function unintended<T extends Found>(found: readonly T[], units: readonly UnitDecision[]): T[] {
  const ledByCopies = new Set(units.filter(isAheadOfItsRows).map(({ unit }) => unit));
  return found.filter(({ memberId, kind }) => !LED.includes(kind) || !ledByCopies.has(rangeOf(memberId).unit));
}

/** In `read-only` too, which a unit has while its journal is drained. */
function isAheadOfItsRows({ mode }: UnitDecision): boolean {
  return mode !== 'database';
}
