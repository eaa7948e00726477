import { CONTROL_SCHEMA } from '../../topology';

/** Tables of every member schema. Only what MySQL 8 and MariaDB 10.11 share; keys compare byte by byte. */
export function memberTables(schema: string): readonly string[] {
  return [
    `CREATE DATABASE IF NOT EXISTS \`${schema}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    `CREATE TABLE IF NOT EXISTS \`${schema}\`.member (
      member_id BIGINT NOT NULL PRIMARY KEY,
      version BIGINT NOT NULL,
      status VARCHAR(16) NOT NULL,
      document JSON NOT NULL,
      forks JSON NOT NULL,
      registered_at DATETIME(3) NOT NULL,
      updated_at DATETIME(3) NOT NULL,
      KEY member_updated_at (updated_at)
    ) ENGINE=InnoDB`,
    `CREATE TABLE IF NOT EXISTS \`${schema}\`.outbox (
      member_id BIGINT NOT NULL,
      version BIGINT NOT NULL,
      event JSON NOT NULL,
      attempts INT NOT NULL DEFAULT 0,
      next_at DATETIME(6) NOT NULL,
      PRIMARY KEY (member_id, version),
      KEY outbox_next_at (next_at)
    ) ENGINE=InnoDB`,
    `CREATE TABLE IF NOT EXISTS \`${schema}\`.operation (
      operation_id VARCHAR(40) NOT NULL PRIMARY KEY,
      outcome VARCHAR(16) NOT NULL,
      decided_at DATETIME(6) NOT NULL,
      KEY operation_decided_at (decided_at)
    ) ENGINE=InnoDB`,
    `CREATE TABLE IF NOT EXISTS \`${schema}\`.undecided (
      member_id BIGINT NOT NULL PRIMARY KEY,
      since DATETIME(6) NOT NULL
    ) ENGINE=InnoDB`,
  ];
}

/** Tables of every cluster: the fence, changed at failover only, and the lease, changed by every heartbeat. */
export const CONTROL_TABLES: readonly string[] = [
  `CREATE DATABASE IF NOT EXISTS \`${CONTROL_SCHEMA}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS \`${CONTROL_SCHEMA}\`.fence (
    unit VARCHAR(16) NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL
  ) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS \`${CONTROL_SCHEMA}\`.lease (
    unit VARCHAR(16) NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL,
    lease_until DATETIME(6) NOT NULL,
    heartbeat_at DATETIME(6) NOT NULL
  ) ENGINE=InnoDB`,
];
