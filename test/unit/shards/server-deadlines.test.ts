import { type AddressInfo, createServer, type Socket, type Server as TcpServer } from 'node:net';
import { systemClock } from '../../../lambdas/core';
import { Server } from '../../../lambdas/shards/server';
import { type Peer, speakMysql } from './mysql-peer';

let listening: TcpServer;
let server: Server;
let peer: Peer;
const sockets: Socket[] = [];

beforeEach(async () => {
  peer = { answers: () => 'ok', queries: [] };
  listening = createServer((socket) => {
    sockets.push(socket);
    speakMysql(socket, peer);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', () => resolve()));
  const { port } = listening.address() as AddressInfo;
  server = new Server({ name: 'it', host: '127.0.0.1', port, user: 'x', password: '', connections: 1 }, systemClock);
});

afterEach(async () => {
  await server.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  listening.close();
});

const statement = (sql: string) => ({ sql, values: [] });
const TIMEOUT_MS = 600;
/** Less than a second time of the same. */
const SLACK_MS = 300;

async function timed(work: Promise<unknown>): Promise<{ tookMs: number; hasFailed: boolean }> {
  const startedMs = performance.now();
  const hasFailed = await work.then(
    () => false,
    () => true,
  );
  return { tookMs: performance.now() - startedMs, hasFailed };
}

test('waiting for a connection and what is sent on it are over by one deadline', async () => {
  await server.read(statement('SELECT 1'), 5000);
  peer.answers = ({ sql }) => (sql.includes('2') ? 'nothing' : { afterMs: 0.7 * TIMEOUT_MS });
  const first = timed(server.read(statement('SELECT 1'), 5000));
  const second = await timed(server.read(statement('SELECT 2'), TIMEOUT_MS));
  expect(second.hasFailed).toBe(true);
  expect(second.tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  expect((await first).hasFailed).toBe(false);
});

test('all statements of a transaction are over by one deadline', async () => {
  peer.answers = ({ sql }) => (sql.includes('START') ? { afterMs: 0.7 * TIMEOUT_MS } : 'nothing');
  const run = (send: (asked: { sql: string; values: readonly never[] }) => Promise<unknown>) =>
    send(statement('SELECT 1'));
  const { tookMs, hasFailed } = await timed(server.transaction(TIMEOUT_MS, run));
  expect(hasFailed).toBe(true);
  expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
});

test('a read whose connection had died is sent again, within the same deadline', async () => {
  peer.answers = ({ count }) => (count === 1 ? 'hang-up' : 'ok');
  expect((await timed(server.readAgain(statement('SELECT 1'), 5000))).hasFailed).toBe(false);
  peer.answers = ({ count }) => (count === 3 ? { afterMs: 0.7 * TIMEOUT_MS, finally: 'hang-up' } : 'nothing');
  const { tookMs, hasFailed } = await timed(server.readAgain(statement('SELECT 1'), TIMEOUT_MS));
  expect(hasFailed).toBe(true);
  expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  expect(peer.queries).toHaveLength(4);
});

test('a server that drops one call of four is sent hardly more than was asked', async () => {
  const CALLS = 500;
  peer.answers = ({ count }) => (count % 4 === 0 ? 'hang-up' : 'ok');
  for (let call = 0; call < CALLS; call += 1)
    await server.readAgain(statement('SELECT 1'), TIMEOUT_MS).catch(() => undefined);
  expect(peer.queries.length / CALLS).toBeLessThanOrEqual(1.1);
  expect(peer.queries.length).toBeGreaterThan(CALLS);
});
