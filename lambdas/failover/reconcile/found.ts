import { DOMAIN_NAMES, DOMAINS, type DomainName } from '../../../topology';
import type { UnitDecision } from '../../arbiter';
import { epochOf, isInHistory, type MemberDocument, type Version } from '../../core';
import type { Domain } from '../../search';
import { rangeOf } from '../../shards';
import type { Difference } from '../comparison';
import { inParallel } from '../in-parallel';
import { type Reconciled, type ReconcileParts, settleCandidate } from './apply';
import { leadRow } from './change-row';
import { listFound } from './list';

export interface FoundParts extends ReconcileParts {
  /** Decisions of all units, strongly read. */
  readonly units: () => Promise<readonly UnitDecision[]>;
  readonly domains: Readonly<Record<DomainName, Pick<Domain, 'getMember' | 'ranges' | 'refresh'>>>;
  /** So many are listed because nobody can order them; 100 by default. More are a sign that the rows are not what they should be. */
  readonly mostUnordered?: number;
}

/** A version that a search domain has, and that no row accounts for. */
interface Found {
  readonly memberId: string;
  /** Under which it lies in the domain. */
  readonly version: Version;
}

/**
 * What became of it.
 * - what `settleCandidate` says: it is of an older epoch, and was brought into its row.
 * - `led`: its epoch is not over, or only a masked copy of it is left. It is listed, and its row leads it now.
 * - `removed`: there is no row that could lead it. It is listed, and taken out of the domain.
 * - `left`: its unit takes no writes now, or too many could not be ordered.
 */
export type Settled = Reconciled | 'led' | 'removed' | 'left';

const MOST_UNORDERED = 100;
const READ_TIMEOUT_MS = 5000;

/** How many are settled by now. */
export function countSettled(outcomes: readonly Settled[]): number {
  return outcomes.filter((outcome) => outcome !== 'left').length;
}

/**
 * Settles what a search domain has ahead of the rows, or beside them. What an older epoch wrote is merged into its row, as
 * a late event is; nothing else is taken from a copy, but nothing is lost either: it is listed whole.
 *
 * @throws Problem UNAVAILABLE where a writer, its lease, the arbiter or a domain is away: then it has to come again
 */
export function settleFound(
  parts: FoundParts,
): (name: DomainName, differences: readonly Difference[]) => Promise<Settled[]> {
  let unordered = 0;

  async function settle(name: DomainName, found: Found, unit: UnitDecision): Promise<Settled> {
    const { memberId, version } = found;
    const { document, isWhole } = await copyOf(parts, name, found);
    const settling = { unit, needsLease: true };
    const candidate =
      isWhole && document !== undefined && epochOf(document.version) < unit.epoch ? { document } : undefined;
    const reconciled = candidate === undefined ? 'contained' : await settleCandidate(parts, candidate, settling);
    const row = (await parts.shards.recovery.rows([memberId], unit.writer)).get(memberId);
    const history = { version: row?.document.version ?? 0, forks: row?.forks ?? [] };
    if (isInHistory(version, history)) return reconciled;
    if (unordered >= (parts.mostUnordered ?? MOST_UNORDERED)) return 'left';
    unordered += 1;
    if (reconciled === 'contained' && !isInHistory(document?.version ?? version, history)) {
      await listFound(parts, { ...found, document, isWhole, kept: row?.document });
    }
    // A row that had to lead a later epoch's version would itself be one of an epoch that nobody has taken.
    if (row !== undefined && epochOf(version + 1) <= unit.epoch) {
      await leadRow(parts, settling, memberId, version);
      return 'led';
    }
    return 'removed';
  }

  return async (name, differences) => {
    const found = differences.map(({ memberId, domain = 0 }) => ({ memberId, version: domain }));
    const units = new Map((await parts.units()).map((decision) => [decision.unit, decision]));
    const settled = await inParallel(found, async (one) => {
      const unit = units.get(rangeOf(one.memberId).unit);
      const takesWrites = unit?.mode === 'database' && unit.transition === undefined;
      return takesWrites ? settle(name, one, unit) : 'left';
    });
    const removed = found.filter((_, index) => settled[index] === 'removed');
    if (removed.length > 0) {
      await parts.domains[name].refresh();
      await parts.domains[name].ranges.remove(removed);
    }
    return settled;
  };
}

interface Copy {
  /** Undefined where the domain has an entry without one. */
  readonly document: MemberDocument | undefined;
  /** Else contact data in it is masked. */
  readonly isWhole: boolean;
}

/** What a domain has of a member; of a masked one, what a whole domain has of at least that version, if one does. */
async function copyOf({ domains }: FoundParts, name: DomainName, { memberId, version }: Found): Promise<Copy> {
  const own = await domains[name].getMember(memberId, READ_TIMEOUT_MS);
  if (DOMAINS[name].holds === 'whole') return { document: own, isWhole: true };
  for (const whole of DOMAIN_NAMES.filter((other) => DOMAINS[other].holds === 'whole')) {
    const document = await domains[whole].getMember(memberId, READ_TIMEOUT_MS);
    if (document !== undefined && document.version >= version) return { document, isWhole: true };
  }
  return { document: own, isWhole: false };
}
