import { PROFILE_KEYS, type Region } from '../../topology';
import type { Fork, IdRange, MemberRow, Version } from '../core';
import type { SchemaPlace } from './outbox';
import { rangeOf } from './placement';
import { memberRow, parse } from './rows';
import type { Role, Servers } from './servers';
import type { Statement } from './statements';

/** What the rows of a range add up to. */
export interface RowSum {
  readonly members: number;
  /** Sum of `versionDigest` over the rows. */
  readonly digest: number;
  /** Keys by which these members are found. */
  readonly lookups: number;
  /** Undefined where there are no rows. */
  readonly lastId: bigint | undefined;
}

const TIMEOUT_MS = 20_000;
const IDS_AT_ONCE = 1000;

/** As `lookupKeysOf` has it: none for a closed member, else its profile keys and its accounts. */
const LOOKUPS = [
  "JSON_LENGTH(document, '$.accounts')",
  ...PROFILE_KEYS.map((key) => `JSON_CONTAINS_PATH(document, 'one', '$.profile.${key}')`),
].join(' + ');

/**
 * Rows by ranges of the primary key, a bounded number at a time: what is read for a comparison must not keep a database
 * busy for long. Every call throws `Unreachable` or the server's error.
 */
export class RowRanges {
  readonly #servers: Servers;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /** Adds up the first `most` rows of a range, as the server of `region` has them. */
  async sum(place: SchemaPlace, ids: IdRange, most: number, region: Region): Promise<RowSum> {
    const sql = `SELECT COUNT(*) AS members, COALESCE(SUM(CRC32(CONCAT(member_id, '-', version))), 0) AS digest,
        COALESCE(SUM(lookups), 0) AS lookups, MAX(member_id) AS last_id
      FROM (SELECT member_id, version, IF(status = 'closed', 0, ${LOOKUPS}) AS lookups
        FROM \`${place.schema}\`.member WHERE member_id BETWEEN ? AND ? ORDER BY member_id LIMIT ?) AS page`;
    const [row] = await this.#read(place, { sql, values: [ids.first, ids.last, most] }, region, 'replica');
    const { members, digest, lookups, last_id: lastId } = row ?? {};
    return {
      members: Number(members),
      digest: Number(digest),
      lookups: Number(lookups),
      lastId: lastId === null || lastId === undefined ? undefined : BigInt(String(lastId)),
    };
  }

  /** The first `most` members of a range in the order of their ids, closed ones too, as the server of `region` has them. */
  async rows(place: SchemaPlace, ids: IdRange, most: number, region: Region): Promise<MemberRow[]> {
    const sql = `SELECT document, forks FROM \`${place.schema}\`.member WHERE member_id BETWEEN ? AND ?
      ORDER BY member_id LIMIT ?`;
    const rows = await this.#read(place, { sql, values: [ids.first, ids.last, most] }, region, 'replica');
    return rows.flatMap((row) => memberRow(row) ?? []);
  }

  /**
   * Versions as the writers have them now, and where their epochs began; members without a row are missing.
   *
   * @param writerOf the region of a unit's writer
   */
  async historiesAtWriters(
    memberIds: readonly string[],
    writerOf: (unit: string) => Region,
  ): Promise<ReadonlyMap<string, { readonly version: Version; readonly forks: readonly Fork[] }>> {
    const found = new Map<string, { version: Version; forks: readonly Fork[] }>();
    for (const { schema, cluster, unit, ids } of bySchema(memberIds)) {
      for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
        const sql = `SELECT member_id, version, forks FROM \`${schema}\`.member WHERE member_id IN (?)`;
        const statement = { sql, values: [ids.slice(from, from + IDS_AT_ONCE)] };
        const rows = await this.#read({ cluster, schema }, statement, writerOf(unit), 'writer');
        for (const row of rows) {
          found.set(String(row.member_id), { version: Number(row.version), forks: parse<readonly Fork[]>(row.forks) });
        }
      }
    }
    return found;
  }

  #read({ cluster }: SchemaPlace, statement: Statement, region: Region, role: Role) {
    return this.#servers.at(cluster, region, role).read(statement, TIMEOUT_MS);
  }
}

function bySchema(memberIds: readonly string[]) {
  const places = new Map<string, { unit: string; cluster: string; schema: string; ids: bigint[] }>();
  for (const memberId of memberIds) {
    const { unit, cluster, schema } = rangeOf(memberId);
    const place = places.get(`${cluster}/${schema}`) ?? { unit, cluster, schema, ids: [] };
    place.ids.push(BigInt(memberId));
    places.set(`${cluster}/${schema}`, place);
  }
  return places.values();
}
