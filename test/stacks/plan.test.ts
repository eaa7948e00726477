import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStage, STAGES } from '../../lib/configuration';
import { type Plan, planOf, printPlan } from '../../lib/plan';
import { restApiUsd } from '../../lib/plan/prices';
import { sizesOf } from '../../lib/plan/sizing';
import { ROOT } from './support/app';
import { ofType, SYNTHESIS_MS, synthesised } from './support/synthesis';

const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
const plans = {} as Record<'small' | 'large', Plan>;

beforeAll(() => {
  for (const name of ['small', 'large'] as const) plans[name] = planOf(readStage(name), context);
}, SYNTHESIS_MS);

test(
  'what is planned is what is synthesised',
  async () => {
    const { resources } = await synthesised('small');
    const planned = plans.small.created;
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

test(
  'a type that nobody has measured is unknown, and has no price',
  () => {
    const stage = { ...STAGES.small, cache: { ...STAGES.small.cache, nodeType: 'cache.x1.huge' } };
    const plan = planOf(stage, context);
    expect(plan.sizes.find(({ what }) => what.startsWith('memory of the cache'))?.verdict).toBe('unknown');
    expect(plan.costs.filter(({ usd }) => usd === undefined).map(({ what }) => what)).toEqual(['nodes, cache.x1.huge']);
    expect(printPlan(plan)).toContain('without what stands as ?');
  },
  SYNTHESIS_MS,
);

test('programs are told what people are told', () => {
  const { sizes } = JSON.parse(JSON.stringify(plans.large));
  expect(sizes).toEqual(plans.large.sizes);
  const connections = plans.large.sizes.find(({ what }) => what === 'connections to each database server');
  expect(connections?.given).toBe('unlimited');
});

test('requests to REST APIs cost less by the tier', () => {
  expect(restApiUsd(100)).toBeCloseTo(350);
  expect(restApiUsd(333)).toBeCloseTo(1165.5);
  expect(restApiUsd(1000)).toBeCloseTo(1165.5 + 667 * 2.8);
  expect(restApiUsd(21_000)).toBeCloseTo(1165.5 + 667 * 2.8 + 19_000 * 2.38 + 1000 * 1.51);
});

test('people read every stack, size and cost', () => {
  const text = printPlan(plans.small);
  for (const { stack } of plans.small.created) expect(text).toContain(stack);
  for (const { what } of plans.small.sizes) expect(text).toContain(what);
  for (const { what } of plans.small.costs) expect(text).toContain(what);
  expect(text).toContain('lib/plan/assumptions.ts');
});

/** Rows of the table of costs in the document, and the parts that each sums up. */
const ROWS: Readonly<Record<string, readonly string[]>> = {
  'database-*': ['databases'],
  cache: ['caches'],
  search: ['search domain order', 'search domain standby', 'search domain marketing'],
  'network, peering': ['network'],
  'functions, api': ['requests'],
  'topics, queues': ['events'],
  arbiter: ['arbiter'],
  'keys, secrets, operations, backup, the firewalls of api': ['standing'],
};

test('the document says what the plan says', () => {
  const document = readFileSync(join(ROOT, 'docs', 'deploy.md'), 'utf8');
  const rounded = (usd: number) => usd.toLocaleString('en-US', { maximumFractionDigits: 0 });
  const sums = (parts: readonly string[]) =>
    [plans.small, plans.large].map(({ costs }) =>
      rounded(costs.filter(({ part }) => parts.includes(part)).reduce((sum, { usd = 0 }) => sum + usd, 0)),
    );
  for (const [row, parts] of Object.entries(ROWS))
    expect(document).toContain(`| ${row} | ${sums(parts).join(' | ')} |`);
  const all = [plans.small, plans.large].map(({ totalUsd }) => rounded(totalUsd));
  expect(document).toContain(`| together | ${all.join(' | ')} |`);
  const named = new Set(Object.values(ROWS).flat());
  expect(plans.large.costs.filter(({ part }) => !named.has(part))).toEqual([]);
});
