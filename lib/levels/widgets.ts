import { Duration } from 'aws-cdk-lib';
import {
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Metric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import {
  apiFunction,
  INDICATORS,
  type MetricName,
  metricNamespace,
  SERVICE_LEVELS,
  TRAFFIC_CLASSES,
  type TrafficClass,
} from '../../topology';
import type { RegionStack } from '../constructs/region-stack';
import { missedPart } from './indicators';

const WIDTH = 24;
const GRAPHS_IN_A_ROW = 3;
const MINUTE = Duration.minutes(1);
const HOUR = Duration.hours(1);

/** What is measured of a region, as rows of its dashboard. */
export function levelRows(stack: RegionStack): IWidget[][] {
  return [
    ...TRAFFIC_CLASSES.map((trafficClass) => classRow(stack, trafficClass)),
    [title('Reads, and what was not answered in full'), ...readGraphs(stack)],
    [title('Events'), ...eventGraphs(stack)],
    [title('Callers'), ...TRAFFIC_CLASSES.map((trafficClass) => callersOf(stack, trafficClass))],
  ];
}

function classRow(stack: RegionStack, trafficClass: TrafficClass): IWidget[] {
  const { availability, latency } = SERVICE_LEVELS[trafficClass];
  const promise = `${percent(availability)} answered, ${percent(latency.part)} of them within ${latency.withinMs} ms`;
  const latencies = (['p50', 'p99', 'p99.9'] as const).map((statistic) =>
    measured(stack, 'Latency', { class: trafficClass }, statistic),
  );
  return [
    title(`Class ${trafficClass}: ${promise}`),
    graph(
      'not kept within an hour, in percent',
      INDICATORS.map((indicator) => missedPart(stack, trafficClass, indicator, { period: HOUR, isLong: false })).map(
        (part, index) => part.with({ label: INDICATORS[index] }),
      ),
    ),
    graph('time in the function, in milliseconds', latencies),
    graph('requests, and those refused', [
      measured(stack, 'Latency', { class: trafficClass }, Stats.SAMPLE_COUNT, 'requests'),
      search(
        stack,
        `{NAMESPACE,class,outcome,region} MetricName="Refusals" class="${trafficClass}" region="${stack.home}"`,
        'Sum',
      ),
    ]),
  ];
}

function readGraphs(stack: RegionStack): IWidget[] {
  const of = (source: string) => measured(stack, 'Latency', { source }, Stats.SAMPLE_COUNT);
  const hitRate = new MathExpression({
    expression: '100 * FILL(cached, 0) / (FILL(cached, 0) + FILL(stored, 0) + FILL(searched, 0))',
    usingMetrics: { cached: of('cache'), stored: of('database'), searched: of('search') },
    period: MINUTE,
    label: 'answered by the cache',
  });
  const sources = (['cache', 'database', 'search'] as const).map((source) =>
    measured(stack, 'Latency', { source }, 'p99', source),
  );
  return [
    graph('hit rate, in percent', [hitRate], { leftYAxis: { min: 0, max: 100 } }),
    graph('p99 by source, in milliseconds', sources),
    graph(
      'degraded answers',
      TRAFFIC_CLASSES.map((name) => measured(stack, 'DegradedAnswers', { class: name }, Stats.SUM, name)),
    ),
  ];
}

function eventGraphs(stack: RegionStack): IWidget[] {
  return [
    graph('lateness of targets, p99 in milliseconds', [
      search(stack, `{NAMESPACE,function,region} MetricName="SyncLag" region="${stack.home}"`, 'p99'),
    ]),
  ];
}

/** By the lines of the log: a metric for each caller would cost, and there may be hundreds of them. */
function callersOf(stack: RegionStack, trafficClass: TrafficClass): IWidget {
  return new LogQueryWidget({
    title: `requests of class ${trafficClass} by caller`,
    logGroupNames: [`/twinkeep/${stack.stage.name}/functions/${apiFunction(trafficClass).name}`],
    view: LogQueryVisualizationType.TABLE,
    queryLines: [
      'filter ispresent(CallerRequests)',
      'stats sum(CallerRequests) as requests by caller, outcome',
      'sort requests desc',
      'limit 20',
    ],
    width: WIDTH / GRAPHS_IN_A_ROW,
    height: 6,
  });
}

function measured(
  stack: RegionStack,
  metricName: MetricName,
  dimensions: Readonly<Record<string, string>>,
  statistic: string,
  label = statistic,
): Metric {
  return new Metric({
    namespace: metricNamespace(stack.stage.name),
    metricName,
    dimensionsMap: { region: stack.home, ...dimensions },
    statistic,
    period: MINUTE,
    label,
  });
}

/** Every metric that fits: which values a dimension has is known only once they are there. */
function search(stack: RegionStack, terms: string, statistic: string): MathExpression {
  const expression = `SEARCH('${terms.replace('NAMESPACE', metricNamespace(stack.stage.name))}', '${statistic}')`;
  return new MathExpression({ expression, usingMetrics: {}, period: MINUTE, label: '' });
}

function graph(name: string, left: IMetric[], more: Partial<GraphWidgetProps> = {}): IWidget {
  return new GraphWidget({ title: name, left, width: WIDTH / GRAPHS_IN_A_ROW, ...more });
}

function title(markdown: string): IWidget {
  return new TextWidget({ markdown: `## ${markdown}`, width: WIDTH, height: 1 });
}

function percent(part: number): string {
  return `${Number((100 * part).toFixed(4))} %`;
}
