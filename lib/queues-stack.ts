import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { MAX_RECEIVES, QUEUES, type Queue as QueueDefinition, REGIONS, TOPIC, undeliveredQueue } from '../topology';
import { accept } from './constructs/accept';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import type { KeysStack } from './keys-stack';
import { SWITCH_RULE } from './switches-stack';

export interface QueuesStackProps extends RegionStackProps {
  readonly keys: KeysStack;
}

/** The most that SQS keeps: what nobody could process for two weeks needs people anyway. */
const RETENTION = Duration.days(14);
const SNS: IPrincipal = new ServicePrincipal('sns.amazonaws.com');
const EVENTS: IPrincipal = new ServicePrincipal('events.amazonaws.com');

/** The queues of one region, each with its dead letters, and where undeliverable messages of its topic go. */
export class QueuesStack extends RegionStack {
  private readonly key: IKey;

  constructor(scope: Construct, props: QueuesStackProps) {
    super(scope, 'queues', props, 'queues and their dead letters');
    this.key = this.foreignKey('Key', props.keys.key.keyArn);
    for (const definition of QUEUES.filter(({ region }) => region === this.home)) this.makeQueue(definition);
    this.makeUndelivered();
  }

  private makeQueue(definition: QueueDefinition): void {
    const { name, kind, deadLetters, visibilityTimeoutS } = definition;
    const queue = new Queue(this, name, {
      ...this.properties(name),
      visibilityTimeout: Duration.seconds(visibilityTimeoutS),
      deadLetterQueue: {
        queue: new Queue(this, deadLetters, this.properties(deadLetters)),
        maxReceiveCount: MAX_RECEIVES,
      },
    });
    if (kind === 'events') this.admit(queue, SNS, this.topicArns());
    else if (name === `failover-${this.home}`) this.admit(queue, EVENTS, [this.ruleArn()]);
  }

  private makeUndelivered(): void {
    const name = undeliveredQueue(this.home);
    const queue = new Queue(this, name, this.properties(name));
    this.admit(queue, SNS, [this.arn('sns', this.names.of(TOPIC))]);
    this.admit(queue, EVENTS, [this.ruleArn()]);
    accept(queue, { 'AwsSolutions-SQS3': 'It is the dead letters of a topic.' });
  }

  private properties(name: string) {
    return {
      queueName: this.names.of(name),
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: this.key,
      enforceSSL: true,
      retentionPeriod: RETENTION,
      removalPolicy: RemovalPolicy.RETAIN,
    };
  }

  private topicArns(): string[] {
    return REGIONS.map((region) => this.arn('sns', this.names.of(TOPIC), region));
  }

  private ruleArn(): string {
    return this.arn('events', `rule/${this.names.of(SWITCH_RULE)}`);
  }

  private admit(queue: Queue, principal: IPrincipal, sources: readonly string[]): void {
    queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [principal],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': sources } },
      }),
    );
  }
}
