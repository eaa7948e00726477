import { Redis } from 'ioredis';
import type { Region } from '../../topology';
import type { EngineDefinition } from './definition';
import type { Tools } from './install';

export interface RedisServer {
  readonly region: Region;
  readonly port: number;
  readonly busPort: number;
  readonly dataDirectory: string;
}

const COMMAND_TIMEOUT_MS = 5000;

export function redisArguments(server: RedisServer): string[] {
  const options: Readonly<Record<string, string>> = {
    port: String(server.port),
    bind: '127.0.0.1',
    dir: server.dataDirectory,
    daemonize: 'no',
    // A cache keeps nothing over a restart.
    appendonly: 'no',
    save: '',
    maxmemory: '512mb',
    'maxmemory-policy': 'volatile-lru',
    'cluster-enabled': 'yes',
    'cluster-port': String(server.busPort),
    'cluster-config-file': 'nodes.conf',
    // Without it CLUSTER SLOTS names no host.
    'cluster-announce-ip': '127.0.0.1',
  };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}

async function withClient(port: number, act: (client: Redis) => Promise<void>): Promise<void> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // What goes wrong is told by the command that fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await act(client);
  } finally {
    client.disconnect();
  }
}

async function clusterInfo(client: Redis): Promise<string> {
  return String(await client.call('CLUSTER', 'INFO'));
}

async function serveAllSlots(client: Redis): Promise<void> {
  if (!(await clusterInfo(client)).includes('cluster_slots_assigned:16384')) {
    await client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  }
  // A node that comes back stays closed for two seconds.
  if (!(await clusterInfo(client)).includes('cluster_state:ok')) throw new Error('the cluster is not ready yet');
}

/** The cache of one region: a cluster of one node, so that clients speak to it as to ElastiCache. */
export function redisEngine(server: RedisServer, tools: Tools): EngineDefinition {
  return {
    name: `redis-${server.region}`,
    kind: 'redis',
    region: server.region,
    role: 'cache',
    port: server.port,
    ports: [server.port, server.busPort],
    dataDirectory: server.dataDirectory,
    memoryMb: 30,
    readyTimeoutMs: 60_000,
    prepare: async () => undefined,
    launch: () => ({ command: tools.redisServer, arguments: redisArguments(server) }),
    check: () =>
      withClient(server.port, async (client) => {
        await client.ping();
      }),
    configure: () => withClient(server.port, serveAllSlots),
  };
}
