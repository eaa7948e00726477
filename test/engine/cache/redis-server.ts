import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { redisArguments } from '../../../local/engines/redis';
import { freePort } from '../../support/scratch-engine';
import { until } from './until';

const LAST_SLOT = 16_383;

/** A Redis in cluster mode that a test may freeze, kill and start again. */
export class RedisServer {
  readonly port: number;
  readonly #busPort: number;
  readonly #directory: string;
  #process: ChildProcess | undefined;
  #client: Redis | undefined;

  private constructor(port: number, busPort: number, directory: string) {
    this.port = port;
    this.#busPort = busPort;
    this.#directory = directory;
  }

  /** Serves all slots unless told which. */
  static async start(slots: { from: number; to: number } = { from: 0, to: LAST_SLOT }): Promise<RedisServer> {
    const directory = await mkdtemp(join(tmpdir(), 'twinkeep-cache-'));
    const server = new RedisServer(await freePort(), await freePort(), directory);
    try {
      await server.restart();
      await server.inside.call('CLUSTER', 'ADDSLOTSRANGE', slots.from, slots.to);
      if (slots.from === 0 && slots.to === LAST_SLOT) await server.untilServing();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get address() {
    return { host: '127.0.0.1', port: this.port, tls: false };
  }

  get isRunning(): boolean {
    return this.#client !== undefined;
  }

  /** For a look at what it holds. */
  get inside(): Redis {
    if (this.#client === undefined) throw new Error('the server does not run');
    return this.#client;
  }

  /** Starts it, with its slots but without what it held. */
  async restart(): Promise<void> {
    const parameters = redisArguments({
      region: 'A',
      port: this.port,
      busPort: this.#busPort,
      dataDirectory: this.#directory,
    });
    this.#process = spawn('redis-server', parameters, { stdio: 'ignore' });
    this.#client = new Redis({ port: this.port, retryStrategy: () => 50, maxRetriesPerRequest: 1 });
    this.#client.on('error', () => undefined);
    await until(async () => (await this.inside.ping()) === 'PONG');
  }

  async untilServing(): Promise<void> {
    await until(async () => String(await this.inside.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  }

  async meet(other: RedisServer): Promise<void> {
    await this.inside.call('CLUSTER', 'MEET', '127.0.0.1', other.port, other.#busPort);
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.#client?.disconnect();
    this.#client = undefined;
    const process = this.#process;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const exit = once(process, 'exit');
    process.kill('SIGKILL');
    await exit;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
