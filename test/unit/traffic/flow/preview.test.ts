import type { FlowRule } from '../../../../lambdas/core';
import { previewTraffic, type SecondOfCalls } from '../../../../lambdas/traffic';

const rule = (
  id: string,
  ratePerS: number,
  match: FlowRule['match'] = {},
  fields: Partial<FlowRule> = {},
): FlowRule => ({
  id,
  match,
  algorithm: 'token-bucket',
  ratePerS,
  burst: ratePerS,
  mode: 'on',
  ...fields,
});
const NONE = new Map<string, FlowRule[]>();

/** Minutes ago, second by second, as both regions' functions told. */
function seconds(
  count: number,
  calls: Readonly<Record<string, number>>,
  operation = 'getMember' as const,
): SecondOfCalls[] {
  const kinds = Object.entries(calls).map(([caller, number]) => ({
    caller,
    operation,
    trafficClass: 'order' as const,
    calls: number,
  }));
  return Array.from({ length: count }, (_, at) => ({ second: 1_700_000_000 + at, calls: kinds }));
}

test('says what would have been refused, by caller and rule', () => {
  const settings = { rules: [rule('r1', 20, { caller: 'shop' })], deny: [] };
  // In each region 30 calls a second for 100 s: 6000, of which 20 at first and 20 a second pass.
  const recent = [...seconds(100, { shop: 30, crm: 5 }), ...seconds(100, { shop: 30 })];
  const { rules, ...told } = previewTraffic(settings, NONE, recent);
  expect(told).toMatchObject({ seconds: 100, calls: 6500 });
  expect(rules).toMatchObject([{ rule: 'r1', mode: 'on', caller: 'shop', calls: 6000 }]);
  expect(told.refused).toBe(rules[0]?.refused);
  expect(Math.abs(told.refused - (6000 - 20 - 20 * 100))).toBeLessThanOrEqual(20);
});

test('a rule on trial refuses nothing, and says what it would have', () => {
  const settings = { rules: [rule('r1', 10, {}, { mode: 'dry-run' }), rule('r2', 15, { caller: 'shop' })], deny: [] };
  const { refused, rules } = previewTraffic(settings, NONE, seconds(60, { shop: 20 }));
  const byRule = Object.fromEntries(rules.map((one) => [one.rule, one]));
  // All calls reach the rule behind it.
  expect(byRule).toMatchObject({ r1: { mode: 'dry-run', calls: 1200 }, r2: { mode: 'on', calls: 1200 } });
  expect(refused).toBe(byRule.r2?.refused);
});

test('what one rule refuses does not reach the next', () => {
  const settings = { rules: [rule('class', 10, { class: 'order' }), rule('shop', 10, { caller: 'shop' })], deny: [] };
  const { rules } = previewTraffic(settings, NONE, seconds(60, { shop: 20 }));
  expect(rules.map((one) => one.rule)).toEqual(['class']);
});

test("a caller's own rule takes the place of the general one whose id it has", () => {
  const own = new Map([
    ['shop', [rule('r1', 1000)]],
    ['crm', [rule('mine', 1)]],
  ]);
  const { rules } = previewTraffic({ rules: [rule('r1', 5)], deny: [] }, own, seconds(60, { shop: 20, crm: 4 }));
  expect(rules.map(({ rule: id, caller }) => [id, caller])).toEqual([['mine', 'crm']]);
});

test('every call that is denied is refused', () => {
  const settings = { rules: [], deny: [{ match: { caller: 'shop' }, reason: 'why' }] };
  expect(previewTraffic(settings, NONE, seconds(10, { shop: 20, crm: 3 }))).toMatchObject({
    calls: 230,
    refused: 200,
    rules: [{ rule: 'traffic/deny', caller: 'shop', calls: 200, refused: 200 }],
  });
});

test('calls of which the operation is not known any more meet no rule of an operation', () => {
  const settings = { rules: [rule('r1', 1, { operation: 'getMember' })], deny: [] };
  const unknown = [
    { second: 1, calls: [{ caller: '*', trafficClass: 'order' as const, operation: undefined, calls: 50 }] },
  ];
  expect(previewTraffic(settings, NONE, unknown).refused).toBe(0);
  expect(previewTraffic(settings, NONE, [])).toEqual({ seconds: 0, calls: 0, refused: 0, rules: [] });
});

test('a queue refuses what it could not serve in time', () => {
  const settings = { rules: [rule('queue', 10, {}, { algorithm: 'leaky-bucket', burst: 20 })], deny: [] };
  const { refused } = previewTraffic(settings, NONE, seconds(60, { shop: 20 }));
  expect(Math.abs(refused - (1200 - 600 - 20))).toBeLessThanOrEqual(20);
});
