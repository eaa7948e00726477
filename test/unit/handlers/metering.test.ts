import type { Metrics } from '../../../lambdas/core';
import { Problem } from '../../../lambdas/core';
import { json } from '../../../lambdas/handlers/http';
import { measuringLag } from '../../../lambdas/handlers/lag';
import { type Measured, Metering } from '../../../lambdas/handlers/metering';

function metering() {
  const measured: unknown[] = [];
  const metrics: Metrics = {
    count: (name, dimensions, by = 1) => measured.push({ name, ...dimensions, by }),
    time: (name, ms, dimensions) => measured.push({ name, ...dimensions, ms }),
  };
  return { metering: new Metering(metrics), metrics, measured };
}

const READ: Measured = { beganAtMs: 100, isForwarded: false, operation: 'getMember', caller: 'shop' };

test.each([
  ['cache', 'cache'],
  ['database;unit=a1;role=replica', 'database'],
  ['search;domain=standby', 'search'],
])('an answer from %s is timed by its source, and counted for its caller', (Source, source) => {
  const { metering: meter, measured } = metering();
  meter.answered(READ, json(200, '{}', { Source }), 103);
  expect(measured).toEqual([
    { name: 'Latency', operation: 'getMember', outcome: 'ok', source, ms: 3 },
    { name: 'CallerRequests', caller: 'shop', outcome: 'ok', by: 1 },
  ]);
});

test('an answer that is less than what was asked for is counted by its level', () => {
  const { metering: meter, measured } = metering();
  meter.answered(READ, json(200, '{}', { Source: 'search;domain=order', Degraded: 'search' }), 103);
  expect(measured).toContainEqual({ name: 'DegradedAnswers', degraded: 'search', by: 1 });
  expect(measured).toContainEqual(expect.objectContaining({ name: 'Latency', source: 'search', degraded: 'search' }));
});

test('what is refused is counted by its rule, and what is not found is not', () => {
  const { metering: meter, measured } = metering();
  meter.failed({ ...READ, caller: undefined }, new Problem('SHED', { rule: 'class-order' }), 101);
  meter.failed(READ, new Problem('MEMBER_NOT_FOUND'), 101);
  meter.failed(READ, new TypeError('a fault of ours'), 101);
  const refused = measured.filter((one) => (one as { name: string }).name === 'Refusals');
  expect(refused).toEqual([{ name: 'Refusals', outcome: 'SHED', rule: 'class-order', by: 1 }]);
  expect(measured).toContainEqual({ name: 'CallerRequests', caller: undefined, outcome: 'SHED', by: 1 });
  expect(measured).toContainEqual({ name: 'CallerRequests', caller: 'shop', outcome: 'MEMBER_NOT_FOUND', by: 1 });
  expect(measured).toContainEqual({ name: 'CallerRequests', caller: 'shop', outcome: 'INTERNAL', by: 1 });
});

test('a request that was forwarded counts once, where its caller waits', () => {
  const { metering: meter, measured } = metering();
  const write: Measured = { ...READ, operation: 'patchMember' };
  meter.answered({ ...write, isForwarded: true }, json(200, '{}'), 105);
  meter.answered(write, json(412, '{"code":"VERSION_MISMATCH"}'), 110);
  expect(measured).toEqual([
    { name: 'ForwardedLatency', operation: 'patchMember', outcome: 'ok', ms: 5 },
    expect.objectContaining({ name: 'Latency', outcome: 'VERSION_MISMATCH', ms: 10 }),
    { name: 'CallerRequests', caller: 'shop', outcome: 'VERSION_MISMATCH', by: 1 },
  ]);
});

test('health checks are no traffic', () => {
  const { metering: meter, measured } = metering();
  meter.answered({ ...READ, operation: 'health' }, json(200, '{}'), 101);
  meter.failed({ ...READ, operation: 'health' }, new Problem('STOPPED'), 101);
  expect(measured).toEqual([]);
});

test('events are as late as their writes are old when their target has them', async () => {
  const { metrics, measured } = metering();
  const event = { document: { updatedAt: '2026-01-01T00:00:00.000Z' } };
  const clock = { nowMs: () => Date.parse('2026-01-01T00:00:00.250Z'), monotonicMs: () => 0 };
  const outcomes = [{ ok: true }, { ok: false, retriable: true, reason: 'not yet' }] as const;
  const apply = measuringLag(
    { metrics: { ...metrics, flushIfDue: () => undefined, close: () => undefined }, clock },
    async () => outcomes,
  );
  expect(await apply([event, event] as never)).toBe(outcomes);
  expect(measured).toEqual([{ name: 'SyncLag', ms: 250 }]);
});
