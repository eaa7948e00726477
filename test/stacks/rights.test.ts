import type { StageConfiguration } from '../../lib/configuration';
import { SWITCHES, TRAFFIC_CLASSES } from '../../topology';
import { systemFunctions } from './support/facts';
import { grants, policiesOf, rightsOf } from './support/grants';
import { type Json, list, object, ofType, type Resource, TESTED_STAGES, testedStages, text } from './support/synthesis';

const stages = testedStages();

/** Rights that AWS gives for everything or for nothing, and why they are needed. */
const FOR_EVERYTHING: Readonly<Record<string, string>> = {
  'ec2:CreateNetworkInterface': 'Lambda enters the VPC by the rights of the function',
  'ec2:DescribeNetworkInterfaces': 'the same',
  'ec2:DescribeSubnets': 'the same',
  'ec2:DeleteNetworkInterface': 'the same',
  'ec2:AssignPrivateIpAddresses': 'the same',
  'ec2:UnassignPrivateIpAddresses': 'the same',
  'secretsmanager:BatchGetSecretValue': 'names no resource; each secret of a batch needs GetSecretValue, too',
  'lambda:ListEventSourceMappings': 'names no resource',
};

/** What IAM takes: all policies inside a role together, and one beside it. */
const INLINE_CHARACTERS = 10_240;
const MANAGED_CHARACTERS = 6144;
const LONGEST_REGION = 'ap-southeast-2';
const LONGEST_STAGE = 'ninechars';
const LONGEST_ARN = 100;

/** A document as it is sent, with what only a deployment knows in angle brackets. */
function told(value: Json | undefined): string {
  const within = (one: Json): Json => {
    if (Array.isArray(one)) return one.map(within);
    if (typeof one !== 'object' || one === null) return one;
    const [name = ''] = Object.keys(one);
    if (name === 'Ref' || name.startsWith('Fn::')) return text(one);
    return Object.fromEntries(Object.entries(one).map(([key, part]) => [key, within(part)]));
  };
  return JSON.stringify(within(value ?? null));
}

function longest(document: string, { name, regions }: StageConfiguration): string {
  const named = document.replaceAll(new RegExp(`twinkeep([-/])${name}`, 'g'), `twinkeep$1${LONGEST_STAGE}`);
  return Object.values(regions)
    .reduce((all, region) => all.replaceAll(region, LONGEST_REGION), named)
    .replaceAll('<AWS.Partition>', 'aws')
    .replaceAll('<AWS.AccountId>', '1'.repeat(12))
    .replaceAll(/<[^<>]*>/g, 'x'.repeat(LONGEST_ARN));
}

