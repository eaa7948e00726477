import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { commands } from '../../../cli/commands';
import { openQueue } from '../../../cli/dead-letters';
import { run } from '../../../cli/run';
import { readState } from '../../../cli/state';
import { AWS_REGIONS } from '../../../topology';
import { freePort } from '../../support/scratch-engine';
import { IDENTITY, RegionQueues } from '../front/fronting';

const QUEUE = 'index-order';
let queues: RegionQueues;
let client: SQSClient;
let directory = '';

async function call(...words: string[]): Promise<{ code: number; out: string; error: string }> {
  let [out, error] = ['', ''];
  const code = await run(commands, [...words, '--directory', directory], {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    environment: {},
  });
  return { code, out, error };
}

async function die(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const body = JSON.stringify({ events: [{ memberId: `${1000 + index}`, version: index + 1 }] });
    await client.send(
      new SendMessageCommand({
        QueueUrl: queues.queueUrl(`${QUEUE}-dead`),
        MessageBody: body,
        MessageAttributes: { error: { DataType: 'String', StringValue: `reason ${index}` } },
      }),
    );
  }
}

/** Takes all messages off a queue. */
async function drain(queue: string): Promise<{ body: string | undefined; error: string | undefined }[]> {
  const drained: { body: string | undefined; error: string | undefined }[] = [];
  for (;;) {
    const QueueUrl = queues.queueUrl(queue);
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );
    if (Messages.length === 0) return drained;
    for (const { Body, MessageAttributes, ReceiptHandle } of Messages) {
      drained.push({ body: Body, error: MessageAttributes?.error?.StringValue });
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

beforeAll(async () => {
  queues = await RegionQueues.start('A', await freePort());
  client = queues.client();
  directory = await mkdtemp(join(tmpdir(), 'twinkeep-dead-letters-'));
  const state = {
    regions: { A: { api: queues.url }, B: { api: queues.url } },
    aws: { endpoint: queues.url, regions: { A: AWS_REGIONS.A, B: AWS_REGIONS.B }, ...IDENTITY },
    callers: [],
    engines: [],
  };
  await writeFile(join(directory, 'state.json'), JSON.stringify(state));
});

afterEach(async () => {
  await drain(QUEUE);
  await drain(`${QUEUE}-dead`);
});

afterAll(async () => {
  client.destroy();
  await queues.remove();
  await rm(directory, { recursive: true, force: true });
});

describe('dead letters', () => {
  it('are counted by queue', async () => {
    await die(3);
    const { code, out } = await call('dead-letters', 'list', QUEUE, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual([{ queue: QUEUE, region: 'A', deadLetters: 3 }]);
    expect((await call('dead-letters', 'list', `${QUEUE}-dead`)).out).toMatch(/index-order +A +3/);
  });

  it('are shown with their reasons, and stay where they are', async () => {
    await die(12);
    const { code, out } = await call('dead-letters', 'show', QUEUE);
    expect(code).toBe(0);
    expect(out).toMatch(/reason 11\n {2}member 1011 version 12\n/);
    expect(out).not.toContain('"events"');
    const lines = (await call('dead-letters', 'show', QUEUE, '--json', '--body', '--limit', '5')).out
      .trim()
      .split('\n');
    expect(lines).toHaveLength(5);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: expect.stringMatching(/^reason/), receives: 2 });
    expect(await drain(`${QUEUE}-dead`)).toHaveLength(12);
  });

  it('are moved back with all that they carry', async () => {
    await die(25);
    const { code, out } = await call('dead-letters', 'redrive', QUEUE, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ queue: QUEUE, moved: 25, notDeleted: 0, notSent: 0, left: 0 });
    const arrived = await drain(QUEUE);
    expect(arrived.map(({ error }) => error).sort()).toEqual(
      Array.from({ length: 25 }, (_, n) => `reason ${n}`).sort(),
    );
    expect(await drain(`${QUEUE}-dead`)).toEqual([]);
  });

  it('are moved up to a limit', async () => {
    await die(13);
    expect((await call('dead-letters', 'redrive', QUEUE, '--limit', '11')).out).toBe(
      `11 moved back to ${QUEUE}\n2 dead letters now\n`,
    );
    expect(await drain(QUEUE)).toHaveLength(11);
  });

  it('are in one of the two queues at every moment of a redrive', async () => {
    await die(1);
    const letters = openQueue(QUEUE, await readState(directory));
    const order: string[] = [];
    letters.client.middlewareStack.add(
      (next, context) => async (args) => {
        order.push(context.commandName ?? '');
        return next(args);
      },
      { step: 'initialize', name: 'order' },
    );
    await letters.redrive(10);
    letters.close();
    expect(order.indexOf('SendMessageCommand')).toBeLessThan(order.indexOf('DeleteMessageCommand'));
  });

  it('stay when the queue does not take them', async () => {
    await die(2);
    const letters = openQueue(QUEUE, await readState(directory));
    letters.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === 'SendMessageCommand') throw new Error('cut');
        return next(args);
      },
      { step: 'initialize', name: 'cut' },
    );
    expect(await letters.redrive(10)).toMatchObject({ moved: 0, notSent: 2, left: 2 });
    letters.close();
    expect(await drain(`${QUEUE}-dead`)).toHaveLength(2);
  });

  it('can not be reached where the queues of the region are lost', async () => {
    const lost = await call('dead-letters', 'list', 'index-standby');
    expect(lost.code).toBe(3);
    expect(lost.out).toMatch(/index-standby +B +\?/);
    expect(await call('dead-letters', 'redrive', 'index-standby')).toMatchObject({ code: 3 });
    expect(await call('dead-letters', 'show', 'nothing')).toMatchObject({
      code: 2,
      error: expect.stringMatching(/there are index-order/),
    });
  });
});
