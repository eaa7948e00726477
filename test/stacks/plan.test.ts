import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStage, STAGES, type StageConfiguration } from '../../lib/configuration';
import { costsText, type Plan, type Prices, planOf, printPlan, readPrices, replaceCosts } from '../../lib/plan';
import { costsOf, unusedPrices } from '../../lib/plan/costs';
import { ALARM_METRICS, countsOf } from '../../lib/plan/created';
import { usdOf } from '../../lib/plan/prices';
import { sizesOf } from '../../lib/plan/sizing';
import { ROOT } from './support/app';
import { ofType, SYNTHESIS_MS, synthesised } from './support/synthesis';

const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
const plans = {} as Record<'small' | 'large', Plan>;

beforeAll(() => {
  for (const name of ['small', 'large'] as const) plans[name] = planOf(readStage(name), context, readPrices());
}, SYNTHESIS_MS);

/** At the load of `small`, of what it creates. */
function costsOfSmall(prices: Prices, stage: StageConfiguration = STAGES.small): Plan['costs'] {
  return costsOf(stage, countsOf(plans.small.created), prices);
}

test(
  'what is planned is what is synthesised',
  async () => {
    const { resources } = await synthesised('small');
    // What alarms look at is counted beside them, and is no resource.
    const planned = plans.small.created.filter(({ type }) => type !== ALARM_METRICS);
    for (const type of new Set(planned.map((one) => one.type))) {
      const count = planned.filter((one) => one.type === type).reduce((sum, one) => sum + one.count, 0);
      expect([type, ofType({ resources }, type).length]).toEqual([type, count]);
    }
    // Synthesis adds what tells the CDK's authors of its use, to each stack.
    const types = new Set(resources.map(({ type }) => type).filter((type) => type !== 'AWS::CDK::Metadata'));
    expect(new Set(planned.map(({ type }) => type))).toEqual(types);
  },
  SYNTHESIS_MS,
);

test.each(['small', 'large'] as const)(
  '%s is large enough for the load that it names, and every part has a price',
  (name) => {
    expect(plans[name].sizes.filter(({ verdict }) => verdict !== 'enough')).toEqual([]);
    expect(plans[name].costs.filter(({ usd }) => usd === undefined || !(usd >= 0))).toEqual([]);
  },
);

test('the total is that of its parts', () => {
  for (const { costs, totalUsd } of Object.values(plans)) {
    expect(totalUsd).toBeCloseTo(costs.reduce((sum, { usd = 0 }) => sum + usd, 0));
  }
  expect(plans.large.totalUsd).toBeGreaterThan(50 * plans.small.totalUsd);
});

test.each([
  ['storage of search domain order', { load: { ...STAGES.large.load, members: 10_000_000_000 } }],
  ['memory of the cache, in each region', { cache: { ...STAGES.large.cache, shards: 2 } }],
  ['writes of each database cluster', { databases: { ...STAGES.large.databases, clustersPerUnit: 1 } }],
  ['connections to each database server', { databases: { ...STAGES.large.databases, proxy: false } }],
  ['concurrency of class order, with one region lost', { load: { ...STAGES.large.load, peakTps: 300_000 } }],
  [
    'rate that the API of class order lets in, with one region lost',
    { load: { ...STAGES.large.load, peakTps: 40_000 } },
  ],
])('too little %s is said', (what, change) => {
  const sizes = sizesOf({ ...STAGES.large, ...change });
  expect(sizes.find((one) => one.what === what)?.verdict).toBe('too little');
});

test('a type that nobody has measured is unknown, and has no price', () => {
  const stage = { ...STAGES.small, cache: { ...STAGES.small.cache, nodeType: 'cache.x1.huge' } };
  const sizes = sizesOf(stage);
  const costs = costsOfSmall(readPrices(), stage);
  expect(sizes.find(({ what }) => what.startsWith('memory of the cache'))?.verdict).toBe('unknown');
  expect(costs.filter(({ usd }) => usd === undefined).map(({ what }) => what)).toEqual(['nodes, cache.x1.huge']);
  expect(printPlan({ ...plans.small, sizes, costs })).toContain('without what stands as ?');
});

describe('an internal entry', () => {
  const certificateArns = { A: '', B: '' };
  const internalEntry = { kind: 'alb' as const, certificateArns, cidrs: [], accessLogDays: 0 };
  const stage = { ...STAGES.large, internalEntry };

  test('takes its part of the requests from the REST APIs, and is paid for by the byte', () => {
    const [without, costs] = [STAGES.large, stage].map((one) => costsOfSmall(readPrices(), one));
    const quantity = (of: Plan['costs'] | undefined, what: string) =>
      of?.find((one) => one.what === what)?.quantity ?? 0;
    for (const what of ['REST APIs', 'WAF']) expect(quantity(costs, what)).toBeCloseTo(0.2 * quantity(without, what));
    expect(quantity(costs, 'invocations')).toBe(quantity(without, 'invocations'));
    // 4,800 requests a second on average, of 2,100 bytes with their answers.
    expect(quantity(costs, 'their capacity')).toBeCloseTo((4800 * 2100 * 3600 * 730) / 1e9 / 0.4);
    expect(quantity(costs, 'load balancers')).toBe(2 * 730);
    const rate = sizesOf(stage).find(({ what }) => what.startsWith('rate that the API'));
    expect(rate?.needed).toBeCloseTo(30_000 * 0.2 * 0.6);
  });

  test('is compared with, where a stage has none and callers for it', () => {
    const { withInternalEntry, totalUsd } = plans.large;
    const charged = costsOf(stage, countsOf(plans.large.created), readPrices());
    expect(withInternalEntry?.totalUsd).toBeCloseTo(charged.reduce((sum, { usd = 0 }) => sum + usd, 0));
    expect(withInternalEntry?.totalUsd).toBeLessThan(totalUsd - 10_000);
    expect(printPlan(plans.large)).toContain('With an internal entry (internalEntry) for 80 % of the requests');
    expect(plans.small.withInternalEntry).toBeUndefined();
    expect(printPlan(plans.small)).not.toContain('internal entry');
  });
});

