import { problemOf, sendRaw, startsListening } from './listening';

const start = startsListening();
const PATH = '/v1/order/members/1';

async function answerTo(bytes: string) {
  const called = jest.fn(() => ({ statusCode: 200, body: '' }));
  const { port } = await start(called);
  const [head = '', body = ''] = (await sendRaw(port, Buffer.from(bytes, 'latin1'))).split('\r\n\r\n');
  expect(called).not.toHaveBeenCalled();
  return { status: Number(head.split(' ')[1]), head, body };
}

test.each([
  ['no host', `GET ${PATH} HTTP/1.1\r\nConnection: close\r\n\r\n`],
  [
    'an expectation that nobody meets',
    `GET ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: miracles\r\n\r\n`,
  ],
  ['a path that is none', `GET ${PATH}\u00ff HTTP/1.1\r\nHost: x\r\n\r\n`],
])('%s is answered with a problem, not by Node without a body', async (_name, bytes) => {
  const { status, head, body } = await answerTo(bytes);
  expect(status).toBe(400);
  expect(head).toMatch(/^content-type: application\/problem\+json$/im);
  expect(problemOf(body)).toMatchObject({ code: 'INVALID_REQUEST', status: 400 });
});

test('a HEAD that is malformed is answered without a body, which would be taken for the next answer', async () => {
  const { status, head, body } = await answerTo(`HEAD ${PATH}\u00ff HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect([status, body]).toEqual([400, '']);
  expect(head).toMatch(/^content-length: [1-9]/im);
});

test('HTTP/1.0 needs no host', async () => {
  const { port } = await start(() => ({ statusCode: 200, body: 'old' }));
  expect(await sendRaw(port, `GET ${PATH} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 [\s\S]*old$/);
});
