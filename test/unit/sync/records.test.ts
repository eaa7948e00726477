import fc from 'fast-check';
import type { MemberEvent } from '../../../lambdas/core';
import {
  consume,
  countThatFits,
  type DeadLetters,
  decodeBundle,
  encodeBundle,
  encodeEvent,
  eventOfRow,
} from '../../../lambdas/sync';

function eventNamed(memberId: string, version = 1): MemberEvent {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    memberId,
    unit: 'a1',
    version,
    operationId: 'operation',
    document: {
      memberId,
      version,
      status: 'active',
      profile: { name: 'Ada' },
      accounts: [],
      registeredAt: at,
      updatedAt: at,
    },
    changed: [],
    removedKeys: [],
    heldClaims: [],
    freedClaims: [],
  };
}

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

function lettersInto(box: { body: string; reason: string }[]): DeadLetters {
  const put = async (message: { body: string; reason: string }) => void box.push(message);
  return { put, close: () => undefined } as unknown as DeadLetters;
}

test('a bundle is read back as it was made', () => {
  const events = [eventNamed('1'), eventNamed('2', 7)];
  expect(decodeBundle(encodeBundle(events))).toEqual(events);
});

test('a bundle holds no character that a queue refuses, whatever a name holds', () => {
  const name = 'a\ufffeb\uffffc\u0000d\u{1f600}';
  const event = { ...eventNamed('1'), document: { ...eventNamed('1').document, profile: { name } } };
  const text = encodeBundle([event]);
  const codes = [...text].map((character) => character.charCodeAt(0));
  expect(codes.filter((code) => code < 32 || code === 0xfffe || code === 0xffff)).toEqual([]);
  expect(decodeBundle(text)).toEqual([event]);
});

test('a message takes as many events as fit it, and one in any case', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 })), fc.integer({ min: 300, max: 2000 }), (sizes, limit) => {
      // Characters of two bytes: what counts is what travels.
      const events = sizes.map((size, index) => encodeEvent(eventNamed(`${index}`.padEnd(size, 'é'))));
      const count = countThatFits(events, limit);
      const bytesOf = (some: readonly string[]) => some.reduce((sum, event) => sum + Buffer.byteLength(event), 0);
      expect(count).toBeGreaterThanOrEqual(Math.min(1, events.length));
      expect(count <= 1 || bytesOf(events.slice(0, count)) <= limit).toBe(true);
      expect(count === events.length || bytesOf(events.slice(0, count + 1)) > limit).toBe(true);
    }),
  );
});

const FATES = { ok: 1, later: 2, ill: 3 } as const;
/** An id whose last digit tells the fate of its event. */
const idOf = (message: number, position: number, fate: keyof typeof FATES) =>
  `${message + 1}0${position}${FATES[fate]}`;

test('race 9: every event is applied, comes back, or is a dead letter; none is dropped', async () => {
  const fate = fc.constantFrom('ok' as const, 'later' as const, 'ill' as const);
  const message = fc.oneof(fc.constant('no bundle' as const), fc.array(fate, { minLength: 1, maxLength: 4 }));
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 6 }), async (messages) => {
      const letters: { body: string; reason: string }[] = [];
      const records = messages.map((fates, index) => ({
        messageId: `m${index}`,
        body:
          fates === 'no bundle'
            ? '{"events":1}'
            : encodeBundle(fates.map((f, position) => eventNamed(idOf(index, position, f)))),
      }));
      const response = await consume(
        { deadLetters: lettersInto(letters), log: LOG },
        { Records: records },
        async (events) =>
          events.map(({ memberId }) => {
            if (memberId.endsWith('1')) return { ok: true };
            return { ok: false, retriable: memberId.endsWith('2'), reason: 'planted' };
          }),
      );
      const comeBack = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      const isLater = (fates: (typeof messages)[number]) => fates !== 'no bundle' && fates.includes('later');
      expect(comeBack).toEqual(new Set(messages.flatMap((fates, index) => (isLater(fates) ? [`m${index}`] : []))));
      // An ill one of a message that comes back comes back with it.
      const ill = messages.flatMap((fates) =>
        fates === 'no bundle' ? ['no bundle'] : isLater(fates) ? [] : fates.filter((f) => f === 'ill'),
      );
      expect(letters).toHaveLength(ill.length);
    }),
  );
});

