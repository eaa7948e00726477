import { type Duration, Fn } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type Indicator, LEAST_MISSES, SERVICE_LEVELS, type TrafficClass } from '../../topology';
import { apiName } from '../api-stack';
import type { RegionStack } from '../constructs/region-stack';
import { ENTRY_OUTPUTS, groupOutput } from '../entry-stack';

/** How many requests came by an entry, and how many of them were missed. */
interface Entry {
  readonly all: string;
  readonly missed: string;
  readonly metrics: Readonly<Record<string, IMetric>>;
}

interface Window {
  readonly period: Duration;
  /** Few misses count for nothing in the long window. */
  readonly isLong: boolean;
}

/**
 * The part of the requests of a class, in percent, for which a promise was not kept, where callers see it: at the REST API, and at the
 * load balancer where the stage has one. A function that is throttled or dies counts there as well.
 */
export function missedPart(
  stack: RegionStack,
  trafficClass: TrafficClass,
  indicator: Indicator,
  { period, isLong }: Window,
): MathExpression {
  const entries = [
    restApi(stack, trafficClass, indicator, period),
    ...(stack.stage.internalEntry.kind === 'none' ? [] : [loadBalancer(stack, trafficClass, indicator, period)]),
  ];
  const all = entries.map((entry) => entry.all).join(' + ');
  const missed = entries.map((entry) => entry.missed).join(' + ');
  const part = `100 * (${missed}) / (${all})`;
  return new MathExpression({
    expression: isLong ? `IF((${missed}) < ${LEAST_MISSES}, 0, ${part})` : part,
    usingMetrics: Object.assign({}, ...entries.map(({ metrics }) => metrics)),
    period,
    label: `${trafficClass}: promises of ${indicator} that were not kept, in percent`,
  });
}

function restApi(stack: RegionStack, trafficClass: TrafficClass, indicator: Indicator, period: Duration): Entry {
  const about = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      dimensionsMap: { ApiName: apiName(stack, trafficClass) },
      statistic,
      period,
    });
  const { all, bad, within } = idsOf(trafficClass, indicator, 'api');
  const requests = { [all]: about('Count', Stats.SUM) };
  if (indicator === 'availability') {
    return { all: fill(all, 0), missed: fill(bad, 0), metrics: { ...requests, [bad]: about('5XXError', Stats.SUM) } };
  }
  const { withinMs } = SERVICE_LEVELS[trafficClass].latency;
  return {
    all: fill(all, 0),
    missed: late(all, within),
    metrics: { ...requests, [within]: about('Latency', `PR(:${withinMs})`) },
  };
}

/** Ids are shared by all graphs of a widget, and each stands for one metric there. */
function idsOf(trafficClass: TrafficClass, indicator: Indicator, entry: string) {
  const prefix = `${trafficClass}_${indicator}_${entry}`;
  return { all: `${prefix}_all`, bad: `${prefix}_bad`, died: `${prefix}_died`, within: `${prefix}_within` };
}

/** By the name that the load balancer's metrics have, which the stack of the entry tells. */
function loadBalancer(stack: RegionStack, trafficClass: TrafficClass, indicator: Indicator, period: Duration): Entry {
  const { names, home, region } = stack;
  const told = (output: string) => Fn.getStackOutput(names.inRegion(home, 'entry'), output, region);
  const about = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/ApplicationELB',
      metricName,
      dimensionsMap: { LoadBalancer: told(ENTRY_OUTPUTS.metrics), TargetGroup: told(groupOutput(trafficClass)) },
      statistic,
      period,
    });
  const { all, bad, died, within } = idsOf(trafficClass, indicator, 'entry');
  const requests = { [all]: about('RequestCount', Stats.SUM) };
  if (indicator === 'availability') {
    return {
      all: fill(all, 0),
      missed: `${fill(bad, 0)} + ${fill(died, 0)}`,
      metrics: {
        ...requests,
        [bad]: about('HTTPCode_Target_5XX_Count', Stats.SUM),
        [died]: about('LambdaUserError', Stats.SUM),
      },
    };
  }
  const { withinMs } = SERVICE_LEVELS[trafficClass].latency;
  return {
    all: fill(all, 0),
    missed: late(all, within),
    // In seconds here.
    metrics: { ...requests, [within]: about('TargetResponseTime', `PR(:${withinMs / 1000})`) },
  };
}

/** @param within id of the part of the requests, in percent, that were answered in time */
function late(all: string, within: string): string {
  return `${fill(all, 0)} * (100 - ${fill(within, 100)}) / 100`;
}

/** Nothing is reported where nothing has happened. */
function fill(id: string, value: number): string {
  return `FILL(${id}, ${value})`;
}
