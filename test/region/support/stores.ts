import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { type Fork, lookupKeysOf, type MemberDocument, type MemberRow } from '../../../lambdas/core';
import { claimsOf } from '../../../lambdas/members/changes';
import { publicJson } from '../../../lambdas/members/schema';
import { keyedHash } from '../../../lambdas/search';
import { AWS_REGIONS, DOMAINS, type DomainName, QUEUES, type Region, SHARD_MAP, UNITS } from '../../../topology';
import { engine, readState, secrets } from './system';

/** Every document of one database server, by member id. */
export async function readRows(cluster: string, region: Region): Promise<Map<string, MemberDocument>> {
  const rows = await readMemberRows(cluster, region);
  return new Map([...rows].map(([member, { document }]) => [member, document]));
}

/** Every row of one database server, by member id. */
export async function readMemberRows(cluster: string, region: Region): Promise<Map<string, MemberRow>> {
  const { host, port } = engine(`${cluster}-${region}`);
  const connection = await createConnection({
    host,
    port,
    user: 'twinkeep',
    password: String(secrets().databasePassword),
  });
  const rows = new Map<string, MemberRow>();
  const parsed = <T>(value: unknown): T => (typeof value === 'string' ? JSON.parse(value) : value) as T;
  try {
    for (const { schema } of SHARD_MAP.filter((range) => range.cluster === cluster)) {
      const [found] = await connection.query(`SELECT document, forks FROM \`${schema}\`.member`);
      for (const row of found as { document: unknown; forks: unknown }[]) {
        const document = parsed<MemberDocument>(row.document);
        rows.set(document.memberId, { document, forks: parsed<readonly Fork[]>(row.forks) });
      }
    }
    return rows;
  } finally {
    await connection.end();
  }
}

export async function countOutbox(): Promise<number> {
  let count = 0;
  for (const unit of UNITS) {
    const { host, port } = engine(`${unit.clusters[0]}-${unit.home}`);
    const connection = await createConnection({
      host,
      port,
      user: 'twinkeep',
      password: String(secrets().databasePassword),
    });
    for (const { schema } of SHARD_MAP.filter((range) => range.unit === unit.name)) {
      const [rows] = await connection.query(`SELECT COUNT(*) AS n FROM \`${schema}\`.outbox`);
      count += Number((rows as { n: number }[])[0]?.n);
    }
    await connection.end();
  }
  return count;
}

export interface StoredClaim {
  readonly key: string;
  readonly generation: number;
  readonly state: string;
  readonly memberId: string;
}

export function awsClient<T>(make: (options: object) => T, region: Region = 'A'): T {
  const { aws } = readState();
  return make({
    region: AWS_REGIONS[region],
    endpoint: aws.endpoint,
    credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey },
  });
}

export async function readClaims(): Promise<StoredClaim[]> {
  const client = awsClient((options) => new DynamoDBClient(options));
  const claims: StoredClaim[] = [];
  for await (const page of paginateScan({ client }, { TableName: 'twinkeep-local-claims', ConsistentRead: true })) {
    claims.push(...(page.Items ?? []).map((item) => unmarshall(item) as StoredClaim));
  }
  return claims;
}

