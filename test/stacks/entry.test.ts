import { TRAFFIC_CLASSES } from '../../topology';
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

/** Of the stage that has an internal entry, in one region. */
function ofEntry(type: string, home: 'A' | 'B'): Resource[] {
  return ofType(stages.own, type).filter((one) => one.home === home && one.stack.endsWith('-entry'));
}

function attributesOf({ properties }: Resource, name: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(list(properties[name]).map((one) => [object(one).Key, object(one).Value]));
}

test.each(TESTED_STAGES)('%s has an internal entry where it says so', (name) => {
  const { stage, stacks }: Synthesis = stages[name];
  const entries = stacks.filter(({ part }) => part === 'entry').map(({ home }) => home);
  expect(entries.sort()).toEqual(stage.internalEntry.kind === 'none' ? [] : ['A', 'B']);
});

describe.each(['A', 'B'] as const)('the internal entry in %s', (home) => {
  const region = { A: 'eu-west-1', B: 'eu-central-1' }[home];

  test('stands inside, and drops headers that HTTP does not allow', () => {
    const [balancer, ...others] = ofEntry('AWS::ElasticLoadBalancingV2::LoadBalancer', home);
    expect(others).toEqual([]);
    expect(balancer?.properties).toMatchObject({ Scheme: 'internal', Type: 'application' });
    expect(list(balancer?.properties.Subnets)).toHaveLength(2);
    expect(attributesOf(balancer as Resource, 'LoadBalancerAttributes')).toMatchObject({
      'routing.http.drop_invalid_header_fields.enabled': 'true',
    });
  });

  test('is entered by TLS alone, from its VPC and the blocks of the stage', () => {
    const listeners = ofEntry('AWS::ElasticLoadBalancingV2::Listener', home);
    expect(listeners).toHaveLength(1);
    expect(listeners[0]?.properties).toMatchObject({ Port: 443, Protocol: 'HTTPS' });
    expect(text(listeners[0]?.properties.SslPolicy)).toMatch(/^ELBSecurityPolicy-TLS13-1-2-/);
    const [certificate] = list(listeners[0]?.properties.Certificates).map((one) => text(object(one).CertificateArn));
    expect(certificate).toContain(`:acm:${region}:`);
    const rules = ofEntry('AWS::EC2::SecurityGroup', home).flatMap(({ properties }) =>
      list(properties.SecurityGroupIngress).map(object),
    );
    expect(rules.map(({ CidrIp, FromPort, ToPort }) => [CidrIp, FromPort, ToPort])).toEqual([
      [stages.own.stage.network.cidrs[home], 443, 443],
      ['10.60.0.0/16', 443, 443],
    ]);
    expect(ofEntry('AWS::EC2::SecurityGroupIngress', home)).toEqual([]);
  });

  test('leads each class to its function, by the alias, and what is in no class to one that refuses it', () => {
    const groups = ofEntry('AWS::ElasticLoadBalancingV2::TargetGroup', home);
    const functionOf = (reference: string) => {
      const group = groups.find(({ id }) => reference === `<${id}>`);
      const [target] = list(group?.properties.Targets).map((one) => text(object(one).Id));
      return target?.split(':function:')[1];
    };
    const led = ofEntry('AWS::ElasticLoadBalancingV2::ListenerRule', home).map(({ properties }) => {
      const [condition] = list(properties.Conditions).map(object);
      const [action] = list(properties.Actions).map(object);
      return [list(object(condition?.PathPatternConfig).Values), functionOf(text(action?.TargetGroupArn))];
    });
    expect(led).toEqual(
      TRAFFIC_CLASSES.map((trafficClass) => [[`/v1/${trafficClass}/*`], `twinkeep-acme-members-${trafficClass}:live`]),
    );
    const [listener] = ofEntry('AWS::ElasticLoadBalancingV2::Listener', home);
    const [otherwise] = list(listener?.properties.DefaultActions).map((one) => text(object(one).TargetGroupArn));
    expect(functionOf(otherwise ?? '')).toBe('twinkeep-acme-members-other:live');
  });

  test('tells functions every value of a name, as they expect it', () => {
    const groups = ofEntry('AWS::ElasticLoadBalancingV2::TargetGroup', home);
    expect(groups).toHaveLength(TRAFFIC_CLASSES.length);
    for (const group of groups) {
      expect(group.properties.TargetType).toBe('lambda');
      expect(attributesOf(group, 'TargetGroupAttributes')).toEqual({ 'lambda.multi_value_headers.enabled': 'true' });
    }
  });

  test('may call these functions from these target groups, before they are made', () => {
    const permissions = ofEntry('AWS::Lambda::Permission', home);
    const groups = ofEntry('AWS::ElasticLoadBalancingV2::TargetGroup', home);
    for (const { properties, dependsOn } of groups) {
      const [target] = list(properties.Targets).map((one) => text(object(one).Id));
      const permission = permissions.find(({ id }) => dependsOn.includes(id))?.properties;
      expect(text(permission?.FunctionName)).toBe(target);
      expect(permission?.Principal).toBe('elasticloadbalancing.amazonaws.com');
      expect(text(permission?.SourceArn)).toBe(
        `arn:<AWS.Partition>:elasticloadbalancing:${region}:<AWS.AccountId>:targetgroup/${properties.Name}/*`,
      );
    }
    expect(permissions).toHaveLength(groups.length);
  });

  test('keeps who called what for as long as the stage says, where nobody from outside reads it', () => {
    const [bucket] = ofEntry('AWS::S3::Bucket', home);
    const [balancer] = ofEntry('AWS::ElasticLoadBalancingV2::LoadBalancer', home);
    expect(attributesOf(balancer as Resource, 'LoadBalancerAttributes')).toMatchObject({
      'access_logs.s3.enabled': 'true',
      'access_logs.s3.bucket': { Ref: bucket?.id },
    });
    const [rule] = list(object(bucket?.properties.LifecycleConfiguration).Rules).map(object);
    expect(rule).toMatchObject({ ExpirationInDays: 14, Status: 'Enabled' });
    expect(Object.values(object(bucket?.properties.PublicAccessBlockConfiguration))).toEqual([true, true, true, true]);
    expect(bucket?.properties.BucketEncryption).toBeDefined();
  });

  test('has an alarm for what it fails to answer', () => {
    const [alarm] = ofType(stages.own, 'AWS::CloudWatch::Alarm').filter(
      (one) => one.home === home && one.id.startsWith('entryfailing'),
    );
    const balancers = list(alarm?.properties.Metrics)
      .flatMap((one) => list(object(object(object(one).MetricStat).Metric).Dimensions))
      .map((one) => text(object(one).Value));
    expect(balancers).toEqual(Array(3).fill(`<twinkeep-acme-${home.toLowerCase()}-entry.entryMetrics>`));
  });
});