describe.each(TESTED_STAGES)('stage %s', (name) => {
  test('no right is for every action', () => {
    const found = grants(stages[name]);
    expect(found.length).toBeGreaterThan(100);
    // The framework of the CDK that encloses a key in a grant names families of actions: none is made by us.
    expect(found.filter(({ action }) => action.includes('*')).map(({ by, action }) => `${by} ${action}`)).toEqual([]);
  });

  test('what could be named is named', () => {
    const everything = grants(stages[name]).filter(({ resource }) => resource === '*');
    expect([...new Set(everything.map(({ action }) => action))].sort()).toEqual(Object.keys(FOR_EVERYTHING).sort());
  });

  test('a name is left open only for paths in a domain, ends of secrets, versions of a function, event sources and switches of features', () => {
    const open = grants(stages[name]).filter(({ resource }) => /[*?]/.test(resource) && resource !== '*');
    const prefix = `twinkeep-${stages[name].stage.name}`;
    const allowed = [
      new RegExp(
        `^arn:<AWS.Partition>:es:[a-z0-9-]+:<AWS.AccountId>:domain/${prefix}-(order|standby|marketing)/(members/_doc/\\*|\\*/_(search|mapping|refresh)|_(cluster/health|nodes)/\\*)$`,
      ),
      new RegExp(`:secret:twinkeep/${stages[name].stage.name}/[a-z0-9-]+-\\?{6}$`),
      new RegExp(`:function:${prefix}-provision:live:\\*$`),
      /:event-source-mapping:\*$/,
      new RegExp(`:parameter/twinkeep/${stages[name].stage.name}/degrade/\\*$`),
      new RegExp(`:rds:[a-z0-9-]*:<AWS.AccountId>:(global-)?cluster:${prefix}-([ab]-)?[ab]1-\\*$`),
    ];
    expect(open.filter(({ resource }) => !allowed.some((one) => one.test(resource)))).toEqual([]);
  });

  test('the code of a function does not get the rights by which Lambda enters the VPC', () => {
    const functions = systemFunctions(stages[name]);
    for (const made of functions) {
      const role = text(made.properties.Role).slice(1).split('.')[0];
      const denials = ofType(stages[name], 'AWS::IAM::Policy')
        .filter(({ stack, properties }) => stack === made.stack && text(list(properties.Roles)[0]) === `<${role}>`)
        .flatMap(({ properties }) => list(object(properties.PolicyDocument).Statement).map(object))
        .filter(({ Effect }) => Effect === 'Deny');
      const entering = Object.keys(FOR_EVERYTHING).filter((action) => action.startsWith('ec2:'));
      expect(denials.flatMap(({ Action }) => list(Action).map(text)).sort()).toEqual(entering.sort());
      const code = denials.map(({ Condition }) =>
        text(object(object(Condition).ArnEquals)['lambda:SourceFunctionArn']),
      );
      expect(code).toEqual([expect.stringMatching(`:function:${text(made.properties.FunctionName)}$`)]);
    }
  });

  test('policies fit into a role, whatever the regions and the stage are called', () => {
    const { stage } = stages[name];
    const sizeOf = ({ properties }: Resource) => longest(told(properties.PolicyDocument), stage).length;
    const inside = new Map<string, number>();
    for (const policy of ofType(stages[name], 'AWS::IAM::Policy')) {
      for (const role of list(policy.properties.Roles)) {
        const key = `${policy.stack} ${text(role)}`;
        inside.set(key, (inside.get(key) ?? 0) + sizeOf(policy));
      }
    }
    expect(inside.size).toBeGreaterThan(20);
    expect([...inside].filter(([, size]) => size > INLINE_CHARACTERS)).toEqual([]);
    const beside = ofType(stages[name], 'AWS::IAM::ManagedPolicy').map(
      (policy) => [policy.id, sizeOf(policy)] as const,
    );
    expect(beside.length).toBeGreaterThan(10);
    expect(beside.filter(([, size]) => size > MANAGED_CHARACTERS)).toEqual([]);
  });

  test('endpoints of AWS let the own account’s credentials pass, and no others', () => {
    const isOwn = ({ properties }: Resource) => {
      const statements = list(object(properties.PolicyDocument).Statement).map(object);
      return (
        statements.length === 1 &&
        text(object(object(statements[0]?.Condition).StringEquals)['aws:PrincipalAccount']) === '<AWS.AccountId>'
      );
    };
    const endpoints = ofType(stages[name], 'AWS::EC2::VPCEndpoint');
    expect(endpoints.length).toBeGreaterThan(10);
    expect(endpoints.filter((endpoint) => !isOwn(endpoint))).toEqual([]);
  });

  test('what makes copies can bring none back', () => {
    const roles = ofType(stages[name], 'AWS::IAM::Role').filter(({ stack }) => stack.endsWith('-backup'));
    expect(roles).toHaveLength(2);
    for (const { properties } of roles) {
      const policies = list(properties.ManagedPolicyArns).map((one) => text(one).split('/').at(-1));
      expect(policies).toEqual(['AWSBackupServiceRolePolicyForBackup']);
    }
  });

  test('everyone who may assume a role is a service of AWS', () => {
    for (const { properties, id } of ofType(stages[name], 'AWS::IAM::Role')) {
      for (const statement of list(object(properties.AssumeRolePolicyDocument).Statement)) {
        expect([id, Object.keys(object(object(statement).Principal))]).toEqual([id, ['Service']]);
      }
    }
  });
});

