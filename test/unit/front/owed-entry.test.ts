import fc from 'fast-check';
import { inParts, MAX_BATCH_BYTES, messageBytes } from '../../../local/front/batches';
import { decodeEntry, encodeEntry, entryCount } from '../../../local/front/owed-entry';
import type { QueueMessage } from '../../../local/front/queue-client';

const message = fc.record({
  body: fc.string({ minLength: 1, unit: 'grapheme' }),
  attributes: fc.dictionary(
    fc.stringMatching(/^[a-z]{1,8}$/),
    fc.record({ DataType: fc.constant('String'), StringValue: fc.string() }),
    { maxKeys: 3 },
  ),
});

function plain(body: string): QueueMessage {
  return { body, attributes: {} };
}

test('an entry is read as it was written', () => {
  const queues = fc.option(fc.array(fc.stringMatching(/^[a-z-]{1,10}$/), { minLength: 1 }), { nil: undefined });
  fc.assert(
    fc.property(fc.array(message, { minLength: 1 }), queues, fc.nat(), (messages, names, attempts) => {
      const entry = { messages, attempts, ...(names === undefined ? {} : { queues: names }) };
      // A received message is JSON that came over the wire.
      expect(decodeEntry(JSON.parse(JSON.stringify(encodeEntry(entry))))).toEqual(JSON.parse(JSON.stringify(entry)));
    }),
  );
});

test('whatever is cut into entries stays whole, in order, and each entry fits a queue', () => {
  const size = fc.integer({ min: 1, max: MAX_BATCH_BYTES });
  const text = fc
    .tuple(size, fc.constantFrom('x', '"', 'é'))
    .map(([bytes, unit]) => unit.repeat(Math.max(1, bytes / 2)));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 12 }), (bodies) => {
      const parts = inParts(bodies.map(plain), entryCount);
      const entries = parts.map((messages) => encodeEntry({ messages, attempts: 0 }));
      for (const entry of entries) expect(messageBytes(entry)).toBeLessThanOrEqual(MAX_BATCH_BYTES);
      expect(entries.flatMap((entry) => decodeEntry(entry).messages.map(({ body }) => body))).toEqual(bodies);
    }),
    { numRuns: 30 },
  );
});

test('a message too large to be wrapped is owed to every queue, as it is', () => {
  const body = 'x'.repeat(MAX_BATCH_BYTES);
  const entry = encodeEntry({ messages: [plain(body)], queues: ['a'], attempts: 3 });
  expect(entry).toEqual(plain(body));
  expect(decodeEntry(entry)).toEqual({ messages: [plain(body)], attempts: 0 });
});
