import fc from 'fast-check';
import { reasonAgainst } from './support/document';
import { exchangeBytes } from './support/exchange';
import { hostileText } from './support/hostile';

const TIMEOUT_MS = 120_000;
const PATH = '/v1/order/members/1';
const HOST = 'Host: localhost';

/** Requests that HTTP forbids or hardly allows, each with a connection of its own. */
const MALFORMED: Readonly<Record<string, string>> = {
  'no host': `GET ${PATH} HTTP/1.1\r\n\r\n`,
  'an expectation that nobody meets': `POST /v1/order/members HTTP/1.1\r\n${HOST}\r\nExpect: miracles\r\nContent-Length: 2\r\n\r\n{}`,
  'an expectation without a body': `GET ${PATH} HTTP/1.1\r\n${HOST}\r\nExpect: 100-continue\r\n\r\n`,
  'two lengths': `POST /v1/order/members HTTP/1.1\r\n${HOST}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} `,
  'a length and chunks': `POST /v1/order/members HTTP/1.1\r\n${HOST}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'a negative length': `POST /v1/order/members HTTP/1.1\r\n${HOST}\r\nContent-Length: -1\r\n\r\n`,
  'a length that is none': `POST /v1/order/members HTTP/1.1\r\n${HOST}\r\nContent-Length: 1e3\r\n\r\n`,
  'a chunk that is none': `POST /v1/order/members HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`,
  'an unknown transfer coding': `POST /v1/order/members HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: gzip\r\n\r\n`,
  'another protocol': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a version that is none': `GET ${PATH} HTTP/9.9\r\n${HOST}\r\n\r\n`,
  'an unknown method': `FETCH ${PATH} HTTP/1.1\r\n${HOST}\r\n\r\n`,
  'a path with a space': `GET /v1/order/mem bers HTTP/1.1\r\n${HOST}\r\n\r\n`,
  'a path with a NUL': `GET /v1/order/\u0000 HTTP/1.1\r\n${HOST}\r\n\r\n`,
  'a path with bytes beyond ASCII': `GET /v1/order/members/\u00e9\u00ff HTTP/1.1\r\n${HOST}\r\n\r\n`,
  'an absolute URL': `GET http://localhost${PATH} HTTP/1.1\r\n${HOST}\r\n\r\n`,
  'no path': `GET  HTTP/1.1\r\n${HOST}\r\n\r\n`,
  'a header without a name': `GET ${PATH} HTTP/1.1\r\n${HOST}\r\n: x\r\n\r\n`,
  'a header with a NUL': `GET ${PATH} HTTP/1.1\r\n${HOST}\r\nx-api-key: a\u0000b\r\n\r\n`,
  'a folded header': `GET ${PATH} HTTP/1.1\r\n${HOST}\r\nx-api-key: a\r\n b\r\n\r\n`,
  'a space before a colon': `GET ${PATH} HTTP/1.1\r\n${HOST}\r\nx-api-key : a\r\n\r\n`,
  'lines without a carriage return': `GET ${PATH} HTTP/1.1\n${HOST}\n\n`,
  'headers too large': `GET ${PATH} HTTP/1.1\r\n${HOST}\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`,
  'too many headers': `GET ${PATH} HTTP/1.1\r\n${HOST}\r\n${'a: b\r\n'.repeat(4000)}\r\n`,
  'a path too long': `GET ${PATH}${'0'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n\r\n`,
  'a tunnel': `CONNECT localhost:22 HTTP/1.1\r\n${HOST}\r\n\r\n`,
  'an upgrade': `GET ${PATH} HTTP/1.1\r\n${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  'an upgrade to HTTP/2': `GET ${PATH} HTTP/1.1\r\n${HOST}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n`,
  TLS: '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  'an old version': `GET ${PATH} HTTP/1.0\r\n\r\n`,
  'nothing but lines': '\r\n\r\n\r\n\r\nx\r\n\r\n',
};

const reasonOf = (answer: Parameters<typeof reasonAgainst>[2]) => reasonAgainst('GET', '/members/1', answer);

test.each(Object.entries(MALFORMED))('%s is answered as a problem', async (_name, bytes) => {
  const [answer] = await exchangeBytes(Buffer.from(bytes, 'latin1'));
  if (answer === undefined) throw new Error('the connection was closed without an answer');
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(reasonOf(answer)).toBeUndefined();
});

test(
  'no bytes make an answer that the document does not describe',
  async () => {
    const line = fc.oneof(
      fc.constantFrom(
        'GET',
        'POST',
        `GET ${PATH} HTTP/1.1`,
        HOST,
        'Content-Length: 5',
        'Transfer-Encoding: chunked',
        'Connection: close',
      ),
      hostileText,
      fc
        .tuple(fc.constantFrom('Host', 'x-api-key', 'Content-Length', 'Expect', 'Upgrade'), hostileText)
        .map((parts) => parts.join(': ')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), fc.constantFrom('utf8', 'latin1'), async (lines, encoding) => {
        // What follows ends every request that may have begun, so that an answer always comes.
        const text = `${lines.join('\r\n')}\r\n\r\n\r\n\u0000\r\n\r\n${'\u0000'.repeat(64)}\r\n\r\n`;
        for (const answer of await exchangeBytes(Buffer.from(text, encoding)))
          expect([text, reasonOf(answer)]).toEqual([text, undefined]);
      }),
      { numRuns: 100 },
    );
  },
  TIMEOUT_MS,
);

test('what is left of a refused body is never read as the next request', async () => {
  const inner = `DELETE ${PATH} HTTP/1.1\r\n${HOST}\r\n\r\n`;
  const outer = `POST /v1/order/members HTTP/1.1\r\n${HOST}\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`;
  const next = `GET /health HTTP/1.1\r\n${HOST}\r\n\r\n`;
  const answers = await exchangeBytes(Buffer.from(outer + next), 2);
  expect(answers.map(({ status }) => status)).toEqual([401, 200]);
});
