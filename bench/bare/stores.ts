import { Client } from '@opensearch-project/opensearch';
import { Redis } from 'ioredis';
import { createPool, type Pool, type PoolConnection } from 'mysql2';
import type { MeasuredSystem } from '../job';

/** As many as class order may take of a server. */
const CONNECTIONS = 16;
export const BARE_SCHEMA = 'bench_bare';
const FLUSH_AT_ONCE = 1000;

type Rows = readonly Readonly<Record<string, unknown>>[];

/** The drivers without anything around them, set up as well as they can be. */
export class BareStores {
  readonly redis: Redis;
  readonly #pool: Pool;
  readonly #search: Client;

  constructor({ database, cachePort, domain }: MeasuredSystem) {
    this.redis = new Redis({ host: '127.0.0.1', port: cachePort, enableAutoPipelining: true });
    this.#pool = createPool({
      host: '127.0.0.1',
      ...database,
      connectionLimit: CONNECTIONS,
      charset: 'utf8mb4_bin',
      multipleStatements: true,
      supportBigNumbers: true,
      dateStrings: true,
      jsonStrings: true,
    });
    this.#search = new Client({ node: domain });
  }

  query(sql: string, values: readonly unknown[] = []): Promise<Rows> {
    return new Promise((resolve, reject) => {
      this.#pool.query(sql, [...values], (error, rows) => (error ? reject(error) : resolve(rows as unknown as Rows)));
    });
  }

  /** One statement after another on one connection, as a transaction. */
  async transaction(work: (connection: BareConnection) => Promise<void>): Promise<void> {
    const connection = new BareConnection(await this.#connect());
    try {
      await connection.query('START TRANSACTION');
      await work(connection);
      await connection.query('COMMIT');
    } finally {
      connection.release();
    }
  }

  async search(index: string, body: object, routing: string): Promise<readonly { readonly memberId: string }[]> {
    const { body: found } = await this.#search.search({ index, body, routing });
    return found.hits.hits.map((hit) => hit._source as { memberId: string });
  }

  /** Forgets keys, many at once. */
  async forget(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += FLUSH_AT_ONCE) {
      await Promise.all(keys.slice(from, from + FLUSH_AT_ONCE).map((key) => this.redis.del(key)));
    }
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await new Promise<void>((resolve) => this.#pool.end(() => resolve()));
    await this.#search.close();
  }

  #connect(): Promise<PoolConnection> {
    return new Promise((resolve, reject) => {
      this.#pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection)));
    });
  }
}

export class BareConnection {
  readonly #connection: PoolConnection;

  constructor(connection: PoolConnection) {
    this.#connection = connection;
  }

  query(sql: string, values: readonly unknown[] = []): Promise<Rows> {
    return new Promise((resolve, reject) => {
      this.#connection.query(sql, [...values], (error, rows) =>
        error ? reject(error) : resolve(rows as unknown as Rows),
      );
    });
  }

  release(): void {
    this.#connection.release();
  }
}
