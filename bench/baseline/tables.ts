import type { Pool } from 'mysql2/promise';
import type { BenchMember } from '../job';

export const BASELINE_SCHEMA = 'bench_baseline';

const TABLES = [
  `CREATE DATABASE IF NOT EXISTS ${BASELINE_SCHEMA} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS ${BASELINE_SCHEMA}.member (
    member_id BIGINT NOT NULL PRIMARY KEY,
    phone VARCHAR(20) NULL,
    document JSON NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    KEY member_phone (phone)
  ) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS ${BASELINE_SCHEMA}.account (
    platform VARCHAR(16) NOT NULL,
    account VARCHAR(128) NOT NULL,
    member_id BIGINT NOT NULL,
    PRIMARY KEY (platform, account),
    KEY account_member (member_id)
  ) ENGINE=InnoDB`,
];

/** Tables with the same members as the system that it is compared with. */
export async function fillBaselineTables(pool: Pool, members: readonly BenchMember[]): Promise<void> {
  for (const statement of TABLES) await pool.query(statement);
  for (const table of ['member', 'account']) await pool.query(`TRUNCATE ${BASELINE_SCHEMA}.${table}`);
  const rows = members.map(({ memberId, phone, json }) => [memberId, phone, json, new Date()]);
  const insert = `INSERT INTO ${BASELINE_SCHEMA}.member (member_id, phone, document, updated_at) VALUES ?`;
  await pool.query(insert, [rows]);
  const accounts = members.flatMap(({ memberId, json }) =>
    (JSON.parse(json) as { accounts: { platform: string; account: string }[] }).accounts.map(
      ({ platform, account }) => [platform, account, memberId],
    ),
  );
  await pool.query(`INSERT IGNORE INTO ${BASELINE_SCHEMA}.account VALUES ?`, [accounts]);
}
