import { REGIONS, TRAFFIC_CLASSES } from '../../topology';
import { endpointsOf } from './support/facts';
import {
  ALIKE,
  type Json,
  object,
  ofType,
  type Synthesis,
  type SynthesisedStack,
  TESTED_STAGES,
  testedStages,
  text,
} from './support/synthesis';

const stages = testedStages();

/** Stacks that stand in one region, each for the reason that `lib/system.ts` says. */
const ONCE = ['secrets', 'arbiter', 'provision'];
/** Stacks whose regions have different domains, queues or functions; `topology.test.ts` compares those. */
const UNLIKE = ['search', 'queues', 'topics', 'switches', 'functions', 'operations', 'levels', 'backup'];

function parts(synthesis: Synthesis, home: 'A' | 'B'): string[] {
  return synthesis.stacks
    .filter((stack) => stack.home === home)
    .map(({ part }) => part)
    .sort();
}

function firstOctets(cidr: string): string {
  return cidr.split('.').slice(0, 2).join('.');
}

/** The template as text, with what has to be different between the regions called by the same words. */
function likeness({ stage }: Synthesis, { home, template }: SynthesisedStack): string {
  const away = home === 'A' ? 'B' : 'A';
  return (
    JSON.stringify(template.Resources, undefined, 1)
      .replaceAll(stage.regions[home], '<own region>')
      .replaceAll(stage.regions[away], '<other region>')
      .replaceAll(stage.network.cidrs[home], '<own block>')
      .replaceAll(stage.network.cidrs[away], '<other block>')
      .replaceAll(`"${firstOctets(stage.network.cidrs[home])}.`, '"<own block>.')
      // Each region has an account of its own, from which load balancers write their logs.
      .replaceAll(/arn:aws:iam::\d{12}:root/g, '<load balancers>')
      // Rules between groups are called by the path of the group that they admit, and its hash.
      .replaceAll(/fromtwinkeep\w+?network(\w+?)[0-9A-F]{8}\w+/g, 'from$1')
      .replaceAll(`twinkeep-${stage.name}-${home.toLowerCase()}-`, '<own>-')
      .replaceAll(`twinkeep-${stage.name}-${away.toLowerCase()}-`, '<other>-')
      .replaceAll(`-${home.toLowerCase()}.`, '-<own>.')
      .replaceAll(`${stage.name}, region ${home}`, `${stage.name}, <own>`)
      .replaceAll(`"twinkeep:region": "${home}"`, '"twinkeep:region": "<own>"')
  );
}

describe.each(TESTED_STAGES)('stage %s', (name) => {
  test('both regions have the same stacks', () => {
    const { A, B } = { A: parts(stages[name], 'A'), B: parts(stages[name], 'B') };
    expect(A.filter((part) => !ONCE.includes(part))).toEqual(B);
    expect(A).toEqual(expect.arrayContaining(ONCE));
  });

  test.each(ALIKE.filter((part) => part !== 'entry' || name === 'own'))(
    'the stack %s is the same in both regions',
    (part) => {
      expect(UNLIKE).not.toContain(part);
      const [a, b] = (['A', 'B'] as const).map((home) => {
        const found = stages[name].stacks.find((stack) => stack.home === home && stack.part === part);
        if (found === undefined) throw new Error(`region ${home} has no ${part}`);
        return sorted(JSON.parse(undated(likeness(stages[name], found))));
      });
      expect(b).toEqual(a);
    },
  );
});

test.each(TESTED_STAGES)('functions of %s are told the same in both regions', (name) => {
  const told = REGIONS.map((home) => endpointsOf(stages[name], home));
  expect(told[1]).toEqual(told[0]);
});

