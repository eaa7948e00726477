import { systemClock, unavailable } from '../../../lambdas/core';
import type { Call } from '../../../lambdas/handlers/call';
import { Features } from '../../../lambdas/handlers/features';
import { Reading } from '../../../lambdas/handlers/reading';
import { Deadline } from '../../../lambdas/resilience';
import { compileSnapshot, type FeatureMode } from '../../../lambdas/switches';
import type { DegradableFeature, TrafficClass } from '../../../topology';
import { keptLog } from '../gateway/hosted';

const BODY = JSON.stringify({ filter: { city: 'Turin' }, limit: 1 });

/** The calls of a class that read, with domains that answer or are lost, and these features given up. */
function readingOf(
  trafficClass: TrafficClass,
  modes: Partial<Record<DegradableFeature, FeatureMode>>,
  domainsAnswer = true,
) {
  const counted: object[] = [];
  const asked: string[] = [];
  const metrics = { count: (name: string, of?: object) => void counted.push({ name, ...of }), time: () => undefined };
  const features = new Features({ log: keptLog(), metrics: metrics as never });
  const snapshot = compileSnapshot([], []);
  features.follow({ ...snapshot.degrade, ...modes });
  const answering = (what: string, value: unknown) => {
    asked.push(what);
    if (!domainsAnswer) throw unavailable('no search domain of this class answers');
    return { domain: 'marketing', ...(value as object) };
  };
  const reading = new Reading({
    config: { secrets: { cursorKey: 'x'.repeat(16) } },
    trafficClass,
    features,
    switches: { current: () => snapshot },
    domains: { first: async () => answering('domains', { value: { documents: [] } }) },
    keys: { find: async () => answering('domains', { copies: [] }) },
    reader: {
      readActive: async (_: string, options: { cacheOnly?: unknown }) => {
        asked.push(options.cacheOnly ? 'cache alone' : 'all copies');
        return { flag: 'active', version: 1, body: '{}', source: { kind: 'cache' } };
      },
    },
  } as never);
  const call = {
    event: { multiValueQueryStringParameters: { phone: ['+39011234567'] }, body: BODY, isBase64Encoded: false },
    headers: { 'content-type': 'application/json' },
    parameters: { id: '1' },
    caller: { id: 'shop' },
    trace: {},
    deadline: Deadline.after(1000, systemClock),
  } as unknown as Call;
  const outcome = async (answer: () => Promise<{ statusCode: number; headers: object; body: string }>) => {
    try {
      const { statusCode, headers, body } = await answer();
      return { statusCode, degraded: (headers as { Degraded?: string }).Degraded, body };
    } catch (error) {
      const { code, details } = error as { code?: string; details?: { rule?: string; retryAfterMs?: number } };
      return { code, rule: details?.rule, retryAfterMs: details?.retryAfterMs };
    }
  };
  return {
    search: () => outcome(() => reading.searchMembers(call)),
    findByKey: () => outcome(() => reading.findByKey(call)),
    getMember: () => outcome(() => reading.getMember(call)),
    asked,
    counted,
  };
}

test.each(['marketing', 'other'] as const)(
  'what class %s has given up is refused, and nobody is asked',
  async (name) => {
    const { search, findByKey, asked } = readingOf(name, { [`search-${name}`]: 'on', [`lookups-${name}`]: 'on' });
    expect(await search()).toEqual({ code: 'SHED', rule: `degrade/search-${name}`, retryAfterMs: 10_000 });
    expect(await findByKey()).toMatchObject({ code: 'SHED', rule: `degrade/lookups-${name}` });
    expect(asked).toEqual([]);
  },
);

test('a dry run counts what would be refused, and answers it', async () => {
  const { search, asked, counted } = readingOf('marketing', { 'search-marketing': 'dry-run' });
  expect(await search()).toMatchObject({ statusCode: 200, degraded: undefined });
  expect(asked).toEqual(['domains']);
  expect(counted).toEqual([{ name: 'GivenUp', rule: 'degrade/search-marketing', state: 'dry-run' }]);
});

describe('the last level', () => {
  const byDefault = { statusCode: 200, degraded: 'default', body: '{"items":[]}' };

  test('is an empty list that says so, where the domains of class marketing do not answer', async () => {
    const { search, findByKey } = readingOf('marketing', { 'certainty-marketing': 'on' }, false);
    expect(await search()).toEqual(byDefault);
    expect(await findByKey()).toEqual(byDefault);
  });

  test('is an empty list also for what is given up', async () => {
    const { search } = readingOf('marketing', { 'certainty-marketing': 'on', 'search-marketing': 'on' });
    expect(await search()).toEqual(byDefault);
  });

  test('is never reached while domains answer, unless it is switched on, nor in another class', async () => {
    expect(await readingOf('marketing', { 'certainty-marketing': 'on' }).search()).toMatchObject({
      degraded: undefined,
    });
    expect(await readingOf('marketing', {}, false).search()).toMatchObject({ code: 'UNAVAILABLE' });
    const other = readingOf('other', { 'certainty-marketing': 'on' }, false);
    expect(await other.search()).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await readingOf('order', { 'certainty-marketing': 'on' }, false).findByKey()).toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});

test('a class that has given up its origin asks the cache alone; class order never does', async () => {
  const modes = { 'origin-marketing': 'on', 'origin-other': 'on' } as const;
  for (const [name, expected] of [
    ['order', 'all copies'],
    ['marketing', 'cache alone'],
    ['other', 'cache alone'],
  ] as const) {
    const { getMember, asked } = readingOf(name, modes);
    await getMember();
    expect(asked).toEqual([expected]);
  }
});
