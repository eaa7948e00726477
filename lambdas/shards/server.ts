import { createPool, type Pool, type PoolConnection } from 'mysql2';
import type { Clock, Tls } from '../core';
import { Breaker } from '../resilience';
import { isServerError } from './outcomes';
import type { Statement } from './statements';
import { sslOf } from './tls';

export interface ServerOptions {
  /** For people: it stands in errors. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly tls?: Tls | undefined;
  readonly user: string;
  readonly password: string;
  readonly connections: number;
}

const CONNECT_TIMEOUT_MS = 2000;
const IDLE_TIMEOUT_MS = 60_000;
/** Beyond this many waiting requests a server is overloaded and says so at once. */
const QUEUE_LIMIT = 500;
/** What the pool says then; its error has no code. */
const QUEUE_IS_FULL = 'Queue limit';
/** After so many failures in a row a server is left alone for a while, so that its loss costs each request little. */
const FAILURES = 5;
const OPEN_MS = 500;
const MOST_OPEN_MS = 2000;

/** The server could not be reached; nothing was sent to it. */
export class Unreachable extends Error {
  /** All our connections were taken: that tells of our load, not of the server. */
  readonly isOurs: boolean;

  constructor(cause: unknown, isOurs = false) {
    super('the database server cannot be reached', { cause });
    this.name = 'Unreachable';
    this.isOurs = isOurs;
  }
}

type Row = Readonly<Record<string, unknown>>;
/** One entry for each statement of a trip: rows of a SELECT, or nothing of interest. */
export type TripResult = readonly (readonly Row[])[];

/** One database server: a pool that never hangs longer than the caller's deadline and never keeps a dirty connection. */
export class Server {
  readonly #pool: Pool;
  readonly #breaker: Breaker;
  readonly #connections: number;
  /** Connections that a trip is on. */
  #busy = 0;

  constructor(options: ServerOptions, clock: Clock) {
    this.#breaker = new Breaker({
      name: `database server ${options.name}`,
      clock,
      failures: FAILURES,
      openMs: OPEN_MS,
      mostOpenMs: MOST_OPEN_MS,
      isFailure: (error) => !isServerError(error) && !(error instanceof Unreachable && error.isOurs),
    });
    this.#connections = options.connections;
    const ssl = sslOf(options.tls);
    this.#pool = createPool({
      ...(ssl === undefined ? {} : { ssl }),
      host: options.host,
      port: options.port,
      user: options.user,
      password: options.password,
      connectionLimit: options.connections,
      maxIdle: options.connections,
      idleTimeout: IDLE_TIMEOUT_MS,
      queueLimit: QUEUE_LIMIT,
      connectTimeout: CONNECT_TIMEOUT_MS,
      charset: 'utf8mb4_bin',
      multipleStatements: true,
      supportBigNumbers: true,
      dateStrings: true,
      jsonStrings: true,
    });
  }

  /** One statement that reads. @throws Unreachable, or the server's error */
  async read(statement: Statement, timeoutMs: number): Promise<readonly Row[]> {
    const [rows] = await this.trip(statement, timeoutMs);
    return rows ?? [];
  }

  /**
   * Several statements in one round trip. After an error of the server what the trip had begun is rolled back before
   * the connection is used again: a transaction left open would be committed by the next START TRANSACTION.
   */
  trip(statement: Statement, timeoutMs: number): Promise<TripResult> {
    return this.#onConnection(timeoutMs, (connection) => send(connection, statement, timeoutMs));
  }

  /** Several trips on one connection in one transaction; committed when `work` returns. */
  transaction<T>(
    timeoutMs: number,
    work: (run: (statement: Statement) => Promise<TripResult>) => Promise<T>,
  ): Promise<T> {
    return this.#onConnection(timeoutMs, async (connection) => {
      await send(connection, { sql: 'START TRANSACTION', values: [] }, timeoutMs);
      const value = await work((statement) => send(connection, statement, timeoutMs));
      await send(connection, { sql: 'COMMIT', values: [] }, timeoutMs);
      return value;
    });
  }

  async #onConnection<T>(timeoutMs: number, work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    if (!this.#breaker.admits) throw new Unreachable('it is left alone after failures in a row');
    return this.#breaker.execute(async () => {
      const connection = await this.#connect(timeoutMs);
      this.#busy += 1;
      try {
        const value = await work(connection);
        connection.release();
        return value;
      } catch (error) {
        await this.#clean(connection, error, timeoutMs);
        throw error;
      } finally {
        this.#busy -= 1;
      }
    });
  }

  async #clean(connection: PoolConnection, error: unknown, timeoutMs: number): Promise<void> {
    if (!isServerError(error)) return connection.destroy();
    try {
      await send(connection, { sql: 'ROLLBACK', values: [] }, timeoutMs);
      connection.release();
    } catch {
      connection.destroy();
    }
  }

  #connect(timeoutMs: number): Promise<PoolConnection> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined = setTimeout(() => {
        timer = undefined;
        // While trips are on fewer connections than there may be, it is the server that does not take new ones.
        const isOurs = this.#busy >= this.#connections;
        reject(new Unreachable(new Error('no connection was free in time'), isOurs));
      }, timeoutMs);
      this.#pool.getConnection((error, connection) => {
        // A connection that comes after its request gave up goes back to the pool unused.
        if (timer === undefined) return connection?.release();
        clearTimeout(timer);
        if (error) reject(new Unreachable(error, error.message.startsWith(QUEUE_IS_FULL)));
        else resolve(connection);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#pool.end(() => resolve()));
  }
}

function send(connection: PoolConnection, statement: Statement, timeoutMs: number): Promise<TripResult> {
  return new Promise((resolve, reject) => {
    const options = { sql: statement.sql, values: [...statement.values], timeout: Math.max(1, Math.ceil(timeoutMs)) };
    connection.query(options, (error, result) => {
      if (error) reject(error);
      else resolve(rowsOf(result));
    });
  });
}

/** mysql2 gives one result for one statement, and a list of results for several. */
function rowsOf(result: unknown): TripResult {
  if (!Array.isArray(result)) return [[]];
  const isList = result.some((entry) => Array.isArray(entry) || isHeader(entry));
  return isList ? result.map((entry) => (Array.isArray(entry) ? (entry as Row[]) : [])) : [result as Row[]];
}

function isHeader(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && 'affectedRows' in entry;
}
