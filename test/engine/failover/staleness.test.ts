import { CacheCensus, lookupKey, memberKey } from '../../../lambdas/cache';
import { encodeEntry } from '../../../lambdas/cache/entry';
import { type Log, type LogFields, systemClock } from '../../../lambdas/core';
import { StalenessWatch } from '../../../lambdas/failover';
import { measureLag } from '../../../lambdas/failover/staleness/lag';
import { together } from '../../support/together';
import { until } from '../cache/until';
import { openDomain, type TestDomain } from '../search/domains';
import { anAccount, eventAfter, inCity, lostAfter, Promoted } from './promoted';

let promoted: Promoted;
let domain: TestDomain;
let census: CacheCensus;
beforeAll(async () => {
  [promoted, domain] = await together([Promoted.start(), openDomain()]);
  census = new CacheCensus({ region: 'A', address: promoted.regions.A.address });
});
beforeEach(() => promoted.unit.reset());
afterAll(async () => {
  census?.close();
  await Promise.all([promoted?.stop(), domain?.remove()]);
});

/** Lines of a log, and what they say. */
function kept(): { log: Log; lines: (LogFields & { message: string })[] } {
  const lines: (LogFields & { message: string })[] = [];
  const keep = (message: string, fields: LogFields = {}) => void lines.push({ message, ...fields });
  return { log: { info: keep, warn: keep, error: keep }, lines };
}

function watchOf(log: Log) {
  return new StalenessWatch({
    region: 'A',
    decisions: promoted.arbiter.decisions,
    // Both units' servers are one here.
    shards: { ranges: promoted.unit.database.shards.ranges, recovery: promoted.unit.database.shards.recovery },
    domains: { order: domain.domain, standby: domain.domain, marketing: domain.domain },
    census,
    clock: systemClock,
    log,
    everyMs: 20,
    settleMs: 50,
  });
}

function watching(log: Log) {
  const watch = watchOf(log);
  const running = watch.run(60_000);
  return async () => {
    watch.stop();
    await running;
  };
}

test('errors that are planted in a cache and in a search domain are told, and nothing else is', async () => {
  const members = await Promise.all(Array.from({ length: 20 }, () => promoted.registered()));
  await domain.domain.write(members.map(({ document }) => eventAfter(undefined, document)));
  const put = (memberId: string, version: number) =>
    promoted.regions.A.inside.set(memberKey(memberId), encodeEntry({ version, flag: 'v', body: '' }, 1));
  await Promise.all(members.map(({ document }) => put(document.memberId, document.version)));
  const [inCache, inDomain] = members.map(({ document }) => document);
  if (inCache === undefined || inDomain === undefined) throw new Error('there are no members');
  const { log, lines } = kept();
  const end = watching(log);
  await until(() => lines.filter(({ message }) => message === 'a copy was compared with the rows').length >= 2);
  expect(lines.filter(({ message }) => message === 'a copy is stale')).toEqual([]);
  await put(inCache.memberId, inCache.version - 1);
  await domain.domain.write([eventAfter(inDomain, lostAfter(inDomain, inCity(inDomain, 'planted')))]);
  const told = () => lines.filter(({ message }) => message === 'a copy is stale');
  await until(() => new Set(told().map(({ copy }) => copy)).size === 2);
  await end();
  const expected = {
    'cache A': { memberId: inCache.memberId, kind: 'older' },
    'domain order': { memberId: inDomain.memberId, kind: 'ahead' },
  };
  for (const line of told()) expect(line).toMatchObject(expected[line.copy as keyof typeof expected]);
});

test('race 16: an account of a member that was changed lately, and that the cache denies, is told', async () => {
  const account = anAccount();
  const row = await promoted.registered([account]);
  const { memberId, version } = row.document;
  const { log, lines } = kept();
  const end = watching(log);
  const next = await promoted.write(row, { ...inCity(row.document, 'lately'), version: version + 1 });
  await domain.domain.write([eventAfter(undefined, next.document)]);
  const text = encodeEntry({ version: 1, flag: 'n', body: '' }, 1);
  await promoted.regions.A.inside.set(lookupKey('account:app', account), text);
  await until(() => lines.some((line) => line.message === 'a copy is stale' && line.memberId === memberId));
  await end();
  const told = lines.find((line) => line.message === 'a copy is stale' && line.memberId === memberId);
  expect(told).toMatchObject({ copy: 'cache A', memberId, kind: 'denied' });
});

test('how late a domain hears of what was written lately is measured', async () => {
  const row = await promoted.registered();
  await domain.domain.write([eventAfter(undefined, row.document)]);
  const next = await promoted.write(row, { version: row.document.version + 1 });
  const { recovery } = promoted.unit.database.shards;
  const measure = () => measureLag(recovery, domain.domain, { region: 'A', clock: systemClock });
  const behind = await measure();
  // Both units' servers are one here: each row is read for both.
  expect(behind.behind).toBe(2);
  expect(behind.lagMs).toBeGreaterThanOrEqual(0);
  expect(behind.lagMs).toBeLessThan(Date.now() - Date.parse(next.document.updatedAt) + 1);
  await domain.domain.write([eventAfter(row.document, next.document)]);
  expect(await measure()).toMatchObject({ sampled: behind.sampled, behind: 0, lagMs: 0 });
});

test('a run ends when its time is over, and of two in one environment one looks', async () => {
  const { log, lines } = kept();
  const watch = watchOf(log);
  const first = watch.run(300);
  const second = watch.run(60_000);
  await Promise.all([first, second]);
  const passes = lines.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(passes).toBeGreaterThan(0);
  expect(lines).toHaveLength(passes);
  await watch.run(50);
  expect(lines.length).toBeGreaterThan(passes);
});
