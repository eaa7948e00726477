import { inspect } from 'node:util';
import { isProblem, type Problem } from '../../../lambdas/core';
import type { Domain } from '../../../lambdas/search';
import { eventOf, memberOf } from './members';
import { type Answer, domainAt, json, portOfNobody, standIn } from './stand-in';

const PHONE = '+491511234567';
const SECRETS = [PHONE.slice(1), 'ada-the-first', 'Lovelace'];
const member = memberOf({ memberId: '1', profile: { phone: PHONE }, accounts: [['app', 'ada-the-first']] });

/** Every call that a request or an event makes. */
const CALLS: readonly (readonly [string, (domain: Domain, timeoutMs: number) => Promise<unknown>])[] = [
  ['getMember', (domain, timeoutMs) => domain.getMember('1', timeoutMs)],
  ['lookup', (domain, timeoutMs) => domain.lookup({ kind: 'phone', value: PHONE }, timeoutMs)],
  ['search', (domain, timeoutMs) => domain.search({ filter: { city: 'Lovelace' }, sort: 'name', limit: 5 }, timeoutMs)],
  ['ping', (domain, timeoutMs) => domain.ping(timeoutMs)],
  ['write', (domain) => domain.write([eventOf(member)])],
];
const TIMED_CALLS = CALLS.filter(([name]) => name !== 'write');

async function problemOf(call: Promise<unknown>): Promise<Problem> {
  const outcome = await call.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
  if (!isProblem(outcome)) throw outcome;
  return outcome;
}

function expectUnavailable(problem: Problem): void {
  expect(problem.code).toBe('UNAVAILABLE');
  expect(problem.details.retryAfterMs).toBeGreaterThan(0);
  const everything = inspect(problem, { depth: Number.POSITIVE_INFINITY, showHidden: true });
  for (const secret of SECRETS) expect(everything).not.toContain(secret);
}

describe.each(CALLS)('%s', (_, call) => {
  test('of a domain where nobody listens fails at once', async () => {
    const domain = domainAt(await portOfNobody());
    const problem = await problemOf(call(domain, 60_000));
    expectUnavailable(problem);
    expect((problem.cause as Error).message).toContain('ECONNREFUSED');
    await domain.close();
  });

  test.each([429, 500, 502, 503, 504, 401, 403, 408])(
    'that is answered %i is unavailable, and is not sent again',
    async (status) => {
      const reason = `cannot parse ${SECRETS.join()}`;
      const error = { type: 'rejected_execution_exception', reason, root_cause: [{ type: 'x', reason }] };
      const server = await standIn((_request, response) => json(response, status, { error, status }));
      const problem = await problemOf(call(server.domain, 60_000));
      expectUnavailable(problem);
      expect((problem.cause as Error).message).toContain(`${status}: rejected_execution_exception`);
      expect(server.paths.filter((path) => !path.endsWith('/_mapping'))).toHaveLength(1);
      await server.close();
    },
  );

  test('that is answered with something else than JSON is unavailable', async () => {
    const server = await standIn((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`<html>${SECRETS.join()}`);
    });
    expectUnavailable(await problemOf(call(server.domain, 60_000)));
    await server.close();
  });

  test('whose connections break is tried twice', async () => {
    const server = await standIn((request) => request.socket.destroy());
    expectUnavailable(await problemOf(call(server.domain, 60_000)));
    expect(server.paths.filter((path) => !path.endsWith('/_mapping'))).toHaveLength(2);
    await server.close();
  });
});

describe.each(TIMED_CALLS)('%s', (_, call) => {
  test.each<[string, Answer]>([
    ['never answers', () => undefined],
    [
      'stops in the middle of its answer',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"hits":');
      },
    ],
    [
      'drips its answer',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ])('of a domain that %s ends in time', async (_name, answer) => {
    const server = await standIn(answer);
    const startedMs = performance.now();
    const problem = await problemOf(call(server.domain, 200));
    expectUnavailable(problem);
    expect(problem.message).toContain('in time');
    expect(performance.now() - startedMs).toBeLessThan(2000);
    await server.close();
  });

  test('without any time left is not sent', async () => {
    const server = await standIn(() => undefined);
    expectUnavailable(await problemOf(call(server.domain, 0)));
    expect(server.paths).toEqual([]);
    await server.close();
  });
});

test('two trips of one search have one deadline', async () => {
  const large = { hits: { total: { value: 201, relation: 'gte' }, hits: [] } };
  const server = await standIn((_request, response) => void setTimeout(() => json(response, 200, large), 300));
  const search = { filter: {}, sort: 'name', limit: 5 } as const;
  expectUnavailable(await problemOf(server.domain.search(search, 450)));
  expect(server.paths).toHaveLength(2);
  await server.close();
});

test('a connection that was closed while nobody looked is replaced', async () => {
  const seen = new WeakSet<object>();
  const server = await standIn((request, response) => {
    if (seen.has(request.socket)) return void request.socket.destroy();
    seen.add(request.socket);
    json(response, 200, { found: true, _source: { document: member } });
  });
  await server.domain.getMember('1', 5000);
  expect(await server.domain.getMember('1', 5000)).toEqual(member);
  expect(server.paths).toHaveLength(3);
  await server.close();
});

test('a bulk that is too large is halved until it fits', async () => {
  const sizes: number[] = [];
  const server = await standIn((_request, response, body) => {
    const lines = body.trimEnd().split('\n');
    sizes.push(lines.length / 2);
    if (lines.length > 6) return json(response, 413, { message: 'too large' });
    json(response, 200, { items: Array.from({ length: lines.length / 2 }, () => ({ index: { status: 201 } })) });
  });
  const events = ['1', '2', '3', '4', '5'].map((memberId) => eventOf(memberOf({ memberId })));
  expect(await server.domain.write(events)).toEqual(events.map(() => ({ ok: true })));
  expect(sizes).toEqual([5, 3, 2]);
  await server.close();
});

test('an event that is too large alone is ill', async () => {
  const server = await standIn((_request, response) => json(response, 413, { message: 'too large' }));
  expect(await server.domain.write([eventOf(member)])).toEqual([
    { ok: false, retriable: false, reason: expect.stringContaining('413') },
  ]);
  await server.close();
});

test('what the engine says about an ill event is repeated without its values', async () => {
  const reason = `failed to parse ${SECRETS.join()}`;
  const item = { index: { status: 400, error: { type: 'mapper_parsing_exception', reason } } };
  const server = await standIn((_request, response) => json(response, 200, { items: [item, item, item] }));
  const outcomes = await server.domain.write([eventOf(member)]);
  expect(outcomes).toEqual([{ ok: false, retriable: false, reason: 'members 400: mapper_parsing_exception' }]);
  await server.close();
});