test('each class has a name that both regions answer, and one for each region that tells whether it is well', () => {
  const records = ofType(stages.own, 'AWS::Route53::RecordSet').filter(({ stack }) => stack.endsWith('-dns'));
  const checks = ofType(stages.own, 'AWS::Route53::HealthCheck');
  for (const trafficClass of TRAFFIC_CLASSES) {
    const shared = records.filter(({ properties }) => properties.Name === `${trafficClass}.members.example.com`);
    const facts = shared.map(({ properties }) => [
      properties.SetIdentifier,
      properties.Failover,
      text(properties.HealthCheckId),
    ]);
    const checkId = `<Check${trafficClass}.HealthCheckId>`;
    expect(facts).toEqual([
      ['A', 'PRIMARY', checkId],
      ['B', 'SECONDARY', checkId],
    ]);
    const own = records.filter(({ properties }) => text(properties.Name).startsWith(`${trafficClass}-`));
    const asked = checks
      .filter(({ id }) => id === `Check${trafficClass}`)
      .map(({ properties }) => object(properties.HealthCheckConfig).FullyQualifiedDomainName);
    expect(own.map(({ properties }) => properties.Name)).toEqual(asked);
    expect(asked).toEqual([`${trafficClass}-a.members.example.com`, `${trafficClass}-b.members.example.com`]);
  }
});

/** A deployment of an API is called by a hash of what it deploys, which names its region. */
function undated(json: string): string {
  const deployments = [...new Set(json.match(/Api\w+Deployment[0-9A-F]{8}[0-9a-f]{32}/g) ?? [])];
  return deployments.reduce((text, id) => text.replaceAll(id, id.slice(0, -32)), json);
}

/** By its text, where an order says nothing: rules of a group, zones. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  );
}

/** Properties that name a thing beyond its own stack. */
const NAMING = /^(\w*Name|\w*Identifier|ReplicationGroupId|UserId|UserGroupId|Name|Id)$/;
/** Names that count within what bears another name: a role, a function, an application, an API, a zone. */
const INSIDE = new Set([
  'AWS::IAM::Policy.PolicyName',
  'AWS::Lambda::Alias.Name',
  'AWS::Lambda::Alias.FunctionName',
  'AWS::ApiGateway::Stage.StageName',
  'AWS::CodeDeploy::DeploymentGroup.DeploymentGroupName',
  'AWS::CodeDeploy::DeploymentGroup.ApplicationName',
  'AWS::Route53::HostedZone.Name',
  'AWS::Route53::RecordSet.Name',
  'AWS::Route53::RecordSet.SetIdentifier',
]);

/** Every name that a stage gives, and what it is the name of. */
function namesOf({ resources }: Pick<Synthesis, 'resources'>): Map<string, string> {
  const names = resources.flatMap(({ type, home, properties }) =>
    Object.entries(properties)
      .filter(
        ([property, value]) => NAMING.test(property) && !INSIDE.has(`${type}.${property}`) && typeof value === 'string',
      )
      .map(([property, value]) => [`${type} ${home} ${text(value)}`, `${type}.${property}`] as const),
  );
  return new Map(names);
}

/** Names that are AWS's own: of an engine, of a setting. */
const OF_AWS =
  /^AWS::(RDS::(DBInstance|DBCluster)\.\w*(Class|Engine)\w*|ElastiCache::\w+\.Engine|IAM::ServiceLinkedRole\.AWSServiceName|RDS::DBProxy\w*\.EngineFamily|EC2::\w+\.ServiceName|RDS::DBProxyTargetGroup\.TargetGroupName|CloudWatch::Alarm\.MetricName|SecretsManager::Secret\.Name|CodeDeploy::DeploymentGroup\.DeploymentConfigName)$/;

test('two stages in one account share no name', () => {
  const [one, other] = [namesOf(stages.small), namesOf(stages.large)];
  expect(one.size).toBeGreaterThan(200);
  const shared = [...one.entries()].filter(([key, of]) => other.has(key) && !OF_AWS.test(of)).map(([key]) => key);
  expect(shared).toEqual([]);
});

test('nothing is named without its stage', () => {
  const nameless = [...namesOf(stages.small).entries()]
    .filter(([key, of]) => !OF_AWS.test(of) && !key.includes('twinkeep-small') && !key.includes('twinkeep/small'))
    .map(([key]) => key);
  expect(nameless).toEqual([]);
});

test('what an account has once is kept by the stage that is told to', () => {
  for (const type of ['AWS::ApiGateway::Account', 'AWS::IAM::ServiceLinkedRole']) {
    expect(ofType(stages.small, type)).not.toEqual([]);
    expect(ofType(stages.own, type)).toEqual([]);
  }
});
