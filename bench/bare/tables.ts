import type { BenchMember } from '../job';
import { BARE_SCHEMA, type BareConnection, type BareStores } from './stores';

const TABLES = [
  `CREATE DATABASE IF NOT EXISTS ${BARE_SCHEMA} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS ${BARE_SCHEMA}.member (
    member_id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    document JSON NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    KEY member_updated_at (updated_at)
  ) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS ${BARE_SCHEMA}.account (
    platform VARCHAR(16) NOT NULL,
    account VARCHAR(128) NOT NULL,
    member_id BIGINT NOT NULL,
    PRIMARY KEY (platform, account)
  ) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS ${BARE_SCHEMA}.outbox (
    member_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    event JSON NOT NULL,
    next_at DATETIME(6) NOT NULL,
    PRIMARY KEY (member_id, version),
    KEY outbox_next_at (next_at)
  ) ENGINE=InnoDB`,
];

/** Tables like ours, with the same members; whatever an earlier round left is gone. */
export async function fillBareTables(stores: BareStores, members: readonly BenchMember[]): Promise<void> {
  for (const statement of TABLES) await stores.query(statement);
  for (const table of ['member', 'account', 'outbox']) await stores.query(`TRUNCATE ${BARE_SCHEMA}.${table}`);
  for (const { memberId, json } of members) {
    await stores.query(`INSERT INTO ${BARE_SCHEMA}.member VALUES (?, 1, ?, NOW(3))`, [BigInt(memberId), json]);
  }
}

/** The row that a transaction is about to change, locked. */
export async function lockMember(connection: BareConnection, memberId: string): Promise<BareRow> {
  const sql = `SELECT version, document FROM ${BARE_SCHEMA}.member WHERE member_id = ? FOR UPDATE`;
  const [row] = await connection.query(sql, [BigInt(memberId)]);
  if (row === undefined) throw new Error('a member of the bench is missing');
  return { version: Number(row.version), document: JSON.parse(row.document as string) };
}

export interface BareRow {
  readonly version: number;
  // biome-ignore lint/suspicious/noExplicitAny: it is whatever was stored
  readonly document: any;
}

export async function updateMember(connection: BareConnection, memberId: string, version: number, json: string) {
  const sql = `UPDATE ${BARE_SCHEMA}.member SET version = ?, document = ?, updated_at = NOW(3) WHERE member_id = ?`;
  await connection.query(sql, [version, json, BigInt(memberId)]);
}

export async function insertOutbox(connection: BareConnection, memberId: string, version: number, json: string) {
  const sql = `INSERT INTO ${BARE_SCHEMA}.outbox VALUES (?, ?, ?, NOW(6))`;
  await connection.query(sql, [BigInt(memberId), version, json]);
}
