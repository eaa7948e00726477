import { createHash } from 'node:crypto';
import { CustomResource, RemovalPolicy } from 'aws-cdk-lib';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Provider } from 'aws-cdk-lib/custom-resources';
import type { Construct } from 'constructs';
import { DOMAINS, FUNCTIONS, SWITCHES } from '../topology';
import type { Bundles } from './bundles';
import { accept } from './constructs/accept';
import { clustersOf } from './constructs/names';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import { ALIAS } from './constructs/rights';

export interface ProvisionStackProps extends RegionStackProps {
  readonly bundles: Bundles;
}

/**
 * Founds units and creates users, schemas and indices once everything stands, and again whenever what they are made
 * from changes. What fails rolls this stack back, and leaves what is there already: every step may be repeated.
 */
export class ProvisionStack extends RegionStack {
  constructor(scope: Construct, props: ProvisionStackProps) {
    super(scope, 'provision', props, 'users, schemas and indices');
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/twinkeep/${this.stage.name}/functions/provision-caller`,
      retention: this.stage.functions.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    for (const { name, handler } of FUNCTIONS.filter(({ trigger }) => trigger.kind === 'deployment')) {
      const arn = this.arn('lambda', `function:${this.names.of(name)}:${ALIAS}`);
      const provider = new Provider(this, `Caller-${name}`, {
        onEventHandler: LambdaFunction.fromFunctionAttributes(this, `Function-${name}`, {
          functionArn: arn,
          sameEnvironment: true,
        }),
        providerFunctionName: this.names.of(`${name}-caller`),
        logGroup,
      });
      new CustomResource(this, `Run-${name}`, {
        resourceType: 'Custom::TwinkeepProvision',
        serviceToken: provider.serviceToken,
        properties: { revision: this.revision(props.bundles.digest(handler)) },
      });
      accept(provider, {
        'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]':
          'The framework of the CDK writes its log by it.',
        [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:lambda:${this.region}:<AWS::AccountId>:function:${this.names.of(name)}:${ALIAS}:*]`]:
          'The framework names the versions of what it calls; an alias has none.',
      });
    }
  }

  private revision(digest: string): string {
    const made = [digest, clustersOf(this.stage), DOMAINS, SWITCHES];
    return createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 16);
  }
}
