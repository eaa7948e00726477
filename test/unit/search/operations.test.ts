import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { keyedHash } from '../../../lambdas/search';
import { reasonAgainstEvent } from '../../../lambdas/search/event-shape';
import { indexNames } from '../../../lambdas/search/indices';
import { lookupId, nameMasked, nameWhole } from '../../../lambdas/search/lookup-names';
import { bulkBody, type Operation, operationsOf } from '../../../lambdas/search/operations';
import { type NodeInfo, reasonAgainstSearchPool } from '../../../lambdas/search/provision';
import { outcomeOf } from '../../../lambdas/search/writer';
import { eventOf, memberOf } from '../../engine/search/members';

const KEY = 'a key that only tests have';
const indices = indexNames('');
const whole = { holds: 'whole', nameLookup: nameWhole, indices } as const;
const masked = { holds: 'masked', nameLookup: nameMasked(KEY), indices } as const;

describe('what an event does', () => {
  const member = memberOf({
    version: 7,
    profile: { phone: '+491511234567', email: 'Ada@Example.org', city: 'London' },
    accounts: [['app', 'ada']],
  });
  const removed = { kind: 'account:web', value: 'lovelace' };

  test('it writes the member, every key that it has and every key that it lost, as of its version', () => {
    const operations = operationsOf(eventOf(member, [removed]), whole);
    expect(operations.map(({ index, id, version }) => [index, id, version])).toEqual([
      ['members', member.memberId, 7],
      ['lookups', `phone:+491511234567:${member.memberId}`, 7],
      ['lookups', `email:ada@example.org:${member.memberId}`, 7],
      ['lookups', `account:app:ada:${member.memberId}`, 7],
      ['lookups', `account:web:lovelace:${member.memberId}`, 7],
    ]);
    expect(operations.slice(1).map(({ source }) => (source as { removed: boolean }).removed)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  test('a key that was removed and is there again is there', () => {
    const operations = operationsOf(eventOf(member, [{ kind: 'account:app', value: 'ada' }]), whole);
    const ids = operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(operations.at(-1)?.source).toMatchObject({ kind: 'account:app', removed: false });
  });

  test('every operation carries its version from outside, and none deletes', () => {
    const lines = bulkBody(operationsOf(eventOf(member, [removed]), masked))
      .trimEnd()
      .split('\n');
    const actions = lines.filter((_, line) => line % 2 === 0).map((line) => JSON.parse(line));
    expect(actions).toHaveLength(5);
    for (const action of actions) {
      expect(Object.keys(action)).toEqual(['index']);
      expect(action.index).toMatchObject({ version: 7, version_type: 'external' });
    }
  });

  test('in a masked domain nothing names a contact', () => {
    const body = bulkBody(operationsOf(eventOf(member, [removed]), masked));
    for (const text of ['1511234567', 'example', 'Ada@', '"ada"', ':ada:', 'lovelace'])
      expect(body).not.toContain(text);
    expect(body).toContain(`"phone:${keyedHash(KEY, { kind: 'phone', value: '+491511234567' })}:${member.memberId}"`);
  });
});

describe('names of look-ups', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 });
  const key = fc.record({ kind: fc.constantFrom('phone', 'account:app', 'account:web'), value: text });
  const memberId = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String);

  test('an id fits the engine, however long the account', () => {
    fc.assert(
      fc.property(key, memberId, (looked, id) => {
        for (const name of [nameWhole(looked), nameMasked(KEY)(looked)]) {
          expect(Buffer.byteLength(lookupId(name, id))).toBeLessThanOrEqual(512);
        }
      }),
    );
    const longest = { kind: 'account:wechat', value: '😀'.repeat(128) };
    expect(Buffer.byteLength(lookupId(nameWhole(longest), '9223372036854775807'))).toBeLessThanOrEqual(512);
  });

  test('no account is spelled like the short form of a long one', () => {
    const long = { kind: 'account:app', value: 'a'.repeat(600) };
    const shortForm = lookupId(nameWhole(long), '1');
    const lookAlike = { kind: 'account:app', value: shortForm.slice('account:app#'.length, -':1'.length) };
    expect(lookupId(nameWhole(lookAlike), '1')).not.toBe(shortForm);
  });

  test('a routing has no comma, which the engine would read as two routings', () => {
    fc.assert(
      fc.property(key, (looked) => {
        expect(nameWhole(looked).routing).toMatch(/^[\w-]+$/);
        expect(nameMasked(KEY)(looked).routing).toMatch(/^[\w-]+$/);
      }),
    );
  });

  test('in a masked domain the routing, too, cannot be computed without the key', () => {
    const looked = { kind: 'phone', value: '+491511234567' };
    expect(nameMasked(KEY)(looked).routing).not.toBe(nameMasked(`${KEY}!`)(looked).routing);
    expect(nameMasked(KEY)(looked).routing).not.toBe(nameWhole(looked).routing);
  });

  test('a keyed hash is the HMAC of kind and value', () => {
    const expected = createHmac('sha256', KEY).update('phone:+491511234567').digest('base64url');
    expect(keyedHash(KEY, { kind: 'phone', value: '+491511234567' })).toBe(expected);
    expect(keyedHash(KEY, { kind: 'idCard', value: '+491511234567' })).not.toBe(expected);
  });
});

