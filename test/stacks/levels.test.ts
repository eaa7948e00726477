import { BURN_RATES, errorBudget, INDICATORS, METRICS, REGIONS, SERVICE_LEVELS, TRAFFIC_CLASSES } from '../../topology';
import { list, object, ofType, type Resource, TESTED_STAGES, testedStages, text } from './support/synthesis';

const stages = testedStages();
const PROMISES = TRAFFIC_CLASSES.flatMap((trafficClass) => INDICATORS.map((of) => [trafficClass, of] as const));

function windowAlarms(home: string, stage: keyof typeof stages = 'small'): Resource[] {
  return ofType(stages[stage], 'AWS::CloudWatch::Alarm').filter(
    (one) => one.home === home && one.stack.endsWith('-levels'),
  );
}

function queries({ properties }: Resource) {
  return list(properties.Metrics).map(object);
}

function nameOf({ properties }: Resource): string {
  return text(properties.AlarmName);
}

test('order promises the most, and every promise leaves a budget', () => {
  for (const indicator of INDICATORS) {
    const budgets = TRAFFIC_CLASSES.map((trafficClass) => errorBudget(SERVICE_LEVELS[trafficClass], indicator));
    expect(Math.min(...budgets)).toBe(errorBudget(SERVICE_LEVELS.order, indicator));
    for (const budget of budgets) expect(budget > 0 && budget < 0.05).toBe(true);
  }
  expect(SERVICE_LEVELS.order.latency.withinMs).toBe(
    Math.min(...TRAFFIC_CLASSES.map((trafficClass) => SERVICE_LEVELS[trafficClass].latency.withinMs)),
  );
});

test('burn rates spend a tenth of a budget at most before somebody hears of it', () => {
  const monthMinutes = 30 * 24 * 60;
  const spent = BURN_RATES.map(({ factor, longMinutes }) => (factor * longMinutes) / monthMinutes);
  expect(spent.map((part) => Number(part.toFixed(3)))).toEqual([0.02, 0.05, 0.1]);
  for (const { longMinutes, shortMinutes } of BURN_RATES) expect(longMinutes / shortMinutes).toBe(12);
});

test.each(REGIONS)(
  'in region %s each promise has an alarm for each urgency, of both windows of each of its rates',
  (home) => {
    const names = windowAlarms(home).map(nameOf);
    const composite = ofType(stages.small, 'AWS::CloudWatch::CompositeAlarm').filter((one) => one.home === home);
    expect(composite).toHaveLength(PROMISES.length * 2);
    for (const [trafficClass, indicator] of PROMISES) {
      for (const [urgency, kind] of [
        ['page', 'burning'],
        ['ticket', 'wearing'],
      ] as const) {
        const named = composite.filter((one) => nameOf(one) === `twinkeep-small-${trafficClass}-${indicator}-${kind}`);
        expect(named).toHaveLength(1);
        const rule = text(named[0]?.properties.AlarmRule);
        const rates = BURN_RATES.filter((rate) => rate.urgency === urgency);
        const windows = rates.map(({ longMinutes, shortMinutes }) =>
          [longMinutes, shortMinutes].map((minutes) => `twinkeep-small-${trafficClass}-${indicator}-${minutes}m`),
        );
        expect(names).toEqual(expect.arrayContaining(windows.flat()));
        const ids = windows.map((pair) =>
          pair.map((name) => windowAlarms(home).find((one) => nameOf(one) === name)?.id),
        );
        const both = ids.map(([long, short]) => `(ALARM("<${long}.Arn>") AND ALARM("<${short}.Arn>"))`);
        expect(rule.replaceAll(/\s+/g, ' ')).toBe(`(${both.join(' OR ')})`);
        expect(list(named[0]?.properties.AlarmActions).map(text)).toEqual([
          expect.stringMatching(/:twinkeep-small-alarms$/),
        ]);
      }
    }
  },
);

test.each(PROMISES)(
  'windows of %s %s look over their whole length, at the rate of the topology',
  (trafficClass, indicator) => {
    for (const { longMinutes, shortMinutes, factor } of BURN_RATES) {
      for (const minutes of [longMinutes, shortMinutes]) {
        const name = `twinkeep-small-${trafficClass}-${indicator}-${minutes}m`;
        const [alarm] = windowAlarms('A').filter((one) => nameOf(one) === name) as [Resource];
        const stated = queries(alarm).flatMap(({ MetricStat }) =>
          MetricStat === undefined ? [] : [object(MetricStat)],
        );
        expect(stated.map(({ Period }) => Period)).toEqual([minutes * 60, minutes * 60]);
        expect(Number(alarm.properties.Threshold)).toBeCloseTo(
          100 * factor * errorBudget(SERVICE_LEVELS[trafficClass], indicator),
          6,
        );
        expect(alarm.properties).toMatchObject({ EvaluationPeriods: 1, TreatMissingData: 'notBreaching' });
        expect(alarm.properties.AlarmActions).toBeUndefined();
        const statistics = stated.map(({ Stat }) => Stat).sort();
        const late = `PR(:${SERVICE_LEVELS[trafficClass].latency.withinMs})`;
        expect(statistics).toEqual(indicator === 'availability' ? ['Sum', 'Sum'] : [late, 'Sum'].sort());
      }
    }
  },
);

test('where a stage has an internal entry, what comes by it counts in the same promise', () => {
  const alarms = windowAlarms('A', 'own').filter((one) => nameOf(one).endsWith('-order-availability-60m'));
  const spaces = alarms.flatMap(queries).flatMap(({ MetricStat }) => {
    return MetricStat === undefined ? [] : [text(object(object(MetricStat).Metric).Namespace)];
  });
  expect(new Set(spaces)).toEqual(new Set(['AWS/ApiGateway', 'AWS/ApplicationELB']));
});

test.each(TESTED_STAGES)(
  'dashboards of %s show metrics that are published, under dimensions that they have',
  (name) => {
    const bodies = ofType(stages[name], 'AWS::CloudWatch::Dashboard')
      .filter(({ stack }) => stack.endsWith('-levels'))
      .map(({ properties }) => text(properties.DashboardBody));
    expect(bodies).toHaveLength(2);
    const shown = bodies.flatMap((body) => [...body.matchAll(/\["Twinkeep\/[^"]+","(\w+)"((?:,"\w+","[\w.-]+")*)/g)]);
    expect(shown.length).toBeGreaterThan(20);
    for (const [, metric = '', dimensions = ''] of shown) {
      const names = [...dimensions.matchAll(/,"(\w+)","[\w.-]+"/g)].map(([, dimension]) => dimension).sort();
      const { published } = METRICS[metric as keyof typeof METRICS];
      expect([metric, published.map((set) => [...set].sort())]).toEqual([metric, expect.arrayContaining([names])]);
    }
  },
);
