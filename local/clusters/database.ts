import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { type MariadbAccounts, REPLICATION_USER } from '../engines/mariadb';

const POSITION = 'SELECT @@GLOBAL.gtid_current_pos AS position';
const CONNECT_TIMEOUT_MS = 1000;
const STATEMENT_TIMEOUT_MS = 5000;
/** A replica asked for a transaction that its writer does not have: the two have parted. */
const FATAL_READING_BINLOG = 1236;

/** What a replica says of itself. */
export interface Replication {
  /** As no replica should. */
  readonly takesWrites: boolean;
  /** Port of the server that it follows; undefined if it follows none. */
  readonly port: number | undefined;
  readonly receives: boolean;
  readonly applies: boolean;
  /** Its writer does not have what it has. */
  readonly isRefused: boolean;
  /** How far it has received. */
  readonly receivedUntil: string;
  readonly error: string;
}

/** What is asked of one server as its root. Every call throws if the server does not answer in time. */
export class Database {
  readonly #port: number;
  readonly #accounts: MariadbAccounts;

  constructor(port: number, accounts: MariadbAccounts) {
    this.#port = port;
    this.#accounts = accounts;
  }

  /** How far it has come, by itself or by following. Where it takes no writes, all that it ever committed. */
  async position(): Promise<string> {
    return this.#with(async (ask) => String((await ask(POSITION))[0]?.position));
  }

  /** Returns once nothing is being committed any more. */
  async refuseWrites(timeoutMs = STATEMENT_TIMEOUT_MS): Promise<void> {
    await this.#with((ask) => ask('SET GLOBAL read_only = 1'), timeoutMs);
  }

  async isTakingWrites(): Promise<boolean> {
    return this.#with(async (ask) => (await ask('SELECT @@GLOBAL.read_only AS refused'))[0]?.refused === 0);
  }

  /** It follows nobody from then on. @returns how far it had come by then */
  async takeWrites(): Promise<string> {
    return this.#with(async (ask) => {
      await ask('STOP SLAVE');
      await ask('RESET SLAVE ALL');
      const [row] = await ask(POSITION);
      await openAccount(ask, this.#accounts);
      await ask('SET GLOBAL read_only = 0');
      return String(row?.position);
    });
  }

  /** What it has received stays to be applied. */
  async stopReceiving(): Promise<void> {
    await this.#with((ask) => ask('STOP SLAVE IO_THREAD'));
  }

  /** Nothing where it is applying already. */
  async apply(): Promise<void> {
    await this.#with((ask) => ask('START SLAVE SQL_THREAD'));
  }

  /** Whether it has applied everything up to `position` within the time. */
  async appliesUntil(position: string, withinS: number): Promise<boolean> {
    return this.#with(
      async (ask) => {
        const [row] = await ask('SELECT MASTER_GTID_WAIT(?, ?) AS waited', [position, withinS]);
        return row?.waited === 0;
      },
      withinS * 1000 + STATEMENT_TIMEOUT_MS,
    );
  }

  async replication(): Promise<Replication> {
    return this.#with(async (ask) => {
      const [server] = await ask('SELECT @@GLOBAL.read_only AS refused');
      const [row] = await ask('SHOW SLAVE STATUS');
      return {
        takesWrites: server?.refused === 0,
        port: row === undefined ? undefined : Number(row.Master_Port),
        receives: row?.Slave_IO_Running === 'Yes',
        applies: row?.Slave_SQL_Running === 'Yes',
        isRefused: Number(row?.Last_IO_Errno ?? 0) === FATAL_READING_BINLOG,
        receivedUntil: String(row?.Gtid_IO_Pos ?? ''),
        error: [row?.Last_IO_Error, row?.Last_SQL_Error].filter(Boolean).join('; '),
      };
    });
  }

  /** Nobody but root is heard any more, also none that is connected. */
  async close(): Promise<void> {
    const { user } = this.#accounts.application;
    await this.#with(async (ask) => {
      await ask('SET SESSION sql_log_bin = 0');
      await ask(`ALTER USER '${user}'@'127.0.0.1' ACCOUNT LOCK`);
      await ask(`KILL USER '${user}'@'127.0.0.1'`);
    });
  }

  /** Follows a writer that has everything it has, and answers the application. */
  async follow(port: number): Promise<void> {
    await this.#with(async (ask) => {
      await ask('SET GLOBAL read_only = 1');
      await ask('STOP SLAVE');
      // What it wrote itself while it was the writer counts as well.
      await ask('SET GLOBAL gtid_slave_pos = @@GLOBAL.gtid_current_pos');
      await ask(
        `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${port}, MASTER_USER='${REPLICATION_USER}',
           MASTER_PASSWORD='${this.#accounts.replicationPassword}', MASTER_USE_GTID=slave_pos,
           MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=2`,
      );
      await openAccount(ask, this.#accounts);
      // Last: whoever looks whether it follows must not find it half done.
      await ask('START SLAVE');
    });
  }

  async schemas(): Promise<readonly string[]> {
    return this.#with(async (ask) => {
      const rows = await ask(
        `SELECT schema_name AS name FROM information_schema.schemata
          WHERE schema_name NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')`,
      );
      return rows.map(({ name }) => String(name));
    });
  }

  async #with<T>(act: (ask: Ask) => Promise<T>, timeoutMs = STATEMENT_TIMEOUT_MS): Promise<T> {
    const connection = await createConnection({
      host: '127.0.0.1',
      port: this.#port,
      user: 'root',
      password: this.#accounts.rootPassword,
      connectTimeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs),
    });
    try {
      return await act((sql, values = []) => send(connection, sql, values, timeoutMs));
    } finally {
      connection.destroy();
    }
  }
}

type Ask = (sql: string, values?: readonly (string | number)[]) => Promise<readonly RowDataPacket[]>;

async function send(
  connection: Connection,
  sql: string,
  values: readonly (string | number)[],
  timeout: number,
): Promise<readonly RowDataPacket[]> {
  const [rows] = await connection.query<RowDataPacket[]>({ sql, values: [...values], timeout });
  return Array.isArray(rows) ? rows : [];
}

async function openAccount(ask: Ask, { application }: MariadbAccounts): Promise<void> {
  await ask('SET SESSION sql_log_bin = 0');
  await ask(`ALTER USER '${application.user}'@'127.0.0.1' ACCOUNT UNLOCK`);
  await ask('SET SESSION sql_log_bin = 1');
}
