import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { ApiEvent } from '../../../local/gateway/api-event';
import type { Listener } from '../../../local/gateway/listener';
import { gate } from './hosted';
import { listening, send, sendRaw } from './listening';

const MIB = 1024 * 1024;
let open: Listener[] = [];

async function start(...parameters: Parameters<typeof listening>) {
  const started = await listening(...parameters);
  open.push(started.listener);
  return started;
}

afterEach(async () => {
  for (const listener of open) {
    listener.server.closeAllConnections();
    await listener.drain();
  }
  open = [];
});

function echo(event: unknown) {
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) };
}

function problemOf(text: string) {
  return JSON.parse(text) as { code: string; status: number; traceId: string; title: string; type: string };
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
  test('what exceeds a class is refused at once, and other classes are not', async () => {
    const held = gate();
    const { port, log } = await start(
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
    expect(log.lines[0]?.fields).toMatchObject({ code: 'SHED', class: 'marketing' });
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

describe('bodies', () => {
  test('one mebibyte is taken whole', async () => {
    const { port } = await start((event) => ({ statusCode: 200, body: String((event as ApiEvent).body?.length) }));
    const body = Buffer.alloc(MIB, 'x');
    expect(await send(port, '/v1/order/members', { method: 'POST', body })).toMatchObject({
      status: 200,
      text: String(MIB),
    });
  });

  test.each([
    ['announced', { 'content-length': String(MIB + 1) }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('more than that, %s, is refused with an answer that arrives', async (_name, headers) => {
    const called = jest.fn(() => ({ statusCode: 200 }));
    const { port } = await start(called);
    const body = Buffer.alloc(MIB + 1, 'x');
    const { status, text } = await send(port, '/v1/order/members', { method: 'POST', headers, body });
    expect(status).toBe(413);
    expect(problemOf(text)).toMatchObject({ code: 'TOO_LARGE', status: 413 });
    expect(called).not.toHaveBeenCalled();
  });

  test('a client that reads only after it has sent everything gets the answer', async () => {
    const { port } = await start(echo);
    const socket = connect({ port, host: '127.0.0.1' });
    const chunks: Buffer[] = [];
    socket.pause();
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => undefined);
    const body = Buffer.alloc(3 * MIB, 'x');
    socket.write(`POST /v1/order/members HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.write(body, () => socket.resume());
    await once(socket, 'close');
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('the rest of a refused body is not waited for', async () => {
    const { port } = await start(echo);
    const answer = await sendRaw(
      port,
      `POST /v1/order/members HTTP/1.1\r\nHost: x\r\nContent-Length: ${100 * MIB}\r\n\r\nstart`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i);
  });

  test('a client that asks first is told before it sends', async () => {
    const { port } = await start(echo);
    const head = (length: number) =>
      `POST /v1/order/members HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
    expect(await sendRaw(port, head(2 * MIB))).toMatch(/^HTTP\/1\.1 413/);
    const socket = connect(port, '127.0.0.1');
    socket.write(head(2));
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 100 Continue/);
    socket.write('{}');
    const [second] = (await once(socket, 'data')) as [Buffer];
    expect(second.toString()).toMatch(/^HTTP\/1\.1 200/);
    socket.destroy();
  });

  test('bytes that are no UTF-8 reach the function', async () => {
    const { port } = await start(echo);
    const body = Buffer.from([0x22, 0xc3, 0x28, 0x22]);
    const { text } = await send(port, '/v1/order/members', { method: 'POST', body });
    expect(JSON.parse(text)).toMatchObject({ isBase64Encoded: true, body: body.toString('base64') });
  });

  test('a sender who goes away costs nothing', async () => {
    const called = jest.fn(() => ({ statusCode: 200 }));
    const { port, listener } = await start(called);
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /v1/order/members HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    await once(listener.server, 'request');
    socket.destroy();
    expect((await send(port, '/v1/order/members/1')).status).toBe(200);
    expect(called).toHaveBeenCalledTimes(1);
  });
});

describe('what is not HTTP', () => {
  test.each([
    ['garbage', 'garbage\r\n\r\n'],
    ['a bad header', 'GET /v1/order/x HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n'],
    ['two lengths', 'POST /v1/order/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'length and chunks',
      'POST /v1/order/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a bad chunk', 'POST /v1/order/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['headers without end', `GET /v1/order/x HTTP/1.1\r\nHost: x\r\na: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('%s is answered 400', async (_name, bytes) => {
    const { port } = await start(echo);
    const answer = await sendRaw(port, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('application/problem+json');
    expect(problemOf(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ code: 'INVALID_REQUEST', status: 400 });
  });

  test('a tunnel is refused', async () => {
    const { port } = await start(echo);
    expect(await sendRaw(port, 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 404/);
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
