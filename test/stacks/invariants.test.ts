import { clustersOf } from '../../lib/constructs/names';
import { QUEUES, REGIONS } from '../../topology';
import { systemFunctions } from './support/facts';
import {
  list,
  object,
  ofType,
  type Resource,
  type Synthesis,
  TESTED_STAGES,
  testedStages,
  text,
} from './support/synthesis';

const stages = testedStages();

/** Resources of a type that don't keep a rule, by name; says so too if there is none of the type. */
function breaking(synthesis: Synthesis, type: string, keeps: (resource: Resource) => boolean): string[] {
  const all = ofType(synthesis, type);
  if (all.length === 0) return [`there is no ${type}`];
  return all.filter((resource) => !keeps(resource)).map(({ stack, id }) => `${stack} ${id}`);
}

const hasKey =
  (...path: readonly string[]) =>
  ({ properties }: Resource) => {
    const value = path.slice(0, -1).reduce((at, name) => object(at[name]), properties)[path.at(-1) ?? ''];
    // A key of ours, not one of AWS's own.
    return value !== undefined && text(value).includes('-keys.') && !text(value).includes('alias/aws');
  };

describe.each(TESTED_STAGES)('stage %s', (name) => {
  test.each([
    ['AWS::RDS::DBCluster', hasKey('KmsKeyId')],
    ['AWS::RDS::DBCluster', ({ properties }) => properties.StorageEncrypted === true],
    ['AWS::ElastiCache::ReplicationGroup', hasKey('KmsKeyId')],
    ['AWS::ElastiCache::ReplicationGroup', ({ properties }) => properties.AtRestEncryptionEnabled === true],
    ['AWS::ElastiCache::ReplicationGroup', ({ properties }) => properties.TransitEncryptionMode === 'required'],
    ['AWS::OpenSearchService::Domain', hasKey('EncryptionAtRestOptions', 'KmsKeyId')],
    [
      'AWS::OpenSearchService::Domain',
      ({ properties }) => object(properties.NodeToNodeEncryptionOptions).Enabled === true,
    ],
    [
      'AWS::OpenSearchService::Domain',
      ({ properties }) => object(properties.DomainEndpointOptions).EnforceHTTPS === true,
    ],
    ['AWS::SQS::Queue', hasKey('KmsMasterKeyId')],
    ['AWS::SNS::Topic', hasKey('KmsMasterKeyId')],
    ['AWS::SecretsManager::Secret', hasKey('KmsKeyId')],
    ['AWS::Backup::BackupVault', hasKey('EncryptionKeyArn')],
    ['AWS::DynamoDB::GlobalTable', ({ properties }) => object(properties.SSESpecification).SSEEnabled === true],
    ['AWS::KMS::Key', ({ properties }) => properties.EnableKeyRotation === true],
    [
      'AWS::RDS::DBClusterParameterGroup',
      ({ properties }) => object(properties.Parameters).require_secure_transport === 'ON',
    ],
  ] as readonly (readonly [string, (resource: Resource) => boolean])[])('%s is encrypted', (type, keeps) => {
    expect(breaking(stages[name], type, keeps)).toEqual([]);
  });

  test('what functions log is encrypted', () => {
    const logs = ofType(stages[name], 'AWS::Logs::LogGroup');
    const plain = logs
      .filter((resource) => !hasKey('KmsKeyId')(resource))
      .map(({ properties }) => text(properties.LogGroupName));
    // Neither holds data of members: WAF's has the caller's key removed, and the CDK's framework logs its own calls.
    const prefix = `twinkeep-${stages[name].stage.name}`;
    const allowed = [`/twinkeep/${stages[name].stage.name}/functions/provision-caller`];
    for (const trafficClass of ['order', 'marketing', 'other']) allowed.push(`aws-waf-logs-${prefix}-${trafficClass}`);
    expect([...new Set(plain)].sort()).toEqual(allowed.sort());
  });

  test.each([
    'AWS::RDS::DBCluster',
    'AWS::RDS::DBInstance',
    'AWS::RDS::GlobalCluster',
    'AWS::RDS::DBSubnetGroup',
    'AWS::RDS::DBClusterParameterGroup',
    'AWS::RDS::DBParameterGroup',
    'AWS::DynamoDB::GlobalTable',
    'AWS::OpenSearchService::Domain',
    'AWS::SQS::Queue',
    'AWS::SNS::Topic',
    'AWS::KMS::Key',
    'AWS::SecretsManager::Secret',
    'AWS::Backup::BackupVault',
  ])('%s is kept when its stack goes', (type) => {
    const isKept = ({ deletionPolicy, updateReplacePolicy }: Resource) =>
      deletionPolicy === 'Retain' && updateReplacePolicy === 'Retain';
    const ours = { ...stages[name], resources: stages[name].resources.filter(({ id }) => !id.startsWith('Alarms')) };
    expect(breaking(ours, type, isKept)).toEqual([]);
  });

  test('nobody deletes a database by mistake', () => {
    for (const type of ['AWS::RDS::DBCluster', 'AWS::RDS::GlobalCluster']) {
      expect(breaking(stages[name], type, ({ properties }) => properties.DeletionProtection === true)).toEqual([]);
    }
    const isProtected = ({ properties }: Resource) =>
      list(properties.Replicas).every((replica) => object(replica).DeletionProtectionEnabled === true);
    expect(breaking(stages[name], 'AWS::DynamoDB::GlobalTable', isProtected)).toEqual([]);
  });

  test('nothing has a way to the internet, or from it', () => {
    const types = new Set(stages[name].resources.map(({ type }) => type));
    for (const type of ['InternetGateway', 'NatGateway', 'EIP', 'EgressOnlyInternetGateway', 'VPCGatewayAttachment']) {
      expect(types).not.toContain(`AWS::EC2::${type}`);
    }
    const isPrivate = ({ properties }: Resource) => properties.MapPublicIpOnLaunch === false;
    expect(breaking(stages[name], 'AWS::EC2::Subnet', isPrivate)).toEqual([]);
    const isHidden = ({ properties }: Resource) => properties.PubliclyAccessible === false;
    expect(breaking(stages[name], 'AWS::RDS::DBInstance', isHidden)).toEqual([]);
    const isInVpc = ({ properties }: Resource) => list(object(properties.VPCOptions).SubnetIds).length > 0;
    expect(breaking(stages[name], 'AWS::OpenSearchService::Domain', isInVpc)).toEqual([]);
    for (const { properties } of systemFunctions(stages[name])) {
      expect(list(object(properties.VpcConfig).SubnetIds)).toHaveLength(stages[name].stage.network.zones.length);
    }
    const routes = ofType(stages[name], 'AWS::EC2::Route').map(({ properties }) =>
      text(properties.DestinationCidrBlock),
    );
    expect(new Set(routes)).toEqual(new Set(Object.values(stages[name].stage.network.cidrs)));
  });

  test('stores and services are entered from the functions of both regions only', () => {
    const { A, B } = stages[name].stage.network.cidrs;
    // The internal entry is no store: callers enter it, and `entry.test.ts` says which.
    const groups = ofType(stages[name], 'AWS::EC2::SecurityGroup').filter(({ stack }) => !stack.endsWith('-entry'));
    const inline = groups.flatMap(({ properties, home }) =>
      list(properties.SecurityGroupIngress).map(
        (rule) => [home, object(rule).CidrIp ?? object(rule).CidrIpv6] as const,
      ),
    );
    expect(inline).not.toEqual([]);
    for (const [home, cidr] of inline) expect(cidr).toBe(home === 'A' ? B : A);
    const isFromGroup = ({ properties }: Resource) =>
      properties.CidrIp === undefined && /Functions|databases/.test(text(properties.SourceSecurityGroupId));
    expect(breaking(stages[name], 'AWS::EC2::SecurityGroupIngress', isFromGroup)).toEqual([]);
  });

  test('each cluster has one primary, at home, and a secondary without credentials that joins it', () => {
    const { stage } = stages[name];
    const clusters = ofType(stages[name], 'AWS::RDS::DBCluster');
    const globals = ofType(stages[name], 'AWS::RDS::GlobalCluster');
    expect(clusters).toHaveLength(clustersOf(stage).length * 2);
    for (const { name: cluster, home } of clustersOf(stage)) {
      const own = clusters.filter(({ stack }) => stack.endsWith(`-database-${cluster}`));
      const global = globals.filter(({ stack }) => stack.endsWith(`-database-${cluster}`));
      expect(global.map((one) => one.home)).toEqual([home]);
      for (const { properties, home: region } of own) {
        const credentials = Object.keys(properties).filter((property) => property.startsWith('Master'));
        expect(credentials).toEqual(region === home ? ['MasterUserPassword', 'MasterUsername'] : []);
        expect(properties.GlobalClusterIdentifier).toBe(
          region === home ? undefined : global[0]?.properties.GlobalClusterIdentifier,
        );
        expect(text(properties.MasterUserPassword ?? '{{resolve:')).toContain('{{resolve:');
      }
    }
  });

  test('databases read what is committed, and compare bytes', () => {
    const isSet =
      (parameter: string, value: string) =>
      ({ properties }: Resource) =>
        object(properties.Parameters)[parameter] === value;
    const bytes = isSet('collation_server', 'utf8mb4_bin');
    expect(breaking(stages[name], 'AWS::RDS::DBClusterParameterGroup', bytes)).toEqual([]);
    // Aurora has it for instances, not for clusters.
    const committed = isSet('transaction_isolation', 'READ-COMMITTED');
    expect(breaking(stages[name], 'AWS::RDS::DBParameterGroup', committed)).toEqual([]);
    const hasGroup = ({ properties, stack }: Resource) => {
      const groups = ofType(stages[name], 'AWS::RDS::DBParameterGroup').filter((group) => group.stack === stack);
      return groups.some(({ id }) => text(properties.DBParameterGroupName) === `<${id}>`);
    };
    expect(breaking(stages[name], 'AWS::RDS::DBInstance', hasGroup)).toEqual([]);
  });

  test('a cache is a cluster of its own in each region, and knows its users', () => {
    const groups = ofType(stages[name], 'AWS::ElastiCache::ReplicationGroup');
    expect(groups.map(({ home }) => home).sort()).toEqual([...REGIONS]);
    for (const { properties } of groups) {
      expect(properties.GlobalReplicationGroupId).toBeUndefined();
      expect(properties.ClusterMode).toBe('enabled');
      expect(list(properties.UserGroupIds)).toHaveLength(1);
    }
  });

  test('a class takes what is reserved for it, and together they leave AWS what it wants', () => {
    const { functions } = stages[name].stage;
    for (const region of REGIONS) {
      const reserved = systemFunctions(stages[name])
        .filter(({ home }) => home === region)
        .map(({ properties }) => properties.ReservedConcurrentExecutions as number);
      expect(reserved.every((one) => one >= 1)).toBe(true);
      expect(reserved.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(functions.accountConcurrency - 100);
    }
    const order = systemFunctions(stages[name]).filter(({ properties }) =>
      text(properties.FunctionName).endsWith('members-order'),
    );
    expect(order.map(({ properties }) => properties.ReservedConcurrentExecutions)).toEqual([
      functions.reservedConcurrency.order,
      functions.reservedConcurrency.order,
    ]);
  });

  test('every function has a log that ends, and an environment that fits', () => {
    const groups = ofType(stages[name], 'AWS::Logs::LogGroup');
    for (const { properties, stack, id } of ofType(stages[name], 'AWS::Lambda::Function')) {
      const reference = text(object(properties.LoggingConfig).LogGroup);
      const group = groups.find((one) => one.stack === stack && reference === `<${one.id}>`);
      expect([id, group?.properties.RetentionInDays]).toEqual([id, stages[name].stage.functions.logRetentionDays]);
      const environment = object(object(properties.Environment).Variables);
      const bytes = Object.entries(environment).reduce((sum, [key, value]) => sum + key.length + text(value).length, 0);
      expect(bytes).toBeLessThan(4096);
    }
    expect(
      breaking(stages[name], 'AWS::Logs::LogGroup', ({ properties }) => properties.RetentionInDays !== undefined),
    ).toEqual([]);
  });

  test('every queue has dead letters and an alarm for its age, and the dead letters have both alarms', () => {
    const alarms = ofType(stages[name], 'AWS::CloudWatch::Alarm');
    const isAbout = ({ Namespace, Dimensions }: Resource['properties'], queue: string) =>
      Namespace === 'AWS/SQS' &&
      list(Dimensions).some((one) => object(one).Value === `twinkeep-${stages[name].stage.name}-${queue}`);
    const metrics = (queue: string) =>
      alarms
        .filter(({ properties }) => isAbout(properties, queue))
        .map(({ properties, home }) => `${home} ${properties.MetricName}`)
        .sort();
    for (const { name: queue, deadLetters, region } of QUEUES) {
      expect(metrics(queue)).toEqual([`${region} ApproximateAgeOfOldestMessage`]);
      expect(metrics(deadLetters)).toEqual([
        `${region} ApproximateAgeOfOldestMessage`,
        `${region} ApproximateNumberOfMessagesVisible`,
      ]);
    }
  });

  test('the APIs are guarded, logged and validate', () => {
    const apis = ofType(stages[name], 'AWS::ApiGateway::RestApi');
    expect(apis).toHaveLength(6);
    expect(ofType(stages[name], 'AWS::WAFv2::WebACLAssociation')).toHaveLength(6);
    for (const { properties } of ofType(stages[name], 'AWS::WAFv2::WebACL')) {
      const rules = list(properties.Rules).map((rule) => text(object(rule).Name));
      expect(rules.slice(0, 2)).toEqual(['denied', 'rate']);
    }
    const isLogged = ({ properties }: Resource) =>
      text(object(properties.AccessLogSetting).DestinationArn).includes('Access') &&
      !/ip|path|header/i.test(text(object(properties.AccessLogSetting).Format).replaceAll('resourcePath', ''));
    expect(breaking(stages[name], 'AWS::ApiGateway::Stage', isLogged)).toEqual([]);
    expect(
      breaking(
        stages[name],
        'AWS::ApiGateway::Method',
        ({ properties }) => properties.HttpMethod === 'ANY' || properties.RequestValidatorId !== undefined,
      ),
    ).toEqual([]);
  });

  test('a deployment of what answers or consumes goes by steps, and is rolled back by alarms', () => {
    const groups = ofType(stages[name], 'AWS::CodeDeploy::DeploymentGroup');
    const triggered = systemFunctions(stages[name]).filter(({ properties }) =>
      /members-|index-|invalidate-|failover-/.test(text(properties.FunctionName)),
    );
    expect(groups).toHaveLength(triggered.length);
    for (const { properties } of groups) {
      expect(object(properties.AlarmConfiguration).Enabled).toBe(true);
      expect(list(object(properties.AlarmConfiguration).Alarms).length).toBeGreaterThan(0);
      expect(list(object(properties.AutoRollbackConfiguration).Events)).toContain('DEPLOYMENT_STOP_ON_ALARM');
    }
  });

  test('nothing refers to another stack in a way that holds it fast', () => {
    for (const { template } of stages[name].stacks) {
      const whole = JSON.stringify(template);
      expect(whole).not.toContain('Fn::ImportValue');
      expect(whole).not.toContain('"Export"');
      expect(whole).not.toContain('Custom::CrossRegionExport');
    }
  });

  test('no stack waits for itself, through whatever others', () => {
    const { stacks } = stages[name];
    const waits = (from: string, seen: readonly string[]): string[] => {
      const stack = stacks.find((one) => one.name === from);
      return (stack?.dependencies ?? []).flatMap((next) =>
        seen.includes(next) ? [`${from} -> ${next}`] : waits(next, [...seen, next]),
      );
    };
    expect(stacks.some(({ dependencies }) => dependencies.length > 0)).toBe(true);
    for (const { name: stack, dependencies } of stacks) {
      expect(dependencies.every((one) => stacks.some((other) => other.name === one))).toBe(true);
      expect(waits(stack, [stack])).toEqual([]);
    }
  });
});
