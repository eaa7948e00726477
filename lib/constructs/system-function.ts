import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Effect, ManagedPolicy, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { clusterIdentifier, DOMAINS, type FunctionDefinition, globalClusterIdentifier, REGIONS } from '../../topology';
import type { Bundles } from '../bundles';
import { FUNCTION_SUBNETS, type NetworkStack } from '../network-stack';
import { accept } from './accept';
import { functionEnvironment } from './function-environment';
import type { RegionStack } from './region-stack';
import { ALIAS, clusterPatterns, type KeyArns, searchStatementsFor, statementsFor } from './rights';

export interface SystemFunctionProps {
  readonly definition: FunctionDefinition;
  readonly bundles: Bundles;
  readonly network: NetworkStack;
  readonly keys: KeyArns;
}

/** A function of the topology, with its role, its log and the alias that it is called by. */
export class SystemFunction extends Construct {
  readonly function: LambdaFunction;
  readonly alias: Alias;

  constructor(stack: RegionStack, props: SystemFunctionProps) {
    const { definition, bundles, network } = props;
    super(stack, definition.name);
    const { functions } = stack.stage;
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/twinkeep/${stack.stage.name}/functions/${definition.name}`,
      retention: functions.logRetentionDays,
      encryptionKey: stack.foreignKey(`Key-${definition.name}`, props.keys.own),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const isApi = definition.trigger.kind === 'api';
    const role = this.makeRole(stack, definition);
    this.function = new LambdaFunction(this, 'Function', {
      functionName: stack.names.of(definition.name),
      description: `Twinkeep ${stack.stage.name}: ${definition.name}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundles.directory(definition.handler)),
      handler: `${definition.handler}.handler`,
      timeout: Duration.millis(definition.timeoutMs),
      memorySize: functions.memoryMb[isApi ? 'api' : definition.trigger.kind === 'queue' ? 'queue' : 'other'],
      reservedConcurrentExecutions: reservedConcurrency(stack, definition),
      environment: functionEnvironment(stack, definition),
      role,
      logGroup,
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: FUNCTION_SUBNETS },
      securityGroups: [
        SecurityGroup.fromSecurityGroupId(this, 'Group', network.groups.functions.securityGroupId, { mutable: false }),
      ],
    });
    logGroup.grantWrite(role);
    this.function.node.addDependency(...this.makeRights(stack, props, role));
    const isOrder = definition.trigger.kind === 'api' && definition.trigger.trafficClass === 'order';
    this.alias = new Alias(this, 'Alias', {
      aliasName: ALIAS,
      version: this.function.currentVersion,
      ...(isOrder && functions.warmOrder > 0 ? { provisionedConcurrentExecutions: functions.warmOrder } : {}),
    });
  }

  private makeRole(stack: RegionStack, { name }: FunctionDefinition): Role {
    return new Role(this, 'Role', {
      roleName: stack.names.inRegion(stack.home, name),
      description: `What ${name} of Twinkeep ${stack.stage.name} may do in region ${stack.home}`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
  }

  /** To be there before the function: Lambda enters the VPC by them while it makes it. */
  private makeRights(stack: RegionStack, { definition, keys }: SystemFunctionProps, role: Role): Construct[] {
    const policies: Construct[] = [
      new Policy(this, 'Rights', {
        policyName: 'rights',
        statements: [...statementsFor(stack, definition, keys), ...networkStatements(stack, definition)],
        roles: [role],
      }),
    ];
    const searches = searchStatementsFor(stack, definition);
    if (searches.length > 0) {
      policies.push(
        new ManagedPolicy(this, 'Searches', {
          managedPolicyName: `${stack.names.inRegion(stack.home, definition.name)}-searches`,
          description: `What ${definition.name} may ask of search domains in region ${stack.home}`,
          statements: searches,
          roles: [role],
        }),
      );
    }
    for (const policy of policies) acceptRights(policy, stack);
    return policies;
  }
}

/** Lambda makes the function's network interfaces with the function's own rights, before any resource has a name. */
const NETWORK_INTERFACES = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** Lambda enters the VPC by them; the code of the function, which has the same role, does not get them. */
function networkStatements(stack: RegionStack, { name }: FunctionDefinition): PolicyStatement[] {
  const fromCode = new PolicyStatement({ effect: Effect.DENY, actions: NETWORK_INTERFACES, resources: ['*'] });
  fromCode.addCondition('ArnEquals', {
    'lambda:SourceFunctionArn': stack.arn('lambda', `function:${stack.names.of(name)}`),
  });
  return [new PolicyStatement({ actions: NETWORK_INTERFACES, resources: ['*'] }), fromCode];
}

function acceptRights(policy: Construct, stack: RegionStack): void {
  const { stage, names } = stack;
  const documents = Object.values(DOMAINS).flatMap(({ name, region }) =>
    ['members/_doc/*', '*/_search', '*/_mapping', '*/_refresh', '_cluster/health/*', '_nodes/*'].map((path) => [
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:es:${stage.regions[region]}:<AWS::AccountId>:domain/${names.of(name)}/${path}]`,
      'What stands in a domain is addressed by paths; the indices are the system’s own.',
    ]),
  );
  const clusters = clusterPatterns(stage)
    .filter((name) => name.includes('*'))
    .flatMap((name) => [
      `:<AWS::AccountId>:global-cluster:${globalClusterIdentifier(stage.name, name)}`,
      ...REGIONS.map(
        (region) => `${stage.regions[region]}:<AWS::AccountId>:cluster:${clusterIdentifier(stage.name, region, name)}`,
      ),
    ])
    .map((arn) => [
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:rds:${arn}]`,
      'The clusters of a unit are numbered; a policy has no room for the names of all.',
    ]);
  const features = REGIONS.map((region) => [
    `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:${stage.regions[region]}:<AWS::AccountId>:parameter${names.parameter('degrade/*')}]`,
    'All that stands there are switches of features; a policy has no room for the names of all.',
  ]);
  accept(policy, {
    'AwsSolutions-IAM5[Resource::*]':
      'Lambda needs the network interfaces of a VPC without naming them; neither BatchGetSecretValue nor ListEventSourceMappings names a resource.',
    [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:lambda:${stage.regions[stack.home]}:<AWS::AccountId>:event-source-mapping:*]`]:
      'Event sources have no names of ours; a condition names their functions.',
    ...Object.fromEntries([...documents, ...clusters, ...features]),
  });
}

function reservedConcurrency({ stage }: RegionStack, { trigger, reservedConcurrency }: FunctionDefinition): number {
  return trigger.kind === 'api' ? stage.functions.reservedConcurrency[trigger.trafficClass] : reservedConcurrency;
}
