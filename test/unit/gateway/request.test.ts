import { once } from 'node:events';
import { connect } from 'node:net';
import type { ApiEvent } from '../../../local/gateway/api-event';
import { problemOf, send, sendRaw, startsListening } from './listening';

const MIB = 1024 * 1024;
const start = startsListening();

function echo(event: unknown) {
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) };
}

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
