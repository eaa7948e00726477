import { DOMAIN_NAMES, DOMAINS, type DomainName } from '../../../topology';
import { isInHistory, isoTime, type MemberRow } from '../../core';
import type { SearchHit } from '../../search';
import { rangeOf } from '../../shards';
import { inParallel } from '../in-parallel';
import { leadRow, settleCandidate } from '../reconcile';
import type { ReplayParts, Run } from './parts';

const PING_TIMEOUT_MS = 2000;

/**
 * Compares rows with every domain that answers, those with whole documents first: what is ahead of its row there is taken
 * over, as far as it may. What is ahead in a masked one cannot be, so the row is made to lead.
 */
export async function compareDomains(parts: ReplayParts, run: Run): Promise<void> {
  const wholeFirst = [...DOMAIN_NAMES].sort((one, other) => rank(one) - rank(other));
  for (const name of wholeFirst) {
    const state = run.progress.now.domains[name];
    if (state === 'compared' || state === 'unreachable') continue;
    const reached = await compareDomain(parts, run, name, state?.after);
    await run.progress.save({ domains: { ...run.progress.now.domains, [name]: reached } });
  }
}

function rank(name: DomainName): number {
  return DOMAINS[name].holds === 'whole' ? 0 : 1;
}

async function compareDomain(
  parts: ReplayParts,
  run: Run,
  name: DomainName,
  after: string | undefined,
): Promise<'compared' | 'unreachable'> {
  const pages = pagesOf(parts, run, name, after);
  for (;;) {
    const page = await pages.next().catch((error: Error) => {
      parts.log.warn('a search domain cannot be compared with the rows of a promoted writer', { domain: name, error });
      return undefined;
    });
    if (page === undefined) return 'unreachable';
    if (page.done) return 'compared';
    await comparePage(parts, run, name, page.value);
    const last = page.value.at(-1);
    const place = last === undefined ? {} : { [name]: { after: last.memberId } };
    await run.progress.save({ domains: { ...run.progress.now.domains, ...place } });
  }
}

async function* pagesOf({ domains }: ReplayParts, { progress }: Run, name: DomainName, after: string | undefined) {
  await domains[name].ping(PING_TIMEOUT_MS);
  await domains[name].refresh();
  yield* domains[name].changedSince(isoTime(progress.now.sinceMs), after);
}

async function comparePage(
  parts: ReplayParts,
  { unitName, unit, progress }: Run,
  name: DomainName,
  page: readonly SearchHit[],
): Promise<void> {
  const own = page.filter(({ memberId }) => rangeOf(memberId).unit === unitName);
  const rows = await parts.shards.recovery.rows(
    own.map(({ memberId }) => memberId),
    unit.writer,
  );
  const missing = own.filter((hit) => !contains(rows.get(hit.memberId), hit));
  progress.count({ compared: own.length });
  if (DOMAINS[name].holds === 'whole') {
    const reconciled = await inParallel(missing, ({ document }) =>
      settleCandidate(parts, { document }, { unit, needsLease: false }),
    );
    progress.count({}, reconciled);
    return;
  }
  const ahead = missing.filter((hit) => hit.version > (rows.get(hit.memberId)?.document.version ?? Infinity));
  const followed = await inParallel(ahead, ({ memberId, version }) =>
    leadRow(parts, { unit, needsLease: false }, memberId, version),
  );
  progress.count({ followed: followed.filter(Boolean).length });
}

function contains(row: MemberRow | undefined, { version }: SearchHit): boolean {
  return row !== undefined && isInHistory(version, { version: row.document.version, forks: row.forks });
}
