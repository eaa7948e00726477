import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { SWITCHES, undeliveredQueue } from '../topology';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';

/** Name of the rule that tells of turned switches. */
export const SWITCH_RULE = 'switches';

/** The switches of one region, and who is told when one is turned. */
export class SwitchesStack extends RegionStack {
  constructor(scope: Construct, props: RegionStackProps) {
    super(scope, 'switches', props, 'switches, and events of their turning');
    for (const { name, defaultValue } of SWITCHES) {
      // A value that was turned stays as it is until the default changes. Nothing else here may change with a release: an update of
      // anything puts the default back, as if an operator had.
      new StringParameter(this, name.replaceAll('/', '-'), {
        parameterName: this.names.parameter(name),
        description: 'A switch of Twinkeep: npx twinkeep switch explain tells what it does',
        stringValue: JSON.stringify(defaultValue),
      });
    }
    const queue = (name: string) => Queue.fromQueueArn(this, `Queue-${name}`, this.queueArn(name, this.home));
    new Rule(this, 'Turned', {
      ruleName: this.names.of(SWITCH_RULE),
      description: `Switches of Twinkeep ${this.stage.name} that someone has turned in this region`,
      eventPattern: {
        source: ['aws.ssm'],
        detailType: ['Parameter Store Change'],
        detail: {
          name: SWITCHES.map(({ name }) => this.names.parameter(name)),
          operation: ['Create', 'Update', 'Delete'],
        },
      },
      targets: [new SqsQueue(queue(`failover-${this.home}`), { deadLetterQueue: queue(undeliveredQueue(this.home)) })],
    });
  }
}
