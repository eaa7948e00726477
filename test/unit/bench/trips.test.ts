import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { countTrips } from '../../../bench/handler/trips';

let server: Server;
let socket: Socket;
let ports: Record<string, string>;

/** Answers each line with a line. */
beforeEach(async () => {
  server = createServer((peer) => peer.on('data', (bytes) => peer.write(bytes)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  socket = connect(address.port, '127.0.0.1');
  await once(socket, 'connect');
  ports = { [String(address.port)]: 'echo' };
});

afterEach(() => {
  socket.destroy();
  server.close();
});

/** Sends texts at once and waits until all came back. */
async function exchange(...texts: readonly string[]): Promise<void> {
  let missing = texts.join('').length;
  for (const text of texts) socket.write(text);
  while (missing > 0) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    missing -= bytes.length;
  }
}

test('each answer that is waited for is a trip', async () => {
  const trips = await countTrips(ports, 3, async () => {
    await exchange('a');
    await exchange('b');
  });
  expect(trips).toEqual({ echo: 2 });
});

test('what travels together is one trip', async () => {
  expect(await countTrips(ports, 4, () => exchange('a', 'b', 'c'))).toEqual({ echo: 1 });
});

test('what is asked for only now and then is no trip of an operation', async () => {
  const trips = await countTrips(ports, 5, async (index) => {
    await exchange('a');
    if (index === 3) await exchange('b');
  });
  expect(trips).toEqual({ echo: 1 });
});

test('connections to anyone else do not count, and nothing counts afterwards', async () => {
  expect(await countTrips({ 1: 'other' }, 2, () => exchange('a'))).toEqual({});
  const trips = await countTrips(ports, 1, () => exchange('a'));
  await exchange('b');
  expect(trips).toEqual({ echo: 1 });
});
