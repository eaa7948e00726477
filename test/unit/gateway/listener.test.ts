import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import type { ApiEvent } from '../../../local/gateway/api-event';
import { gate } from './hosted';
import { problemOf, send, sendRaw, startsListening } from './listening';

const start = startsListening();

function echo(event: unknown) {
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) };
}

describe('routing', () => {
  test.each([
    ['/v1/order', 'order'],
    ['/v1/order/members/1', 'order'],
    ['/v1/marketing?x=1', 'marketing'],
    ['/v1/other/health', 'other'],
    ['/health', 'other'],
    ['/health?deep=1', 'other'],
    ['/openapi.json', 'other'],
  ])('%s goes to class %s', async (path, trafficClass) => {
    const { port } = await start((_event, context) => ({ statusCode: 200, body: context.functionName }));
    expect(await send(port, path)).toMatchObject({ status: 200, text: `members-${trafficClass}` });
  });

  test.each(['/', '/v1', '/v1/orders', '/v1/%6Frder/members', '/healthy', '/health/x', '*', '//v1/order'])(
    '%s is nowhere',
    async (path) => {
      const { port } = await start(echo);
      const { status, text, headers } = await send(port, path, { method: path === '*' ? 'OPTIONS' : 'GET' });
      expect(status).toBe(404);
      expect(headers['content-type']).toBe('application/problem+json');
      expect(problemOf(text)).toMatchObject({ code: 'NO_SUCH_ROUTE', status: 404 });
    },
  );
});

describe('answers', () => {
  test('an answer is written as the function gave it', async () => {
    const { port } = await start(() => ({ statusCode: 201, headers: { Location: '/x', ETag: '"1"' }, body: 'é' }));
    const result = await send(port, '/v1/order/members', { method: 'POST', body: '{}' });
    expect(result).toMatchObject({ status: 201, text: 'é' });
    expect(result.headers).toMatchObject({ location: '/x', etag: '"1"', 'content-length': '2' });
  });

  test.each([204, 304])('%i has no body and no length', async (statusCode) => {
    const { port } = await start(() => ({ statusCode, headers: { etag: '"1"' }, body: '' }));
    const { status, headers, text } = await send(port, '/v1/order/members/1');
    expect({ status, text, length: headers['content-length'] }).toEqual({
      status: statusCode,
      text: '',
      length: undefined,
    });
    expect(headers.etag).toBe('"1"');
  });

  test('a HEAD has the length but no body', async () => {
    const { port } = await start(() => ({ statusCode: 200, body: 'four' }));
    const { headers, text } = await send(port, '/v1/order/members/1', { method: 'HEAD' });
    expect({ text, length: headers['content-length'] }).toEqual({ text: '', length: '4' });
  });

  test('a connection serves many requests', async () => {
    const { port } = await start(echo);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const localPorts = new Set<number | undefined>();
    for (const _ of [1, 2, 3]) {
      const request = httpRequest({ agent, port, host: '127.0.0.1', path: '/v1/order/members/1' }).end();
      const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
      localPorts.add(request.socket?.localPort);
      response.resume();
      await once(response, 'end');
    }
    agent.destroy();
    expect(localPorts.size).toBe(1);
  });
});

