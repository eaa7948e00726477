import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { QUEUES, TOPIC, undeliveredQueue } from '../topology';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import type { KeysStack } from './keys-stack';

export interface TopicsStackProps extends RegionStackProps {
  readonly keys: KeysStack;
}

/** The topic of one region, delivering to the event queues of both. */
export class TopicsStack extends RegionStack {
  constructor(scope: Construct, props: TopicsStackProps) {
    super(scope, 'topics', props, 'the topic of events');
    const topic = new Topic(this, 'Topic', {
      topicName: this.names.of(TOPIC),
      masterKey: this.foreignKey('Key', props.keys.key.keyArn),
      enforceSSL: true,
    });
    topic.applyRemovalPolicy(RemovalPolicy.RETAIN);
    for (const { name, region } of QUEUES.filter(({ kind }) => kind === 'events')) {
      new CfnSubscription(this, `To-${name}`, {
        topicArn: topic.topicArn,
        protocol: 'sqs',
        endpoint: this.queueArn(name, region),
        rawMessageDelivery: true,
        redrivePolicy: { deadLetterTargetArn: this.queueArn(undeliveredQueue(this.home), this.home) },
      });
    }
  }
}
