import { createPool, type Pool, type PoolConnection } from 'mysql2';
import { type Clock, isProblem, type Tls } from '../core';
import {
  Breaker,
  type BreakerRule,
  ConcurrencyLimit,
  Deadline,
  type Place,
  RetryBudget,
  tellBreaker,
  type Watch,
} from '../resilience';
import { isServerError } from './outcomes';
import type { Statement } from './statements';
import { sslOf } from './tls';

export interface ServerOptions extends Watch {
  /** For people: it stands in errors. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly tls?: Tls | undefined;
  readonly user: string;
  readonly password: string;
  readonly connections: number;
  /**
   * Where requests wait for its answers. What is slow then is left alone, because another copy answers them, and reads and
   * writes have places of their own, so that neither takes all connections.
   */
  readonly places?: Places | undefined;
}

export type Places = Readonly<Record<'reads' | 'writes', Place>>;

/** What reads, or writes, go by. */
interface Lane {
  readonly breaker: Breaker;
  readonly limit: ConcurrencyLimit | undefined;
}

const CONNECT_TIMEOUT_MS = 2000;
/** Whoever tries whether a server is back waits no longer for a connection: it may be cut off still. One that comes later serves the next try. */
const TRY_CONNECT_MS = 500;
const IDLE_TIMEOUT_MS = 60_000;
/** Beyond this many waiting requests a server is overloaded and says so at once. */
const QUEUE_LIMIT = 500;
/** What the pool says then; its error has no code. */
const QUEUE_IS_FULL = 'Queue limit';
/** A server that fails is left alone for a while, so that its loss costs each request little. */
const FAILING: readonly BreakerRule[] = [
  { kind: 'failures-in-a-row', failures: 5 },
  { kind: 'exception-ratio', ratio: 0.5, minimumCalls: 20 },
];
/**
 * A point read takes a millisecond and may take 800. On average so long means that every second one gives up, and holds a
 * connection all that time. Writes have no such rule: there is no second writer to go to.
 */
const READS_TOO_LONG: BreakerRule = { kind: 'average-time', averageMs: 500, minimumCalls: 20 };
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
  readonly #clock: Clock;
  /** Apart, so that reads which are slow do not stop writes. */
  readonly #reads: Lane;
  readonly #writes: Lane;
  readonly #budget = new RetryBudget();
  readonly #connections: number;
  /** Connections that a trip is on. */
  #busy = 0;

  constructor(options: ServerOptions, clock: Clock) {
    const lane = (what: 'reads' | 'writes', rules: readonly BreakerRule[]): Lane => {
      const dependency = `database-${options.name.replaceAll(' ', '-')}-${what}`;
      const place = options.places?.[what];
      return {
        limit: place && new ConcurrencyLimit({ ...place, name: dependency, clock, metrics: options.metrics }),
        breaker: new Breaker({
          name: `database server ${options.name}`,
          clock,
          rules,
          openMs: OPEN_MS,
          mostOpenMs: MOST_OPEN_MS,
          isFailure,
          onChange: tellBreaker(options, dependency),
        }),
      };
    };
    this.#clock = clock;
    this.#reads = lane('reads', options.places === undefined ? FAILING : [...FAILING, READS_TOO_LONG]);
    this.#writes = lane('writes', FAILING);
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
    return this.#read(statement, Deadline.after(timeoutMs, this.#clock));
  }

  /**
   * The same of what may be sent twice: a pooled connection may have died with its server's last restart.
   * @throws Unreachable, or the server's error
   */
  async readAgain(statement: Statement, timeoutMs: number): Promise<readonly Row[]> {
    const deadline = Deadline.after(timeoutMs, this.#clock);
    this.#budget.deposit();
    try {
      return await this.#read(statement, deadline);
    } catch (error) {
      if (isProblem(error) || error instanceof Unreachable || isServerError(error) || isTimeout(error)) throw error;
      if (!this.#budget.withdraw()) throw error;
      return this.#read(statement, deadline);
    }
  }

  /**
   * Several statements in one round trip. After an error of the server what the trip had begun is rolled back before
   * the connection is used again: a transaction left open would be committed by the next START TRANSACTION.
   */
  trip(statement: Statement, timeoutMs: number): Promise<TripResult> {
    const deadline = Deadline.after(timeoutMs, this.#clock);
    return this.#onConnection(this.#writes, deadline, (connection) => send(connection, statement, deadline));
  }

  async #read(statement: Statement, deadline: Deadline): Promise<readonly Row[]> {
    const [rows] = await this.#onConnection(this.#reads, deadline, (connection) =>
      send(connection, statement, deadline),
    );
    return rows ?? [];
  }

  /** Several trips on one connection in one transaction; committed when `work` returns. */
  transaction<T>(
    timeoutMs: number,
    work: (run: (statement: Statement) => Promise<TripResult>) => Promise<T>,
  ): Promise<T> {
    const deadline = Deadline.after(timeoutMs, this.#clock);
    return this.#onConnection(this.#writes, deadline, async (connection) => {
      await send(connection, { sql: 'START TRANSACTION', values: [] }, deadline);
      const value = await work((statement) => send(connection, statement, deadline));
      await send(connection, { sql: 'COMMIT', values: [] }, deadline);
      return value;
    });
  }

  /**
   * Waiting for a place, for a connection, and whatever is sent on it are over by one deadline.
   * @throws Problem SHED where too many of the class are under way; then nothing was sent
   */
  #onConnection<T>(
    { breaker, limit }: Lane,
    deadline: Deadline,
    work: (connection: PoolConnection) => Promise<T>,
  ): Promise<T> {
    if (!breaker.admits) return Promise.reject(new Unreachable('it is left alone after it failed'));
    const run = () => this.#run(breaker, deadline, work);
    return limit === undefined ? run() : limit.execute(run, isFailure);
  }

  #run<T>(breaker: Breaker, deadline: Deadline, work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    return breaker.execute(async () => {
      const mostMs = breaker.isClosed ? Number.POSITIVE_INFINITY : TRY_CONNECT_MS;
      const connection = await this.#connect(Math.min(deadline.remainingMs, mostMs));
      this.#busy += 1;
      try {
        const value = await work(connection);
        connection.release();
        return value;
      } catch (error) {
        await this.#clean(connection, error, deadline);
        throw error;
      } finally {
        this.#busy -= 1;
      }
    });
  }

  async #clean(connection: PoolConnection, error: unknown, deadline: Deadline): Promise<void> {
    if (!isServerError(error) || deadline.remainingMs === 0) return connection.destroy();
    try {
      await send(connection, { sql: 'ROLLBACK', values: [] }, deadline);
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

/** Whether an error says that the server is ill, or has too much to do. */
function isFailure(error: unknown): boolean {
  return !isServerError(error) && !(error instanceof Unreachable && error.isOurs);
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'PROTOCOL_SEQUENCE_TIMEOUT';
}

function send(connection: PoolConnection, statement: Statement, deadline: Deadline): Promise<TripResult> {
  return new Promise((resolve, reject) => {
    const timeout = Math.max(1, Math.ceil(deadline.remainingMs));
    const options = { sql: statement.sql, values: [...statement.values], timeout };
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