describe('failures of a function', () => {
  test.each([
    ['throws', () => Promise.reject(new Error('secret detail'))],
    ['throws no error', () => Promise.reject('secret detail')],
    ['returns no answer', () => ({ secret: 'detail' })],
    ['sets a header that cannot be sent', () => ({ statusCode: 200, headers: { a: 'x\r\ny: z' }, body: '' })],
  ])('a function that %s is answered 500, and nothing of it is told', async (_name, handler) => {
    const { port, log } = await start(handler);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { status, text } = await send(port, '/v1/order/members/1', { headers: { traceparent } });
    expect(status).toBe(500);
    expect(problemOf(text)).toEqual({
      type: 'urn:twinkeep:error:INTERNAL',
      title: expect.any(String),
      status: 500,
      code: 'INTERNAL',
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
    expect(text).not.toContain('secret');
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatchObject({
      level: 'error',
      fields: { status: 500, class: 'order', function: 'members-order', traceId: '0af7651916cd43dd8448eb211c80319c' },
    });
  });

  test('a function that does not answer in time is answered 503 with a time to come again', async () => {
    const { port } = await start(() => new Promise(() => {}), { timeoutMs: 50 });
    const { status, text, headers } = await send(port, '/v1/order/members/1');
    expect(status).toBe(503);
    expect(problemOf(text)).toMatchObject({ code: 'UNAVAILABLE' });
    expect(headers['retry-after']).toBe('1');
  });

  test('only failures are logged, without path, query and keys', async () => {
    const { port, log } = await start((event) => ({
      statusCode: (event as ApiEvent).path.endsWith('bad') ? 503 : 200,
    }));
    const headers = { 'x-api-key': 'shop.secret' };
    await send(port, '/v1/order/members?phone=123456', { headers });
    expect(log.lines).toHaveLength(0);
    await send(port, '/v1/order/accounts/web/someone/bad?phone=123456', { headers });
    expect(log.lines).toHaveLength(1);
    expect(JSON.stringify(log.lines)).not.toMatch(/someone|123456|secret/);
  });
});

describe('shedding', () => {
  test('what exceeds a class is refused at once, and told of once a second', async () => {
    const held = gate();
    const { port, log, listener } = await start(
      async (event) => {
        if ((event as ApiEvent).path.startsWith('/v1/marketing')) await held.opened;
        return { statusCode: 200, body: '' };
      },
      { reservedConcurrency: 2 },
    );
    const admitted = [send(port, '/v1/marketing/members/1'), send(port, '/v1/marketing/members/2')];
    const refused = await send(port, '/v1/marketing/members/3', { method: 'POST', body: 'not even JSON' });
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('1');
    expect(problemOf(refused.text)).toMatchObject({ code: 'SHED', status: 503 });
    await send(port, '/v1/marketing/members/4');
    void listener.drain();
    for (const { fields } of log.lines) expect(fields).toMatchObject({ code: 'SHED', class: 'marketing' });
    expect(log.lines.reduce((sum, { fields }) => sum + Number(fields.requests), 0)).toBe(2);
    held.open();
    expect((await Promise.all(admitted)).map(({ status }) => status)).toEqual([200, 200]);
  });

  test('room is made by every answer, and one class takes none from another', async () => {
    const held = gate();
    const { port } = await start(
      async (event) => {
        if ((event as ApiEvent).path.startsWith('/v1/marketing')) await held.opened;
        return { statusCode: 200, body: '' };
      },
      { reservedConcurrency: 2 },
    );
    const admitted = [send(port, '/v1/marketing/members/1'), send(port, '/v1/marketing/members/2')];
    expect((await send(port, '/v1/marketing/members/3')).status).toBe(503);
    expect((await send(port, '/v1/order/members/1')).status).toBe(200);
    held.open();
    expect((await Promise.all(admitted)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await send(port, '/v1/marketing/members/4')).status).toBe(200);
  });

  test('what is refused is not read first', async () => {
    const held = gate();
    const entered = gate();
    const { port } = await start(
      async () => {
        entered.open();
        await held.opened;
        return { statusCode: 200, body: '' };
      },
      { reservedConcurrency: 1 },
    );
    const admitted = send(port, '/v1/order/members/1');
    await entered.opened;
    // Ten bytes are announced, and none is sent.
    const head = 'POST /v1/order/members HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n';
    expect(await sendRaw(port, head)).toMatch(/^HTTP\/1\.1 503 /);
    held.open();
    await admitted;
  });

  test('requests that arrive together with their bodies are counted when they run', async () => {
    const held = gate();
    const { port } = await start(() => held.opened.then(() => ({ statusCode: 200, body: '' })), {
      reservedConcurrency: 3,
    });
    const all = Array.from({ length: 10 }, () => send(port, '/v1/order/members', { method: 'POST', body: '{}' }));
    let done = 0;
    await new Promise<void>((resolve) => {
      for (const one of all) void one.then(() => ++done === 7 && resolve());
    });
    held.open();
    const statuses = (await Promise.all(all)).map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(3).fill(200), ...Array(7).fill(503)]);
  });
});

test('draining finishes what is in flight, closes its connection and accepts nothing more', async () => {
  const held = gate();
  const entered = gate();
  const { port, listener } = await start(async () => {
    entered.open();
    await held.opened;
    return { statusCode: 200, body: 'done' };
  });
  const inFlight = send(port, '/v1/order/members/1', { headers: { connection: 'keep-alive' } });
  await entered.opened;
  const drained = listener.drain();
  await expect(send(port, '/v1/order/members/2')).rejects.toThrow('ECONNREFUSED');
  held.open();
  expect(await inFlight).toMatchObject({ status: 200, text: 'done', headers: { connection: 'close' } });
  await drained;
});
