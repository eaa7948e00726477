import { versionOf } from '../../../lambdas/core';
import {
  etagOf,
  holdsVersion,
  readAcknowledge,
  readIdempotencyKey,
  readIfMatch,
  readIfNoneMatch,
  readMinVersion,
} from '../../../lambdas/members/schema';
import { refusalOf } from './refusal';

const VERSION = versionOf(3, 17);
const LARGEST = Number.MAX_SAFE_INTEGER;

test('without their headers nothing is asked', () => {
  for (const read of [readIfMatch, readIfNoneMatch, readMinVersion, readAcknowledge, readIdempotencyKey]) {
    expect(read({})).toBeUndefined();
  }
});

describe('If-Match', () => {
  const read = (value: string) => readIfMatch({ 'if-match': value });

  test('is a version as ETag gives it, or a star', () => {
    expect(read(etagOf(VERSION))).toBe(VERSION);
    expect(read(` "${LARGEST}" `)).toBe(LARGEST);
    expect(read('*')).toBe('*');
  });

  test.each([
    '',
    '5',
    '"5',
    '5"',
    '"',
    '""',
    '"05"',
    '"-5"',
    '"x"',
    'W/"5"',
    '"5", "6"',
    '"9007199254740992"',
    '"*"',
    '"5""',
  ])('is not %j', (value) => {
    expect(Object.keys(refusalOf(() => read(value)))).toEqual(['If-Match']);
  });
});

describe('If-None-Match', () => {
  const read = (value: string) => readIfNoneMatch({ 'if-none-match': value });

  test.each<[string, number[]]>([
    [etagOf(VERSION), [VERSION]],
    ['W/"5"', [5]],
    ['"5","6"', [5, 6]],
    [' "5" ,\tW/"6" , "other", "" ', [5, 6]],
    ['"a,b", "7"', [7]],
    ['"5", "9007199254740992"', [5]],
  ])('%j is read', (value, versions) => {
    expect(read(value)).toEqual(versions);
  });

  test('may be a star, which every version satisfies', () => {
    expect(holdsVersion(read('*'), VERSION)).toBe(true);
    expect(holdsVersion(read('"5", "6"'), 6)).toBe(true);
    expect(holdsVersion(read('"5", "6"'), 7)).toBe(false);
    expect(holdsVersion(undefined, 7)).toBe(false);
  });

  test('lists at most 32 tags', () => {
    expect(read(Array(32).fill('"1"').join(','))).toHaveLength(32);
    expect(Object.keys(refusalOf(() => read(Array(33).fill('"1"').join(','))))).toEqual(['If-None-Match']);
  });

  test.each(['', '5', '"5', '"5",', ',"5"', '"5" "6"', '"5";"6"', '*, "5"', 'w/"5"', '"a b"'])('is not %j', (value) => {
    expect(Object.keys(refusalOf(() => read(value)))).toEqual(['If-None-Match']);
  });
});

describe('Min-Version', () => {
  const read = (value: string) => readMinVersion({ 'min-version': value });

  test('is a version, bare or quoted', () => {
    expect(read(String(VERSION))).toBe(VERSION);
    expect(read(etagOf(VERSION))).toBe(VERSION);
    expect(read('0')).toBe(0);
  });

  test.each(['', 'x', '-1', '1.5', '01', '1e3', 'W/"5"', '*', '9007199254740992', '9'.repeat(400)])(
    'is not %j',
    (value) => {
      expect(Object.keys(refusalOf(() => read(value)))).toEqual(['Min-Version']);
    },
  );
});

test('Acknowledge is one of three words', () => {
  for (const word of ['one', 'both', 'require-both']) expect(readAcknowledge({ acknowledge: word })).toBe(word);
  for (const word of ['', 'Both', 'all', 'one,both', 'constructor']) {
    expect(Object.keys(refusalOf(() => readAcknowledge({ acknowledge: word })))).toEqual(['Acknowledge']);
  }
});

test('Idempotency-Key is 1 to 255 visible ASCII characters', () => {
  for (const key of ['a', '"8e03978e-40d5-43dd-bc93-6894a57f9324"', '~'.repeat(255)]) {
    expect(readIdempotencyKey({ 'idempotency-key': key })).toBe(key);
  }
  for (const key of ['', ' ', 'a b', 'ä', 'a\u0000', 'a\nb', '~'.repeat(256)]) {
    expect(Object.keys(refusalOf(() => readIdempotencyKey({ 'idempotency-key': key })))).toEqual(['Idempotency-Key']);
  }
});
