import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Redis } from 'ioredis';
import { elasticmqEngine } from '../../../local/engines/elasticmq';
import { motoEngine } from '../../../local/engines/moto';
import { opensearchEngine } from '../../../local/engines/opensearch';
import { redisEngine } from '../../../local/engines/redis';
import { freePort } from '../../../local/system/free-ports';
import { parameterName } from '../../../topology';
import { IDENTITY, Trial, until } from './trial';

const trial = new Trial();
const ACCOUNT = '000000000000';

afterAll(() => trial.end(), 60_000);

test('queues keep every acknowledged message over SIGKILL', async () => {
  const port = await freePort();
  const server = {
    region: 'A',
    port,
    frontPort: port,
    accountId: ACCOUNT,
    dataDirectory: trial.dataDirectory('sqs'),
  } as const;
  const part = await trial.start(elasticmqEngine(server, await Trial.tools()));
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new SQSClient({ endpoint, region: 'us-east-1', credentials: IDENTITY });
  const QueueUrl = `${endpoint}/${ACCOUNT}/index-order`;
  const sent = Array.from({ length: 40 }, (_, index) => `message ${index}`);
  await Promise.all(sent.map((MessageBody) => client.send(new SendMessageCommand({ QueueUrl, MessageBody }))));
  await trial.killAndRestart(part);
  const received = new Set<string | undefined>();
  await until(async () => {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { Body } of Messages) received.add(Body);
    return received.size >= sent.length;
  });
  expect([...received].sort()).toEqual([...sent].sort());
  client.destroy();
});

test('a parameter that was turned stays turned over SIGKILL; others have their defaults', async () => {
  const port = await freePort();
  const server = {
    region: 'B',
    port,
    stage: 'local',
    accountId: ACCOUNT,
    identity: IDENTITY,
    dataDirectory: trial.dataDirectory('ssm'),
  } as const;
  const part = await trial.start(motoEngine(server, await Trial.tools()));
  const client = new SSMClient({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-2', credentials: IDENTITY });
  const get = async (name: string) =>
    (await client.send(new GetParameterCommand({ Name: parameterName('local', name) }))).Parameter;
  const put = (name: string, Value: string) =>
    client.send(
      new PutParameterCommand({ Name: parameterName('local', name), Value, Type: 'String', Overwrite: true }),
    );
  await put('search/order', '["standby"]');
  await put('trial/ended', '1');
  await client.send(new DeleteParameterCommand({ Name: parameterName('local', 'trial/ended') }));
  await trial.killAndRestart(part);
  expect(await get('search/order')).toMatchObject({ Value: '["standby"]', Version: 2 });
  expect(await get('failover/auto')).toMatchObject({ Value: '"off"', Version: 1 });
  await expect(get('trial/ended')).rejects.toThrow();
  client.destroy();
});

test('a cache answers as a cluster that has every slot, also when it comes back', async () => {
  const server = {
    region: 'A',
    port: await freePort(),
    busPort: await freePort(),
    dataDirectory: trial.dataDirectory('redis'),
  } as const;
  const part = await trial.start(redisEngine(server, await Trial.tools()));
  const ask = async () => {
    const client = new Redis({ port: server.port, lazyConnect: true, maxRetriesPerRequest: 0 });
    await client.connect();
    try {
      await client.set('{key}', 'value');
      return await client.call('CLUSTER', 'SLOTS');
    } finally {
      client.disconnect();
    }
  };
  const slots = [[0, 16383, expect.arrayContaining(['127.0.0.1', server.port])]];
  expect(await ask()).toEqual(slots);
  await trial.killAndRestart(part);
  expect(await ask()).toEqual(slots);
});

test('a search domain keeps every acknowledged document over SIGKILL', async () => {
  const server = {
    domain: 'order',
    region: 'A',
    port: await freePort(),
    transportPort: await freePort(),
    dataDirectory: trial.dataDirectory('order'),
  } as const;
  const part = await trial.start(opensearchEngine(server, await Trial.tools()));
  const document = `http://127.0.0.1:${server.port}/trial/_doc/1`;
  const headers = { 'content-type': 'application/json' };
  const put = await fetch(document, { method: 'PUT', headers, body: '{"name":"Ada"}' });
  expect(put.status).toBe(201);
  await trial.killAndRestart(part);
  await until(async () => (await fetch(document)).status === 200);
}, 240_000);
