import './core-errors';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Arbiter, createArbiter } from '../../../lambdas/arbiter';
import { type Clock, type Log, systemClock } from '../../../lambdas/core';
import { ensureTools } from '../../../local/engines';
import { dynamodbEngine } from '../../../local/engines/dynamodb';
import { AWS_REGIONS, type Table, tableName } from '../../../topology';
import { freePort, startScratchEngine } from '../../support/scratch-engine';

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const TABLE_PREFIX = 'arbiter-test';

export interface ArbiterTables {
  readonly endpoint: string;
  /** A part of the system that uses these tables, through `endpoint` if given. */
  arbiter(options?: { endpoint?: string; clock?: Clock; log?: Log }): Arbiter;
  /** Sets numbers of an item behind the arbiter's back. */
  setNumbers(table: Table['name'], key: string, numbers: Record<string, number>): Promise<void>;
  stop(): Promise<void>;
}

/** The arbiter's tables in an engine of their own. */
export async function startArbiterTables(): Promise<ArbiterTables> {
  const tools = await ensureTools(() => undefined, new AbortController().signal);
  const identity = { accountId: '000000000000', accessKeyId: 'local', secretAccessKey: 'local' };
  // The engine does not check them, but the client will not sign without.
  process.env.AWS_ACCESS_KEY_ID = identity.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = identity.secretAccessKey;
  const port = await freePort();
  const engine = await startScratchEngine((dataDirectory) =>
    dynamodbEngine({ port, dataDirectory, tablePrefix: TABLE_PREFIX, identity }, tools),
  );
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({ region: AWS_REGIONS.A, endpoint });
  const arbiters: Arbiter[] = [];
  return {
    endpoint,
    arbiter(options = {}) {
      const arbiter = createArbiter({
        region: 'A',
        awsRegion: AWS_REGIONS.A,
        endpoint,
        tablePrefix: TABLE_PREFIX,
        clock: systemClock,
        log: silent,
        ...options,
      });
      arbiters.push(arbiter);
      return arbiter;
    },
    async setNumbers(table, key, numbers) {
      const names = Object.keys(numbers);
      const request = {
        TableName: tableName(TABLE_PREFIX, table),
        Key: { key: { S: key } },
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, { N: String(numbers[name]) }])),
      };
      await client.send(new UpdateItemCommand(request));
    },
    async stop() {
      for (const arbiter of arbiters) arbiter.close();
      client.destroy();
      await engine.stop();
    },
  };
}