test('a relay may publish to both topics, and touches no claim, no domain and no queue', () => {
  const rights = rightsOf(stages.small, 'A', 'relay');
  expect(rights.filter((right) => /^(sns|dynamodb|es|sqs|lambda):/.test(right))).toEqual([
    'dynamodb:BatchGetItem dynamodb:us-east-1:table/twinkeep-small-decisions',
    'dynamodb:GetItem dynamodb:us-east-1:table/twinkeep-small-decisions',
    'sns:Publish sns:us-east-1:twinkeep-small-events',
    'sns:Publish sns:us-east-2:twinkeep-small-events',
  ]);
});

test('a consumer reads its own queue, fills its own dead letters, hands over and writes its own domain', () => {
  const rights = rightsOf(stages.small, 'B', 'index-marketing');
  const resources = (service: string) =>
    new Set(rights.filter((right) => right.startsWith(`${service}:`)).map((right) => right.split(' ')[1]));
  expect(resources('sqs')).toEqual(
    new Set([
      'sqs:us-east-2:twinkeep-small-index-marketing',
      'sqs:us-east-2:twinkeep-small-index-marketing-dead',
      'sqs:us-east-2:twinkeep-small-invalidate-B',
    ]),
  );
  expect(rights.filter((right) => right.startsWith('es:'))).toEqual([
    'es:ESHttpGet es:us-east-2:domain/twinkeep-small-marketing/*/_mapping',
    'es:ESHttpPost es:us-east-2:domain/twinkeep-small-marketing/_bulk',
  ]);
});

test('the API reads domains, writes documents into them, and can do nothing else there', () => {
  for (const trafficClass of TRAFFIC_CLASSES) {
    const rights = rightsOf(stages.small, 'A', `members-${trafficClass}`).filter((right) => right.startsWith('es:'));
    expect(rights).toHaveLength(18);
    const allowed =
      /^es:ESHttpGet \S+\/((members\/_doc|_cluster\/health)\/\*|\*\/_mapping)$|^es:ESHttpPost \S+\/((members|lookups)\/_search|_bulk)$/;
    for (const right of rights) expect(right).toMatch(allowed);
  }
});

test('who keeps the switches puts them in both regions, and nothing else that is stored beside them', () => {
  for (const name of ['failover-B', 'switches']) {
    const rights = rightsOf(stages.small, 'B', name).filter((right) => right.startsWith('ssm:PutParameter '));
    const names = SWITCHES.map((one) => one.name).filter((one) => !one.startsWith('degrade/'));
    const expected = ['us-east-1', 'us-east-2'].flatMap((region) =>
      [...names, 'degrade/*'].map((one) => `ssm:PutParameter ssm:${region}:parameter/twinkeep/small/${one}`),
    );
    expect(rights.sort()).toEqual(expected.sort());
  }
  const others = systemFunctions(stages.small)
    .map(({ properties, home }) => [home, text(properties.FunctionName).replace('twinkeep-small-', '')] as const)
    .filter(([, name]) => !/^(failover-|switches$)/.test(name));
  for (const [home, name] of others) expect(rightsOf(stages.small, home, name).join()).not.toContain('ssm:Put');
});