test('race 9: however often a message comes back, an ill event in it becomes one dead letter', async () => {
  const letters: { body: string; reason: string }[] = [];
  const ill = { ...eventNamed('3'), unit: 'z9' };
  const records = [{ messageId: 'm', body: encodeBundle([eventNamed('1'), ill]) }];
  for (const retriable of [true, true, true, false]) {
    const apply = async () => [retriable ? { ok: false as const, retriable, reason: 'away' } : { ok: true as const }];
    await consume({ deadLetters: lettersInto(letters), log: LOG }, { Records: records }, apply);
  }
  expect(letters).toHaveLength(1);
});

const DOCUMENT = eventNamed('3').document;

test.each<[string, object]>([
  ['no unit', { unit: undefined }],
  ['a unit that does not exist', { unit: 'z9' }],
  ['a member id that is none', { memberId: 'x', document: { ...DOCUMENT, memberId: 'x' } }],
  ['a member id beyond 63 bits', { memberId: `${2n ** 63n}`, document: { ...DOCUMENT, memberId: `${2n ** 63n}` } }],
  ['a version that is none', { version: 0.5, document: { ...DOCUMENT, version: 0.5 } }],
  ['a version that is not exact', { version: 2 ** 53, document: { ...DOCUMENT, version: 2 ** 53 } }],
  ['the document of another version', { document: { ...DOCUMENT, version: 2 } }],
  ['the document of another member', { document: { ...DOCUMENT, memberId: '4' } }],
  ['no document', { document: undefined }],
  ['no word of the keys that it removed', { removedKeys: undefined }],
  ['held claims that are none', { heldClaims: [{ key: 1, generation: 1 }] }],
  ['freed claims that are none', { freedClaims: [null] }],
  ['a claim without its generation', { freedClaims: [{ key: 'account:app:a' }] }],
])('race 9: an event with %s leaves its bundle alone', async (_, fault) => {
  const letters: { body: string; reason: string }[] = [];
  const ill = { ...eventNamed('3'), ...fault } as MemberEvent;
  const records = [{ messageId: 'm', body: encodeBundle([eventNamed('1'), ill, eventNamed('2')]) }];
  const applied: string[] = [];
  const response = await consume(
    { deadLetters: lettersInto(letters), log: LOG },
    { Records: records },
    async (events) => {
      applied.push(...events.map(({ memberId }) => memberId));
      return events.map(() => ({ ok: true }));
    },
  );
  expect(applied).toEqual(['1', '2']);
  expect(response.batchItemFailures).toEqual([]);
  expect(letters.map(({ body }) => JSON.parse(body))).toEqual([JSON.parse(JSON.stringify({ events: [ill] }))]);
});

test('race 9: a message whose dead letter was not stored comes back', async () => {
  const refusing = { put: () => Promise.reject(new Error('the queue is away')) } as unknown as DeadLetters;
  const records = [{ messageId: 'm', body: 'not JSON' }];
  const response = await consume({ deadLetters: refusing, log: LOG }, { Records: records }, async () => []);
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: 'm' }]);
});

test('race 9: an event of which its target said nothing comes back', async () => {
  const letters: { body: string; reason: string }[] = [];
  const records = ['1', '2'].map((id) => ({ messageId: id, body: encodeBundle([eventNamed(id)]) }));
  const response = await consume({ deadLetters: lettersInto(letters), log: LOG }, { Records: records }, async () => [
    { ok: true },
  ]);
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: '2' }]);
  expect(letters).toEqual([]);
});

test('race 46: a target that does not answer brings every message back and makes no dead letter', async () => {
  const letters: { body: string; reason: string }[] = [];
  const records = [{ messageId: 'm', body: encodeBundle([eventNamed('1'), eventNamed('2')]) }];
  const response = await consume({ deadLetters: lettersInto(letters), log: LOG }, { Records: records }, () =>
    Promise.reject(new Error('down')),
  );
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: 'm' }]);
  expect(letters).toEqual([]);
});

test('an outdated event becomes its row, without the keys that the row does not have', () => {
  const outdated: MemberEvent = {
    ...eventNamed('1', 5),
    document: { ...eventNamed('1', 5).document, profile: { name: 'Ada', phone: '+33612345678' } },
    removedKeys: [{ kind: 'email', value: 'a@example.org' }],
  };
  const row = { ...eventNamed('1', 9).document, profile: { name: 'Ada', email: 'a@example.org' } };
  const event = eventOfRow(outdated, { document: row, forks: [] });
  expect(event).toMatchObject({ version: 9, document: row, heldClaims: [], freedClaims: [] });
  expect(event.removedKeys).toEqual([{ kind: 'phone', value: '+33612345678' }]);
});
