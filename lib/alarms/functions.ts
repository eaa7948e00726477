import { Duration, Fn } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { FUNCTIONS, TRAFFIC_CLASSES } from '../../topology';
import { apiName } from '../api-stack';
import type { RegionStack } from '../constructs/region-stack';
import { ENTRY_OUTPUTS } from '../entry-stack';
import type { AlarmDefinition, Loss } from './definition';

const MINUTE = Duration.minutes(1);

function ofFunction(functionName: string, metricName: string, statistic: string): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionName },
    statistic,
    period: MINUTE,
  });
}

/** A heartbeat starts every minute, whatever is lost beside the region itself. */
export function regionAlarms({ names }: RegionStack): AlarmDefinition[] {
  return [
    {
      loss: 'region',
      name: 'no-heartbeat',
      says: 'No heartbeat was started in this region for five minutes: its functions do not run.',
      metric: ofFunction(names.of('heartbeat'), 'Invocations', 'Sum'),
      threshold: 1,
      when: 'below',
      periods: 5,
      silence: 'bad',
    },
  ];
}

export function apiAlarms(stack: RegionStack): AlarmDefinition[] {
  const loss = 'api';
  const ofClasses = TRAFFIC_CLASSES.flatMap((of): AlarmDefinition[] => {
    const about = (metricName: string, statistic: string) =>
      new Metric({
        namespace: 'AWS/ApiGateway',
        metricName,
        dimensionsMap: { ApiName: apiName(stack, of) },
        statistic,
        period: MINUTE,
      });
    return [
      {
        loss,
        name: 'answers-failing',
        of,
        says: `More than 1 % of the answers of class ${of} are 5xx.`,
        metric: new MathExpression({
          expression: `100 * ${of}Bad / ${of}All`,
          // Ids are shared by all graphs of a widget.
          usingMetrics: { [`${of}Bad`]: about('5XXError', 'Sum'), [`${of}All`]: about('Count', 'Sum') },
          period: MINUTE,
          label: 'answers that fail, in percent',
        }),
        threshold: 1,
        when: 'above',
        periods: 3,
        silence: 'good',
      },
      {
        loss,
        name: 'answers-slow',
        of,
        says: `One in a hundred answers of class ${of} takes more than a second.`,
        metric: about('Latency', 'p99'),
        threshold: 1000,
        when: 'above',
        periods: 5,
        silence: 'good',
      },
    ];
  });
  const ofFunctions = FUNCTIONS.filter(({ regions }) => regions.includes(stack.home)).flatMap(
    ({ name: of }): AlarmDefinition[] => [
      {
        loss,
        name: 'function-failing',
        of,
        says: `Invocations of ${of} throw, or run out of time.`,
        metric: ofFunction(stack.names.of(of), 'Errors', 'Sum'),
        threshold: 5,
        when: 'above',
        periods: 3,
        silence: 'good',
      },
      {
        loss,
        name: 'function-throttled',
        of,
        says: `${of} is asked for more than its reserved concurrency.`,
        metric: ofFunction(stack.names.of(of), 'Throttles', 'Sum'),
        threshold: 5,
        when: 'above',
        periods: 3,
        silence: 'good',
      },
    ],
  );
  return [...ofClasses, ...ofFunctions, metricsRefused(stack)];
}

/** CloudWatch says so by the group of the lines; every function writes by the same code. */
function metricsRefused({ stage }: RegionStack): AlarmDefinition {
  const dimensionsMap = { LogGroupName: `/twinkeep/${stage.name}/functions/members-order` };
  const errors = (metricName: string) =>
    new Metric({ namespace: 'AWS/Logs', metricName, dimensionsMap, statistic: 'Sum', period: MINUTE });
  return {
    loss: 'api',
    name: 'metrics-refused',
    says: 'CloudWatch does not take the metrics that functions write into their logs.',
    metric: new MathExpression({
      expression: 'FILL(misread, 0) + FILL(invalid, 0)',
      usingMetrics: { misread: errors('EMFParsingErrors'), invalid: errors('EMFValidationErrors') },
      period: MINUTE,
      label: 'lines',
    }),
    threshold: 0,
    when: 'above',
    periods: 3,
    silence: 'good',
  };
}

