import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Connection, createConnection } from 'mysql2/promise';
import type { MemberEvent } from '../../../lambdas/core';
import { rangeOf } from '../../../lambdas/shards';
import { UNITS } from '../../../topology';
import { awsClient } from '../support/stores';
import { engine, eventually, secrets } from '../support/system';

const DECISIONS = 'twinkeep-local-decisions';

async function withDatabase<T>(unit: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const found = UNITS.find(({ name }) => name === unit);
  const { host, port } = engine(`${found?.clusters[0]}-${found?.home}`);
  const password = String(secrets().databasePassword);
  const options = {
    host,
    port,
    user: 'twinkeep',
    password,
    supportBigNumbers: true,
    dateStrings: true,
    jsonStrings: true,
  };
  const connection = await createConnection(options);
  try {
    return await use(connection);
  } finally {
    await connection.end();
  }
}

/**
 * What a failover does to whoever writes: a new epoch is drawn and taken, then the fence and the lease get it. The
 * writer stays where it is.
 *
 * @returns the new epoch
 */
export async function raiseEpoch(unit: string): Promise<number> {
  const client = awsClient((options) => new DynamoDBClient(options));
  const drawn = await client.send(
    new UpdateItemCommand({
      TableName: DECISIONS,
      Key: { key: { S: 'epochs' } },
      UpdateExpression: 'ADD drawn :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ReturnValues: 'ALL_NEW',
    }),
  );
  const epoch = Number(drawn.Attributes?.drawn?.N);
  await client.send(
    new UpdateItemCommand({
      TableName: DECISIONS,
      Key: { key: { S: `unit#${unit}` } },
      UpdateExpression: 'SET epoch = :epoch',
      ConditionExpression: 'epoch < :epoch',
      ExpressionAttributeValues: { ':epoch': { N: String(epoch) } },
    }),
  );
  client.destroy();
  await withDatabase(unit, (database) =>
    // A trip that has passed the fence is waited for, for a second at a time.
    eventually(async () => {
      await database.query('UPDATE twinkeep.fence SET epoch = ? WHERE unit = ?', [epoch, unit]);
      await database.query('UPDATE twinkeep.lease SET epoch = ? WHERE unit = ?', [epoch, unit]);
      return true;
    }),
  );
  return epoch;
}

/** Remembers a member's row, to bring it back as a copy that had not received what came after. */
export function rememberRow(memberId: string): Promise<{ bringBack(): Promise<void> }> {
  const { unit, schema } = rangeOf(memberId);
  const id = BigInt(memberId);
  return withDatabase(unit, async (database) => {
    const [rows] = await database.query(`SELECT * FROM \`${schema}\`.member WHERE member_id = ?`, [id]);
    const { member_id: _, ...columns } = (rows as Record<string, unknown>[])[0] ?? {};
    return {
      bringBack: () =>
        withDatabase(unit, async (later) => {
          await later.query(`UPDATE \`${schema}\`.member SET ? WHERE member_id = ?`, [columns, id]);
          await later.query(`DELETE FROM \`${schema}\`.outbox WHERE member_id = ? AND version > ?`, [
            id,
            columns.version,
          ]);
        }),
    };
  });
}

/** As a copy that had not received what became of the operation. */
export function forgetOperation(memberId: string, operationId: string): Promise<unknown> {
  const { unit, schema } = rangeOf(memberId);
  return withDatabase(unit, (database) =>
    database.query(`DELETE FROM \`${schema}\`.operation WHERE operation_id = ?`, [operationId]),
  );
}

/** What the member's outbox still owes, oldest version first. */
export function owedEvents(memberId: string): Promise<MemberEvent[]> {
  const { unit, schema } = rangeOf(memberId);
  return withDatabase(unit, async (database) => {
    const sql = `SELECT event FROM \`${schema}\`.outbox WHERE member_id = ? ORDER BY version`;
    const [rows] = await database.query(sql, [BigInt(memberId)]);
    return (rows as { event: string }[]).map(({ event }) => JSON.parse(event) as MemberEvent);
  });
}
