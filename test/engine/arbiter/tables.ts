import './core-errors';
import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  type KeySchemaElement,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Arbiter, createArbiter } from '../../../lambdas/arbiter';
import { type Clock, type Log, systemClock } from '../../../lambdas/core';
import { TABLES, type Table, tableName } from '../../../topology';

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Address of a real engine; every test file makes tables of its own in it. */
export function engineEndpoint(): string {
  const endpoint = process.env.TWINKEEP_TEST_ARBITER;
  if (endpoint === undefined) throw new Error('TWINKEEP_TEST_ARBITER must be the address of a DynamoDB engine');
  return endpoint;
}

export interface TestTables {
  readonly prefix: string;
  readonly client: DynamoDBClient;
  /** A part of the system that uses these tables, through `endpoint` if given. */
  arbiter(options?: { endpoint?: string; clock?: Clock; log?: Log }): Arbiter;
  /** Sets numbers of an item behind the arbiter's back. */
  setNumbers(table: Table['name'], key: string, numbers: Record<string, number>): Promise<void>;
  close(): Promise<void>;
}

export async function createTables(): Promise<TestTables> {
  // The engine does not check them, but the client will not sign without.
  process.env.AWS_ACCESS_KEY_ID ??= 'local';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'local';
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const client = new DynamoDBClient({ region: 'us-east-1', endpoint: engineEndpoint() });
  for (const table of TABLES) await client.send(new CreateTableCommand(definition(prefix, table)));
  const arbiters: Arbiter[] = [];
  return {
    prefix,
    client,
    arbiter(options = {}) {
      const arbiter = createArbiter({
        region: 'A',
        awsRegion: 'us-east-1',
        endpoint: options.endpoint ?? engineEndpoint(),
        tablePrefix: prefix,
        clock: options.clock ?? systemClock,
        log: options.log ?? silent,
      });
      arbiters.push(arbiter);
      return arbiter;
    },
    async setNumbers(table, key, numbers) {
      const names = Object.keys(numbers);
      const request = {
        TableName: tableName(prefix, table),
        Key: { key: { S: key } },
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, { N: String(numbers[name]) }])),
      };
      await client.send(new UpdateItemCommand(request));
    },
    async close() {
      for (const arbiter of arbiters) arbiter.close();
      for (const table of TABLES) {
        await client.send(new DeleteTableCommand({ TableName: tableName(prefix, table.name) }));
      }
      client.destroy();
    },
  };
}

function definition(prefix: string, table: Table): CreateTableCommandInput {
  const indexes = table.indexes ?? [];
  const keys = [table, ...indexes].flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey ?? partitionKey]);
  return {
    TableName: tableName(prefix, table.name),
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...new Set(keys)].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keySchema(table),
    ...(indexes.length === 0
      ? {}
      : {
          GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: keySchema(index),
            Projection: { ProjectionType: 'ALL' },
          })),
        }),
  };
}

function keySchema({ partitionKey, sortKey }: { partitionKey: string; sortKey?: string }): KeySchemaElement[] {
  const partition: KeySchemaElement = { AttributeName: partitionKey, KeyType: 'HASH' };
  return sortKey === undefined ? [partition] : [partition, { AttributeName: sortKey, KeyType: 'RANGE' }];
}
