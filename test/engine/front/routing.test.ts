import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { engineDefinitions, planPorts } from '../../../local/engines';
import { type Front, startFront } from '../../../local/front';
import { EventSources } from '../../../local/gateway/event-sources';
import { InvokePort } from '../../../local/gateway/invoke-port';
import type { FrontConfig } from '../../../local/system/process-config';
import { AWS_REGIONS } from '../../../topology';
import { freePort, type ScratchEngine, startScratchEngine } from '../../support/scratch-engine';
import { apiFunction, invokerOf, keptLog } from '../../unit/gateway/hosted';
import { ACCOUNT_ID, frontConfig, frontRegion, IDENTITY, RegionQueues, takeUntil, tools } from './fronting';

const NOBODY = 'http://127.0.0.1:9';
let queues: RegionQueues;
const engines: ScratchEngine[] = [];
let invokePort: InvokePort;
let config: FrontConfig;
let front: Front;

/** The definition of one engine of the whole system, on a port of this test. */
async function startEngine(name: string, port: number): Promise<void> {
  const found = await tools();
  const plan = planPorts();
  const ports = { ...plan, ssm: { A: port, B: port }, dynamodb: port };
  const started = await startScratchEngine((dataDirectory) => {
    const mariadb = { user: 'x', password: 'x', rootPassword: 'x', replicationPassword: 'x' } as never;
    const settings = { ports, dataDirectory, stage: 'test', tablePrefix: 'test', accountId: ACCOUNT_ID };
    const keeperOf = () => ({ isOpen: () => true, settle: async () => undefined });
    const all = engineDefinitions({ ...settings, identity: IDENTITY, mariadb, keeperOf }, found);
    const definition = all.find((one) => one.name === name);
    if (definition === undefined) throw new Error(`there is no ${name}`);
    mkdirSync(definition.dataDirectory, { recursive: true });
    return definition;
  });
  engines.push(started);
}

beforeAll(async () => {
  const [port, ssmPort, dynamodbPort] = [await freePort(), await freePort(), await freePort()];
  await Promise.all([
    RegionQueues.start('A', port).then((started) => {
      queues = started;
    }),
    startEngine('ssm-A', ssmPort),
    startEngine('arbiter', dynamodbPort),
  ]);
  invokePort = new InvokePort(keptLog(), new EventSources(join(tmpdir(), 'no-event-sources.json')));
  await invokePort.listen(0);
  invokePort.open([
    invokerOf(apiFunction('order'), (event) => ({ got: event })),
    invokerOf(apiFunction('other'), () => {
      throw new TypeError('boom');
    }),
  ]);
  const { port: apiPort } = invokePort.server.address() as AddressInfo;
  const url = (number: number) => `http://127.0.0.1:${number}`;
  config = frontConfig(
    port,
    {
      A: frontRegion('A', queues.url, {
        ssm: url(ssmPort),
        invoke: { api: url(apiPort), tasks: NOBODY },
        functions: { 'members-order': 'api', 'members-other': 'api', relay: 'tasks' },
      }),
      B: frontRegion('B', NOBODY),
    },
    { dynamodb: url(dynamodbPort) },
  );
  front = await startFront(config, keptLog());
});

afterAll(async () => {
  await front?.stop();
  await invokePort?.drain();
  await Promise.all([queues?.remove(), ...engines.map((one) => one.stop())]);
});

function options(region: string = AWS_REGIONS.A) {
  return { endpoint: `http://127.0.0.1:${config.port}`, region, credentials: IDENTITY, maxAttempts: 1 };
}

test('queues answer in their region, and queue URLs lead back through the front', async () => {
  const client = new SQSClient(options());
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: 'index-order' }));
  expect(QueueUrl).toBe(`http://127.0.0.1:${config.port}/${ACCOUNT_ID}/index-order`);
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'through' }));
  await takeUntil(queues, 'index-order', (bodies) => bodies.includes('through'));
  client.destroy();
});

test('an engine that is down is answered 503 at once', async () => {
  const startedMs = performance.now();
  for (const call of [
    () => new SQSClient(options(AWS_REGIONS.B)).send(new GetQueueUrlCommand({ QueueName: 'x' })),
    () => new SSMClient(options(AWS_REGIONS.B)).send(new GetParameterCommand({ Name: 'x' })),
    () => new LambdaClient(options()).send(new InvokeCommand({ FunctionName: 'relay' })),
  ]) {
    await expect(call()).rejects.toMatchObject({ name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } });
  }
  expect(performance.now() - startedMs).toBeLessThan(2000);
});

