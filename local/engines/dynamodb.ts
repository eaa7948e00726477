import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  ListTablesCommand,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import { AWS_REGIONS, TABLES, type Table, tableName } from '../../topology';
import type { AwsIdentity } from './aws-identity';
import type { EngineDefinition } from './definition';
import type { Tools } from './install';
import { javaOptions } from './java-options';

export interface DynamodbServer {
  readonly port: number;
  readonly dataDirectory: string;
  readonly tablePrefix: string;
  readonly identity: AwsIdentity;
}

type Index = NonNullable<Table['indexes']>[number];

function keySchema(partitionKey: string, sortKey?: string): CreateTableCommandInput['KeySchema'] {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' },
    ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' as const }]),
  ];
}

/** How a table of the topology is created; every key attribute is a string. */
export function tableRequest(prefix: string, table: Table): CreateTableCommandInput {
  const indexes: readonly Index[] = table.indexes ?? [];
  const names = [table.partitionKey, table.sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];
  const attributes = [...new Set(names.filter((name) => name !== undefined))];
  return {
    TableName: tableName(prefix, table.name),
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: attributes.map((name) => ({ AttributeName: name, AttributeType: 'S' as const })),
    KeySchema: keySchema(table.partitionKey, table.sortKey),
    ...(indexes.length === 0
      ? {}
      : {
          GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: keySchema(index.partitionKey, index.sortKey),
            Projection: { ProjectionType: 'ALL' as const },
          })),
        }),
  };
}

async function withClient(server: DynamodbServer, act: (client: DynamoDBClient) => Promise<void>): Promise<void> {
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: AWS_REGIONS.witness,
    credentials: server.identity,
    maxAttempts: 1,
  });
  try {
    await act(client);
  } finally {
    client.destroy();
  }
}

/** Those of the topology; what is there stays. */
export async function createTables(client: DynamoDBClient, prefix: string): Promise<void> {
  for (const table of TABLES) {
    try {
      await client.send(new CreateTableCommand(tableRequest(prefix, table)));
    } catch (error) {
      if (!(error instanceof ResourceInUseException)) throw error;
    }
  }
}

/** The arbiter's tables, outside both regions. */
export function dynamodbEngine(server: DynamodbServer, tools: Tools): EngineDefinition {
  return {
    name: 'arbiter',
    kind: 'dynamodb',
    region: 'witness',
    role: 'arbiter',
    port: server.port,
    ports: [server.port],
    dataDirectory: server.dataDirectory,
    memoryMb: 200,
    readyTimeoutMs: 60_000,
    prepare: async () => undefined,
    launch: () => ({
      command: tools.java,
      arguments: [
        ...javaOptions({ most: '256m' }),
        `-Djava.library.path=${tools.sqliteDirectory}`,
        `-Dsqlite4java.library.path=${tools.sqliteDirectory}`,
        '-cp',
        `${tools.launchers}:${tools.classpaths.dynamodb}`,
        'LoopbackDynamoDb',
        '-port',
        String(server.port),
        '-sharedDb',
        '-disableTelemetry',
        '-dbPath',
        server.dataDirectory,
      ],
    }),
    check: () =>
      withClient(server, async (client) => {
        await client.send(new ListTablesCommand({}));
      }),
    configure: () => withClient(server, (client) => createTables(client, server.tablePrefix)),
  };
}
