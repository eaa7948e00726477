import type { FlowRule } from '../../../../lambdas/core';
import { AppliedRules } from '../../../../lambdas/traffic';
import type { Applied } from '../../../../lambdas/traffic/flow';
import { callerNamed, SetClock } from '../registry';
import { AlgorithmStore, settle } from './algorithm-store';

const RULE: FlowRule = { id: 'r1', match: {}, algorithm: 'token-bucket', ratePerS: 1000, burst: 1000, mode: 'on' };
const shop = callerNamed('shop');

test('a rule on trial lets everything pass, and says how often it would not have', async () => {
  const clock = new SetClock();
  const counted: unknown[] = [];
  const rules = new AppliedRules({
    region: 'A',
    trafficClass: 'order',
    store: new AlgorithmStore(clock),
    clock,
    metrics: { count: (name, dimensions) => void counted.push([name, dimensions]), time: () => undefined },
  });
  for (const algorithm of ['counter', 'leaky-bucket'] as const) {
    counted.length = 0;
    rules.follow({ rules: [{ ...RULE, ratePerS: 5, burst: 5, algorithm, mode: 'dry-run' }], deny: [] }, true);
    const { global, turn } = rules.passesOf(shop, 'getMember');
    const [applied] = algorithm === 'counter' ? global : turn;
    for (let call = 0; call < 8; call += 1) {
      expect(applied?.limit.take(clock.monotonicMs(), 5000)).toBeLessThanOrEqual(0);
      await settle();
    }
    expect(counted).toEqual(Array.from({ length: 3 }, () => ['WouldRefuse', { rule: 'r1' }]));
  }
});

describe('which rules a call meets', () => {
  const rule = (id: string, match: FlowRule['match'], mode: FlowRule['mode'] = 'on'): FlowRule => ({
    ...RULE,
    id,
    match,
    mode,
  });
  const GENERAL = [
    rule('all', {}),
    rule('reads', { operation: 'getMember' }),
    rule('order', { class: 'order' }),
    rule('other', { class: 'other' }),
    rule('shop', { caller: 'shop' }),
    rule('crm', { caller: 'crm' }),
    rule('resting', { caller: 'shop', class: 'order' }, 'off'),
    { ...rule('slowly', { class: 'order', operation: 'getMember' }), algorithm: 'leaky-bucket' } as const,
  ];
  const idsOf = (own: readonly FlowRule[], operation: 'getMember' | 'patchMember' = 'getMember') => {
    const clock = new SetClock();
    const rules = new AppliedRules({ region: 'A', trafficClass: 'order', store: new AlgorithmStore(clock), clock });
    rules.follow(
      { rules: GENERAL, deny: [{ match: { caller: 'shop', operation: 'closeMember' }, reason: 'why' }] },
      true,
    );
    const passes = rules.passesOf(callerNamed('shop', { rules: own }), operation);
    const ids = (applied: readonly Applied[]) => applied.map((one) => one.rule);
    const { class: ofClass, global, caller, turn } = passes;
    return { class: ids(ofClass), global: ids(global), caller: ids(caller), turn: ids(turn) };
  };

  test('those that match it, by the guard that asks', () => {
    expect(idsOf([])).toEqual({ class: ['order'], global: ['all', 'reads'], caller: ['shop'], turn: ['slowly'] });
    expect(idsOf([], 'patchMember')).toMatchObject({ class: ['order'], global: ['all'], caller: ['shop'] });
  });

  test("a caller's own come before those that name it, and one takes the place of the rule whose id it has", () => {
    expect(idsOf([rule('mine', {})]).caller).toEqual(['mine', 'shop']);
    expect(idsOf([rule('shop', {})]).caller).toEqual(['shop']);
    expect(idsOf([rule('order', {}, 'off')])).toMatchObject({ class: [], global: ['all', 'reads'], caller: ['shop'] });
    expect(idsOf([rule('mine', { class: 'other' })]).caller).toEqual(['shop']);
  });

  test('those whose calls wait come after all others, the narrowest first', () => {
    const queue = (id: string, match: FlowRule['match']): FlowRule => ({
      ...rule(id, match),
      algorithm: 'leaky-bucket',
    });
    expect(idsOf([queue('mine', {}), rule('yours', {})])).toMatchObject({
      caller: ['yours', 'shop'],
      turn: ['mine', 'slowly'],
    });
  });

  test('what is counted of a rule stays while it stands, and begins anew where it changes', async () => {
    const clock = new SetClock();
    const store = new AlgorithmStore(clock);
    const rules = new AppliedRules({ region: 'A', trafficClass: 'order', store, clock });
    const limitOf = (settings: readonly FlowRule[]) => {
      rules.follow({ rules: settings, deny: [] }, true);
      return rules.passesOf(callerNamed('shop'), 'getMember').global[0]?.limit;
    };
    const first = limitOf([RULE]);
    expect(limitOf([{ ...RULE }, rule('order', { class: 'order' })])).toBe(first);
    expect(limitOf([{ ...RULE, ratePerS: 5, burst: 5 }])).not.toBe(first);
    expect(limitOf([])).toBeUndefined();
  });
});
