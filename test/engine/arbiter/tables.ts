import './core-errors';
import { randomUUID } from 'node:crypto';
import { DeleteTableCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Arbiter, createArbiter } from '../../../lambdas/arbiter';
import { type Clock, type Log, systemClock } from '../../../lambdas/core';
import { ensureTools } from '../../../local/engines';
import { createTables, dynamodbEngine } from '../../../local/engines/dynamodb';
import { AWS_REGIONS, TABLES, type Table, tableName } from '../../../topology';
import { freePort, startScratchEngine } from '../../support/scratch-engine';
import { withStarted } from '../../support/together';

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const IDENTITY = { accountId: '000000000000', accessKeyId: 'local', secretAccessKey: 'local' };

export interface ArbiterTables {
  readonly endpoint: string;
  /** As whose tables they are named. */
  readonly stage: string;
  nameOf(table: Table['name']): string;
  /** A part of the system that uses these tables, through `endpoint` if given. */
  arbiter(options?: { endpoint?: string; clock?: Clock; log?: Log }): Arbiter;
  /** Sets numbers of an item behind the arbiter's back. */
  setNumbers(table: Table['name'], key: string, numbers: Record<string, number>): Promise<void>;
  stop(): Promise<void>;
}

/** Where the engine is, and what ends it, if it is the caller's own. */
interface Engine {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** The engine of `TWINKEEP_TEST_ARBITER`, where there is one: its start takes longer than most of what is asked of it. */
async function findEngine(tablePrefix: string): Promise<Engine> {
  const running = process.env.TWINKEEP_TEST_ARBITER;
  if (running !== undefined) return { endpoint: running, stop: async () => undefined };
  const tools = await ensureTools(() => undefined, new AbortController().signal);
  const port = await freePort();
  const engine = await startScratchEngine((dataDirectory) =>
    dynamodbEngine({ port, dataDirectory, tablePrefix, identity: IDENTITY }, tools),
  );
  return { endpoint: `http://127.0.0.1:${port}`, stop: () => engine.stop() };
}

/** The arbiter's tables, under names that nobody else has. */
export async function startArbiterTables(): Promise<ArbiterTables> {
  // The engine does not check them, but the client will not sign without.
  process.env.AWS_ACCESS_KEY_ID = IDENTITY.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = IDENTITY.secretAccessKey;
  const stage = `test-${randomUUID().slice(0, 8)}`;
  const tablePrefix = prefixOf(stage);
  const engine = await findEngine(tablePrefix);
  return withStarted(engine, () => openTables(engine, stage));
}

const prefixOf = (stage: string): string => `twinkeep-${stage}`;

async function openTables(engine: Engine, stage: string): Promise<ArbiterTables> {
  const tablePrefix = prefixOf(stage);
  const { endpoint } = engine;
  const client = new DynamoDBClient({ region: AWS_REGIONS.A, endpoint });
  await createTables(client, tablePrefix);
  const arbiters: Arbiter[] = [];
  return {
    endpoint,
    stage,
    nameOf: (table) => tableName(tablePrefix, table),
    arbiter(options = {}) {
      const arbiter = createArbiter({
        region: 'A',
        awsRegion: AWS_REGIONS.A,
        endpoint,
        tablePrefix,
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
        TableName: tableName(tablePrefix, table),
        Key: { key: { S: key } },
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, { N: String(numbers[name]) }])),
      };
      await client.send(new UpdateItemCommand(request));
    },
    async stop() {
      for (const arbiter of arbiters) arbiter.close();
      for (const { name } of TABLES) {
        await client.send(new DeleteTableCommand({ TableName: tableName(tablePrefix, name) }));
      }
      client.destroy();
      await engine.stop();
    },
  };
}
