import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { page, terminalScreen } from '../../../cli/top';
import { LogTail } from '../../../cli/top/log-tail';
import { quantile, readMeasurement } from '../../../cli/top/measurement';
import { turned } from '../../../cli/top/standing';
import { Breakers } from '../../../cli/top/traffic';
import { MeasuredSystem } from '../../../cli/top/watch';
import { createMetrics } from '../../../lambdas/core';
import { SWITCHES } from '../../../topology';
import { temporaryDirectory } from '../../support/directory';

const NOW_MS = 1_700_000_000_000;
const system = temporaryDirectory('top');
mkdirSync(join(system, 'logs'));
const log = (name: string) => join(system, 'logs', `${name}.log`);

/** Measures as a function does, into its log. */
function measuring(region: string, functionName: string, file: string, atMs = NOW_MS - 5000) {
  return createMetrics({
    stage: 'local',
    region,
    functionName,
    trafficClass: functionName === 'members-order' ? 'order' : undefined,
    clock: { nowMs: () => atMs, monotonicMs: () => 0 },
    write: (lines) => appendFileSync(file, lines),
  });
}

async function look(seconds = 10) {
  return new MeasuredSystem(system, seconds * 1000).look(NOW_MS);
}

beforeEach(() => {
  for (const name of ['api-A', 'api-B', 'tasks-A', 'tasks-B']) writeFileSync(log(name), '');
});

test('what functions write is what top shows', async () => {
  const order = measuring('A', 'members-order', log('api-A'));
  for (let n = 0; n < 90; n += 1) order.time('Latency', 2, { operation: 'getMember', outcome: 'ok', source: 'cache' });
  for (let n = 0; n < 9; n += 1)
    order.time('Latency', 20, { operation: 'getMember', outcome: 'ok', source: 'database' });
  order.time('Latency', 900, { operation: 'getMember', outcome: 'UNAVAILABLE' });
  order.count('CallerRequests', { caller: 'shop', outcome: 'ok' }, 99);
  order.count('CallerRequests', { caller: 'shop', outcome: 'UNAVAILABLE' });
  order.count('Refusals', { outcome: 'UNAVAILABLE' });
  order.count('Refusals', { outcome: 'LIMITED', rule: 'shop-reads' }, 20);
  order.close();
  const target = measuring('B', 'index-standby', log('tasks-B'));
  for (const ms of [100, 200, 3000]) target.time('SyncLag', ms);
  target.close();
  appendFileSync(
    log('api-A'),
    '{"level":"INFO","message":"process ready"}\nno JSON "_aws"\n{"_aws":{"Timestamp":1}}\n',
  );

  const traffic = await look();
  expect(traffic.classes).toEqual([
    {
      class: 'order',
      region: 'A',
      requestsPerS: 10,
      failing: 0.01,
      p50Ms: expect.closeTo(2, 0),
      p99Ms: expect.closeTo(20, 0),
      p999Ms: expect.closeTo(900, -2),
      hitRate: expect.closeTo(90 / 99, 6),
      degradedPerS: 0,
    },
  ]);
  expect(traffic.callers).toEqual([{ caller: 'shop', requestsPerS: 10, refused: 0.01 }]);
  expect(traffic.refusals).toEqual([
    { region: 'A', class: 'order', outcome: 'LIMITED', rule: 'shop-reads', perS: 2 },
    { region: 'A', class: 'order', outcome: 'UNAVAILABLE', perS: 0.1 },
  ]);
  expect(traffic.lag).toMatchObject([{ target: 'index-standby', region: 'B', eventsPerS: 0.3 }]);
});

test('what is on trial is shown beside what is refused, and is no part of it', async () => {
  const order = measuring('A', 'members-order', log('api-A'));
  order.count('WouldRefuse', { rule: 'shop-reads' }, 20);
  order.count('GivenUp', { rule: 'degrade/search-marketing', state: 'dry-run' }, 10);
  order.count('GivenUp', { rule: 'degrade/search-other', state: 'on' }, 10);
  order.close();
  const { refusals, trials } = await look();
  expect(refusals).toEqual([]);
  expect(trials).toEqual([
    { region: 'A', class: 'order', rule: 'shop-reads', perS: 2 },
    { region: 'A', class: 'order', rule: 'degrade/search-marketing', perS: 1 },
  ]);
  const text = page({ ...SNAPSHOT, refusals, trials }, { columns: 80, paint: bare }).join('\n');
  expect(text).toMatch(/^dry-run +shop-reads +order +A +2\.0$/m);
  expect(text).not.toContain('nothing is refused');
});