/** Messages that some queue still holds, dead letters apart. */
export async function countMessages(which: 'queues' | 'dead letters'): Promise<number> {
  const counts = await Promise.all(
    QUEUES.filter(({ kind }) => kind === 'events').map(async ({ name, deadLetters, region }) => {
      const client = awsClient((options) => new SQSClient(options), region);
      const queue = which === 'queues' ? name : deadLetters;
      const { aws } = readState();
      const { Attributes: found = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: `${aws.endpoint}/${aws.accountId}/${queue}`,
          AttributeNames: ['All'],
        }),
      );
      return (
        Number(found.ApproximateNumberOfMessages) +
        Number(found.ApproximateNumberOfMessagesNotVisible) +
        Number(found.ApproximateNumberOfMessagesDelayed)
      );
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

interface IndexedDocument {
  readonly id: string;
  readonly version: number;
  readonly source: Record<string, unknown>;
}

export async function readIndex(domain: DomainName, index: 'members' | 'lookups'): Promise<IndexedDocument[]> {
  const { host, port } = engine(domain);
  const base = `http://${host}:${port}`;
  const post = async (path: string, body: object) => {
    const response = await fetch(base + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as {
      _scroll_id: string;
      hits: { hits: { _id: string; _version: number; _source: Record<string, unknown> }[] };
    };
  };
  await fetch(`${base}/${index}/_refresh`, { method: 'POST' });
  const found: IndexedDocument[] = [];
  let page = await post(`/${index}/_search?scroll=1m`, { size: 5000, version: true, query: { match_all: {} } });
  while (page.hits.hits.length > 0) {
    found.push(...page.hits.hits.map((hit) => ({ id: hit._id, version: hit._version, source: hit._source })));
    page = await post('/_search/scroll', { scroll: '1m', scroll_id: page._scroll_id });
  }
  // A domain has room for 500 of them, and keeps each for a minute: who looks again and again would fill it.
  await fetch(`${base}/_search/scroll/${page._scroll_id}`, { method: 'DELETE' });
  return found;
}

const HEADER = 33;

/** Cached values of one region: key, flag, version and body. */
export async function readCache(
  region: Region,
): Promise<{ key: string; flag: string; version: number; body: string }[]> {
  const { host, port } = engine(`redis-${region}`);
  const redis = new Redis({ host, port });
  try {
    const found = [];
    for (const key of await redis.keys('{*}')) {
      if (!/^\{[mk]:[^}]*\}$/.test(key)) continue;
      const text = await redis.get(key);
      if (text === null || text.length < HEADER) continue;
      found.push({ key, flag: text.charAt(0), version: Number(text.slice(17, HEADER)), body: text.slice(HEADER) });
    }
    return found;
  } finally {
    redis.disconnect();
  }
}

/**
 * Everything in which some store differs from the members' rows; empty when all stores agree.
 *
 * @param mayHaveLost whether writes of a member may be lost: then a claim may be held for one of them, until somebody else
 * binds its account (docs/consistency.md)
 */
export async function findDifferences(mayHaveLost: (memberId: string) => boolean = never): Promise<string[]> {
  const rows = new Map<string, MemberDocument>();
  const differences: string[] = [];
  for (const unit of UNITS) {
    for (const cluster of unit.clusters) {
      const [writer, replica] = await Promise.all([
        readRows(cluster, unit.home),
        readRows(cluster, unit.home === 'A' ? 'B' : 'A'),
      ]);
      for (const [id, document] of writer) {
        rows.set(id, document);
        if (replica.get(id)?.version !== document.version) differences.push(`replica of ${cluster} differs in ${id}`);
      }
      if (replica.size !== writer.size) differences.push(`replica of ${cluster} has ${replica.size} of ${writer.size}`);
    }
  }
  const parts = await Promise.all([
    compareClaims(rows, mayHaveLost),
    ...Object.values(DOMAINS).map(({ name }) => compareDomain(name, rows)),
    compareCache('A', rows),
    compareCache('B', rows),
  ]);
  return [...differences, ...parts.flat()];
}

const never = () => false;

async function compareClaims(
  rows: ReadonlyMap<string, MemberDocument>,
  mayHaveLost: (memberId: string) => boolean,
): Promise<string[]> {
  const claims = new Map((await readClaims()).map((claim) => [claim.key, claim]));
  const differences: string[] = [];
  const named = new Set<string>();
  for (const [id, document] of rows) {
    for (const { key, generation } of claimsOf(document)) {
      named.add(key);
      const claim = claims.get(key);
      const isHeld = claim?.state === 'held' && claim.generation === generation && claim.memberId === id;
      if (!isHeld) differences.push(`claim ${key}: row ${id} holds ${generation}, claim is ${JSON.stringify(claim)}`);
    }
  }
  for (const claim of claims.values()) {
    if (claim.state === 'pending') differences.push(`claim ${claim.key} is pending`);
    if (claim.key.startsWith('request:')) continue;
    const isOrphan = claim.state === 'held' && !named.has(claim.key) && !mayHaveLost(claim.memberId);
    if (isOrphan) differences.push(`claim ${claim.key} is held by no row`);
  }
  return differences;
}

async function compareDomain(name: DomainName, rows: ReadonlyMap<string, MemberDocument>): Promise<string[]> {
  const differences: string[] = [];
  const members = new Map((await readIndex(name, 'members')).map((document) => [document.id, document]));
  const isMasked = DOMAINS[name].holds === 'masked';
  const expectedKeys = new Set<string>();
  for (const [id, row] of rows) {
    const found = members.get(id);
    if (found?.version !== row.version)
      differences.push(`${name}: member ${id} is ${found?.version}, row ${row.version}`);
    const stored = found?.source.document as MemberDocument | undefined;
    if (!isMasked && stored !== undefined && publicJson(stored) !== publicJson(row)) {
      differences.push(`${name}: document of ${id} differs`);
    }
    for (const key of lookupKeysOf(row)) {
      const value = isMasked ? keyedHash(String(secrets().contactKey), key) : key.value;
      expectedKeys.add(JSON.stringify([key.kind, value, id]));
    }
  }
  if (members.size !== rows.size) differences.push(`${name}: ${members.size} members of ${rows.size}`);
  const standing = (await readIndex(name, 'lookups')).filter(({ source }) => source.removed !== true);
  const keys = new Set(standing.map(({ source }) => JSON.stringify([source.kind, source.value, source.memberId])));
  for (const key of expectedKeys) if (!keys.has(key)) differences.push(`${name}: look-up ${key} is missing`);
  for (const key of keys) if (!expectedKeys.has(key)) differences.push(`${name}: look-up ${key} should be gone`);
  return differences;
}

async function compareCache(region: Region, rows: ReadonlyMap<string, MemberDocument>): Promise<string[]> {
  const differences: string[] = [];
  for (const { key, flag, version, body } of await readCache(region)) {
    const row = rows.get(key.slice('{m:'.length, -1));
    if (!key.startsWith('{m:') || row === undefined) continue;
    const isSame = version === row.version && (flag !== 'v' || body === publicJson(row));
    if (!isSame) differences.push(`cache ${region}: ${key} is ${flag}${version}, row ${row.version}`);
  }
  return differences;
}
