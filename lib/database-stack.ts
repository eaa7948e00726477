import { RemovalPolicy } from 'aws-cdk-lib';
import type { CfnDBCluster } from 'aws-cdk-lib/aws-rds';
import { CfnGlobalCluster, type DatabaseCluster } from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { globalClusterIdentifier } from '../topology';
import { AuroraCluster } from './constructs/aurora-cluster';
import { AuroraProxy } from './constructs/aurora-proxy';
import type { PlacedCluster } from './constructs/names';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import type { KeysStack } from './keys-stack';
import { type NetworkStack, PORTS } from './network-stack';
import type { SecretsStack } from './secrets-stack';

export interface DatabaseStackProps extends RegionStackProps {
  readonly cluster: PlacedCluster;
  readonly network: NetworkStack;
  readonly keys: KeysStack;
  readonly secrets: SecretsStack;
}

/** Users are replicated from the primary; a secondary that names any is refused. */
const OF_THE_PRIMARY = ['MasterUsername', 'MasterUserPassword', 'ManageMasterUserPassword', 'DatabaseName'];

/** What one region holds of a global cluster: the primary where its unit is at home, else the secondary. */
export class DatabaseStack extends RegionStack {
  readonly clusterArn: string;
  readonly clusterIdentifier: string;
  /** Where functions connect to while the writer is here, and as `reader` while it is not. */
  readonly address: { readonly host: string; readonly port: number; readonly reader?: string };

  constructor(scope: Construct, props: DatabaseStackProps) {
    const { cluster: placed, network, keys, secrets } = props;
    super(scope, `database-${placed.name}`, props, `the databases of cluster ${placed.name}`);
    const auroraProps = { cluster: placed, network, keyArn: keys.key.keyArn };
    const { cluster, identifier } = new AuroraCluster(this, auroraProps);
    this.clusterIdentifier = identifier;
    this.clusterArn = this.arn('rds', `cluster:${identifier}`);
    if (this.home === placed.home) this.makeGlobal(cluster, placed.name);
    else this.joinGlobal(cluster, placed.name);
    const hosts = this.stage.databases.proxy
      ? new AuroraProxy(this, cluster, { ...auroraProps, secrets }).hosts
      : { host: cluster.clusterEndpoint.hostname, reader: cluster.clusterReadEndpoint.hostname };
    this.address = { ...hosts, port: PORTS.databases };
  }

  private globalIdentifier(name: string): string {
    return globalClusterIdentifier(this.stage.name, name);
  }

  private makeGlobal(cluster: DatabaseCluster, name: string): void {
    const global = new CfnGlobalCluster(this, 'Global', {
      globalClusterIdentifier: this.globalIdentifier(name),
      sourceDbClusterIdentifier: cluster.clusterArn,
      deletionProtection: true,
    });
    global.applyRemovalPolicy(RemovalPolicy.RETAIN);
    // Another region can join only once the writer is there.
    global.node.addDependency(cluster);
  }

  private joinGlobal(cluster: DatabaseCluster, name: string): void {
    const resource = cluster.node.defaultChild as CfnDBCluster;
    for (const property of OF_THE_PRIMARY) resource.addPropertyDeletionOverride(property);
    resource.globalClusterIdentifier = this.globalIdentifier(name);
  }
}