test('consumers are stopped by who keeps the switches, those of events in its own region only', () => {
  const stopping = ofType(stages.small, 'AWS::IAM::Policy').flatMap(({ id, stack, properties }) =>
    list(object(properties.PolicyDocument).Statement)
      .map(object)
      .filter(({ Action }) => list(Action).includes('lambda:UpdateEventSourceMapping'))
      .map(({ Condition }) => ({
        who: `${stack} ${id}`,
        functions: list(object(object(Condition).ArnEquals)['lambda:FunctionArn']).map(text),
      })),
  );
  const prefix = 'arn:<AWS.Partition>:lambda:us-east-1:<AWS.AccountId>:function:twinkeep-small';
  const here = stopping.filter(({ who }) => who.includes('-a-'));
  expect(here.map(({ functions }) => functions)).toEqual(
    Array(2).fill(['index-order', 'invalidate-A'].flatMap((name) => [`${prefix}-${name}`, `${prefix}-${name}:live`])),
  );
  expect(stopping).toHaveLength(4);
});

test('only the API forwards, to the function of its own class in the other region', () => {
  for (const { properties, home } of systemFunctions(stages.small)) {
    const name = text(properties.FunctionName).replace('twinkeep-small-', '');
    const invokes = rightsOf(stages.small, home, name).filter((right) => right.startsWith('lambda:Invoke'));
    const away = home === 'A' ? 'us-east-2' : 'us-east-1';
    const expected = name.startsWith('members-')
      ? [`lambda:InvokeFunction lambda:${away}:function:twinkeep-small-${name}:live`]
      : [];
    expect(invokes).toEqual(expected);
  }
});

test('a proxy reads the secrets that it is told of, by their whole names and in its own region', () => {
  const proxies = ofType(stages.own, 'AWS::RDS::DBProxy');
  expect(proxies).toHaveLength(8);
  for (const { stack, home, properties } of proxies) {
    const told = list(properties.Auth).map((one) => text(object(one).SecretArn));
    const secret = `arn:<AWS.Partition>:secretsmanager:${stages.own.stage.regions[home]}:<AWS.AccountId>:secret:`;
    const cluster = stack.split('-database-')[1]?.replace('-', '');
    const outputs = ['database', `master${cluster}`].map((name) => `<twinkeep-acme-a-secrets.${name}InArn>`);
    expect(told).toEqual(outputs.map((output) => `${secret}${output}`));
    const read = ofType(stages.own, 'AWS::IAM::Policy')
      .filter((one) => one.stack === stack)
      .flatMap(policiesOf)
      .filter(({ action }) => action === 'secretsmanager:GetSecretValue');
    expect(read.map(({ resource }) => resource)).toEqual(told);
  }
});

test('writers are moved by failover alone, seen by who turns switches as well, and only those of this stage', () => {
  for (const { properties, home } of systemFunctions(stages.small)) {
    const name = text(properties.FunctionName).replace('twinkeep-small-', '');
    const rights = rightsOf(stages.small, home, name).filter((right) => right.startsWith('rds:'));
    const members = ['us-east-1:cluster:twinkeep-small-a', 'us-east-2:cluster:twinkeep-small-b'];
    const moved = ['a1', 'b1'].flatMap((cluster) => [
      `rds::global-cluster:twinkeep-small-${cluster}`,
      ...members.map((member) => `rds:${member}-${cluster}`),
    ]);
    const seen = ['a1', 'b1'].map(
      (cluster) => `rds:DescribeGlobalClusters rds::global-cluster:twinkeep-small-${cluster}`,
    );
    const all = [
      ...seen,
      ...moved.flatMap((one) => [`rds:FailoverGlobalCluster ${one}`, `rds:SwitchoverGlobalCluster ${one}`]),
    ];
    const expected = name === 'switches' ? seen : name.startsWith('failover') ? all.sort() : [];
    expect([name, rights]).toEqual([name, expected]);
  }
});

test('only the one that makes the users reads the secrets of the masters', () => {
  for (const { properties, home } of systemFunctions(stages.small)) {
    const name = text(properties.FunctionName).replace('twinkeep-small-', '');
    const masters = rightsOf(stages.small, home, name).filter((right) => right.includes('/master-'));
    expect([name, masters.length]).toEqual([name, name === 'provision' ? 2 : 0]);
  }
});
