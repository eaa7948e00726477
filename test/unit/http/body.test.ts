import fc from 'fast-check';
import { isProblem } from '../../../lambdas/core';
import { headersOf, MAX_BODY_BYTES, queryOf, readBody } from '../../../lambdas/handlers/http';
import { problemOf } from './problem-of';

const JSON_TYPE = { 'content-type': 'application/json' };
const plain = (body: string | null) => ({ body, isBase64Encoded: false });
const base64 = (bytes: Uint8Array | string) => ({ body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true });

test('a JSON body is read, plain or in base64', () => {
  expect(readBody(plain('{"a":"é😀"}'), JSON_TYPE, 'json')).toEqual({ a: 'é😀' });
  expect(readBody(base64('{"a":"é😀"}'), JSON_TYPE, 'json')).toEqual({ a: 'é😀' });
});

test.each([
  'application/json',
  'Application/JSON',
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'application/json ; charset="utf-8"',
])('%j is taken by every call', (type) => {
  expect(readBody(plain('1'), { 'content-type': type }, 'json')).toBe(1);
  expect(readBody(plain('1'), { 'content-type': type }, 'merge-patch')).toBe(1);
});

test('a merge-patch is taken where a patch is, and nowhere else', () => {
  const headers = { 'content-type': 'application/merge-patch+json' };
  expect(readBody(plain('{}'), headers, 'merge-patch')).toEqual({});
  expect(problemOf(() => readBody(plain('{}'), headers, 'json')).code).toBe('UNSUPPORTED_MEDIA_TYPE');
});

test.each([
  {},
  { 'content-type': '' },
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/x-www-form-urlencoded' },
  { 'content-type': 'application/jsonx' },
  { 'content-type': 'application/json; charset=latin1' },
  { 'content-type': 'application/json; profile=x' },
  { 'content-type': 'application/json, text/plain' },
  { ...JSON_TYPE, 'content-encoding': 'gzip' },
])('a body with %j is of no type that we read', (headers) => {
  expect(problemOf(() => readBody(plain('{}'), headers, 'json')).code).toBe('UNSUPPORTED_MEDIA_TYPE');
});

test('a body may have 256 KB in bytes, however it travels', () => {
  const text = (bytes: number) => `"${'é'.repeat(bytes / 2 - 1)}"`;
  expect(Buffer.byteLength(text(MAX_BODY_BYTES))).toBe(256 * 1024);
  for (const event of [plain(text(MAX_BODY_BYTES)), base64(text(MAX_BODY_BYTES))]) {
    expect(readBody(event, JSON_TYPE, 'json')).toHaveLength(MAX_BODY_BYTES / 2 - 1);
  }
  for (const event of [plain(text(MAX_BODY_BYTES + 2)), base64(`${text(MAX_BODY_BYTES)} `)]) {
    expect(problemOf(() => readBody(event, JSON_TYPE, 'json')).code).toBe('TOO_LARGE');
  }
});

test.each([null, '', ' ', '{', '{"a":}', "{'a':1}", '{"a":1}x', '\ufeff{}', 'undefined', '{"a":1,}', 'NaN'])(
  'the body %j is refused',
  (body) => {
    const problem = problemOf(() => readBody(plain(body), JSON_TYPE, 'json'));
    expect(problem.code).toBe('INVALID_REQUEST');
    expect(problem.details.errors).toHaveLength(1);
    expect(problem.cause).toBeUndefined();
  },
);

test.each([
  ['a byte that is no UTF-8', [0x22, 0xff, 0x22]],
  ['an overlong encoding', [0x22, 0xc0, 0xaf, 0x22]],
  ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ['half a character', [0x22, 0xc3]],
  ['a byte order mark', [0xef, 0xbb, 0xbf, 0x7b, 0x7d]],
])('%s in a body is refused', (_, bytes) => {
  expect(problemOf(() => readBody(base64(Uint8Array.from(bytes)), JSON_TYPE, 'json')).code).toBe('INVALID_REQUEST');
});

test('a body as deep as its size allows is read without ado', () => {
  const depth = MAX_BODY_BYTES / 2;
  expect(Array.isArray(readBody(plain('['.repeat(depth) + ']'.repeat(depth)), JSON_TYPE, 'json'))).toBe(true);
});

test('a body made of anything is read or refused, never failed', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.json()),
      fc.boolean(),
      fc.string(),
      (body, isBase64Encoded, type) => {
        for (const headers of [JSON_TYPE, { 'content-type': type }]) {
          try {
            readBody({ body, isBase64Encoded }, headers, 'json');
          } catch (error) {
            expect(isProblem(error) && error.status < 500).toBe(true);
          }
        }
      },
    ),
  );
});

describe('headers', () => {
  test('are found by their names in lower case', () => {
    expect({ ...headersOf({ headers: { 'X-Api-Key': 'a', accept: 'b' } }) }).toEqual({ 'x-api-key': 'a', accept: 'b' });
  });

  test('hold nothing that was not sent', () => {
    expect(headersOf({ headers: null }).constructor).toBeUndefined();
    const headers = headersOf({ headers: JSON.parse('{"__proto__":"a"}') });
    expect(headers.constructor).toBeUndefined();
    expect(Object.keys(headers)).toEqual(['__proto__']);
  });
});

test('a query holds what was sent, and nothing where nothing was', () => {
  expect(Object.keys(queryOf({ multiValueQueryStringParameters: null }))).toEqual([]);
  expect(queryOf({ multiValueQueryStringParameters: { phone: ['1', '2'] } }).phone).toEqual(['1', '2']);
});
