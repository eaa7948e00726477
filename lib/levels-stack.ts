import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  AlarmState,
  AlarmStatusWidget,
  ComparisonOperator,
  CompositeAlarm,
  Dashboard,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import {
  BURN_RATES,
  type BurnRate,
  errorBudget,
  INDICATORS,
  type Indicator,
  SERVICE_LEVELS,
  TRAFFIC_CLASSES,
  type TrafficClass,
} from '../topology';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import { missedPart } from './levels/indicators';
import { levelRows } from './levels/widgets';

/** What an alarm of a service level is called in docs/operations.md. */
const KINDS: Readonly<Record<Indicator, Readonly<Record<BurnRate['urgency'], string>>>> = {
  availability: { page: 'availability-burning', ticket: 'availability-wearing' },
  latency: { page: 'latency-burning', ticket: 'latency-wearing' },
};

/** Whether callers get what they were promised: alarms on how fast the error budget is burnt, and a dashboard. */
export class LevelsStack extends RegionStack {
  constructor(scope: Construct, props: RegionStackProps) {
    super(scope, 'levels', props, 'service levels, their alarms and dashboard');
    // By its name: the stack of the other alarms makes it, with a policy for every alarm of the account.
    const topic = Topic.fromTopicArn(this, 'Alarms', this.arn('sns', this.names.of('alarms')));
    const calling = TRAFFIC_CLASSES.flatMap((trafficClass) =>
      INDICATORS.flatMap((indicator) => this.makeAlarms(trafficClass, indicator)),
    );
    for (const alarm of calling) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
    new Dashboard(this, 'Dashboard', {
      dashboardName: this.names.inRegion(this.home, 'levels'),
      widgets: [[new AlarmStatusWidget({ alarms: calling, width: 24, height: 3 })], ...levelRows(this)],
    });
  }

  /** One alarm for each urgency; those of the windows call nobody themselves. */
  private makeAlarms(trafficClass: TrafficClass, indicator: Indicator): CompositeAlarm[] {
    return (['page', 'ticket'] as const).map((urgency) => {
      const rates = BURN_RATES.filter((rate) => rate.urgency === urgency);
      const kind = KINDS[indicator][urgency];
      const burning = rates.map((rate) =>
        AlarmRule.allOf(
          ...(['long', 'short'] as const).map((window) =>
            AlarmRule.fromAlarm(this.makeWindow(trafficClass, indicator, rate, window), AlarmState.ALARM),
          ),
        ),
      );
      return new CompositeAlarm(this, `${trafficClass}-${kind}`, {
        compositeAlarmName: this.names.of(`${trafficClass}-${kind}`),
        alarmDescription: `${says(trafficClass, indicator, rates)} See docs/operations.md, ${kind}.`,
        alarmRule: AlarmRule.anyOf(...burning),
      });
    });
  }

  private makeWindow(
    trafficClass: TrafficClass,
    indicator: Indicator,
    rate: BurnRate,
    window: 'long' | 'short',
  ): Alarm {
    const minutes = window === 'long' ? rate.longMinutes : rate.shortMinutes;
    const id = `${trafficClass}-${indicator}-${minutes}m`;
    return new Alarm(this, id, {
      alarmName: this.names.of(id),
      alarmDescription: `Part of another alarm: the error budget of class ${trafficClass} over ${minutes} minutes.`,
      metric: missedPart(this, trafficClass, indicator, {
        period: Duration.minutes(minutes),
        isLong: window === 'long',
      }),
      threshold: thresholdPercent(trafficClass, indicator, rate),
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

function thresholdPercent(trafficClass: TrafficClass, indicator: Indicator, { factor }: BurnRate): number {
  const percent = 100 * factor * errorBudget(SERVICE_LEVELS[trafficClass], indicator);
  return Number(percent.toPrecision(6));
}

function says(trafficClass: TrafficClass, indicator: Indicator, rates: readonly BurnRate[]): string {
  const { latency } = SERVICE_LEVELS[trafficClass];
  const missed = indicator === 'availability' ? 'fail' : `take more than ${latency.withinMs} ms`;
  const when = rates.map(
    (rate) => `${thresholdPercent(trafficClass, indicator, rate)} % in ${rate.longMinutes / 60} h`,
  );
  return `Answers of class ${trafficClass} ${missed} at a rate that uses up the error budget: more than ${when.join(', or ')}.`;
}
