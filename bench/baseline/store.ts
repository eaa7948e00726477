import { randomInt } from 'node:crypto';
import { Redis } from 'ioredis';
import { createPool, type Pool, type PoolConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import type { BenchMember, MeasuredSystem } from '../job';
import { BASELINE_SCHEMA, fillBaselineTables } from './tables';

const CONNECTIONS = 16;
const LIFE_S = 600;

export interface Document {
  memberId: string;
  status: string;
  profile: Record<string, unknown>;
  accounts: { platform: string; account: string; boundAt: string }[];
  registeredAt: string;
  updatedAt: string;
}

interface MemberRow extends RowDataPacket {
  readonly member_id: string;
  readonly document: string;
}

const memberKey = (memberId: string) => `baseline:m:${memberId}`;
const accountKey = (platform: string, account: string) => `baseline:k:${platform}:${account}`;

/** Cache-aside as it is usually written: read the cache, else the row, and fill; write the row, then forget. */
export class BaselineStore {
  readonly #redis: Redis;
  readonly #pool: Pool;

  constructor({ database, cachePort }: MeasuredSystem) {
    this.#redis = new Redis({ host: '127.0.0.1', port: cachePort, enableAutoPipelining: true });
    this.#pool = createPool({
      host: '127.0.0.1',
      ...database,
      connectionLimit: CONNECTIONS,
      supportBigNumbers: true,
      bigNumberStrings: true,
      jsonStrings: true,
    });
  }

  fill(members: readonly BenchMember[]): Promise<void> {
    return fillBaselineTables(this.#pool, members);
  }

  /** @returns the document as JSON */
  async read(memberId: string): Promise<string | undefined> {
    const cached = await this.#redis.get(memberKey(memberId));
    if (cached !== null) return cached;
    const sql = `SELECT document FROM ${BASELINE_SCHEMA}.member WHERE member_id = ?`;
    const [[row]] = await this.#pool.query<MemberRow[]>(sql, [memberId]);
    if (row !== undefined) await this.#redis.set(memberKey(memberId), row.document, 'EX', LIFE_S);
    return row?.document;
  }

  async readByAccount(platform: string, account: string): Promise<string | undefined> {
    const key = accountKey(platform, account);
    const cached = await this.#redis.get(key);
    if (cached !== null) return this.read(cached);
    const sql = `SELECT member_id FROM ${BASELINE_SCHEMA}.account WHERE platform = ? AND account = ?`;
    const [[row]] = await this.#pool.query<MemberRow[]>(sql, [platform, account]);
    if (row === undefined) return undefined;
    await this.#redis.set(key, row.member_id, 'EX', LIFE_S);
    return this.read(String(row.member_id));
  }

  async readByPhone(phone: string): Promise<string[]> {
    const sql = `SELECT document FROM ${BASELINE_SCHEMA}.member WHERE phone = ? LIMIT 100`;
    const [rows] = await this.#pool.query<MemberRow[]>(sql, [phone]);
    return rows.map(({ document }) => document);
  }

  async register(profile: Record<string, unknown>, accounts: { platform: string; account: string }[]) {
    const now = new Date();
    const memberId = String(BigInt(now.getTime()) * 1_000_000n + BigInt(randomInt(1_000_000)));
    const time = now.toISOString();
    const document: Document = {
      memberId,
      status: 'active',
      profile,
      accounts: accounts.map((account) => ({ ...account, boundAt: time })),
      registeredAt: time,
      updatedAt: time,
    };
    const json = JSON.stringify(document);
    await this.#transaction(async (connection) => {
      const insert = `INSERT INTO ${BASELINE_SCHEMA}.member (member_id, phone, document, updated_at) VALUES (?, ?, ?, ?)`;
      await connection.query(insert, [memberId, profile.phone ?? null, json, now]);
      for (const { platform, account } of accounts) await insertAccount(connection, platform, account, memberId);
    });
    return { memberId, json };
  }

  /** @returns the new document as JSON; undefined without such a member */
  async patch(memberId: string, change: Record<string, unknown>): Promise<string | undefined> {
    return this.#change(memberId, async (_connection, document) => {
      for (const [field, value] of Object.entries(change)) {
        if (value === null) delete document.profile[field];
        else document.profile[field] = value;
      }
    });
  }

  async bind(memberId: string, platform: string, account: string): Promise<string | undefined> {
    return this.#change(memberId, async (connection, document) => {
      await insertAccount(connection, platform, account, memberId);
      document.accounts.push({ platform, account, boundAt: new Date().toISOString() });
    });
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
    await this.#pool.end();
  }

  async #change(
    memberId: string,
    apply: (connection: PoolConnection, document: Document) => Promise<void>,
  ): Promise<string | undefined> {
    const json = await this.#transaction(async (connection) => {
      const select = `SELECT document FROM ${BASELINE_SCHEMA}.member WHERE member_id = ? FOR UPDATE`;
      const [[row]] = await connection.query<MemberRow[]>(select, [memberId]);
      if (row === undefined) return undefined;
      const document = JSON.parse(row.document) as Document;
      await apply(connection, document);
      const now = new Date();
      document.updatedAt = now.toISOString();
      const changed = JSON.stringify(document);
      const update = `UPDATE ${BASELINE_SCHEMA}.member SET document = ?, phone = ?, updated_at = ? WHERE member_id = ?`;
      const values = [changed, document.profile.phone ?? null, now, memberId];
      await connection.query<ResultSetHeader>(update, values);
      return changed;
    });
    await this.#redis.del(memberKey(memberId));
    return json;
  }

  async #transaction<T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const connection = await this.#pool.getConnection();
    try {
      await connection.query('START TRANSACTION');
      const value = await work(connection);
      await connection.query('COMMIT');
      return value;
    } catch (error) {
      await connection.query('ROLLBACK');
      throw error;
    } finally {
      connection.release();
    }
  }
}

async function insertAccount(connection: PoolConnection, platform: string, account: string, memberId: string) {
  await connection.query(`INSERT INTO ${BASELINE_SCHEMA}.account VALUES (?, ?, ?)`, [platform, account, memberId]);
}