test('a class whose requests are refused before their function does not look well', async () => {
  const order = measuring('A', 'members-order', log('api-A'));
  for (let n = 0; n < 50; n += 1) order.time('Latency', 2, { operation: 'getMember', outcome: 'ok', source: 'cache' });
  order.close();
  const entry = measuring('A', 'members-order', log('api-A'));
  entry.count('Refusals', { outcome: 'SHED', rule: 'limit/requests' }, 30);
  entry.count('Refusals', { outcome: 'SHED', rule: 'reserved-concurrency' }, 20);
  entry.close();
  const { classes } = await look();
  expect(classes).toMatchObject([{ requestsPerS: 10, failing: 0.5, p50Ms: expect.closeTo(2, 0), hitRate: 1 }]);
});

test('what is older than the seconds that are looked at counts no more', async () => {
  const order = measuring('A', 'members-order', log('api-A'), NOW_MS - 60_000);
  order.time('Latency', 2, { operation: 'getMember', outcome: 'ok' });
  order.close();
  expect((await look(10)).classes).toEqual([]);
  expect((await look(100)).classes).toMatchObject([{ requestsPerS: 0.01 }]);
});

test('a breaker is shown until it is closed, however long ago it opened', () => {
  const breakers = new Breakers();
  const change = (dependency: string, state: string, atMs: number) =>
    ({
      metric: 'BreakerChanges',
      region: 'A',
      function: 'members-order',
      atMs,
      sum: 1,
      pairs: [],
      dimensions: { dependency, state },
    }) as never;
  breakers.hear([change('cache', 'open', 0), change('arbiter', 'open', 0), change('arbiter', 'closed', 1)]);
  breakers.hear([change('cache', 'open', 5000)]);
  expect(breakers.leftAlone).toMatchObject([{ dependency: 'cache', function: 'members-order', state: 'open' }]);
  breakers.hear([change('cache', 'closed', 9000)]);
  expect(breakers.leftAlone).toEqual([]);
});

test('what a process left alone is over when another one takes its place', async () => {
  const measured = new MeasuredSystem(system, 10_000);
  const leave = (functionName: string, file: string) => {
    const metrics = measuring('A', functionName, file);
    metrics.count('BreakerChanges', { dependency: 'cache-A', state: 'open' });
    metrics.close();
  };
  leave('members-order', log('api-A'));
  leave('heartbeat', log('tasks-A'));
  expect((await measured.look(NOW_MS)).leftAlone.map((one) => one.function)).toEqual(['members-order', 'heartbeat']);
  const ready = (region: string) =>
    JSON.stringify({ message: 'process ready', region, functions: 'members-order members-other' });
  appendFileSync(log('api-B'), `${ready('B')}\n`);
  expect((await measured.look(NOW_MS)).leftAlone).toHaveLength(2);
  appendFileSync(log('api-A'), `${ready('A')}\n`);
  expect((await measured.look(NOW_MS)).leftAlone.map((one) => one.function)).toEqual(['heartbeat']);
  leave('members-order', log('api-A'));
  expect((await measured.look(NOW_MS)).leftAlone).toHaveLength(2);
});

test('queues of a region that does not answer hide no others', () => {
  const [answering] = SNAPSHOT.queues;
  const queues = [...(answering === undefined ? [] : [answering]), { queue: 'index-order', region: 'A' }];
  const text = page({ ...SNAPSHOT, queues }, { columns: 80, paint: bare }).join('\n');
  expect(text).toMatch(/^index-marketing .* 123456 +4000 +1$/m);
  expect(text).toMatch(/^index-order +A .* \? +\? +\?$/m);
});

test('a log is read on from where it was, line by line, and anew once it is another', async () => {
  const path = join(system, 'some.log');
  const tail = new LogTail(path);
  expect(await tail.read()).toEqual([]);
  writeFileSync(path, 'one\ntw');
  expect(await tail.read()).toEqual(['one']);
  appendFileSync(path, 'o\nthree\n');
  expect(await tail.read()).toEqual(['two', 'three']);
  expect(await tail.read()).toEqual([]);
  truncateSync(path, 0);
  appendFileSync(path, 'new\n');
  expect(await tail.read()).toEqual(['new']);
});

