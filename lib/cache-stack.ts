import { RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import {
  CfnParameterGroup,
  CfnReplicationGroup,
  CfnSubnetGroup,
  CfnUser,
  CfnUserGroup,
} from 'aws-cdk-lib/aws-elasticache';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { accept } from './constructs/accept';
import { RegionStack, type RegionStackProps } from './constructs/region-stack';
import type { KeysStack } from './keys-stack';
import { type NetworkStack, PORTS, STORE_SUBNETS } from './network-stack';

export interface CacheStackProps extends RegionStackProps {
  readonly network: NetworkStack;
  readonly keys: KeysStack;
}

const ENGINE = 'valkey';
/** Everything but what serves operators of the cache itself; scripts and connections are part of each request. */
const ACCESS = 'on ~* &* +@all -@admin -@dangerous +info';

/**
 * The cache of one region. It is no secondary of the other's: that could not be written and would forget what it holds,
 * whereas writes fence both.
 */
export class CacheStack extends RegionStack {
  readonly address: { readonly host: string; readonly port: number };
  readonly replicationGroupId: string;

  constructor(scope: Construct, props: CacheStackProps) {
    super(scope, 'cache', props, 'the cache');
    const { cache } = this.stage;
    this.replicationGroupId = this.names.prefix;
    const group = new CfnReplicationGroup(this, 'Cache', {
      replicationGroupId: this.replicationGroupId,
      replicationGroupDescription: `Twinkeep ${this.stage.name}, region ${this.home}`,
      engine: ENGINE,
      engineVersion: '8.0',
      cacheNodeType: cache.nodeType,
      clusterMode: 'enabled',
      numNodeGroups: cache.shards,
      replicasPerNodeGroup: cache.replicasPerShard,
      automaticFailoverEnabled: true,
      multiAzEnabled: cache.replicasPerShard > 0,
      port: PORTS.caches,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      atRestEncryptionEnabled: true,
      kmsKeyId: props.keys.key.keyArn,
      userGroupIds: [this.users().ref],
      cacheParameterGroupName: this.parameters().ref,
      cacheSubnetGroupName: this.subnets(props.network).ref,
      securityGroupIds: [props.network.groups.caches.securityGroupId],
      // What is lost is read again from the databases.
      snapshotRetentionLimit: 0,
      logDeliveryConfigurations: [
        {
          logType: 'slow-log',
          logFormat: 'json',
          destinationType: 'cloudwatch-logs',
          destinationDetails: { cloudWatchLogsDetails: { logGroup: this.slowLog(props.keys).logGroupName } },
        },
      ],
    });
    // Without it another number of shards asks for another group, whose name this one has.
    group.cfnOptions.updatePolicy = { useOnlineResharding: true };
    accept(group, {
      'AwsSolutions-AEC6':
        'Functions are a user with rights and a password of its own, where AUTH has one password for all.',
    });
    this.address = { host: group.attrConfigurationEndPointAddress, port: PORTS.caches };
  }

  private users(): CfnUserGroup {
    const secret = this.names.secret('cache');
    const user = new CfnUser(this, 'User', {
      engine: ENGINE,
      userId: this.names.prefix,
      userName: this.names.prefix,
      accessString: ACCESS,
      authenticationMode: {
        Type: 'password',
        Passwords: [SecretValue.secretsManager(secret, { jsonField: 'password' }).unsafeUnwrap()],
      },
    });
    return new CfnUserGroup(this, 'Users', { engine: ENGINE, userGroupId: this.names.prefix, userIds: [user.ref] });
  }

  private parameters(): CfnParameterGroup {
    return new CfnParameterGroup(this, 'Parameters', {
      cacheParameterGroupFamily: 'valkey8',
      description: `Of ${this.names.prefix}`,
      // Fences and what is owed have no time to live as short as values do: they are the last to go.
      properties: { 'cluster-enabled': 'yes', 'maxmemory-policy': 'volatile-lru' },
    });
  }

  private subnets({ vpc }: NetworkStack): CfnSubnetGroup {
    return new CfnSubnetGroup(this, 'Subnets', {
      cacheSubnetGroupName: this.names.prefix,
      description: `Of ${this.names.prefix}`,
      subnetIds: vpc.selectSubnets({ subnetGroupName: STORE_SUBNETS }).subnetIds,
    });
  }

  private slowLog({ key }: KeysStack): LogGroup {
    return new LogGroup(this, 'SlowLog', {
      logGroupName: `/twinkeep/${this.stage.name}/cache-slow`,
      retention: this.stage.functions.logRetentionDays,
      encryptionKey: this.foreignKey('Key', key.keyArn),
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}
