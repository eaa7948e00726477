import { Aws, CfnOutput, Fn, RemovalPolicy } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { accept } from './constructs/accept';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import type { KeysStack } from './keys-stack';

/** Services that functions call, by an interface in the VPC; those of `ACROSS` also from the other region. */
export const INTERFACES = {
  ssm: InterfaceVpcEndpointAwsService.SSM,
  secretsmanager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  sqs: InterfaceVpcEndpointAwsService.SQS,
  sns: InterfaceVpcEndpointAwsService.SNS,
  lambda: InterfaceVpcEndpointAwsService.LAMBDA,
  rds: InterfaceVpcEndpointAwsService.RDS,
} as const;
/** The other region's topic is published to, its functions are forwarded to, its switches and queues are told, its writers moved. */
export const ACROSS = ['sns', 'lambda', 'ssm', 'sqs', 'rds'] as const;

export const PORTS = { databases: 3306, caches: 6379, search: 443, services: 443 } as const;
export const FUNCTION_SUBNETS = 'functions';
export const STORE_SUBNETS = 'stores';

/** Parts of the VPC's block: three zones find room in it. */
const FUNCTION_BITS = 3;
const STORE_BITS = 5;

export interface NetworkStackProps extends RegionStackProps {
  readonly keys: KeysStack;
}

/** A VPC without any way to the internet: AWS is called by endpoints, the other region by a peering. */
export class NetworkStack extends RegionStack {
  readonly vpc: Vpc;
  readonly groups: Readonly<Record<'functions' | keyof typeof PORTS, SecurityGroup>>;
  readonly interfaces: Readonly<Record<keyof typeof INTERFACES, InterfaceVpcEndpoint>>;

  constructor(scope: Construct, props: NetworkStackProps) {
    super(scope, 'network', props, 'the VPC, and its ways to AWS');
    this.vpc = this.makeVpc(this.foreignKey('Key', props.keys.key.keyArn));
    const functions = new SecurityGroup(this, 'Functions', {
      vpc: this.vpc,
      description: 'Functions; nothing connects to them',
    });
    const services = this.group('services', 'Endpoints of AWS services', functions);
    this.groups = {
      functions,
      services,
      databases: this.group('databases', 'Databases and their proxies', functions),
      caches: this.group('caches', 'Caches', functions),
      search: this.group('search', 'Search domains', functions),
    };
    // A proxy connects to its database; both are in one group.
    const { databases } = this.groups;
    databases.addIngressRule(databases, Port.tcp(PORTS.databases), 'The proxies of this region');
    const tables = this.vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB });
    tables.addToPolicy(forOwnAccount());
    this.interfaces = Object.fromEntries(
      Object.entries(INTERFACES).map(([name, service]) => [name, this.makeInterface(name, service, services)]),
    ) as Record<keyof typeof INTERFACES, InterfaceVpcEndpoint>;
    for (const service of ACROSS) this.tellAddress(service);
  }

  /** Of the whole region, not of one zone: the first entry, `<hosted zone>:<name>`. */
  private tellAddress(service: (typeof ACROSS)[number]): void {
    const entry = Fn.split(':', Fn.select(0, this.interfaces[service].vpcEndpointDnsEntries));
    const { zone, name } = interfaceOutputs(service);
    new CfnOutput(this, zone, { value: Fn.select(0, entry) });
    new CfnOutput(this, name, { value: Fn.select(1, entry) });
  }

  private makeVpc(encryptionKey: ReturnType<RegionStack['foreignKey']>): Vpc {
    const cidr = this.stage.network.cidrs[this.home];
    const prefix = Number(cidr.split('/')[1]);
    const subnets = (name: string, bits: number) => ({
      name,
      subnetType: SubnetType.PRIVATE_ISOLATED,
      cidrMask: prefix + bits,
    });
    const vpc = new Vpc(this, 'Vpc', {
      vpcName: this.names.prefix,
      ipAddresses: IpAddresses.cidr(cidr),
      maxAzs: this.stage.network.zones.length,
      natGateways: 0,
      // Emptying the default group takes a function with rights of its own; nothing is ever put into that group.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [subnets(FUNCTION_SUBNETS, FUNCTION_BITS), subnets(STORE_SUBNETS, STORE_BITS)],
    });
    accept(vpc, {
      'CloudFormation-Validate::W3010': 'The stage names its zones, so that synthesis needs no account.',
    });
    vpc.addFlowLog('Refused', {
      trafficType: FlowLogTrafficType.REJECT,
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'RefusedLog', {
          logGroupName: `/twinkeep/${this.stage.name}/refused-connections`,
          retention: this.stage.functions.logRetentionDays,
          encryptionKey,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
    });
    return vpc;
  }

  /** Entered by this region's functions, and by those of the other region, which the peering knows by address only. */
  private group(name: keyof typeof PORTS, description: string, functions: SecurityGroup): SecurityGroup {
    const group = new SecurityGroup(this, `Group-${name}`, { vpc: this.vpc, description });
    const port = Port.tcp(PORTS[name]);
    group.addIngressRule(functions, port, 'Functions of this region');
    group.addIngressRule(Peer.ipv4(this.stage.network.cidrs[this.away]), port, 'Functions of the other region');
    return group;
  }

  private makeInterface(name: string, service: InterfaceVpcEndpointAwsService, group: SecurityGroup) {
    const endpoint = new InterfaceVpcEndpoint(this, `Interface-${name}`, {
      vpc: this.vpc,
      service,
      subnets: { subnetGroupName: FUNCTION_SUBNETS },
      securityGroups: [group],
      open: false,
    });
    endpoint.addToPolicy(forOwnAccount());
    return endpoint;
  }
}

/**
 * An endpoint is the only way out of the VPC, and by default lets anybody's credentials pass: those of another account could
 * carry members away. What the own ones may do is said by their roles.
 */
function forOwnAccount(): PolicyStatement {
  return new PolicyStatement({
    principals: [new AnyPrincipal()],
    actions: ['*'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID } },
  });
}

/** Names of the outputs that tell where a service's interface is. */
export function interfaceOutputs(service: (typeof ACROSS)[number]): { readonly zone: string; readonly name: string } {
  return { zone: `${service}Zone`, name: `${service}Name` };
}