/** By what AWS calls the load balancer, which the stack of the entry tells. */
export function entryAlarms({ stage, names, home, region }: RegionStack): AlarmDefinition[] {
  if (stage.internalEntry.kind === 'none') return [];
  const balancer = Fn.getStackOutput(names.inRegion(home, 'entry'), ENTRY_OUTPUTS.metrics, region);
  const count = (metricName: string) =>
    new Metric({
      namespace: 'AWS/ApplicationELB',
      metricName,
      dimensionsMap: { LoadBalancer: balancer },
      statistic: 'Sum',
      period: MINUTE,
    });
  return [
    {
      loss: 'api',
      name: 'entry-failing',
      says: 'More than 1 % of the answers of the internal entry are 5xx, of functions or its own.',
      metric: new MathExpression({
        // Nothing is reported where nothing has failed.
        expression: '100 * (FILL(entryBad, 0) + FILL(entryUnanswered, 0)) / entryAll',
        usingMetrics: {
          entryBad: count('HTTPCode_Target_5XX_Count'),
          entryUnanswered: count('HTTPCode_ELB_5XX_Count'),
          entryAll: count('RequestCount'),
        },
        period: MINUTE,
        label: 'answers of the internal entry that fail, in percent',
      }),
      threshold: 1,
      when: 'above',
      periods: 3,
      silence: 'good',
    },
  ];
}

/** What only a function knows, by the line that it writes. */
interface Line {
  readonly loss: Loss;
  readonly name: string;
  /** A function, or the first part of the name of one that each region has for itself. */
  readonly of: string;
  readonly isRegional?: true;
  /** Nothing that passes by itself: it is told at once. */
  readonly isOneEnough?: true;
  readonly message: string;
  readonly says: string;
  /** Most lines a minute that are no reason to tell anybody; a few by default. */
  readonly most?: number;
}

const LISTED = 'a change that a failover left behind could not be merged; it is listed';

export const LINES: readonly Line[] = [
  {
    loss: 'cache',
    name: 'cache-silent',
    of: 'members-order',
    message: 'cache does not answer',
    says: 'Environments of class order go without a cache, because it does not answer.',
  },
  {
    loss: 'unit',
    name: 'unit-without-heartbeat',
    of: 'heartbeat',
    message: 'a unit has no heartbeat',
    says: 'The heartbeat of this region does not reach the databases of a unit.',
  },
  {
    loss: 'events',
    name: 'topic-refuses',
    of: 'members-order',
    message: 'a topic did not accept events; the outbox keeps them',
    says: 'A topic does not accept events; they wait in the outbox.',
  },
  {
    loss: 'switches',
    name: 'switches-unread',
    of: 'members-order',
    message: 'the switches cannot be read; the last safe values stand',
    says: 'Environments of class order cannot read the switches.',
  },
  {
    loss: 'events',
    name: 'copy-stale',
    of: 'staleness',
    isOneEnough: true,
    message: 'a copy is stale',
    says: 'A search domain or a cache of this region answers what its rows do not say.',
  },
  {
    loss: 'unit',
    name: 'unit-left-to-people',
    of: 'failover',
    isRegional: true,
    isOneEnough: true,
    message: 'a unit is left to people: its copy is too far behind',
    says: 'The writer of a unit is lost, and its copy in this region is too far behind for the unit to move by itself.',
  },
  {
    loss: 'unit',
    name: 'values-listed',
    of: 'failover',
    isRegional: true,
    isOneEnough: true,
    message: LISTED,
    says: 'A replay or a comparison found values that could not be ordered: someone has to decide.',
  },
  {
    loss: 'unit',
    name: 'late-values-listed',
    of: 'invalidate',
    isRegional: true,
    isOneEnough: true,
    message: LISTED,
    says: 'A late event brought values that could not be ordered: someone has to decide.',
  },
  {
    loss: 'arbiter',
    name: 'leases-not-renewed',
    of: 'heartbeat',
    message: 'no lease is renewed: the arbiter does not answer',
    says: 'The arbiter does not answer the heartbeat: leases run out, and then writes stop.',
  },
  {
    loss: 'unit',
    name: 'fallback-unfit',
    of: 'canary',
    message: 'the way of a fallback does not work',
    says: 'A unit of this region could not be written without its database, should that be lost now.',
    // The canary sings once a minute.
    most: 0,
  },
];

const LINES_THAT_COUNT = 5;

export function lineAlarms(stack: RegionStack): AlarmDefinition[] {
  return LINES.map(
    ({ loss, name, of, isRegional, isOneEnough, message, says, most = LINES_THAT_COUNT }): AlarmDefinition => {
      const functionName = isRegional ? `${of}-${stack.home}` : of;
      const filter = new MetricFilter(stack, `Line-${name}`, {
        logGroup: LogGroup.fromLogGroupName(
          stack,
          `Log-${name}`,
          `/twinkeep/${stack.stage.name}/functions/${functionName}`,
        ),
        filterPattern: FilterPattern.stringValue('$.message', '=', message),
        metricNamespace: `Twinkeep/${stack.stage.name}`,
        metricName: name,
      });
      return {
        loss,
        name,
        says,
        metric: filter.metric({ statistic: 'Sum', period: MINUTE }),
        threshold: isOneEnough ? 0 : most,
        when: 'above',
        periods: isOneEnough ? 1 : 2,
        silence: 'good',
      };
    },
  );
}
