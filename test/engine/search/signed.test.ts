import type { Domain } from '../../../lambdas/search';
import { eventOf, memberOf } from './members';
import { expectedSignature, type Received, signatureOf } from './signature';
import { json, standIn } from './stand-in';

const ROLE = {
  AWS_ACCESS_KEY_ID: 'ASIAROLE',
  AWS_SECRET_ACCESS_KEY: 'secret-of-the-role',
  AWS_SESSION_TOKEN: 'to/ke+n==',
};
const SIGNING = { service: 'es', region: 'eu-north-1' } as const;

const before = { ...process.env };
beforeAll(() => Object.assign(process.env, ROLE));
afterAll(() => {
  process.env = before;
});

const CALLS: readonly (readonly [string, (domain: Domain) => Promise<unknown>])[] = [
  ['getMember', (domain) => domain.getMember('1 +%/ü*', 60_000)],
  ['lookup', (domain) => domain.lookup({ kind: 'email', value: "zoë+x@example.com!'()*" }, 60_000)],
  ['search', (domain) => domain.search({ filter: { city: 'Zürich' }, sort: 'name', limit: 5 }, 60_000)],
  ['write', (domain) => domain.write([eventOf(memberOf({ memberId: '7', profile: { name: '王 小明' } }))])],
  ['ping', (domain) => domain.ping(60_000)],
  ['provision', (domain) => domain.provision()],
  ['refresh', (domain) => domain.refresh()],
];

/** What a domain of ours sends for a call, whatever comes of it. */
async function receivedBy(call: (domain: Domain) => Promise<unknown>, signing?: typeof SIGNING): Promise<Received[]> {
  const received: Received[] = [];
  const server = await standIn(
    ({ method = '', url = '', headers }, response, body) => {
      received.push({ method, url, headers, body });
      json(response, 200, { acknowledged: true, hits: { hits: [] }, nodes: {}, status: 'green', items: [] });
    },
    { signing },
  );
  await call(server.domain).catch(() => undefined);
  await server.close();
  return received;
}

test.each(CALLS)('every request of %s is signed by the role, for the domain’s region', async (_, call) => {
  const received = await receivedBy(call, SIGNING);
  expect(received).not.toEqual([]);
  for (const request of received) {
    const signature = signatureOf(request);
    if (signature === undefined) throw new Error(`${request.method} ${request.url} is not signed`);
    expect(signature.accessKeyId).toBe(ROLE.AWS_ACCESS_KEY_ID);
    expect(signature.scope).toMatch(/^\d{8}\/eu-north-1\/es\/aws4_request$/);
    expect(signature.signedHeaders).toEqual(expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token']));
    expect(request.headers['x-amz-security-token']).toBe(ROLE.AWS_SESSION_TOKEN);
    const expected = expectedSignature(request, signature, ROLE.AWS_SECRET_ACCESS_KEY);
    expect(`${request.method} ${request.url} ${signature.signature}`).toBe(
      `${request.method} ${request.url} ${expected}`,
    );
  }
});

test('a signature is of one request and one secret', async () => {
  const [request] = await receivedBy(
    (domain) => domain.search({ filter: {}, sort: 'name', limit: 5 }, 60_000),
    SIGNING,
  );
  const signature = request && signatureOf(request);
  if (request === undefined || signature === undefined) throw new Error('nothing signed arrived');
  const of = (changed: Partial<Received>, secret: string = ROLE.AWS_SECRET_ACCESS_KEY) =>
    expectedSignature({ ...request, ...changed }, signature, secret);
  expect(of({})).toBe(signature.signature);
  for (const other of [
    of({ body: `${request.body} ` }),
    of({ url: `${request.url}&x=1` }),
    of({ method: 'PUT' }),
    of({}, 'x'),
  ]) {
    expect(other).not.toBe(signature.signature);
  }
});

test('without a setting nothing is signed', async () => {
  for (const [, call] of CALLS) {
    for (const request of await receivedBy(call)) expect(request.headers.authorization).toBeUndefined();
  }
});