test.each([AWS_REGIONS.A, AWS_REGIONS.B, AWS_REGIONS.witness])('the arbiter is the same from %s', async (region) => {
  const { TableNames } = await new DynamoDBClient(options(region)).send(new ListTablesCommand({}));
  expect(TableNames).toContain('test-claims');
});

test('functions are invoked in the process that runs them', async () => {
  const client = new LambdaClient(options());
  const invoke = (FunctionName: string) =>
    client.send(new InvokeCommand({ FunctionName, Payload: Buffer.from('{"a":1}') }));
  const answer = await invoke('members-order');
  expect(JSON.parse(Buffer.from(answer.Payload ?? []).toString())).toEqual({ got: { a: 1 } });
  const failed = await invoke(`arn:aws:lambda:us-east-1:${ACCOUNT_ID}:function:members-other`);
  expect(failed.FunctionError).toBe('Unhandled');
  expect(JSON.parse(Buffer.from(failed.Payload ?? []).toString())).toMatchObject({
    errorType: 'TypeError',
    errorMessage: 'boom',
  });
  await expect(invoke('nobody')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  client.destroy();
});

test('an unknown region and an unknown service are told what exists', async () => {
  await expect(new SQSClient(options('eu-west-1')).send(new GetQueueUrlCommand({ QueueName: 'x' }))).rejects.toThrow(
    /eu-west-1.*us-east-1 and us-east-2/,
  );
  const authorization =
    'AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request, SignedHeaders=a, Signature=b';
  const answer = await fetch(options().endpoint, { headers: { authorization } });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toMatch(/<Code>UnknownService<\/Code>.*dynamodb, lambda, rds, sns, sqs, ssm/);
});

test('a request that is not signed is refused in the protocol that it speaks', async () => {
  const plain = await fetch(options().endpoint, { method: 'POST', body: 'Action=ListQueues' });
  expect([plain.status, await plain.text()]).toEqual([
    403,
    expect.stringContaining('<Code>MissingAuthenticationToken<'),
  ]);
  const headers = { 'x-amz-target': 'AmazonSQS.ListQueues' };
  const json = await fetch(options().endpoint, { method: 'POST', headers, body: '{}' });
  expect([json.status, await json.json()]).toEqual([
    403,
    expect.objectContaining({ __type: 'MissingAuthenticationToken' }),
  ]);
});

test('a caller who leaves takes its long poll along: no message goes to nobody', async () => {
  const client = new SQSClient(options());
  const { QueueUrl } = await client.send(
    new CreateQueueCommand({ QueueName: 'left', Attributes: { VisibilityTimeout: '300' } }),
  );
  for (let round = 0; round < 5; round += 1) {
    const leaving = new AbortController();
    const arrived = once(front.server, 'request');
    const poll = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: leaving.signal,
    });
    await arrived;
    await new Promise((resolve) => setTimeout(resolve, 200));
    leaving.abort();
    await expect(poll).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const body = `round ${round}`;
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 3 }));
    expect(Messages.map(({ Body }) => Body)).toEqual([body]);
  }
  client.destroy();
});

test('a changed parameter is announced where a function waits for it', async () => {
  const client = new SSMClient(options());
  const put = (Value: string) =>
    client.send(new PutParameterCommand({ Name: '/x/announced', Value, Type: 'String', Overwrite: true }));
  await put('1');
  await put('2');
  await client.send(new DeleteParameterCommand({ Name: '/x/announced' }));
  await expect(client.send(new DeleteParameterCommand({ Name: '/x/never' }))).rejects.toMatchObject({
    name: 'ParameterNotFound',
  });
  const taken = await takeUntil(queues, 'failover-A', (bodies) => bodies.length >= 3);
  const events = taken.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(events.map(({ detail }) => detail)).toEqual([
    { name: '/x/announced', operation: 'Create', type: 'String' },
    { name: '/x/announced', operation: 'Update', type: 'String' },
    { name: '/x/announced', operation: 'Delete' },
  ]);
  expect(events[0]).toMatchObject({
    source: 'aws.ssm',
    'detail-type': 'Parameter Store Change',
    region: 'us-east-1',
    resources: [`arn:aws:ssm:us-east-1:${ACCOUNT_ID}:parameter/x/announced`],
  });
  client.destroy();
});
