import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { dynamodbEngine } from '../../../local/engines/dynamodb';
import { freePort } from '../../../local/system/free-ports';
import type { RunningPart } from '../../../local/system/running-part';
import { IDENTITY, kill, Trial } from './trial';

const TABLE = 'trial-decisions';
const trial = new Trial();
let port: number;
let arbiter: RunningPart;
let client: DynamoDBClient;

beforeAll(async () => {
  port = await freePort();
  const server = { port, dataDirectory: trial.dataDirectory('arbiter'), tablePrefix: 'trial', identity: IDENTITY };
  arbiter = await trial.start(dynamodbEngine(server, await Trial.tools()));
  client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-west-2',
    credentials: IDENTITY,
    maxAttempts: 1,
  });
});

afterAll(async () => {
  client.destroy();
  await trial.end();
});

function decide(key: string, by: string) {
  return client.send(
    new PutItemCommand({
      TableName: TABLE,
      Item: { key: { S: key }, by: { S: by } },
      ConditionExpression: 'attribute_not_exists(#key)',
      ExpressionAttributeNames: { '#key': 'key' },
    }),
  );
}

async function decided(key: string): Promise<string | undefined> {
  const command = new GetItemCommand({ TableName: TABLE, Key: { key: { S: key } }, ConsistentRead: true });
  return (await client.send(command)).Item?.by?.S;
}

test('no decision that was acknowledged is lost by SIGKILL, and none can be made again', async () => {
  const acknowledged: string[] = [];
  let running = true;
  const deciders = Array.from({ length: 4 }, async (_, decider) => {
    for (let turn = 0; running; turn += 1) {
      const key = `${decider}-${turn}`;
      const isAcknowledged = await decide(key, 'first').then(
        () => true,
        () => false,
      );
      if (!isAcknowledged) return;
      acknowledged.push(key);
      if (acknowledged.length === 60) await kill(arbiter);
    }
  });
  await Promise.all(deciders).finally(() => {
    running = false;
  });
  expect(acknowledged.length).toBeGreaterThanOrEqual(60);
  await arbiter.start(new AbortController().signal);
  for (const key of acknowledged) expect(await decided(key)).toBe('first');
  await expect(decide(acknowledged.at(-1) ?? '', 'second')).rejects.toBeInstanceOf(ConditionalCheckFailedException);
});

test('it listens on the loopback address only', async () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4');
  if (outside === undefined) return;
  const refused = await new Promise<boolean>((resolve) => {
    const socket = connect(port, outside.address);
    socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
    socket.once('connect', () => socket.destroy());
  });
  expect(refused).toBe(true);
});
