import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { percentilesOfAll } from '../../../bench/load/latency';
import { openLoop } from '../../../bench/load/open-loop';

const REQUEST = { next: () => ({ method: 'GET', path: '/', headers: {} }) as const };
let server: Server | undefined;

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', () => resolve()));
  const address = started.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return `http://127.0.0.1:${address.port}`;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

test('requests are sent when they are due, whether or not earlier ones were answered', async () => {
  const held: ServerResponse[] = [];
  // Nothing is answered before everything has come: who waits for answers would wait for ever.
  const url = await serve((_request, response) => {
    held.push(response);
    if (held.length === 20) for (const one of held) one.end('x');
  });
  const figures = await openLoop(REQUEST, { url, perS: 200, seconds: 0.1, connections: 20 });
  expect(figures).toMatchObject({ requests: 20, failures: 0 });
});

test('time counts from when a request was due, not from when it was sent', async () => {
  const answered: number[] = [];
  // One connection: each request waits for the one before, which the service takes its time for.
  const url = await serve((_request, response) => {
    setTimeout(() => {
      answered.push(performance.now());
      response.end('x');
    }, 30);
  });
  const figures = await openLoop(REQUEST, { url, perS: 1000, seconds: 0.01, connections: 1 });
  const [first = 0, last = 0] = [answered[0], answered.at(-1)];
  // All were due within 10 ms, so the last one waited for nearly all of the time that the others took.
  expect(figures.latencyMs.p999).toBeGreaterThan(last - first - 10);
});

test('what is answered badly, or not at all, is counted', async () => {
  let count = 0;
  const url = await serve((request, response) => {
    count += 1;
    if (count % 2 === 0) request.socket.destroy();
    else response.writeHead(503).end();
  });
  const figures = await openLoop(REQUEST, { url, perS: 1000, seconds: 0.01, connections: 4 });
  expect(figures).toMatchObject({ requests: 10, failures: 10, failedStatuses: { 0: 5, 503: 5 } });
});

test('what is refused at once does not make what is served look quick, nor count as good', async () => {
  let count = 0;
  const url = await serve((_request, response) => {
    count += 1;
    if (count % 2 === 0) response.writeHead(503).end();
    else setTimeout(() => response.end('x'), 40);
  });
  const figures = await openLoop(REQUEST, { url, perS: 1000, seconds: 0.01, connections: 10 });
  expect(figures).toMatchObject({ requests: 10, failures: 5, good: 5 });
  expect(percentilesOfAll([figures.served]).p50).toBeGreaterThanOrEqual(39);
});
