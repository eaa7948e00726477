import { randomInt, randomUUID } from 'node:crypto';
import {
  type Fork,
  type LookupKey,
  type MemberDocument,
  type MemberEvent,
  systemClock,
  versionOf,
} from '../../../lambdas/core';
import { createShards, encodeMemberId, rangeOf, type Shards } from '../../../lambdas/shards';
import { Switches } from '../../../lambdas/switches';
import { together, withStarted } from '../../support/together';
import { type ArbiterTables, startArbiterTables } from '../arbiter/tables';
import { silent } from '../cache/two-regions';
import { type Database, EPOCH, startDatabase } from '../shards/database';

/** A unit's writer and its decision at the arbiter, which a test fails over at the moment that it chooses. */
export class OneUnit {
  readonly database: Database;
  readonly tables: ArbiterTables;
  readonly shards: Shards;

  readonly #port: number;

  private constructor(database: Database, tables: ArbiterTables, port: number) {
    this.database = database;
    this.tables = tables;
    this.#port = port;
    this.shards = this.openShards();
  }

  static async start(): Promise<OneUnit> {
    const [database, tables] = await together([startDatabase(), startArbiterTables()]);
    const stop = () => Promise.all([database.stop(), tables.stop()]);
    return withStarted({ stop }, async () => {
      const [found] = await database.query('SELECT @@port AS port');
      const { decisions } = tables.arbiter();
      await decisions.foundUnit('a1', 'A');
      await decisions.foundUnit('b1', 'B');
      return new OneUnit(database, tables, Number(found?.port));
    });
  }

  /** Nothing answers but the writers of both units, unless the one of a1 is lost too. */
  openShards({ a1 = 'up' }: { a1?: 'up' | 'lost' } = {}): Shards {
    const nobody = { host: '127.0.0.1', port: 9 };
    const writer = { host: '127.0.0.1', port: this.#port };
    return createShards({
      endpoints: { a1: { A: a1 === 'up' ? writer : nobody, B: nobody }, b1: { A: nobody, B: writer } },
      secrets: { user: 'twinkeep', password: 'for-tests-only' },
      connections: 4,
      clock: systemClock,
    });
  }

  /** Epoch `EPOCH`, as before any failover. */
  async reset(): Promise<void> {
    for (const unit of ['a1', 'b1']) await this.tables.setNumbers('decisions', `unit#${unit}`, { epoch: EPOCH });
    await this.setFence(EPOCH);
    await this.database.grantLease(600_000);
  }

  /** A unit's epoch rises, as at the end of a failover. */
  async failOver(unit: 'a1' | 'b1' = 'a1', epoch = EPOCH + 1): Promise<void> {
    await this.tables.setNumbers('decisions', `unit#${unit}`, { epoch });
    if (unit === 'a1') await this.setFence(epoch);
  }

  /** An environment's own view of the switches; it begins with what `store` tells. */
  switches(store: () => Promise<string | undefined> = async () => undefined): Switches {
    const { decisions } = this.tables.arbiter();
    const put = async () => undefined;
    return new Switches({ decisions, store: { get: store, put }, clock: systemClock, log: silent });
  }

  /** Writes the member's next version at its writer, with its event and its operation. */
  async commit({ document, event, before, forks = [] }: Commit): Promise<void> {
    const outcome = await this.shards.members.write(
      {
        range: rangeOf(document.memberId),
        epoch: Math.floor(document.version / 2 ** 32),
        operationId: event.operationId,
        expected: before,
        document,
        forks: JSON.stringify(forks),
        event,
      },
      'A',
      5000,
    );
    expect(outcome).toEqual({ kind: 'committed' });
  }

  async stop(): Promise<void> {
    await this.shards.close();
    await Promise.all([this.database.stop(), this.tables.stop()]);
  }

  private async setFence(epoch: number): Promise<void> {
    await this.database.query(`UPDATE twinkeep.fence SET epoch = ${epoch}`);
    await this.database.query(`UPDATE twinkeep.lease SET epoch = ${epoch}`);
  }
}

interface Commit {
  readonly document: MemberDocument;
  readonly event: MemberEvent;
  /** Version of the row that it follows; absent for a new member. */
  readonly before?: number;
  readonly forks?: readonly Fork[];
}

/** An id of unit a1, or of b1. */
export function newMemberId(unit: 'a1' | 'b1' = 'a1'): string {
  return encodeMemberId({
    placement: (unit === 'a1' ? 0 : 2048) + randomInt(2048),
    drawnAtMs: Date.UTC(2026, 0, 1) + randomInt(1e9),
    region: 'A',
    layout: 0,
    random: randomInt(512),
  });
}

/** The `counter`-th version of an epoch of a member who lives in `city`. */
export function documentAt(memberId: string, epoch: number, counter: number, city: string): MemberDocument {
  const at = '2026-01-02T03:04:05.678Z';
  return {
    memberId,
    version: versionOf(epoch, counter),
    status: 'active',
    profile: { name: 'Ada', city },
    accounts: [],
    registeredAt: at,
    updatedAt: at,
  };
}

export function eventOf(document: MemberDocument, removedKeys: readonly LookupKey[] = []): MemberEvent {
  const { memberId, version } = document;
  return {
    memberId,
    unit: rangeOf(memberId).unit,
    version,
    operationId: randomUUID(),
    document,
    changed: ['profile.city'],
    removedKeys,
    heldClaims: [],
    freedClaims: [],
  };
}
