import { SHARD_MAP } from '../../../topology';
import type { Claim, InFlight } from '../../arbiter';
import type { MemberRow } from '../../core';
import { flightPlacement, isRequestKey, operationOfFlight } from '../../members';
import { inParallel } from '../in-parallel';
import type { ReplayParts, Run } from './parts';

/** Pending claims of a unit that are looked at: more are not under way at once. */
const CLAIMS_AT_ONCE = 10_000;
/** A unit has thousands, nearly all without an entry, and its writes wait for this. */
const PLACEMENTS_AT_ONCE = 64;
/** Later than the lease of any claim that is taken now. */
const ANY_LEASE_MS = 600_000;

/**
 * Copies the operations that the lost writer had begun and not been seen to end: the cache that was told of them keeps
 * nothing over a restart. Without that cache the replay goes on, and says so.
 */
export async function copyInFlight(parts: ReplayParts, { unitName, unit, progress }: Run): Promise<void> {
  if (progress.now.inFlight !== undefined) return;
  const placements = SHARD_MAP.filter((range) => range.unit === unitName).flatMap(({ from, to }) =>
    Array.from({ length: to - from + 1 }, (_, offset) => flightPlacement(unitName, from + offset)),
  );
  try {
    const entries = await inParallel(
      placements,
      (placement) => parts.cache.inFlight(unit.writer, placement),
      PLACEMENTS_AT_ONCE,
    );
    await parts.arbiter.replays.keepInFlight(unitName, unit.epoch, entries.flat().map(operationOfFlight));
    await progress.save({ inFlight: 'copied' });
  } catch (error) {
    parts.log.error('nobody can tell which operations a lost writer had under way', {
      unit: unitName,
      error: error as Error,
    });
    await progress.save({ inFlight: 'unknown' });
  }
}

/**
 * Lets members refuse writes of whose operations no outcome was found, neither at the promoted writer nor in a domain: those
 * that were under way, and those that have left a claim pending. They are decided when the event comes, or time is up.
 */
export async function enterUndecided(parts: ReplayParts, { unitName, unit, progress }: Run): Promise<void> {
  const { arbiter, shards, clock } = parts;
  const inFlight = await arbiter.replays.inFlight(unitName, unit.epoch);
  const pending = await arbiter.claims.overdue(clock.nowMs() + ANY_LEASE_MS, CLAIMS_AT_ONCE, [unitName]);
  const byMember = new Map<string, string[]>();
  for (const { memberId, operationId } of [...inFlight, ...pending] satisfies readonly InFlight[]) {
    byMember.set(memberId, [...(byMember.get(memberId) ?? []), operationId]);
  }
  const rows = await shards.recovery.rows([...byMember.keys()], unit.writer);
  await inParallel(registrationsFound(pending, rows), ({ memberId, operationId }) =>
    shards.recovery.recordCommitted(memberId, operationId, unit.epoch, unit.writer),
  );
  // What was taken over of a member speaks for what it was doing, but for a binding: that names its claim, which is settled with it.
  const binding = new Set(pending.filter(({ key }) => !isRequestKey(key)).map(({ operationId }) => operationId));
  const isOpen = await inParallel([...byMember], async ([memberId, operationIds]) => {
    const fork = rows.get(memberId)?.forks.find(({ epoch }) => epoch === unit.epoch);
    const isFound = fork !== undefined && Object.keys(fork.taken).length > 0;
    const asked = isFound ? operationIds.filter((operationId) => binding.has(operationId)) : operationIds;
    if (asked.length === 0) return false;
    const decided = await shards.recovery.decided(memberId, asked, unit.writer);
    return asked.some((operationId) => !decided.has(operationId));
  });
  const undecided = [...byMember.keys()].filter((_, index) => isOpen[index]);
  // Their claims have to be known by name when time is up.
  const open = undecided.flatMap((memberId) =>
    (byMember.get(memberId) ?? []).map((operationId) => ({ memberId, operationId })),
  );
  await arbiter.replays.keepInFlight(unitName, unit.epoch, open);
  await shards.undecided.enter(undecided, unit.epoch, unit.writer);
  progress.count({ undecided: undecided.length - progress.now.counts.undecided });
}

/**
 * Requests whose member has come back from a copy, which does not name the operation that registered it. Until that counts as
 * committed the request counts as given up, and whoever sends it again would register the member twice. Where two requests drew
 * one id nobody can say whose member it is.
 */
function registrationsFound(pending: readonly Claim[], rows: ReadonlyMap<string, MemberRow>): readonly Claim[] {
  const requests = pending.filter(({ key, memberId }) => isRequestKey(key) && isTakenOverWhole(rows.get(memberId)));
  const counts = new Map<string, number>();
  for (const { memberId } of requests) counts.set(memberId, (counts.get(memberId) ?? 0) + 1);
  return requests.filter(({ memberId }) => counts.get(memberId) === 1);
}

/** Every member has a name: one that had none before was no member here. */
function isTakenOverWhole(row: MemberRow | undefined): boolean {
  return row?.forks.some(({ taken }) => taken['profile.name']?.base === null) ?? false;
}
