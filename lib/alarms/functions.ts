import { Duration, Fn } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { FUNCTIONS, TRAFFIC_CLASSES } from '../../topology';
import { apiName } from '../api-stack';
import type { RegionStack } from '../constructs/region-stack';
import { ENTRY_OUTPUTS } from '../entry-stack';
import type { AlarmDefinition } from './definition';

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
