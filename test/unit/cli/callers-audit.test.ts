import { type Audited, auditCallers } from '../../../cli/callers';
import type { FlowRule } from '../../../lambdas/core';
import { callerNamed, keyOf } from '../traffic/registry';

const DAY_MS = 86_400_000;
const TODAY = 20_000;
const NOW_MS = TODAY * DAY_MS + 1000;
const RULE: FlowRule = { id: 'r1', match: {}, algorithm: 'token-bucket', ratePerS: 10, mode: 'on' };
const called = (caller: string, calls = 1, fields = {}) => ({
  ...{ caller, trafficClass: 'order' as const, operation: 'getMember' as const, calls },
  ...fields,
});
/** Calls every day, in all its classes, within its limits, and somebody answers for it. */
const well = (fields: Parameters<typeof callerNamed>[1] = {}) =>
  callerNamed('shop', {
    rules: [RULE],
    createdAtMs: NOW_MS - 100 * DAY_MS,
    keys: [{ hash: keyOf('x').hash, createdAtMs: NOW_MS - 100 * DAY_MS }],
    ...fields,
  });
const WELL: Audited = {
  callers: [well()],
  rules: [],
  days: [
    {
      day: TODAY - 35,
      calls: [called('shop', 7), called('shop', 2, { trafficClass: 'other', operation: 'patchMember' })],
    },
    { day: TODAY, calls: [called('shop', 3), called('crm', 50)] },
    { day: TODAY, calls: [called('shop', 5)] },
  ],
  seconds: [{ second: 5, calls: [called('shop', 4)] }],
  nowMs: NOW_MS,
};
const findings = (change: Partial<Audited>) =>
  auditCallers({ ...WELL, ...change }).flatMap((audited) => audited.findings.map(({ kind }) => kind));
const of = (fields: Parameters<typeof callerNamed>[1]) => findings({ callers: [well(fields)] });

test('of a caller that is as it should be there is nothing to tell but what it did, in both regions', () => {
  expect(auditCallers(WELL)).toEqual([
    {
      id: 'shop',
      owner: 'team',
      status: 'active',
      findings: [],
      usage: {
        knownSince: '2024-08-30',
        calls: 17,
        isPartial: false,
        lastDay: '2024-10-04',
        classes: { order: 15, other: 2 },
        operations: { getMember: 15, patchMember: 2 },
      },
      limits: [{ rule: 'r1', mode: 'on', ratePerS: 10, mostPerS: 4 }],
    },
  ]);
});

test('callers without owner, class, or rule are found; a rule on trial bounds nobody, one of traffic/rules does', () => {
  expect(of({ owner: ' ' })).toEqual(['no-owner']);
  expect(of({ classes: [] })).toEqual(['no-class']);
  expect(of({ rules: [] })).toEqual(['no-rule']);
  expect(of({ rules: [{ ...RULE, mode: 'dry-run' }] })).toEqual(['no-rule']);
  const general = { ...RULE, match: { caller: 'shop' } };
  expect(findings({ callers: [well({ rules: [] })], rules: [general] })).toEqual([]);
  expect(findings({ callers: [well({ rules: [] })], rules: [{ ...RULE, match: { caller: 'crm' } }] })).toEqual([
    'no-rule',
  ]);
});

test('a rule that one of the caller itself has lifted bounds it no more', () => {
  const general = { ...RULE, match: { caller: 'shop' } };
  expect(findings({ callers: [well({ rules: [{ ...RULE, mode: 'off' }] })], rules: [general] })).toEqual(['no-rule']);
});

test('keys that are old, about to expire, expired, or never retired are found', () => {
  const key = (ageDays: number, lifeDays?: number) => ({
    hash: keyOf(`${ageDays}`).hash,
    createdAtMs: NOW_MS - ageDays * DAY_MS,
    ...(lifeDays === undefined ? {} : { expiresAtMs: NOW_MS + lifeDays * DAY_MS }),
  });
  expect(of({ keys: [key(366)] })).toEqual(['old-key']);
  expect(of({ keys: [key(10, 13)] })).toEqual(['expiring-key']);
  expect(of({ keys: [key(10, 15)] })).toEqual([]);
  expect(of({ keys: [key(10, -1)] })).toEqual(['no-live-key']);
  expect(of({ keys: [key(60, 5), key(31)] })).toEqual(['unfinished-rotation']);
  expect(of({ keys: [key(60, 5), key(29)] })).toEqual([]);
});

test('callers that do not call, or not in all their classes, are found, as far as calls are known', () => {
  expect(findings({ days: [{ day: TODAY - 3, calls: [called('crm')] }] })).toEqual(['unused']);
  expect(findings({ days: [] })).toEqual([]);
  expect(of({ classes: ['order', 'marketing', 'other'] })).toEqual(['unused-class']);
  expect(
    findings({ callers: [well({ status: 'suspended' })], days: [{ day: TODAY, calls: [called('crm')] }] }),
  ).toEqual([]);
});

test('who may be among those that were counted together is not said to be unused', () => {
  const others = called('*', 5, { operation: undefined });
  expect(findings({ days: [{ day: TODAY - 3, calls: [called('crm'), others] }] })).toEqual([]);
});

test('what comes near a limit is found, the calls of both regions together, by what the rule matches', () => {
  const busy = (...calls: ReturnType<typeof called>[]) =>
    findings({ seconds: calls.map((one) => ({ second: 9, calls: [one] })) });
  expect(busy(called('shop', 4), called('shop', 4))).toEqual(['near-limit']);
  expect(busy(called('shop', 4), called('shop', 3))).toEqual([]);
  expect(busy(called('crm', 80))).toEqual([]);
  const rules = [{ ...RULE, match: { operation: 'patchMember' as const } }];
  expect(findings({ callers: [well({ rules })], seconds: [{ second: 9, calls: [called('shop', 50)] }] })).toEqual([]);
});
