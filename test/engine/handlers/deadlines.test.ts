import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket, type Server as TcpServer } from 'node:net';
import type { UnitMode } from '../../../lambdas/arbiter';
import { encodeMemberId } from '../../../lambdas/shards';
import { compileSnapshot, SNAPSHOT_KEY } from '../../../lambdas/switches';
import { hashSecret } from '../../../lambdas/traffic';
import { ROUTES } from '../../../topology';
import { RedisServer } from '../cache/redis-server';

const SECRET = 's'.repeat(32);
/** What the region that forwarded the request still waits. */
const WAITS_MS = 1500;
/** What is answered later is answered to nobody; with what a machine takes that does three things at once. */
const LATE_MS = WAITS_MS + 500;

let redis: RedisServer;
let silent: TcpServer;
let registry: HttpServer;
const sockets = new Set<Socket>();

const portOf = (server: TcpServer | HttpServer) => (server.address() as AddressInfo).port;
const listening = (server: TcpServer | HttpServer) =>
  new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));

/** Takes connections and says nothing: a database, a domain, a region, all of them cut off. */
beforeAll(async () => {
  redis = await RedisServer.start();
  silent = createServer((socket) => sockets.add(socket));
  await listening(silent);
  // The arbiter knows the caller, and answers nothing else any more.
  registry = createHttpServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      if (!JSON.parse(text).TableName?.endsWith('callers')) return;
      const names = (values: readonly string[]) => ({ L: values.map((S) => ({ S })) });
      const Item = {
        id: { S: 'shop' },
        owner: { S: 'shop' },
        classes: names(['order', 'other', 'marketing']),
        status: { S: 'active' },
        keyHashes: names([hashSecret(SECRET)]),
      };
      response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify({ Item }));
    });
  });
  registry.on('connection', (socket) => sockets.add(socket));
  await listening(registry);
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  silent.close();
  registry.close();
  await redis.stop();
});

function configure(trafficClass: string): void {
  const port = portOf(silent);
  const database = { host: '127.0.0.1', port };
  const url = `http://127.0.0.1:${port}`;
  const arn = 'arn:aws:sns:us-east-1:000000000000:events';
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    TWINKEEP_STAGE: 'test',
    TWINKEEP_REGION: 'A',
    TWINKEEP_FUNCTION: `members-${trafficClass}`,
    TWINKEEP_CLASS: trafficClass,
    TWINKEEP_ENDPOINTS: JSON.stringify({
      databases: { a1: { A: database, B: database }, b1: { A: database, B: database } },
      caches: { A: redis.address, B: { host: '127.0.0.1', port, tls: false } },
      domains: { order: url, standby: url, marketing: url },
      aws: `http://127.0.0.1:${portOf(registry)}`,
      topics: { A: arn, B: arn },
      queues: {},
      tablePrefix: 'test-',
    }),
    TWINKEEP_SECRETS: JSON.stringify({
      database: { user: 'x', password: 'x' },
      cursorKey: 'x'.repeat(16),
      contactKey: 'x'.repeat(16),
    }),
  });
}

const memberId = encodeMemberId({ placement: 1, drawnAtMs: Date.UTC(2026, 0), region: 'A', layout: 0, random: 1 });
const PARTS: Readonly<Record<string, string>> = { id: memberId, platform: 'app', account: 'ada' };
const BODIES: Readonly<Record<string, unknown>> = {
  registerMember: { profile: { name: 'Ada' }, accounts: [{ platform: 'app', account: 'ada' }] },
  patchMember: { city: 'Turin' },
  batchMembers: { ids: [memberId] },
  searchMembers: { filter: {}, limit: 1 },
};

/** Every call of the API, as the gateway passes it on from the other region. */
function eventOf({ operation, method, path }: (typeof ROUTES)[number], trafficClass: string) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => PARTS[name] ?? name);
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return {
    httpMethod: method,
    path: `/v1/${trafficClass}${filled}`,
    headers: { 'x-api-key': `shop.${SECRET}`, 'content-type': type, 'idempotency-key': 'once' },
    multiValueQueryStringParameters:
      operation === 'findByKey' ? { phone: ['+39011234567'] } : operation === 'health' ? { deep: ['1'] } : {},
    body: BODIES[operation] === undefined ? null : JSON.stringify(BODIES[operation]),
    isBase64Encoded: false,
    requestContext: { requestId: 'x' },
    forwarded: { waitsMs: WAITS_MS },
  };
}

test.each<UnitMode>(['database', 'fallback'])(
  'every call ends before whoever waits for it gives up, though nothing behind it answers (units in mode %s)',
  async (mode) => {
    const unit = (name: string) => ({ unit: name, epoch: 3, writer: 'A' as const, mode, renewals: 1, grantedMs: 1 });
    const snapshot = compileSnapshot([], [unit('a1'), unit('b1')], 1);
    await redis.inside.set(SNAPSHOT_KEY, JSON.stringify(snapshot));
    configure('other');
    await jest.isolateModulesAsync(async () => {
      const { handler, close } = await import('../../../lambdas/handlers/members');
      // The first one learns who calls and what the switches say.
      await handler(eventOf(ROUTES.find(({ operation }) => operation === 'getMember') as never, 'other') as never);
      const calls = ROUTES.filter(({ operation }) => operation !== 'openapi').map(async (route) => {
        const startedMs = performance.now();
        const { statusCode } = await handler(eventOf(route, 'other') as never);
        return { operation: route.operation, statusCode, tookMs: performance.now() - startedMs };
      });
      const ended = await Promise.all(calls);
      expect(ended.filter(({ tookMs }) => tookMs >= LATE_MS)).toEqual([]);
      // A batch tells of each of its members.
      const answered = ended.filter(({ operation, statusCode }) => statusCode !== 503 && operation !== 'batchMembers');
      expect(answered).toEqual([]);
      await close();
    });
  },
);
