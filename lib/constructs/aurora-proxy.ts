import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  type DatabaseCluster,
  DatabaseProxy,
  DatabaseProxyEndpoint,
  ProxyEndpointTargetRole,
  ProxyTarget,
} from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { type NetworkStack, STORE_SUBNETS } from '../network-stack';
import { type SecretsStack, secretOutput } from '../secrets-stack';
import { type AuroraClusterProps, databaseGroup } from './aurora-cluster';
import type { RegionStack } from './region-stack';

export interface AuroraProxyProps extends AuroraClusterProps {
  readonly secrets: SecretsStack;
}

/** A proxy before the databases of one region, so that thousands of environments share some hundred connections. */
export class AuroraProxy extends Construct {
  /** For writing, and for reading: a proxy without a writer behind it answers at an endpoint for reading only. */
  readonly hosts: { readonly host: string; readonly reader?: string };

  constructor(
    stack: RegionStack,
    cluster: DatabaseCluster,
    { cluster: placed, network, keyArn, secrets: secretsStack }: AuroraProxyProps,
  ) {
    super(stack, 'Proxy');
    const secrets = (['database', `master-${placed.name}`] as const).map((kind) =>
      Secret.fromSecretAttributes(this, `Secret-${kind}`, {
        secretCompleteArn: stack.arn('secretsmanager', `secret:${stack.outputOf(secretsStack, secretOutput(kind))}`),
        encryptionKey: stack.foreignKey(`Key-${kind}`, keyArn),
      }),
    );
    const place = {
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: STORE_SUBNETS },
      securityGroups: [databaseGroup(this, network)],
    };
    const dbProxyName = stack.names.inRegion(stack.home, placed.name);
    const log = new LogGroup(this, 'Log', {
      logGroupName: `/aws/rds/proxy/${dbProxyName}`,
      retention: stack.stage.functions.logRetentionDays,
      encryptionKey: stack.foreignKey('Key-log', keyArn),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const proxy = new DatabaseProxy(this, 'Proxy', {
      ...place,
      proxyTarget: ProxyTarget.fromCluster(cluster),
      dbProxyName,
      secrets,
      iamAuth: false,
      requireTLS: true,
    });
    // The proxy would make the group itself, and keep everything for ever.
    proxy.node.addDependency(log);
    // It is refused where no instance but the writer stands; what would be read there is then read at the writer.
    const hasReaders = stack.home !== placed.home || stack.stage.databases.instancesAtHome > 1;
    const reader = hasReaders ? { reader: this.reading(proxy, stack, placed.name, place).endpoint } : {};
    this.hosts = { host: proxy.endpoint, ...reader };
  }

  private reading(
    proxy: DatabaseProxy,
    stack: RegionStack,
    name: string,
    place: { readonly vpc: NetworkStack['vpc']; readonly securityGroups: ReturnType<typeof databaseGroup>[] },
  ): DatabaseProxyEndpoint {
    const endpoint = new DatabaseProxyEndpoint(this, 'Reading', {
      ...place,
      dbProxy: proxy,
      dbProxyEndpointName: `${stack.names.inRegion(stack.home, name)}-read`,
      targetRole: ProxyEndpointTargetRole.READ_ONLY,
    });
    // There is something to read only once the proxy has its databases, which come after the proxy itself.
    endpoint.node.addDependency(proxy);
    return endpoint;
  }
}
