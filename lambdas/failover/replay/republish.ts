import { randomUUID } from 'node:crypto';
import { isoTime, type MemberDocument, type MemberEvent } from '../../core';
import { eventOf } from '../../members';
import { type RowPosition, type SchemaPlace, schemasOfUnit } from '../../shards';
import type { ReplayParts, Run } from './parts';

/** What a topic accepted and had not delivered when it was lost was accepted within this time. */
const REPUBLISHED_MS = 15 * 60_000;
const ROWS_AT_ONCE = 500;
/** Of each schema: callers' events go beside these. */
const EVENTS_PER_S = 100;

/**
 * Owes the events of lately changed members once more, through the outbox: the relay publishes them at a bounded pace when
 * the unit has been opened, and goes on until they arrive.
 */
export async function republish(parts: ReplayParts, run: Run): Promise<void> {
  for (const place of schemasOfUnit(run.unitName)) await republishSchema(parts, run, place);
}

async function republishSchema(parts: ReplayParts, run: Run, place: SchemaPlace): Promise<void> {
  const { unitName, unit, progress } = run;
  const { sinceMs, beganMs } = progress.now;
  const since = isoTime(Math.min(sinceMs, beganMs - REPUBLISHED_MS));
  const name = `${place.cluster}/${place.schema}`;
  for (let owed = 0; ; ) {
    const after = progress.now.republished[name];
    if (after === 'all') return;
    const page = { since, after, limit: ROWS_AT_ONCE };
    const rows = await parts.shards.recovery.changedSince(place, unit.writer, page);
    const events = rows.map(({ document }) => repeated(unitName, document));
    const pace = { delayS: owed / EVENTS_PER_S, perS: EVENTS_PER_S };
    await parts.shards.recovery.owe(place, events, pace, unit.epoch, unit.writer);
    owed += events.length;
    progress.count({ republished: events.length });
    const next = rows.length < ROWS_AT_ONCE ? 'all' : positionOf(rows.at(-1)?.document);
    await progress.save({ republished: { ...progress.now.republished, [name]: next } });
  }
}

function positionOf(document: MemberDocument | undefined): RowPosition | 'all' {
  return document === undefined ? 'all' : { updatedAt: document.updatedAt, memberId: document.memberId };
}

/** Its claims are left to the sweep: to confirm those of all members would keep the arbiter busy. */
function repeated(unit: string, document: MemberDocument): MemberEvent {
  return { ...eventOf(undefined, document, { unit, operationId: randomUUID() }), heldClaims: [] };
}