test('programs are told what people are told', () => {
  const { sizes } = JSON.parse(JSON.stringify(plans.large));
  expect(sizes).toEqual(plans.large.sizes);
  const connections = plans.large.sizes.find(({ what }) => what === 'connections to each database server');
  expect(connections?.given).toBe('unlimited');
});

test('requests to REST APIs cost less by the tier', () => {
  const price = readPrices().byName['rest-api-million'];
  if (price === undefined) throw new Error('it has no price');
  expect(usdOf(price, 100)).toBeCloseTo(350);
  expect(usdOf(price, 333)).toBeCloseTo(1165.5);
  expect(usdOf(price, 1000)).toBeCloseTo(1165.5 + 667 * 2.8);
  expect(usdOf(price, 21_000)).toBeCloseTo(1165.5 + 667 * 2.8 + 19_000 * 2.38 + 1000 * 1.51);
});

describe('prices of the user', () => {
  const directory = mkdtempSync(join(tmpdir(), 'twinkeep-prices-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  function file(content: object): string {
    const path = join(directory, 'prices.json');
    writeFileSync(path, JSON.stringify({ asOf: '2026-11', awsRegion: 'eu-west-1', ...content }));
    return path;
  }

  test('take the place of those that are assumed, and of no others', () => {
    const path = file({ prices: { 'key-month': { usd: 7 }, 'rest-api-million': { tiers: [{ usd: 1 }] } } });
    const prices = readPrices(path);
    const costs = costsOfSmall(prices);
    const others = (one: Plan['costs']) => one.filter(({ what }) => what !== 'keys' && what !== 'REST APIs');
    expect(others(costs)).toEqual(others(plans.small.costs));
    expect(costs.find(({ what }) => what === 'keys')).toMatchObject({ quantity: 2, usd: 14, source: path });
    const apis = costs.find(({ what }) => what === 'REST APIs');
    expect(apis).toMatchObject({ unit: 'million requests', usd: apis?.quantity });
    expect(printPlan({ ...plans.small, costs, prices })).toContain(
      `prices that are assumed, as of 2025-06 in us-east-1, and 2 of ${path}, as of 2026-11 in eu-west-1`,
    );
  });

  test('may be of a type that nobody has written down', () => {
    const nodeType = 'cache.x1.huge';
    const stage = { ...STAGES.small, cache: { ...STAGES.small.cache, nodeType } };
    const prices = readPrices(file({ prices: { [`cache-hour.${nodeType}`]: { usd: 2 } } }));
    const costs = costsOfSmall(prices, stage);
    expect(costs.find(({ what }) => what === `nodes, ${nodeType}`)?.usd).toBe(2 * 4 * 730);
  });

  test.each([
    ['are less than nothing', { prices: { 'key-month': { usd: -1 } } }, 'prices.key-month'],
    ['have no date', { asOf: undefined, prices: {} }, 'asOf: '],
    ['are not there', {}, 'prices: '],
  ])('that %s are refused', (_case, content, reason) => {
    expect(() => costsOfSmall(readPrices(file(content)))).toThrow(reason);
  });

  test('by which nothing is charged are named', () => {
    const prices = readPrices(file({ prices: { 'key-moon': { usd: 1 }, 'key-month': { usd: 1 } } }));
    const unused = unusedPrices(prices, costsOfSmall(prices));
    expect(unused).toEqual(['key-moon']);
    expect(printPlan({ ...plans.small, unusedPrices: unused })).toContain('by your price key-moon.');
  });

  test('of a file that is not there are refused', () => {
    expect(() => readPrices(join(directory, 'none.json'))).toThrow('none.json');
  });
});

test('people read every stack, size and cost', () => {
  const text = printPlan(plans.small);
  for (const { stack } of plans.small.created) expect(text).toContain(stack);
  for (const { what } of plans.small.sizes) expect(text).toContain(what);
  for (const { what } of plans.small.costs) expect(text).toContain(what);
  expect(text).toContain('at prices that are assumed, as of 2025-06 in us-east-1');
  for (const where of ['--prices <file>', 'lib/plan/assumptions.ts']) expect(text).toContain(where);
});

test('the document says what the plan says', () => {
  const document = readFileSync(join(ROOT, 'docs', 'deploy.md'), 'utf8');
  // Where this fails, `npm run costs` writes it anew.
  expect(document).toBe(replaceCosts(document, costsText(Object.values(plans))));
});

test('the document tells every dollar', () => {
  const [small] = costsText([plans.small]).split('\n').reverse();
  expect(small).toBe(`| together | ${Math.round(plans.small.totalUsd).toLocaleString('en-US')} |`);
  const [first, ...others] = plans.small.costs;
  if (first === undefined) throw new Error('nothing costs anything');
  const unknown = { ...plans.small, costs: [{ ...first, part: 'a part that nobody knows' }, ...others] };
  expect(() => costsText([unknown])).toThrow('a part that nobody knows');
});
