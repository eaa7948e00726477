import type { OverloadFigures, ServiceUnderStorm } from '../../../bench/figures';
import type { BenchMember } from '../../../bench/job';
import { Latencies } from '../../../bench/load/latency';
import { goodputPerS, goodputShare, orderGrowth, orderSuccess } from '../../../bench/overload/goodput';
import { Mix } from '../../../bench/overload/mix';
import type { ClassFigures } from '../../../bench/overload/storm';
import { stormTable } from '../../../bench/report/storm-tables';
import { Random } from '../../../scripts/members/random';

function classOf(offered: number, good: number, latenciesMs: readonly number[] = [10]): ClassFigures {
  const latencies = new Latencies();
  for (const ms of latenciesMs) latencies.record(ms);
  const failedStatuses = good < offered ? { 503: offered - good } : {};
  return { offered, good, failedStatuses, served: latencies.encoded, lateP99Ms: 0 };
}

const service: ServiceUnderStorm = {
  capacityPerS: 100,
  storms: [
    { times: 1, seconds: 10, classes: { order: classOf(200, 200), other: classOf(800, 800) } },
    { times: 3, seconds: 10, classes: { order: classOf(600, 597), other: classOf(2400, 303) } },
  ],
};

test('goodput counts what every class was answered in time, against the most that was reached', () => {
  expect(service.storms.map(goodputPerS)).toEqual([100, 90]);
  expect(goodputShare(service, 3)).toBe(0.9);
  expect(goodputShare(service, 5)).toBeUndefined();
});

test('class order is judged by its own requests', () => {
  expect(orderSuccess(service, 3)).toBe(597 / 600);
});

test('its p99 is that of all turns together', () => {
  const turn = (count: number, ms: number) => classOf(count, count, Array<number>(count).fill(ms));
  // Of a hundred calls and four the slowest hundredth is two: it begins among the four.
  const beside = { calm: [turn(100, 5), turn(4, 10)], stormy: [turn(100, 15), turn(4, 20)] };
  expect(orderGrowth({ ours: service, baseline: service, beside } satisfies OverloadFigures)).toBeCloseTo(1, 2);
});

test('a storm is told class by class, with what was answered otherwise', () => {
  const [, calm = [], stormy = []] = stormTable(service);
  expect(calm).toEqual(['1x, 100/s', '100/s', '100 %', '100.0 %', '10', '-', '-', '100.0 %', '10', '-']);
  expect(stormy.at(-1)).toBe('2100 x 503');
});

const members = Array.from({ length: 50 }, (_, index): BenchMember => {
  const memberId = String(index);
  return { memberId, schema: 's', phone: `+49${index}`, platform: 'app', account: `a${index}`, json: '{}' };
});

function requestsOf(trafficClass: 'order' | 'marketing', count: number) {
  const drawn = new Random(7);
  const random = () => drawn.below(2 ** 32) / 2 ** 32;
  const mix = new Mix(trafficClass, { apiKey: 'k.s', prefix: '/v1/x' }, { members, random });
  return Array.from({ length: count }, () => mix.next());
}

test('marketing only reads, and order writes a tenth', () => {
  expect(requestsOf('marketing', 500).every(({ method }) => method === 'GET')).toBe(true);
  const patches = requestsOf('order', 2000).filter(({ method }) => method === 'PATCH').length;
  expect(patches).toBeGreaterThan(140);
  expect(patches).toBeLessThan(260);
});
