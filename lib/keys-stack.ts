import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';

/** Services of this account that store what they are given under the key, or hand it on to what does. */
const SERVICES = ['sns.amazonaws.com', 'events.amazonaws.com', 'cloudwatch.amazonaws.com'];
const DELETION_WAIT_DAYS = 30;

/** One key for everything that a region stores. */
export class KeysStack extends RegionStack {
  readonly key: Key;

  constructor(scope: Construct, props: RegionStackProps) {
    super(scope, 'keys', props, 'the key of everything that is stored');
    this.key = new Key(this, 'Key', {
      alias: RegionStack.alias(this.names),
      description: `Everything that Twinkeep ${this.stage.name} stores in this region`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(DELETION_WAIT_DAYS),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ServicesOfThisAccount',
        principals: SERVICES.map((service) => new ServicePrincipal(service)),
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LogGroupsOfThisAccount',
        principals: [new ServicePrincipal(`logs.${this.region}.amazonaws.com`)],
        actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        resources: ['*'],
        conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': this.arn('logs', '*') } },
      }),
    );
  }
}
