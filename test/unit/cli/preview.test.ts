import { idleRules } from '../../../cli/commands/callers-rules';
import { compared, described, misaimed } from '../../../cli/switches/preview';
import type { FlowRule } from '../../../lambdas/core';

const rule = (id: string, match: FlowRule['match'], burst: number): FlowRule => ({
  id,
  match,
  algorithm: 'counter',
  ratePerS: burst / 60,
  burst,
  mode: 'on',
});
const call = { caller: 'shop', operation: 'getMember' as const, trafficClass: 'order' as const, calls: 10 };
const recent = { calls: [{ second: 1_700_000_040, calls: [call] }], silentRegions: [] };
const deny = (caller: string) => [{ match: { caller }, reason: 'storm' }];
const standing = { settings: { rules: [], deny: [] }, ownRules: new Map([['shop', [rule('mine', {}, 4)]]]) };

test('a change that refuses nobody more says so, however much is refused as it is', () => {
  const tried = { ...standing, settings: { rules: [], deny: deny('shpo') } };
  const change = compared(standing, tried, recent);
  expect(change).toMatchObject({ calls: 10, refused: 6, refusedNow: 6 });
  expect(change.silentRegions).toBeUndefined();
  expect(described(change)[0]).toBe('Of 10 calls in 1 s 6 would have been refused; without the change 6.');
  expect(compared(standing, { ...standing, settings: { rules: [], deny: deny('shop') } }, recent)).toMatchObject({
    refused: 10,
    refusedNow: 6,
  });
});

test('a region that does not tell of its calls is named, with calls of the other one and without', () => {
  const missing = 'The cache of region A does not tell of its calls: they are missing here.';
  for (const { calls } of [recent, { calls: [] }]) {
    expect(described(compared(standing, standing, { calls, silentRegions: ['A'] })).at(-1)).toBe(missing);
  }
});

test('callers that nobody registered, and classes that a caller may not use, are told apart from the rest', () => {
  const callers = [{ id: 'crm', classes: ['marketing' as const] }];
  const order = { caller: 'crm', class: 'order' as const };
  const value = [
    {},
    { caller: 'crm' },
    { caller: 'crm', class: 'marketing' },
    order,
    { caller: 'cmr', class: 'order' },
  ];
  expect(
    misaimed(
      callers,
      value.map((match) => ({ match, reason: 'storm' })),
    ),
  ).toEqual({ unknownCallers: ['cmr'], idleMatches: [order] });
});

test('rules of classes that the caller may not use are told apart', () => {
  const rules = [
    rule('all', {}, 4),
    rule('order', { class: 'order' }, 4),
    rule('marketing', { class: 'marketing' }, 4),
  ];
  expect(idleRules({ rules, classes: ['order', 'other'] }).map(({ id }) => id)).toEqual(['marketing']);
  expect(idleRules({ rules, classes: ['marketing', 'order'] })).toEqual([]);
});
