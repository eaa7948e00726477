import { MalformedAnswer, readAnswer } from '../../../local/gateway/answer';

test('a plain answer is taken as it is', () => {
  const answer = readAnswer({ statusCode: 200, headers: { etag: '"1"', age: 3 }, body: '{}' });
  expect(answer).toEqual({ statusCode: 200, headers: ['etag', '"1"', 'age', '3'], body: '{}' });
});

test('several values of a header are sent one by one, and count before the single one', () => {
  const { headers } = readAnswer({
    statusCode: 200,
    headers: { 'set-cookie': 'x', a: '1' },
    multiValueHeaders: { 'set-cookie': ['y', 'z'] },
  });
  expect(headers).toEqual(['a', '1', 'set-cookie', 'y', 'set-cookie', 'z']);
});

test('a base64 body is decoded', () => {
  expect(readAnswer({ statusCode: 200, body: 'AP8=', isBase64Encoded: true }).body).toEqual(Buffer.from([0, 255]));
});

test('headers of the connection are not the function’s to set', () => {
  const headers = { 'Content-Length': '999', 'transfer-encoding': 'chunked', Connection: 'close', ok: '1' };
  expect(readAnswer({ statusCode: 200, headers }).headers).toEqual(['ok', '1']);
});

test.each([
  ['nothing', undefined],
  ['a string', 'ok'],
  ['no status', { body: '' }],
  ['a status as text', { statusCode: '200' }],
  ['a status outside HTTP', { statusCode: 99 }],
  ['a body that is an object', { statusCode: 200, body: {} }],
  ['a header that is an object', { statusCode: 200, headers: { a: {} } }],
  ['values that are no list', { statusCode: 200, multiValueHeaders: { a: 'b' } }],
])('%s is no answer', (_name, result) => {
  expect(() => readAnswer(result)).toThrow(MalformedAnswer);
});
