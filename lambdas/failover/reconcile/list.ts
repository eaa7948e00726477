import { epochOf, isoTime, type MemberDocument, type Version } from '../../core';
import { rangeOf } from '../../shards';
import type { Candidate, ReconcileParts } from './apply';
import type { LostValue } from './decide';

type Parts = Pick<ReconcileParts, 'arbiter' | 'clock' | 'log'>;

/** Lists what a version's epoch wrote and the member does not get, with all that is needed to decide about it. */
export async function listLost(parts: Parts, candidate: Candidate, lost: readonly LostValue[]): Promise<void> {
  const { memberId, version } = candidate.document;
  if (lost.length === 0) return;
  const unit = rangeOf(memberId).unit;
  const listedAt = isoTime(parts.clock.nowMs());
  for (const value of lost) {
    const operationId = value.version === version ? (candidate.event?.operationId ?? '') : '';
    const entry = { ...value, memberId, epoch: epochOf(value.version), operationId, listedAt };
    await parts.arbiter.lost.put(unit, entry);
  }
  await note(
    parts,
    candidate.document,
    lost.map(({ field }) => field),
  );
}

/** A registration that was given up before its event came: the caller may have registered the member anew. */
export async function listGivenUp(parts: Parts, candidate: Candidate): Promise<void> {
  const { document, event } = candidate;
  const { memberId, version } = document;
  await parts.arbiter.lost.put(rangeOf(memberId).unit, {
    memberId,
    epoch: epochOf(version),
    version,
    field: '*',
    value: document,
    kept: null,
    base: null,
    reason: 'operation aborted',
    operationId: event?.operationId ?? '',
    listedAt: isoTime(parts.clock.nowMs()),
  });
  await note(parts, document, ['*']);
}

/** What a copy has, whole, where nobody can say what has become of it. */
export async function listFound(
  parts: Parts,
  found: {
    readonly memberId: string;
    readonly version: Version;
    readonly document: MemberDocument | undefined;
    readonly isWhole: boolean;
    readonly kept: MemberDocument | undefined;
  },
): Promise<void> {
  const { memberId, version, document, isWhole, kept } = found;
  await parts.arbiter.lost.put(rangeOf(memberId).unit, {
    memberId,
    epoch: epochOf(version),
    version,
    field: '*',
    value: document ?? null,
    kept: kept ?? null,
    base: null,
    reason: isWhole ? 'unknown to its writer' : 'only a masked copy is left',
    operationId: '',
    listedAt: isoTime(parts.clock.nowMs()),
  });
  await note(parts, { memberId, version, updatedAt: document?.updatedAt ?? isoTime(0) }, ['*']);
}

/** Once for each version, however often it comes. */
async function note(
  { arbiter, log }: Parts,
  { memberId, version, updatedAt }: Pick<MemberDocument, 'memberId' | 'version' | 'updatedAt'>,
  fields: readonly string[],
): Promise<void> {
  const unit = rangeOf(memberId).unit;
  log.error('a change that a failover left behind could not be merged; it is listed', {
    memberId,
    version,
    fields: fields.join(),
  });
  await arbiter.audit.append(
    {
      subject: `unit/${unit}`,
      actor: 'reconcile',
      action: `listed a change of member ${memberId} that was committed before a failover and could not be merged`,
      outcome: 'noted',
      reason: `fields ${fields.join(', ')} of version ${version}; the values are listed under reconcile#${unit}`,
      detail: { memberId, version, fields },
    },
    { atMs: Date.parse(updatedAt), name: `${memberId}#${version}` },
  );
}
