import type { Arbiter } from '../../arbiter';
import { epochOf, isInHistory, isoTime, type MemberRow, unavailable } from '../../core';
import { type Recovery, type RowPosition, type SchemaPlace, schemasOfUnit } from '../../shards';
import type { UnitState } from '../../switches';
import { type Reconciled, type ReconcileParts, settleCandidate } from '../reconcile';

export interface KeptParts extends Omit<ReconcileParts, 'arbiter'> {
  readonly arbiter: Pick<Arbiter, 'claims' | 'lost' | 'audit' | 'decisions' | 'replays'>;
}

/** What a writer held that was replaced before its successor had received everything; a server answers for it. */
export interface Kept {
  /** As RDS calls it; how far it has been read is kept under this name. */
  readonly id: string;
  readonly unit: string;
  readonly cluster: string;
  /** Rows of the server that answers for it. */
  readonly rows: Pick<Recovery, 'changedSince'>;
  /** Where `rows` finds that server. */
  readonly region: Parameters<Recovery['changedSince']>[1];
}

/** How far what was kept has been read, and what came of it. */
export interface KeptProgress {
  /** ISO 8601: rows that were changed before are not read. */
  readonly since: string;
  /** By schema. */
  readonly read: Readonly<Record<string, 'all' | RowPosition>>;
  readonly rows: number;
  readonly reconciled: Readonly<Record<Reconciled, number>>;
  readonly isDone: boolean;
}

const ROWS_AT_ONCE = 500;

export interface KeptOptions {
  readonly signal?: AbortSignal;
  /** Is told after every page. */
  readonly onProgress?: (progress: KeptProgress) => void;
  /** Of a page; 500 by default. */
  readonly rowsAtOnce?: number;
}

/**
 * Brings what only a returned writer had committed into the rows, version by version, by the path that a late event takes:
 * what no later epoch has changed is taken over, the rest is listed. It may be interrupted, and goes on where it was.
 *
 * @returns how far it came; `isDone` is false where `signal` was aborted before the end
 * @throws Problem UNAVAILABLE where a server, the unit's lease or the arbiter is away: then it has to be called again
 */
export async function reconcileKept(
  parts: KeptParts,
  kept: Kept,
  { signal, onProgress, rowsAtOnce = ROWS_AT_ONCE }: KeptOptions = {},
): Promise<KeptProgress> {
  const { replays } = parts.arbiter;
  let progress = ((await replays.loadKept(kept.id)) as KeptProgress | undefined) ?? (await beginning(parts, kept));
  const places = schemasOfUnit(kept.unit).filter(({ cluster }) => cluster === kept.cluster);
  for (const place of places) {
    while (progress.read[place.schema] !== 'all') {
      if (signal?.aborted === true) return progress;
      progress = await onePage(parts, kept, { ...place, rowsAtOnce }, progress);
      await replays.saveKept(kept.id, progress);
      onProgress?.(progress);
    }
  }
  if (progress.isDone) return progress;
  progress = { ...progress, isDone: true };
  await replays.saveKept(kept.id, progress);
  await tell(parts, kept, progress);
  return progress;
}

/** Whether what was kept under this name has been read to its end. @throws Problem UNAVAILABLE */
export async function isKeptRead(replays: Pick<Arbiter['replays'], 'loadKept'>, id: string): Promise<boolean> {
  return ((await replays.loadKept(id)) as KeptProgress | undefined)?.isDone ?? false;
}

/** A replay has found out since when something can be missing; without one everything is read. */
async function beginning({ arbiter }: KeptParts, { unit }: Kept): Promise<KeptProgress> {
  const begun = (await arbiter.replays.list(unit)) as readonly { readonly sinceMs: number }[];
  const sinceMs = begun.length === 0 ? 0 : Math.min(...begun.map((replay) => replay.sinceMs));
  const reconciled = { contained: 0, adopt: 0, merge: 0, quarantine: 0, touch: 0 };
  return { since: isoTime(sinceMs), read: {}, rows: 0, reconciled, isDone: false };
}

async function onePage(
  parts: KeptParts,
  kept: Kept,
  place: SchemaPlace & { readonly rowsAtOnce: number },
  progress: KeptProgress,
): Promise<KeptProgress> {
  const unit = await openUnit(parts, kept.unit);
  const before = progress.read[place.schema];
  const after = before === 'all' ? undefined : before;
  const page = { since: progress.since, after, limit: place.rowsAtOnce };
  const rows = await kept.rows.changedSince(place, kept.region, page);
  const standing = await parts.shards.recovery.rows(
    rows.map(({ document }) => document.memberId),
    unit.writer,
  );
  const reconciled = { ...progress.reconciled };
  for (const row of rows) {
    const outcome = isContained(standing.get(row.document.memberId), row, unit)
      ? 'contained'
      : await settleCandidate(parts, { document: row.document }, { unit, needsLease: true });
    reconciled[outcome] += 1;
  }
  const last = rows.at(-1)?.document;
  const isLast = rows.length < place.rowsAtOnce || last === undefined;
  const reached = isLast ? 'all' : { updatedAt: last.updatedAt, memberId: last.memberId };
  return {
    ...progress,
    read: { ...progress.read, [place.schema]: reached },
    rows: progress.rows + rows.length,
    reconciled,
  };
}

function isContained(row: MemberRow | undefined, kept: MemberRow, unit: UnitState): boolean {
  const { version } = kept.document;
  if (epochOf(version) >= unit.epoch) return true;
  return row !== undefined && isInHistory(version, { version: row.document.version, forks: row.forks });
}

/** Rows are changed under the unit's lease, as by callers. */
async function openUnit({ arbiter }: KeptParts, name: string): Promise<UnitState> {
  const decision = await arbiter.decisions.unit(name);
  if (decision === undefined) throw unavailable(`there is no unit ${name}`);
  const { epoch, writer, mode, transition } = decision;
  if (transition !== undefined || mode !== 'database') throw unavailable(`unit ${name} takes no writes now`);
  return { epoch, writer, mode };
}

async function tell({ arbiter, clock, log }: KeptParts, { id, unit }: Kept, progress: KeptProgress): Promise<void> {
  const { rows, reconciled, since } = progress;
  const entry = {
    subject: `unit/${unit}`,
    actor: 'reconcile',
    action: `read what a returned writer of unit ${unit} had kept, and its successor had not`,
    outcome: 'done',
    detail: { snapshot: id, since, rows, reconciled },
  } as const;
  await arbiter.audit
    .append(entry, { atMs: clock.nowMs(), name: id })
    .catch((error: Error) => log.warn('what was kept is missing in the audit', { unit, error }));
}
