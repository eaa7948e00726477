import { AwsFailure } from '../../../local/front/aws-error';
import { batchCount, inParts, MAX_BATCH_BYTES } from '../../../local/front/batches';
import { type Batching, Coalescer } from '../../../local/front/coalescer';
import type { QueueMessage } from '../../../local/front/queue-client';
import { gate } from '../gateway/hosted';

function plain(body: string): QueueMessage {
  return { body, attributes: {} };
}

function recording(send: (bodies: readonly string[]) => ReturnType<Batching['send']>) {
  const batches: string[][] = [];
  const coalescer = new Coalescer({
    count: batchCount,
    send: (messages) => {
      const bodies = messages.map(({ body }) => body);
      batches.push(bodies);
      return send(bodies);
    },
  });
  return { batches, coalescer };
}

test('what arrives together travels together, in order', async () => {
  const { batches, coalescer } = recording(async (bodies) => bodies.map(() => undefined));
  const bodies = Array.from({ length: 25 }, (_, index) => `m${index}`);
  await Promise.all(bodies.map((body) => coalescer.send(plain(body))));
  expect(batches.map(({ length }) => length)).toEqual([10, 10, 5]);
  expect(batches.flat()).toEqual(bodies);
});

test('what arrives while batches are under way waits for one another', async () => {
  const held = gate();
  const { batches, coalescer } = recording(async (bodies) => {
    await held.opened;
    return bodies.map(() => undefined);
  });
  const sent: Promise<void>[] = [];
  for (let index = 0; index < 9; index += 1) {
    sent.push(coalescer.send(plain(`m${index}`)));
    await new Promise(setImmediate);
  }
  expect(batches).toEqual([['m0'], ['m1']]);
  held.open();
  await Promise.all(sent);
  expect(batches).toEqual([['m0'], ['m1'], ['m2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8']]);
});

test('a message that is refused fails alone; a batch that fails fails whole', async () => {
  const refused = new AwsFailure(400, 'No', 'no');
  const { coalescer } = recording(async (bodies) => {
    if (bodies.includes('down')) throw new AwsFailure(503, 'ServiceUnavailable', 'down');
    return bodies.map((body) => (body === 'ill' ? refused : undefined));
  });
  const outcomes = await Promise.allSettled(['ok', 'ill', 'ok too'].map((body) => coalescer.send(plain(body))));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  const lost = await Promise.allSettled(['down', 'with it'].map((body) => coalescer.send(plain(body))));
  expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(coalescer.send(plain('up again'))).resolves.toBeUndefined();
});

test('a batch holds at most 256 KiB, bytes of attributes among them', () => {
  const half = { body: 'x'.repeat(MAX_BATCH_BYTES / 2), attributes: {} };
  const over = { ...half, attributes: { a: { DataType: 'String', StringValue: '1' } } };
  expect(batchCount([half, half])).toBe(2);
  expect(batchCount([half, over])).toBe(1);
  expect(inParts([over, half, half], batchCount).map(({ length }) => length)).toEqual([1, 2]);
});
