import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { type HttpAnswer, type HttpEvent, servingBoth } from '../../../lambdas/handlers/http';
import { apiEvent, type RawRequest } from '../../../local/gateway/api-event';

const ANSWER: HttpAnswer = { statusCode: 201, headers: { ETag: '"1"', 'Retry-After': '1' }, body: '{}' };

/** What a function is given, and what is answered for it. */
async function served(event: Parameters<ReturnType<typeof servingBoth>>[0]) {
  const given: HttpEvent[] = [];
  const answer = await servingBoth(async (one) => {
    given.push(one);
    return ANSWER;
  })(event);
  return { given: given[0], answer };
}

/** The event that AWS documents for target groups of functions, with multi-value headers on. */
function loadBalancerEvent({ method, url, rawHeaders, body }: RawRequest) {
  const [path = '', query = ''] = url.split('?');
  const parameters = query === '' ? [] : query.split('&').map((part) => part.split('='));
  const headers = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : []));
  const isText = body === undefined || isUtf8(body);
  return {
    requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/x/1' } },
    httpMethod: method,
    path,
    multiValueHeaders: lists(headers.map(([name = '', value = '']) => [name.toLowerCase(), value])),
    multiValueQueryStringParameters: lists(parameters.map(([name = '', value = '']) => [name, value])),
    body: body?.toString(isText ? 'utf8' : 'base64') ?? '',
    isBase64Encoded: !isText,
  };
}

function lists(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const all = new Map<string, string[]>();
  for (const [name, value] of pairs) all.set(name, [...(all.get(name) ?? []), value]);
  return Object.fromEntries(all);
}

const ROUTE = { prefix: '/v1/order/', resource: '/v1/order/{proxy+}' };

function requestOf(part: Partial<RawRequest>): RawRequest {
  return { method: 'GET', url: '/v1/order/members', rawHeaders: [], sourceIp: '10.0.0.1', body: undefined, ...part };
}

async function expectAlike(request: RawRequest): Promise<void> {
  const { given } = await served(loadBalancerEvent(request));
  const { httpMethod, path, headers, multiValueQueryStringParameters, body, isBase64Encoded } = apiEvent(
    request,
    ROUTE,
    0,
  );
  expect({ ...given, multiValueQueryStringParameters: { ...given?.multiValueQueryStringParameters } }).toEqual({
    httpMethod,
    path,
    headers,
    multiValueQueryStringParameters: { ...multiValueQueryStringParameters },
    body,
    isBase64Encoded,
  });
}

const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const pair = fc.tuple(
  text.filter((name) => name !== ''),
  text,
);

test('a query is read as API Gateway reads it, however it is encoded', async () => {
  const encode = (value: string) =>
    fc.constantFrom(encodeURIComponent(value), encodeURIComponent(value).replaceAll('%20', '+'));
  const query = fc.array(
    pair.chain(([name, value]) => fc.tuple(encode(name), encode(value))),
    { maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(query, (pairs) =>
      expectAlike(requestOf({ url: `/v1/order/members?${pairs.map((one) => one.join('=')).join('&')}` })),
    ),
  );
});

test.each<[string, Partial<RawRequest>]>([
  ['a phone number', { url: '/v1/order/members?phone=%2B442079460123' }],
  ['one name, encoded in two ways', { url: '/v1/order/members?phone=1&%70hone=2' }],
  ['what is no encoding', { url: '/v1/order/members?phone=%zz' }],
  ['an encoded path, as it was sent', { url: '/v1/order/accounts/web/a%2Fb%20c' }],
  ['a header that stands twice', { rawHeaders: ['X-Api-Key', 'a', 'x-api-key', 'b', 'If-Match', '"1"'] }],
  ['a body', { method: 'POST', body: Buffer.from('{"profile":{"name":"Zoë"}}') }],
  ['a body that is no text', { method: 'POST', body: Buffer.from([0xff, 0xfe]) }],
])('%s is handed on as by API Gateway', (_case, part) => expectAlike(requestOf(part)));

test('a body may be in base64, which is left to who reads it', async () => {
  const event = { ...loadBalancerEvent(requestOf({ method: 'PATCH' })), body: 'e30=', isBase64Encoded: true };
  expect((await served(event)).given).toMatchObject({ body: 'e30=', isBase64Encoded: true });
});

test('nobody is taken for the other region by what a request holds', async () => {
  const event = { ...loadBalancerEvent(requestOf({})), forwarded: { waitsMs: 1 } };
  expect((await served(event)).given).not.toHaveProperty('forwarded');
});

test('the answer has lists of headers, and says that it is text', async () => {
  expect((await served(loadBalancerEvent(requestOf({})))).answer).toEqual({
    statusCode: 201,
    multiValueHeaders: { ETag: ['"1"'], 'Retry-After': ['1'] },
    body: '{}',
    isBase64Encoded: false,
  });
});

test('what comes by API Gateway, or from the other region, is left as it is', async () => {
  const event = { ...apiEvent(requestOf({}), ROUTE, 0), forwarded: { waitsMs: 1 } };
  const { given, answer } = await served(event);
  expect(given).toBe(event);
  expect(answer).toBe(ANSWER);
});
