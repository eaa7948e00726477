import fc from 'fast-check';
import { FLOW_ALGORITHMS, type FlowMatch, type FlowRule } from '../../../lambdas/core';
import { NOTHING_ILL, readOwnRules, readValue, reasonsAgainst } from '../../../lambdas/switches';
import { OPERATIONS, TRAFFIC_CLASSES } from '../../../topology';

const RULE = {
  id: 'r1',
  match: { caller: 'shop' } as FlowMatch,
  algorithm: 'token-bucket',
  ratePerS: 20,
  burst: 20,
  mode: 'on',
} as const;

function refusals(name: string, value: unknown): readonly string[] {
  const read = readValue(name, JSON.stringify(value));
  return read.ok
    ? reasonsAgainst(name, read.value, { accepted: {}, units: [], standsSinceMs: 0, ill: NOTHING_ILL })
    : read.reasons;
}
const rules = (...changes: Partial<Record<keyof FlowRule, unknown>>[]) =>
  refusals(
    'traffic/rules',
    changes.map((change) => ({ ...RULE, ...change })),
  );

test.each<[string, Partial<Record<keyof FlowRule, unknown>>, RegExp]>([
  ['a rate of nothing', { ratePerS: 0 }, /^At 0\.ratePerS: must be a number above 0/],
  ['a negative rate', { ratePerS: -5 }, /^At 0\.ratePerS: must be a number above 0/],
  ['a rate in words', { ratePerS: '20' }, /^At 0\.ratePerS: must be a number above 0/],
  ['a burst of nothing', { burst: 0 }, /^At 0\.burst: must be a whole number from 1/],
  ['a negative burst', { burst: -1 }, /^At 0\.burst: must be a whole number from 1/],
  ['half a call', { burst: 1.5 }, /^At 0\.burst: must be a whole number from 1/],
  ['an unknown algorithm', { algorithm: 'dice' }, /^At 0\.algorithm: must be one of counter, sliding-window/],
  ['an unknown mode', { mode: 'maybe' }, /^At 0\.mode: must be one of off, dry-run, on/],
  ['an unknown class', { match: { class: 'vip' } }, /^At 0\.match\.class: must be one of order/],
  ['an unknown operation', { match: { operation: 'drop' } }, /^At 0\.match\.operation: must be one of registerMember/],
  ['an id that no header could carry', { id: 'r\n1' }, /^At 0\.id: must be 1 to 64 printable/],
  ['less than one call an hour', { ratePerS: 0.0002, burst: undefined }, /refuse nearly everything.*hour/],
  ['a burst that never comes back', { ratePerS: 0.001, burst: 100 }, /refuse nearly everything.*hour/],
  [
    'hardly anything for all callers',
    { match: {}, ratePerS: 0.001, burst: 1 },
    /refuse nearly everything.*all callers together/,
  ],
  ['the name of another refusal', { id: 'hot-account' }, /the name of a rule of Twinkeep's own/],
  ['the name of a limit of our own', { id: 'limit/requests' }, /the name of a rule of Twinkeep's own/],
  ['a burst finer than it can be kept', { ratePerS: 5000, burst: 1 }, /less than 10 ms of its rate/],
  ['a warm-up that nothing knows', { algorithm: 'counter', warmUpS: 5 }, /warm-up, which only a token-bucket/],
  ['a negative warm-up', { warmUpS: -5 }, /^At 0\.warmUpS: must be a whole number from 1/],
  ['writes where nobody writes', { match: { class: 'marketing', operation: 'patchMember' } }, /would match nothing/],
  ['searches where there are none', { match: { class: 'order', operation: 'searchMembers' } }, /would match nothing/],
  ['what no guard sees', { match: { operation: 'openapi' } }, /would match nothing/],
])('a rule is refused: %s', (_, change, reason) => {
  expect(rules(change)).toEqual([expect.stringMatching(reason)]);
});

test('two rules of one id, or for the same calls, are refused', () => {
  expect(rules({}, { match: { class: 'order' } })).toEqual(['The rule r1 stands there twice.']);
  expect(rules({}, { id: 'r2', ratePerS: 30 })).toEqual([
    expect.stringMatching(/^Rules r1 and r2 limit the same calls/),
  ]);
});

test('a rule may be tried beside the one that it is to replace, and a narrower one stand beside a wider', () => {
  expect(rules({}, { id: 'r2', ratePerS: 10, mode: 'dry-run' }, { id: 'r3', mode: 'off' })).toEqual([]);
  expect(rules({}, { id: 'r2', match: {} }, { id: 'r3', match: { caller: 'shop', class: 'order' } })).toEqual([]);
  expect(rules({ ratePerS: 1 / 3600, burst: 1 }, { id: 'r2', match: {}, warmUpS: 60, burst: undefined })).toEqual([]);
});

test('rules for one operation each leave next to nothing of some, and not of all', () => {
  const operations = OPERATIONS.filter((name) => name !== 'openapi' && name !== 'health');
  const strict = operations.map((operation, at) => ({ id: `r${at}`, match: { operation }, ratePerS: 0.01, burst: 1 }));
  expect(rules(...strict)).toEqual([expect.stringMatching(/^Rules r0, .*, r9 would refuse nearly everything/)]);
  expect(rules(...strict.slice(1))).toEqual([]);
  expect(rules(...strict.map((rule) => ({ ...rule, ratePerS: 1 })))).toEqual([]);
  expect(rules(...strict.map((rule, at) => (at === 3 ? { ...rule, mode: 'off' } : rule)))).toEqual([]);
});

test('what is denied leaves something to call', () => {
  const deny = (...matches: FlowMatch[]) =>
    refusals(
      'traffic/deny',
      matches.map((match) => ({ match, reason: 'why' })),
    );
  expect(deny(...TRAFFIC_CLASSES.map((name) => ({ class: name })))).toEqual([expect.stringMatching(/deny every call/)]);
  expect(deny(...OPERATIONS.filter((name) => name !== 'openapi').map((operation) => ({ operation })))).toEqual([
    expect.stringMatching(/deny every call/),
  ]);
  expect(deny({ class: 'marketing' }, { class: 'other' }, { caller: 'shop' })).toEqual([]);
  expect(deny({ caller: 'shop' }, { caller: 'shop' })).toEqual([expect.stringMatching(/stands there twice/)]);
  expect(deny({ class: 'marketing', operation: 'closeMember' })).toEqual([
    expect.stringMatching(/would match nothing/),
  ]);
});

test('a rule that stands with a caller is its own', () => {
  const own = (...changes: object[]) =>
    readOwnRules(
      'shop',
      changes.map((change) => ({ ...RULE, match: {}, ...change })),
    );
  expect(own({}, { id: 'r2', match: { class: 'order' } })).toMatchObject({
    ok: true,
    value: [{ id: 'r1' }, { id: 'r2' }],
  });
  expect(own({ match: { caller: 'crm' } })).toEqual({ ok: false, reasons: [expect.stringMatching(/names crm/)] });
  expect(own({}, { id: 'r2', match: { caller: 'shop' } })).toEqual({
    ok: false,
    reasons: [expect.stringMatching(/same calls/)],
  });
  expect(readOwnRules('shop', 'none')).toMatchObject({ ok: false });
});

/** What no later step need to guard against: every sum that an algorithm makes of an accepted rule is a whole number. */
test('of an accepted rule a burst comes back within 10 ms to an hour', () => {
  const rule = fc.record({
    id: fc.constant('r1'),
    match: fc.constant({}),
    algorithm: fc.constantFrom(...FLOW_ALGORITHMS),
    ratePerS: fc.oneof(fc.double(), fc.integer({ min: -1, max: 2_000_000 })),
    burst: fc.option(fc.integer({ min: -1, max: 2_000_000 }), { nil: undefined }),
    mode: fc.constant('on'),
  });
  fc.assert(
    fc.property(rule, (given) => {
      fc.pre(refusals('traffic/rules', [given]).length === 0);
      const refillS = (given.burst ?? Math.max(1, Math.ceil(given.ratePerS))) / given.ratePerS;
      expect(refillS).toBeGreaterThanOrEqual(0.01);
      expect(refillS).toBeLessThanOrEqual(3600);
    }),
  );
});
