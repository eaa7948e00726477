import { type AddressInfo, createServer, type Socket, type Server as TcpServer } from 'node:net';
import { systemClock } from '../../../lambdas/core';
import { Server, Unreachable } from '../../../lambdas/shards/server';

const TIMEOUT_MS = 40;
const FAILURES = 5;

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

test('a server that takes connections and says nothing is left alone after a few requests', async () => {
  const { port } = silent.address() as AddressInfo;
  const account = { user: 'x', password: 'x' };
  const server = new Server({ name: 'it', host: '127.0.0.1', port, ...account, connections: 2 }, systemClock);
  const failed = async () => {
    const startedMs = performance.now();
    const error: unknown = await server.read(statement, TIMEOUT_MS).catch((thrown: unknown) => thrown);
    return { error, tookMs: performance.now() - startedMs };
  };
  for (let failure = 0; failure < FAILURES; failure += 1) {
    const { error } = await failed();
    expect(error instanceof Unreachable && error.isOurs).toBe(false);
  }
  const next = await failed();
  expect(next.error).toBeInstanceOf(Unreachable);
  expect(String((next.error as Error).cause)).toContain('left alone');
  void server.close();
});
