import type { Account } from '../core';
import type { Server } from './server';
import type { Statement } from './statements';

/** What functions do with rows; schemas and tables are the master's. */
const RIGHTS = 'SELECT, INSERT, UPDATE, DELETE';

export interface ApplicationRights {
  readonly schemas: readonly string[];
  /** Whether it may come by TLS only. */
  readonly isEncrypted: boolean;
}

/**
 * Makes the application's user where it is missing, and gives it the password and the rights of now.
 *
 * @throws the client's error, which repeats the statement and the password in it
 */
export async function ensureApplicationUser(
  master: Server,
  { user, password }: Account,
  { schemas, isEncrypted }: ApplicationRights,
  timeoutMs: number,
): Promise<void> {
  const identified = `IDENTIFIED BY ? REQUIRE ${isEncrypted ? 'SSL' : 'NONE'}`;
  const statements: readonly Statement[] = [
    { sql: `CREATE USER IF NOT EXISTS ?@'%' ${identified}`, values: [user, password] },
    { sql: `ALTER USER ?@'%' ${identified}`, values: [user, password] },
    // A `_` stands for any letter here; no other schema is named like ours.
    ...schemas.map((schema) => ({ sql: `GRANT ${RIGHTS} ON \`${schema}\`.* TO ?@'%'`, values: [user] })),
  ];
  for (const statement of statements) await master.read(statement, timeoutMs);
}
