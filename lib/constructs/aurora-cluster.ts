import { Duration, RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import { InstanceType, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  AuroraMysqlEngineVersion,
  ClusterInstance,
  Credentials,
  DatabaseCluster,
  DatabaseClusterEngine,
  DBClusterStorageType,
  type IClusterInstance,
  ParameterGroup,
} from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { clusterIdentifier } from '../../topology';
import type { StageConfiguration } from '../configuration';
import { type NetworkStack, STORE_SUBNETS } from '../network-stack';
import { MASTER_USER } from '../secrets-stack';
import { accept } from './accept';
import type { PlacedCluster } from './names';
import type { RegionStack } from './region-stack';

export interface AuroraClusterProps {
  readonly cluster: PlacedCluster;
  readonly network: NetworkStack;
  readonly keyArn: string;
}

const ENGINE = DatabaseClusterEngine.auroraMysql({ version: AuroraMysqlEngineVersion.VER_3_10_4 });
const LOGS = ['error', 'slowquery', 'audit'];

/** What the functions rely on; the rest is Aurora's, which has some parameters for a cluster and others for an instance. */
const CLUSTER_PARAMETERS = {
  character_set_server: 'utf8mb4',
  // Keys are equal only if their bytes are.
  collation_server: 'utf8mb4_bin',
  require_secure_transport: 'ON',
  time_zone: 'UTC',
  server_audit_logging: '1',
  server_audit_events: 'CONNECT,QUERY_DCL,QUERY_DDL',
};
const INSTANCE_PARAMETERS = {
  // A trip reads what others have committed until then, and locks no gaps.
  transaction_isolation: 'READ-COMMITTED',
  slow_query_log: '1',
  long_query_time: '1',
};

/** The cluster of one region, of a global one. */
export class AuroraCluster extends Construct {
  readonly cluster: DatabaseCluster;
  readonly identifier: string;

  constructor(stack: RegionStack, { cluster, network, keyArn }: AuroraClusterProps) {
    super(stack, 'Aurora');
    const { databases, functions } = stack.stage;
    const isHome = stack.home === cluster.home;
    const encryptionKey = stack.foreignKey('Key', keyArn);
    this.identifier = clusterIdentifier(stack.stage.name, stack.home, cluster.name);
    const parameters = (id: string, values: Record<string, string>) =>
      new ParameterGroup(this, id, {
        engine: ENGINE,
        description: `Of ${this.identifier}`,
        parameters: values,
        // Those of a database that is kept can't be deleted.
        removalPolicy: RemovalPolicy.RETAIN,
      });
    const [writer, ...readers] = instances(
      databases,
      isHome ? databases.instancesAtHome : databases.instancesAway,
      parameters('InstanceParameters', INSTANCE_PARAMETERS),
    );
    const logGroups = LOGS.map(
      (name) =>
        new LogGroup(this, `Log-${name}`, {
          logGroupName: `/aws/rds/cluster/${this.identifier}/${name}`,
          retention: functions.logRetentionDays,
          encryptionKey,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
    );
    this.cluster = new DatabaseCluster(this, 'Cluster', {
      engine: ENGINE,
      clusterIdentifier: this.identifier,
      writer,
      readers,
      ...(databases.instance.kind === 'serverless'
        ? {
            serverlessV2MinCapacity: databases.instance.minAcu,
            serverlessV2MaxCapacity: databases.instance.maxAcu,
          }
        : {}),
      credentials: Credentials.fromPassword(
        MASTER_USER,
        SecretValue.secretsManager(stack.names.secret(`master-${cluster.name}`), { jsonField: 'password' }),
      ),
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: STORE_SUBNETS },
      securityGroups: [databaseGroup(this, network)],
      parameterGroup: parameters('Parameters', CLUSTER_PARAMETERS),
      storageEncrypted: true,
      storageEncryptionKey: encryptionKey,
      storageType:
        databases.storage === 'io-optimized' ? DBClusterStorageType.AURORA_IOPT1 : DBClusterStorageType.AURORA,
      backup: { retention: Duration.days(databases.backupRetentionDays) },
      cloudwatchLogsExports: LOGS,
      copyTagsToSnapshot: true,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // Aurora would make the groups itself, and keep everything for ever.
    this.cluster.node.addDependency(...logGroups);
    accept(this.cluster, {
      'AwsSolutions-RDS6':
        'The functions are one user of the databases, whose password is a secret; RDS Proxy asks for one.',
      'AwsSolutions-RDS11': 'The port hides nothing: only the functions of both regions reach it.',
      'AwsSolutions-RDS14': 'Global databases have no backtracking; backups go back to any second.',
    });
  }
}

/** Immutable, so that nothing adds rules to the stack of the network from here. */
export function databaseGroup(scope: Construct, network: NetworkStack) {
  return SecurityGroup.fromSecurityGroupId(scope, 'Group', network.groups.databases.securityGroupId, {
    mutable: false,
  });
}

function instances(
  { instance }: StageConfiguration['databases'],
  count: number,
  parameterGroup: ParameterGroup,
): [IClusterInstance, ...IClusterInstance[]] {
  const make = (index: number) => {
    const name = `Instance${index + 1}`;
    return instance.kind === 'serverless'
      ? // Whoever may take over is as large as the writer.
        ClusterInstance.serverlessV2(name, { parameterGroup, ...(index === 0 ? {} : { scaleWithWriter: true }) })
      : ClusterInstance.provisioned(name, { parameterGroup, instanceType: new InstanceType(instance.type) });
  };
  return [make(0), ...Array.from({ length: count - 1 }, (_, index) => make(index + 1))];
}
