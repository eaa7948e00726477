import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, MathExpression, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import {
  type ILambdaDeploymentConfig,
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { FUNCTIONS, type FunctionDefinition, type Trigger } from '../topology';
import { apiName } from './api-stack';
import type { Bundles } from './bundles';
import type { StageConfiguration } from './configuration';
import { accept } from './constructs/accept';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import type { KeyArns } from './constructs/rights';
import { SystemFunction } from './constructs/system-function';
import type { NetworkStack } from './network-stack';

export interface FunctionsStackProps extends RegionStackProps {
  readonly bundles: Bundles;
  readonly network: NetworkStack;
  readonly keys: KeyArns;
}

const CANARIES: Readonly<Record<StageConfiguration['functions']['canary'], ILambdaDeploymentConfig>> = {
  '10-percent-5-minutes': LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  '10-percent-30-minutes': LambdaDeploymentConfig.CANARY_10PERCENT_30MINUTES,
  'linear-10-percent-every-minute': LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTE,
  'all-at-once': LambdaDeploymentConfig.ALL_AT_ONCE,
};

/** Part of the invocations or answers that may fail during a deployment before it is rolled back. */
const TOLERATED_PERCENT = 1;

/** The functions of one region, and what triggers them but HTTP. */
export class FunctionsStack extends RegionStack {
  readonly functions: Readonly<Record<string, SystemFunction>>;

  constructor(scope: Construct, props: FunctionsStackProps) {
    super(scope, 'functions', props, 'the functions, and what queues and schedules trigger');
    const placed = FUNCTIONS.filter(({ regions }) => regions.includes(this.home));
    const application = new LambdaApplication(this, 'Deployments', { applicationName: this.names.prefix });
    this.functions = Object.fromEntries(
      placed.map((definition) => {
        const made = new SystemFunction(this, { ...props, definition });
        this.connect(made, definition.trigger);
        // A schedule's next run is a minute away, and a deployment's function runs once: there is no share to shift.
        if (['api', 'queue'].includes(definition.trigger.kind)) this.shift(made, definition, application);
        return [definition.name, made];
      }),
    );
  }

  private connect(made: SystemFunction, trigger: Trigger): void {
    if (trigger.kind === 'queue') {
      new EventSourceMapping(made, 'Source', {
        target: made.alias,
        eventSourceArn: this.queueArn(trigger.queue, this.home),
        batchSize: trigger.batchSize,
        maxConcurrency: trigger.concurrency,
        reportBatchItemFailures: true,
      });
    }
    if (trigger.kind === 'schedule') {
      const everyMinute = Schedule.rate(Duration.millis(trigger.everyMs));
      // A start that failed is not repeated, neither by who asks for it nor by Lambda's own queue: the next one is due.
      const once = { retryAttempts: 0, maxEventAge: Duration.minutes(1) };
      made.alias.configureAsyncInvoke(once);
      new Rule(made, 'Schedule', {
        ruleName: made.function.functionName,
        schedule: everyMinute,
        targets: [new FunctionTarget(made.alias, once)],
      });
    }
  }

  private shift(made: SystemFunction, definition: FunctionDefinition, application: LambdaApplication): void {
    const group = new LambdaDeploymentGroup(made, 'Deployment', {
      application,
      deploymentGroupName: definition.name,
      alias: made.alias,
      deploymentConfig: CANARIES[this.stage.functions.canary],
      alarms: [this.failing(made), ...this.answering(made, definition)],
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
    accept(group, {
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]':
        'It is what AWS keeps for CodeDeploy on Lambda, and narrower than what it needs on other platforms.',
    });
  }

  /** Invocations that throw or run out of time. */
  private failing(made: SystemFunction): Alarm {
    const metric = (metricName: 'Errors' | 'Invocations') =>
      made.alias.metric(metricName, { statistic: 'Sum', period: Duration.minutes(1) });
    return this.rollbackAlarm(made, 'Failing', 'invocations', metric('Errors'), metric('Invocations'));
  }

  /** A function answers what went wrong, instead of throwing it; only the API counts such answers. */
  private answering(made: SystemFunction, { trigger }: FunctionDefinition): Alarm[] {
    if (trigger.kind !== 'api') return [];
    const metric = (metricName: '5XXError' | 'Count') =>
      new Metric({
        namespace: 'AWS/ApiGateway',
        metricName,
        dimensionsMap: { ApiName: apiName(this, trigger.trafficClass) },
        statistic: 'Sum',
        period: Duration.minutes(1),
      });
    return [this.rollbackAlarm(made, 'Answering', 'answers', metric('5XXError'), metric('Count'))];
  }

  private rollbackAlarm(made: SystemFunction, id: string, what: string, bad: Metric, all: Metric): Alarm {
    return new Alarm(made, id, {
      alarmName: `${made.function.functionName}-${id.toLowerCase()}`,
      alarmDescription: `More than ${TOLERATED_PERCENT} % of the ${what} of ${made.node.id} fail. Rolls a deployment back.`,
      metric: new MathExpression({
        expression: '100 * bad / all',
        usingMetrics: { bad, all },
        label: `${what} that fail, in percent`,
        period: Duration.minutes(1),
      }),
      threshold: TOLERATED_PERCENT,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
