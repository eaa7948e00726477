import fc from 'fast-check';
import { apiEvent, type RawRequest } from '../../../local/gateway/api-event';

const ROUTE = { prefix: '/v1/order/', resource: '/v1/order/{proxy+}' };
const REQUEST: RawRequest = {
  method: 'GET',
  url: '/v1/order/members/1',
  rawHeaders: [],
  sourceIp: '127.0.0.1',
  body: undefined,
};

function eventOf(request: Partial<RawRequest>) {
  return apiEvent({ ...REQUEST, ...request }, ROUTE, 1_700_000_000_000);
}

test('the path keeps its percent-encoding, and the query is decoded as forms are', () => {
  const event = eventOf({ url: '/v1/order/accounts/web/a%2Fb%20c?phone=%2B861&q=a+b&q=%zz' });
  expect(event.path).toBe('/v1/order/accounts/web/a%2Fb%20c');
  expect(event.pathParameters).toEqual({ proxy: 'accounts/web/a%2Fb%20c' });
  expect(event.multiValueQueryStringParameters).toEqual({ phone: ['+861'], q: ['a b', '%zz'] });
  expect(event.queryStringParameters).toEqual({ phone: '+861', q: '%zz' });
});

test('without a query there are no parameters', () => {
  expect(eventOf({ url: '/v1/order/members' }).queryStringParameters).toBeNull();
  expect(eventOf({ url: '/v1/order/members?' }).multiValueQueryStringParameters).toBeNull();
});

test('header names are lower case; of several values the last counts, and all are listed', () => {
  const event = eventOf({ rawHeaders: ['X-Api-Key', 'a.b', 'Accept', 'x', 'accept', 'y'] });
  expect(event.headers).toEqual({ 'x-api-key': 'a.b', accept: 'y' });
  expect(event.multiValueHeaders).toEqual({ 'x-api-key': ['a.b'], accept: ['x', 'y'] });
});

test('keys that name the prototype are keys like any other', () => {
  const event = eventOf({ url: '/v1/order/members?__proto__=1&constructor=2', rawHeaders: ['__proto__', 'h'] });
  expect(Object.entries(event.queryStringParameters ?? {})).toEqual([
    ['__proto__', '1'],
    ['constructor', '2'],
  ]);
  expect(Object.entries(event.headers)).toEqual([['__proto__', 'h']]);
  expect(JSON.stringify(event.multiValueQueryStringParameters)).toBe('{"__proto__":["1"],"constructor":["2"]}');
});

test('bytes that are no UTF-8 travel as base64, and nothing of them is lost', () => {
  const body = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
  expect(eventOf({ body })).toMatchObject({ body: body.toString('base64'), isBase64Encoded: true });
});

test('any text arrives as it was sent', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'binary' }), (text) => {
      const sent = Buffer.from(text, 'utf8');
      const { body, isBase64Encoded } = eventOf({ body: sent });
      expect(isBase64Encoded).toBe(false);
      expect(Buffer.from(body ?? '', 'utf8').equals(sent)).toBe(true);
    }),
  );
});

test('an empty body is none', () => {
  expect(eventOf({ body: Buffer.alloc(0) })).toMatchObject({ body: null, isBase64Encoded: false });
});
