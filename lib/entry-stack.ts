import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationLoadBalancer,
  CfnListener,
  CfnListenerRule,
  CfnTargetGroup,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { apiFunction, classPrefix, TRAFFIC_CLASSES, type TrafficClass } from '../topology';
import type { LoadBalancerConfiguration } from './configuration';
import { accept } from './constructs/accept';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import { ALIAS } from './constructs/rights';
import { FUNCTION_SUBNETS, type NetworkStack } from './network-stack';

export interface EntryStackProps extends RegionStackProps {
  readonly entry: LoadBalancerConfiguration;
  readonly network: NetworkStack;
}

const TLS_PORT = 443;
/** Who answers what is in no class: that there is no such path, or `/health`. */
const OTHERWISE: TrafficClass = 'other';

/** Names of the outputs. */
export const ENTRY_OUTPUTS = { name: 'entryName', zone: 'entryZone', metrics: 'entryMetrics' } as const;

/** Name of the output that says by what name CloudWatch knows the target group of a class. */
export function groupOutput(trafficClass: TrafficClass): string {
  return `${ENTRY_OUTPUTS.metrics}${trafficClass}`;
}

/** The internal entry of one region: a load balancer in the VPC, which calls the functions of the classes. */
export class EntryStack extends RegionStack {
  constructor(
    scope: Construct,
    private readonly props: EntryStackProps,
  ) {
    super(scope, 'entry', props, 'the entry of callers inside the company');
    const balancer = this.makeBalancer();
    const groups = Object.fromEntries(
      TRAFFIC_CLASSES.map((trafficClass) => [trafficClass, this.makeGroup(trafficClass)]),
    ) as Record<TrafficClass, CfnTargetGroup>;
    const to = (trafficClass: TrafficClass) => [{ type: 'forward', targetGroupArn: groups[trafficClass].ref }];
    const listener = new CfnListener(this, 'Listener', {
      loadBalancerArn: balancer.loadBalancerArn,
      port: TLS_PORT,
      protocol: 'HTTPS',
      sslPolicy: SslPolicy.TLS13_12_PQ,
      certificates: [{ certificateArn: props.entry.certificateArns[this.home] }],
      defaultActions: to(OTHERWISE),
    });
    for (const [index, trafficClass] of TRAFFIC_CLASSES.entries()) {
      new CfnListenerRule(this, `Rule-${trafficClass}`, {
        listenerArn: listener.ref,
        priority: index + 1,
        conditions: [{ field: 'path-pattern', pathPatternConfig: { values: [`${classPrefix(trafficClass)}/*`] } }],
        actions: to(trafficClass),
      });
    }
    new CfnOutput(this, ENTRY_OUTPUTS.name, { value: balancer.loadBalancerDnsName });
    new CfnOutput(this, ENTRY_OUTPUTS.zone, { value: balancer.loadBalancerCanonicalHostedZoneId });
    new CfnOutput(this, ENTRY_OUTPUTS.metrics, { value: balancer.loadBalancerFullName });
    for (const trafficClass of TRAFFIC_CLASSES) {
      new CfnOutput(this, groupOutput(trafficClass), { value: groups[trafficClass].attrTargetGroupFullName });
    }
  }

  private makeBalancer(): ApplicationLoadBalancer {
    const { network, entry } = this.props;
    const balancer = new ApplicationLoadBalancer(this, 'Balancer', {
      loadBalancerName: this.names.of('entry'),
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: FUNCTION_SUBNETS },
      internetFacing: false,
      securityGroup: this.makeSecurityGroup(),
      dropInvalidHeaderFields: true,
    });
    if (entry.accessLogDays > 0) {
      balancer.logAccessLogs(this.makeLogs(entry.accessLogDays));
    } else {
      accept(balancer, {
        'AwsSolutions-ELB2':
          'Its logs hold paths and queries, and so accounts and phone numbers: the stage keeps none.',
      });
    }
    return balancer;
  }

  /** It calls functions by the API of Lambda, so it connects to nothing. */
  private makeSecurityGroup(): SecurityGroup {
    const { network, entry } = this.props;
    const group = new SecurityGroup(this, 'Callers', {
      vpc: network.vpc,
      description: 'The internal entry, and who may call it',
      allowAllOutbound: false,
    });
    for (const cidr of new Set([this.stage.network.cidrs[this.home], ...entry.cidrs])) {
      group.addIngressRule(Peer.ipv4(cidr), Port.tcp(TLS_PORT), 'Callers inside the company');
    }
    return group;
  }

  /** Load balancers write to S3 alone, and only under a key of S3's own. */
  private makeLogs(days: number): Bucket {
    const bucket = new Bucket(this, 'AccessLogs', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(days) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    accept(bucket, { 'AwsSolutions-S1': 'It holds access logs itself.' });
    return bucket;
  }

  /** By the function's name: its stack may be deployed anew without this one. */
  private makeGroup(trafficClass: TrafficClass): CfnTargetGroup {
    const name = this.names.of(trafficClass);
    const alias = this.arn('lambda', `function:${this.names.of(apiFunction(trafficClass).name)}:${ALIAS}`);
    const permission = new CfnPermission(this, `Invoke-${trafficClass}`, {
      action: 'lambda:InvokeFunction',
      functionName: alias,
      principal: 'elasticloadbalancing.amazonaws.com',
      // Of this name: the group is made after the permission, and its ARN ends in what only its making tells.
      sourceArn: this.arn('elasticloadbalancing', `targetgroup/${name}/*`),
    });
    const group = new CfnTargetGroup(this, `Group-${trafficClass}`, {
      name,
      targetType: 'lambda',
      targets: [{ id: alias }],
      targetGroupAttributes: [{ key: 'lambda.multi_value_headers.enabled', value: 'true' }],
    });
    group.addResourceDependency(permission);
    return group;
  }
}
