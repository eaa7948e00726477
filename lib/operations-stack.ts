import { Aws } from 'aws-cdk-lib';
import { Alarm, AlarmStatusWidget, Dashboard, GraphWidget, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { type AlarmDefinition, alarmsOf, comparison, LOSSES, type Loss, missingData } from './alarms';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import type { KeysStack } from './keys-stack';

export interface OperationsStackProps extends RegionStackProps {
  readonly keys: KeysStack;
}

interface Made {
  readonly definition: AlarmDefinition;
  readonly alarm: Alarm;
}

const TITLES: Readonly<Record<Loss, string>> = {
  api: 'The API and its functions',
  search: 'A search domain',
  cache: 'A cache',
  writer: 'A database writer in its region',
  unit: 'A unit: its databases, or the way to them',
  region: 'A region',
  events: 'A topic or a queue',
  switches: 'The switches',
  arbiter: 'The arbiter',
};

const WIDTH = 24;
const GRAPHS_IN_A_ROW = 3;
/** CloudWatch refuses a dashboard with a widget of more. */
const ALARMS_IN_A_WIDGET = 100;

/** What operators look at, and what calls them. */
export class OperationsStack extends RegionStack {
  constructor(scope: Construct, props: OperationsStackProps) {
    super(scope, 'operations', props, 'the dashboard, and alarms');
    const topic = new Topic(this, 'Alarms', {
      topicName: this.names.of('alarms'),
      masterKey: this.foreignKey('Key', props.keys.key.keyArn),
      enforceSSL: true,
    });
    // A policy of ours takes the place of the one that lets the whole account publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    const { email } = this.stage.alarms;
    if (email !== undefined) topic.addSubscription(new EmailSubscription(email));
    const made = alarmsOf(this).map((definition) => this.makeAlarm(definition, topic));
    new Dashboard(this, 'Dashboard', {
      dashboardName: this.names.inRegion(this.home, 'losses'),
      widgets: LOSSES.flatMap((loss) => rowsOf(loss, made)),
    });
  }

  private makeAlarm(definition: AlarmDefinition, topic: Topic): Made {
    const { name, of, says, metric, threshold, periods } = definition;
    const id = of === undefined ? name : `${of}-${name}`;
    const alarm = new Alarm(this, id, {
      alarmName: this.names.of(id),
      alarmDescription: `${says} See docs/operations.md, ${name}.`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: comparison(definition),
      treatMissingData: missingData(definition),
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    return { definition, alarm };
  }
}

/** A title, the state of every alarm, and a graph for each name. */
function rowsOf(loss: Loss, made: readonly Made[]): IWidget[][] {
  const own = made.filter(({ definition }) => definition.loss === loss);
  const names = [...new Set(own.map(({ definition }) => definition.name))];
  const graphs = names.map((name) => {
    const metrics = own
      .filter(({ definition }) => definition.name === name)
      .map(({ definition }) => labelled(definition));
    return new GraphWidget({ title: name, left: metrics, width: WIDTH / GRAPHS_IN_A_ROW });
  });
  return [
    [new TextWidget({ markdown: `## ${TITLES[loss]}`, width: WIDTH, height: 1 })],
    ...inRows(own, ALARMS_IN_A_WIDGET).map((some) => [
      new AlarmStatusWidget({ alarms: some.map(({ alarm }) => alarm), width: WIDTH, height: 3 }),
    ]),
    ...inRows(graphs, GRAPHS_IN_A_ROW),
  ];
}

function inRows<T>(all: readonly T[], inOne: number): T[][] {
  const rows = Math.ceil(all.length / inOne);
  return Array.from({ length: rows }, (_, row) => all.slice(row * inOne, (row + 1) * inOne));
}

function labelled({ metric, of, name }: AlarmDefinition) {
  return metric.with({ label: of ?? name });
}
