import { type AddressInfo, createServer, type Socket, type Server as TcpServer } from 'node:net';
import { Server, Unreachable } from '../../../lambdas/shards/server';
import { SetClock } from '../traffic/registry';

const TIMEOUT_MS = 40;
const FAILURES = 5;

const clock = new SetClock();

/** Takes connections, as the kernel does for a server that is frozen or cut off, and says nothing. */
let silent: TcpServer;
const sockets: Socket[] = [];

beforeAll(async () => {
  silent = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', () => resolve()));
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

const statement = { sql: 'SELECT 1', values: [] };

test('a server that takes connections and says nothing is left alone after a few requests, and tried for a moment', async () => {
  const { port } = silent.address() as AddressInfo;
  const account = { user: 'x', password: 'x' };
  const server = new Server({ name: 'it', host: '127.0.0.1', port, ...account, connections: 2 }, clock);
  const failed = async (timeoutMs = TIMEOUT_MS) => {
    const error: unknown = await server.read(statement, timeoutMs).catch((thrown: unknown) => thrown);
    return error as Error;
  };
  for (let failure = 0; failure < FAILURES; failure += 1) {
    const error = await failed();
    expect(error instanceof Unreachable && error.isOurs).toBe(false);
  }
  const next = await failed();
  expect(next).toBeInstanceOf(Unreachable);
  expect(String(next.cause)).toContain('left alone');
  // Whoever tries whether it is back gives up before the driver does.
  clock.ms += 600;
  const tried = await failed(10_000);
  expect(tried).toBeInstanceOf(Unreachable);
  expect(String(tried.cause)).toContain('no connection was free in time');
  void server.close();
});
