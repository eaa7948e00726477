import { DOMAIN_NAMES, DOMAINS, type DomainName } from '../../../topology';
import { isInHistory, isoTime, type MemberRow, unavailable } from '../../core';
import type { SearchHit } from '../../search';
import { rangeOf } from '../../shards';
import { knownToBeIll } from '../controller';
import { inParallel } from '../in-parallel';
import { noteMissed } from '../readmission';
import { leadRow, settleCandidate } from '../reconcile';
import type { ReplayParts, Run } from './parts';
import type { DomainProgress } from './progress';

const PING_TIMEOUT_MS = 2000;

/** A domain is late now and then, or is started anew; one that is away for longer must not keep a unit closed. */
const PATIENCE_MS = 30_000;

/**
 * Compares rows with every domain, those with whole documents first: what is ahead of its row there is taken over, as far as
 * it may. What is ahead in a masked one cannot be, so the row is made to lead. A domain that stays away is gone on without.
 *
 * @throws Problem UNAVAILABLE where a domain does not answer and is still waited for
 */
export async function compareDomains(parts: ReplayParts, run: Run): Promise<void> {
  const wholeFirst = [...DOMAIN_NAMES].sort((one, other) => rank(one) - rank(other));
  const late: DomainName[] = [];
  for (const name of wholeFirst) {
    // What has to follow a masked domain is known once those with whole documents have been asked.
    if (rank(name) > 0 && late.length > 0) break;
    const state = run.progress.now.domains[name];
    if (state === 'compared' || state === 'unreachable') continue;
    if (!(await compareDomain(parts, run, name, state ?? {}))) late.push(name);
  }
  if (late.length === 0) return;
  throw unavailable(`the search domain ${late.join(' and ')} does not answer, and is waited for`);
}

function rank(name: DomainName): number {
  return DOMAINS[name].holds === 'whole' ? 0 : 1;
}

/** @returns false while it does not answer and is waited for */
async function compareDomain(parts: ReplayParts, run: Run, name: DomainName, from: DomainProgress): Promise<boolean> {
  const pages = pagesOf(parts, run, name, from.after);
  const place = `${run.unitName}/${name}`;
  for (let { after, awayForMs } = from; ; awayForMs = undefined) {
    run.absences.begin(place, run.unit.epoch, awayForMs);
    const page = await pages.next().catch((error: Error) => error);
    if (page instanceof Error)
      return goOnWithout(parts, run, name, { after, awayForMs: run.absences.failed(place) }, page);
    if (page.done) {
      await saveDomain(run, name, 'compared');
      return true;
    }
    await comparePage(parts, run, name, page.value);
    after = page.value.at(-1)?.memberId ?? after;
    await saveDomain(run, name, { after });
  }
}

/** Whether to go on without a domain that did not answer. What only it has, a comparison with all rows finds later. */
async function goOnWithout(
  parts: ReplayParts,
  { unitName, unit, progress }: Run,
  name: DomainName,
  reached: DomainProgress & { readonly awayForMs: number },
  error: Error,
): Promise<boolean> {
  const { arbiter, log } = parts;
  const about = { unit: unitName, domain: name, awayForMs: reached.awayForMs, error };
  log.warn('a search domain cannot be compared with the rows of a promoted writer', about);
  const isPaused = (await arbiter.decisions.acceptedSwitch(`sync/${name}`))?.value === 'paused';
  const isIll = isPaused || (await knownToBeIll(arbiter, unit.writer)).domains.includes(name);
  if (!isIll && reached.awayForMs < PATIENCE_MS) {
    await saveDomain({ progress }, name, reached);
    return false;
  }
  const because = `it was away during the replay of unit ${unitName} under epoch ${unit.epoch}`;
  // Before it counts as left out: whoever is killed in between does both once more.
  await noteMissed(arbiter, name, { because, isPaused });
  await saveDomain({ progress }, name, 'unreachable');
  return true;
}

async function saveDomain(
  { progress }: Pick<Run, 'progress'>,
  name: DomainName,
  state: 'compared' | 'unreachable' | DomainProgress,
): Promise<void> {
  await progress.save({ domains: { ...progress.now.domains, [name]: state } });
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
