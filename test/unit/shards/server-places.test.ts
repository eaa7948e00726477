import { type AddressInfo, createServer, type Socket, type Server as TcpServer } from 'node:net';
import { isProblem, systemClock } from '../../../lambdas/core';
import { Server } from '../../../lambdas/shards/server';
import { until } from '../../engine/cache/until';
import { type Peer, speakMysql } from './mysql-peer';

const CONNECTIONS = 4;
const HANGS_MS = 3000;
const QUICK_MS = 1500;

let listening: TcpServer;
let server: Server;
let peer: Peer;
const sockets: Socket[] = [];

beforeEach(async () => {
  peer = { answers: ({ sql }) => (sql.includes('hangs') ? 'nothing' : 'ok'), queries: [] };
  listening = createServer((socket) => {
    sockets.push(socket);
    speakMysql(socket, peer);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', () => resolve()));
  const { port } = listening.address() as AddressInfo;
  const place = { settings: { floor: 3, ceiling: 3, targetMs: 100 }, waitMs: 200 };
  server = new Server(
    {
      name: 'it',
      host: '127.0.0.1',
      port,
      user: 'x',
      password: '',
      connections: CONNECTIONS,
      places: { reads: place, writes: place },
    },
    systemClock,
  );
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
  listening.close();
});

const statement = (sql: string) => ({ sql, values: [] });
const hanging = (send: (sql: string) => Promise<unknown>) =>
  Array.from({ length: 3 * CONNECTIONS }, () => send('hangs').catch((error: unknown) => error));

test('writes that hang leave connections to reads', async () => {
  const writes = hanging((sql) => server.trip(statement(sql), HANGS_MS));
  for (let read = 0; read < 5; read += 1) await server.read(statement('SELECT 1'), QUICK_MS);
  expect(peer.queries.filter((sql) => sql === 'hangs')).toHaveLength(3);
  // Those for which there is no place are not kept waiting until the others have given up.
  let shed = 0;
  const count = (error: unknown) => {
    if (isProblem(error, 'SHED')) shed += 1;
  };
  for (const write of writes) void write.then(count);
  await until(() => shed === writes.length - 3);
  for (const socket of sockets) socket.destroy();
  await Promise.all(writes);
});

test('reads that hang leave connections to writes', async () => {
  const reads = hanging((sql) => server.read(statement(sql), HANGS_MS));
  for (let write = 0; write < 5; write += 1) await server.trip(statement('COMMIT'), QUICK_MS);
  for (const socket of sockets) socket.destroy();
  await Promise.all(reads);
});
