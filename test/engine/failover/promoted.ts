import { randomInt, randomUUID } from 'node:crypto';
import type { Arbiter } from '../../../lambdas/arbiter';
import type { Cache } from '../../../lambdas/cache';
import {
  type Binding,
  forksAfter,
  isoTime,
  type MemberDocument,
  type MemberEvent,
  type MemberRow,
  systemClock,
} from '../../../lambdas/core';
import type { ReconcileParts } from '../../../lambdas/failover';
import { claimsOf, createAnnouncer, eventOf } from '../../../lambdas/members';
import { rangeOf } from '../../../lambdas/shards';
import { Publisher } from '../../../lambdas/sync';
import { together } from '../../support/together';
import { silent, TwoRegions } from '../cache/two-regions';
import { EPOCH } from '../shards/database';
import { documentAt, newMemberId, OneUnit } from '../sync/one-unit';

export const NEXT = EPOCH + 1;

/** A unit whose writer is promoted when a test says so, and all that reconciles with it; no topic answers. */
export class Promoted {
  readonly unit: OneUnit;
  readonly regions: TwoRegions;
  readonly cache: Cache;
  readonly arbiter: Arbiter;
  readonly parts: ReconcileParts;
  readonly publisher: Publisher;

  private constructor(unit: OneUnit, regions: TwoRegions, cache: Cache) {
    this.unit = unit;
    this.regions = regions;
    this.cache = cache;
    this.arbiter = unit.tables.arbiter();
    const topics = { A: 'arn:aws:sns:us-east-1:000000000000:events', B: 'arn:aws:sns:us-east-2:000000000000:events' };
    const endpoints = { topics, aws: 'http://127.0.0.1:9' } as never;
    this.publisher = new Publisher({ endpoints, clock: systemClock, log: silent });
    const announcer = createAnnouncer({ region: 'A', cache, publisher: this.publisher, log: silent });
    this.parts = {
      arbiter: this.arbiter,
      cache,
      shards: unit.shards,
      announcer,
      clock: systemClock,
      log: silent,
    };
  }

  static async start(): Promise<Promoted> {
    const [unit, regions] = await together([OneUnit.start(), TwoRegions.start()]);
    return new Promoted(unit, regions, await regions.environment('A'));
  }

  async stop(): Promise<void> {
    this.publisher.close();
    await Promise.all([this.unit.stop(), this.regions.stop()]);
  }

  /** A member whose first version was replicated; its accounts are claimed. */
  async registered(accounts: readonly string[] = []): Promise<MemberRow> {
    const memberId = newMemberId();
    const bindings: Binding[] = [];
    for (const account of accounts) bindings.push(await this.claimed(memberId, account));
    const document = { ...documentAt(memberId, EPOCH, 1, 'replicated'), accounts: bindings };
    await this.unit.commit({ document, event: eventAfter(undefined, document) });
    return { document, forks: [] };
  }

  /** What a bind does before its trip. */
  async claimed(memberId: string, account: string): Promise<Binding> {
    const taking = { memberId, unit: 'a1', operationId: randomUUID(), leaseUntilMs: Date.now() + 60_000 };
    const { claim } = await this.arbiter.claims.take(`account:app:${account}`, taking);
    return { platform: 'app', account, boundAt: '2026-01-02T03:04:05.678Z', generation: claim.generation };
  }

  /** A caller's write to the row, under the unit's epoch of now. */
  async write(row: MemberRow, change: Partial<MemberDocument>): Promise<MemberRow> {
    const after = { ...row.document, ...change, updatedAt: isoTime(Date.now()) };
    const forks = forksAfter(row, after);
    const event = eventAfter(row.document, after);
    await this.unit.commit({ document: after, event, before: row.document.version, forks });
    return { document: after, forks };
  }

  async row(memberId: string): Promise<MemberRow | undefined> {
    return (await this.unit.shards.recovery.rows([memberId], 'A')).get(memberId);
  }

  /** Versions of the member's events that the outbox owes, the oldest first. */
  async owed(memberId: string): Promise<MemberEvent[]> {
    const { schema } = rangeOf(memberId);
    const sql = `SELECT event FROM ${schema}.outbox WHERE member_id = ${memberId} ORDER BY version`;
    return (await this.unit.database.query(sql)).map(({ event }) => event as MemberEvent);
  }

  async makeUndecided(memberId: string, forS = 0): Promise<void> {
    const sql = `INSERT INTO ${rangeOf(memberId).schema}.undecided VALUES (${memberId}, SYSDATE(6) - INTERVAL ${forS} SECOND)`;
    await this.unit.database.query(sql);
  }

  async isUndecided(memberId: string): Promise<boolean> {
    const sql = `SELECT 1 FROM ${rangeOf(memberId).schema}.undecided WHERE member_id = ${memberId}`;
    return (await this.unit.database.query(sql)).length > 0;
  }

  async listed(memberId: string) {
    return (await this.arbiter.lost.list('a1')).filter((entry) => entry.memberId === memberId);
  }
}

/** The event of a version, as its writer makes it. */
export function eventAfter(before: MemberDocument | undefined, after: MemberDocument): MemberEvent {
  return eventOf(before, after, { unit: 'a1', operationId: randomUUID() });
}

/** The version after `before` in the epoch that was lost. */
export function lostAfter(before: MemberDocument, change: Partial<MemberDocument>): MemberDocument {
  return { ...before, ...change, version: before.version + 1 };
}

export function inCity(document: MemberDocument, city: string): Pick<MemberDocument, 'profile'> {
  return { profile: { ...document.profile, city } };
}

export const anAccount = (): string => `account-${randomInt(1e9)}`;

export { claimsOf };