describe('events that can never be written', () => {
  const member = memberOf({ profile: { phone: '+491511234567' }, accounts: [['app', 'ada']] });
  const event = eventOf(member);

  test('a good one has no reason against it', () => expect(reasonAgainstEvent(event)).toBeUndefined());

  test.each<[string, unknown]>([
    ['document.memberId', { ...event, document: { ...member, memberId: '../x' } }],
    ['memberId', { ...event, memberId: 'x' }],
    ['another member', { ...event, memberId: '1' }],
    ['version', { ...event, version: 0 }],
    ['version', { ...event, version: 2 ** 60 }],
    ['another version', { ...event, version: 2 }],
    ['document.registeredAt', { ...event, document: { ...member, registeredAt: '2025-01-01T00:00:00Z' } }],
    ['document.updatedAt', { ...event, document: { ...member, updatedAt: '+012025-01-01T00:00:00.000Z' } }],
    ['document.profile.name', { ...event, document: { ...member, profile: {} } }],
    ['document.profile.phone', { ...event, document: { ...member, profile: { name: 'Ada', phone: 49 } } }],
    ['document.accounts', { ...event, document: { ...member, accounts: undefined } }],
    ['document.accounts.0.account', { ...event, document: { ...member, accounts: [{ platform: 'app' }] } }],
    ['removedKeys.0.value', { ...event, removedKeys: [{ kind: 'phone', value: '' }] }],
    ['event', null],
  ])('%s is named', (path, ill) => {
    const reason = reasonAgainstEvent(ill as never);
    expect(reason).toContain(path);
    expect(reason).not.toMatch(/491511234567|Ada|ada/);
  });
});

describe('the outcome of an event', () => {
  const operation: Operation = { index: 'members', id: '1', version: 1, source: {} };
  const outcome = (...statuses: number[]) =>
    outcomeOf(
      statuses.map(() => operation),
      statuses.map((status) => ({ status })),
    );

  test('a conflict is success: the version or a higher one stands there', () => {
    expect(outcome(201, 200, 409)).toEqual({ ok: true });
  });

  test.each([429, 503, 500, 404, 403])('race 46: an answer of %i may be tried again', (status) => {
    expect(outcome(200, status)).toMatchObject({ ok: false, retriable: true });
  });

  test('400 may not, whatever else failed', () => {
    expect(outcome(429, 400, 200)).toMatchObject({ ok: false, retriable: false });
  });

  test('an item that was not answered may be tried again', () => {
    expect(outcomeOf([operation, operation], [{ status: 200 }])).toMatchObject({ ok: false, retriable: true });
  });
});

describe('the pool of search threads', () => {
  const node = (processors: number | undefined, size: number, queueSize: number | undefined): NodeInfo => ({
    ...(processors === undefined ? {} : { os: { allocated_processors: processors } }),
    thread_pool: { search: { size, ...(queueSize === undefined ? {} : { queue_size: queueSize }) } },
  });

  test.each([
    [1, 2],
    [2, 4],
    [3, 5],
    [8, 13],
  ])('%i processors have %i threads', (processors, threads) => {
    expect(reasonAgainstSearchPool(node(processors, threads, 1000))).toBeUndefined();
    expect(reasonAgainstSearchPool(node(processors, threads + 1, 1000))).toContain('search threads');
  });

  test.each([-1, undefined])('a queue of %p is not bounded', (queueSize) => {
    expect(reasonAgainstSearchPool(node(2, 4, queueSize))).toContain('not bounded');
  });

  test('a node that keeps its processors to itself must still have a bounded queue', () => {
    expect(reasonAgainstSearchPool(node(undefined, 7, 1000))).toBeUndefined();
    expect(reasonAgainstSearchPool({})).toContain('not bounded');
  });
});
