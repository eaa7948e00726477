import { type MemberDocument, systemClock, type Version, versionOf } from '../../../lambdas/core';
import { type ComparisonOptions, compare, type Difference } from '../../../lambdas/failover/comparison';
import type { Domain } from '../../../lambdas/search';
import { lookupId, nameWhole } from '../../../lambdas/search/lookup-names';
import { encodeMemberId, rangeOf } from '../../../lambdas/shards';
import { together, withStarted } from '../../support/together';
import { ask, openDomain, type TestDomain } from '../search/domains';
import { eventOf, memberOf } from '../search/members';
import { type Database, startDatabase } from '../shards/database';

const START_MS = Date.UTC(2026, 0, 1);
export const SETTLE_MS = 300;

/** Members of all schemas of both units, some of them closed, with versions far beyond 2^32. */
export function memberAt(index: number): MemberDocument {
  const id = {
    placement: (index * 977) % 4096,
    drawnAtMs: START_MS + index,
    region: 'A',
    layout: 0,
    random: 7,
  } as const;
  return memberOf({
    memberId: encodeMemberId(id),
    version: versionOf(1 + (index % 5) * 300_000, 5 + index),
    status: index % 50 === 7 ? 'closed' : 'active',
    profile: { name: `Member ${index}`, phone: `+4915${String(index).padStart(8, '0')}`, city: 'Bern' },
    accounts: index % 3 === 0 ? [['app', `member-${index}`]] : [],
  });
}

/** A later version of a member. */
export function later(document: MemberDocument, by = 1, profile: Partial<MemberDocument['profile']> = {}) {
  return { ...document, version: document.version + by, profile: { ...document.profile, ...profile } };
}

/** Rows, and two domains that have heard of all of them. */
export interface Compared {
  readonly database: Database;
  readonly whole: TestDomain;
  readonly masked: TestDomain;
  putRows(documents: readonly MemberDocument[]): Promise<void>;
  /** Writes a document into the index of the whole domain, whatever the room would say. */
  smuggle(document: MemberDocument, change: object, at?: Version): Promise<void>;
  /** Hides a member's phone from the whole domain. */
  hidePhone(document: MemberDocument): Promise<void>;
  stop(): Promise<void>;
}

export async function startCompared(rows: readonly MemberDocument[]): Promise<Compared> {
  const [database, whole, masked] = await together([
    startDatabase(),
    openDomain(),
    openDomain({ name: 'marketing', holds: 'masked' }),
  ]);
  const put = async (path: string, version: Version, source: object) => {
    const { status } = await ask('PUT', `/${path}version=${version}&version_type=external_gte`, source);
    expect([200, 201]).toContain(status);
  };
  const compared: Compared = {
    database,
    whole,
    masked,
    async putRows(documents) {
      for (const document of documents) {
        const text = JSON.stringify(document).replaceAll("'", "''");
        const time = document.updatedAt.replace('T', ' ').replace('Z', '');
        await database.query(`REPLACE INTO ${rangeOf(document.memberId).schema}.member VALUES (${document.memberId},
          ${document.version}, '${document.status}', '${text}', '[]', '${time}', '${time}')`);
      }
    },
    async smuggle({ memberId, version }, change, at = version) {
      const path = `${whole.members}/_doc/${memberId}?`;
      const { body } = await ask('GET', `/${path}`);
      await put(path, at, { ...body._source, ...change });
    },
    async hidePhone({ memberId, version, profile }) {
      const name = nameWhole({ kind: 'phone', value: profile.phone ?? '' });
      const id = encodeURIComponent(lookupId(name, memberId));
      const source = { kind: 'phone', value: profile.phone, memberId, number: memberId, removed: true };
      await put(`${whole.lookups}/_doc/${id}?routing=${name.routing}&`, version, source);
    },
    stop: async () => void (await Promise.all([database.stop(), whole.remove(), masked.remove()])),
  };
  return withStarted(compared, async () => {
    await compared.putRows(rows);
    for (const { domain } of [whole, masked]) await domain.write(rows.map((document) => eventOf(document)));
    return compared;
  });
}

/** Compares, in small pieces so that ranges are halved, and keeps what it was told. */
export async function comparisonOf(
  { shards }: Database,
  domain: Domain,
  mode: 'check' | 'mend',
  options: Partial<ComparisonOptions> = {},
) {
  const told: Difference[] = [];
  const end = await compare(
    {
      ranges: shards.ranges,
      domain,
      region: 'A',
      writers: async () => () => 'A',
      clock: systemClock,
      settleMs: SETTLE_MS,
      rowsAtOnce: 150,
      leafRows: 20,
    },
    { mode, onFound: (found) => void told.push(...found), ...options },
  );
  const { found, ...counts } = end.tally;
  const kinds = Object.fromEntries(Object.entries(found).filter(([, count]) => count > 0));
  return { ...counts, kinds, told: told.sort((a, b) => (a.memberId < b.memberId ? -1 : 1)), end };
}

/** A domain to which something happens the first time that versions are asked for, before they are read. */
export function meanwhile(domain: Domain, happens: () => Promise<unknown>): Domain {
  let isOver = false;
  const versions: Domain['ranges']['versions'] = async (...asked) => {
    if (!isOver) await happens();
    isOver = true;
    return domain.ranges.versions(...asked);
  };
  const ranges = bound(domain.ranges, { versions });
  return bound(domain, { ranges });
}

/** A domain whose event arrives when nearly all the time has passed that it is given; who looks sooner does not see it. */
export function arriving(domain: Domain, event: Parameters<Domain['write']>[0][number]): Domain {
  let firstLookMs: number | undefined;
  const versionsNow: Domain['ranges']['versionsNow'] = async (...asked) => {
    firstLookMs ??= performance.now();
    if (performance.now() - firstLookMs > 0.9 * SETTLE_MS) await domain.write([event]);
    return domain.ranges.versionsNow(...asked);
  };
  return bound(domain, { ranges: bound(domain.ranges, { versionsNow }) });
}

function bound<T extends object>(target: T, instead: Partial<Record<keyof T, unknown>>): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (name in instead) return instead[name as keyof T];
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