test('a line that is half, or of something else, measures nothing', () => {
  for (const line of ['', '{"_aws":', '{"_aws":{}}', '"_aws"', '{"_aws":{"Timestamp":1},"Latency":"x"}']) {
    expect(readMeasurement(line)?.pairs ?? []).toEqual([]);
  }
});

test('quantiles are those of all values together', () => {
  expect(quantile([], 0.5)).toBeUndefined();
  expect(quantile([[5, 1]], 0.999)).toBe(5);
  expect(
    quantile(
      [
        [9, 1],
        [1, 98],
        [7, 1],
      ],
      0.99,
    ),
  ).toBe(7);
});

test('only switches that are not as they are in a new system are shown', () => {
  const accepted = SWITCHES.map(({ name, defaultValue }) => ({ name, text: JSON.stringify(defaultValue) }));
  expect(turned(accepted)).toEqual([]);
  expect(
    turned([...accepted, { name: 'search/order', text: '["standby"]' }, { name: 'gone/before', text: '1' }]),
  ).toEqual([{ name: 'search/order', value: ['standby'] }]);
});

const row = {
  requestsPerS: 12_345.6,
  failing: 0.5,
  p50Ms: 1.234,
  p99Ms: 12.34,
  p999Ms: 1234.5,
  hitRate: 0.987,
  degradedPerS: 3,
};
const SNAPSHOT = {
  at: '2026-01-01T00:00:00.000Z',
  seconds: 10,
  classes: ['order', 'marketing', 'other'].flatMap((name) =>
    ['A', 'B'].map((region) => ({ class: name, region, ...row })),
  ),
  callers: Array.from({ length: 40 }, (_, index) => ({
    caller: `caller-${index}-${'x'.repeat(50)}`,
    requestsPerS: 1,
    refused: 0,
  })),
  refusals: [{ region: 'A', class: 'order', outcome: 'LIMITED', rule: 'r'.repeat(64), perS: 5 }],
  trials: [],
  lag: [{ target: 'index-marketing', region: 'B', eventsPerS: 1000, p50Ms: 120, p99Ms: 99_999 }],
  units: [{ unit: 'a1', writer: 'A', mode: 'read-only', epoch: 123, leaseS: 3600, renewedS: 3, step: 'promote' }],
  leftAlone: [
    { dependency: 'cache', region: 'A', function: 'members-order', state: 'open', since: '2026-01-01T00:00:00.000Z' },
  ],
  switches: [{ name: 'ids/open', value: 'x'.repeat(200) }],
  queues: [{ queue: 'index-marketing', region: 'B', waiting: 123_456, deadLetters: 1, busyS: 4000 }],
};
const bare = (_colour: unknown, text: string) => text;

test.each([80, 100, 40])('a page fits %s columns, with everything that matters', (columns) => {
  const lines = page(SNAPSHOT, { columns, paint: bare });
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
  const text = lines.join('\n');
  for (const part of ['order', 'LIMITED', 'index-m', 'a1', 'ids/open', 'caller-39']) expect(text).toContain(part);
  if (columns >= 80) expect(text).toMatch(/read-only, promote .*123 .*3600/);
});

test('in a low terminal callers make room, and it says how many', () => {
  const lines = page(SNAPSHOT, { columns: 80, rows: 24, paint: bare });
  expect(lines.length).toBeLessThanOrEqual(24);
  const text = lines.join('\n');
  for (const part of ['order', 'a1', 'index-marketing']) expect(text).toContain(part);
  expect(text).toMatch(/\(\d+ more\)/);
});

test('what does not answer is said, not left out', () => {
  const away = { ...SNAPSHOT, classes: [], units: undefined, switches: undefined, queues: undefined, lag: [] };
  const text = page(away, { columns: 80, paint: bare }).join('\n');
  expect(text).toContain('the arbiter does not answer');
  expect(text).toContain('the queues do not answer');
});

test('a terminal is left as it was', () => {
  let written = '';
  const screen = terminalScreen((text) => {
    written += text;
  });
  screen.show(['one', 'two']);
  expect(written).toContain('one\u001b[K\ntwo\u001b[K\u001b[J');
  screen.close();
  expect(written.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
});
