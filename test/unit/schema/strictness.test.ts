import fc from 'fast-check';
import { Problem } from '../../../lambdas/core';
import {
  parseAccount,
  parseBatch,
  parseLookup,
  parseMemberId,
  parsePatch,
  parseRegistration,
  parseSearch,
  readAcknowledge,
  readIdempotencyKey,
  readIfMatch,
  readIfNoneMatch,
  readMinVersion,
} from '../../../lambdas/members/schema';
import { errorsOf, refusalOf } from './refusal';

const NOW_MS = Date.UTC(2025, 5, 15);
const readers: Record<string, (body: unknown) => unknown> = {
  registration: (body) => parseRegistration(body, NOW_MS),
  patch: (body) => parsePatch(body, NOW_MS),
  batch: parseBatch,
  search: parseSearch,
};
const valid: Record<string, object> = {
  registration: { profile: { name: 'A' }, accounts: [{ platform: 'app', account: 'a' }] },
  patch: { city: 'Rome' },
  batch: { ids: ['1'] },
  search: { filter: { city: 'Rome' } },
};
const ODD_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
  'other',
  '',
];

/** As JSON.parse makes it: `__proto__` becomes a property of its own. */
const withKey = (body: object, key: string, value: string) =>
  JSON.parse(JSON.stringify(body).replace('{', `{${JSON.stringify(key)}:${value},`)) as unknown;

describe.each(Object.keys(readers))('a %s', (kind) => {
  const read = readers[kind] as (body: unknown) => unknown;

  test('is read when it is valid', () => {
    expect(read(valid[kind])).toBeDefined();
  });

  test.each(ODD_KEYS)('with the unknown field %j is refused and pollutes nothing', (key) => {
    for (const value of ['1', 'null', '{"polluted":true}', '{"toString":1,"__proto__":{"polluted":true}}']) {
      expect(errorsOf(() => read(withKey(valid[kind] ?? {}, key, value)))).toHaveLength(1);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('made of anything is read or refused, never failed', () => {
    const key = fc.oneof(
      fc.constantFrom(
        'profile',
        'accounts',
        'name',
        'ids',
        'filter',
        'sort',
        'limit',
        'cursor',
        'tags',
        'registeredAt',
        'from',
        ...ODD_KEYS,
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.anything({ key, withNullPrototype: true, maxDepth: 4 }), (body) => {
        try {
          read(body);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
          expect((error as Problem).code).toBe('INVALID_REQUEST');
          expect((error as Problem).details.errors?.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 1500 },
    );
  });

  test('with one valid part replaced by anything is read or refused, never failed', () => {
    const paths = leavesOf(valid[kind] ?? {});
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })), (path, value) => {
        try {
          read(replaced(valid[kind], path, value));
        } catch (error) {
          expect((error as Problem).code).toBe('INVALID_REQUEST');
        }
      }),
      { numRuns: 1500 },
    );
  });
});

function leavesOf(value: unknown, at: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...at, key]))];
}

function replaced(value: unknown, [key, ...rest]: string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

test('unknown fields inside the profile and an account are named by their path', () => {
  const body = { profile: { name: 'A', age: 3 }, accounts: [{ platform: 'app', account: 'a', boundAt: 'x' }] };
  expect(refusalOf(() => parseRegistration(body, NOW_MS))).toEqual({
    'profile.age': 'is not a known field',
    'accounts.0.boundAt': 'is not a known field',
  });
});

test('a name of a field that could be personal is not repeated', () => {
  const body = { name: 'A', '+351912345678': 1, 'ada@example.com': 2, 'Ada Lovelace': 3 };
  expect(JSON.stringify(errorsOf(() => parsePatch(body, NOW_MS)))).not.toMatch(/351|ada|Ada/);
});

test('no error repeats a value', () => {
  const secret = 'SECRET\u0007';
  const errors = [
    ...errorsOf(() =>
      parsePatch(
        Object.fromEntries(
          [
            'name',
            'phone',
            'email',
            'unionId',
            'idCard',
            'birthDate',
            'locale',
            'city',
            'tier',
            'marketingConsent',
          ].map((field) => [field, secret]),
        ),
        NOW_MS,
      ),
    ),
    ...errorsOf(() => parsePatch({ tags: [secret] }, NOW_MS)),
    ...errorsOf(() => parseBatch({ ids: [secret] })),
    ...errorsOf(() =>
      parseSearch({
        filter: { tier: secret, registeredAt: { from: secret } },
        sort: secret,
        limit: secret,
        cursor: secret,
      }),
    ),
    ...errorsOf(() => parseLookup({ phone: [secret] })),
    ...errorsOf(() => parseAccount(secret, secret)),
    ...errorsOf(() => parseMemberId(secret)),
  ];
  expect(errors.length).toBeGreaterThan(15);
  expect(JSON.stringify(errors)).not.toContain('SECRET');
});

test('a hostile body does not get a longer answer', () => {
  const ids = Array.from({ length: 100 }, () => 'x');
  expect(errorsOf(() => parseBatch({ ids }))).toHaveLength(32);
  const fields = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [`f${'x'.repeat(index % 30)}_${'y'.repeat(index / 200)}`, 1]),
  );
  expect(errorsOf(() => parsePatch(fields, NOW_MS)).length).toBeLessThanOrEqual(32);
});

test('headers and queries made of anything are read or refused, never failed', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^(W\/)?"[0-9,"]*"?( ?, ?"?[0-9]*"?)*$/),
    fc.constantFrom('*', '"*"', 'both', ''),
  );
  const names = ['if-match', 'if-none-match', 'min-version', 'acknowledge', 'idempotency-key'];
  const reads: ((input: string) => unknown)[] = [
    ...[readIfMatch, readIfNoneMatch, readMinVersion, readAcknowledge, readIdempotencyKey].map(
      (read) => (input: string) => read(Object.fromEntries(names.map((name) => [name, input]))),
    ),
    ...['phone', 'email', 'unionId', 'idCard', '__proto__'].map(
      (key) => (input: string) => parseLookup({ [key]: [input] }),
    ),
    parseMemberId,
    (input) => parseAccount('web', input),
    (input) => parseAccount(input, 'a'),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...reads), text, (read, input) => {
      try {
        read(input);
      } catch (error) {
        expect((error as Problem).code).toBe('INVALID_REQUEST');
      }
    }),
    { numRuns: 3000 },
  );
});
