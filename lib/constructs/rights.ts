import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  clusterIdentifier,
  DOMAIN_NAMES,
  DOMAINS,
  type DomainName,
  FUNCTIONS,
  type FunctionDefinition,
  globalClusterIdentifier,
  PENDING_INDEX,
  REGIONS,
  SWITCHES,
  SYNC_TARGETS,
  TOPIC,
  unitsOf,
} from '../../topology';
import type { StageConfiguration } from '../configuration';
import { type HandlerRights, RIGHTS, type TableRights } from './handler-rights';
import { clustersOf } from './names';
import type { RegionStack } from './region-stack';

/** Keys of both regions, because a topic takes only what its own region's key enciphers. */
export interface KeyArns {
  readonly own: string;
  readonly away: string;
}

/** What a function may do, and on what, but in search domains. @throws Error if nobody has said what its handler needs */
export function statementsFor(stack: RegionStack, definition: FunctionDefinition, keys: KeyArns): PolicyStatement[] {
  const rights = rightsOf(definition);
  return [
    allow(['ssm:GetParametersByPath'], [stack.arn('ssm', `parameter${stack.names.endpointsPath}`)]),
    ...secretStatements(stack, definition, keys),
    ...Object.entries(rights.tables).map(([table, actions]) =>
      allow(actions, [stack.tableArn(table as keyof TableRights)]),
    ),
    ...(rights.findsOverdue ? [allow(['dynamodb:Query'], [`${stack.tableArn('claims')}/index/${PENDING_INDEX}`])] : []),
    ...(rights.publishes ? publishStatements(stack, keys) : []),
    ...(rights.forwards ? [forwardStatement(stack, definition)] : []),
    ...(rights.keepsSwitches ? [switchStatement(stack)] : []),
    ...(rights.wakes ? wakeStatements(stack, rights.wakes, keys) : []),
    ...(rights.stopsConsumers ? consumerStatements(stack) : []),
    ...(rights.handsOver ? [allow(['sqs:SendMessage'], [stack.queueArn(`invalidate-${stack.home}`, stack.home)])] : []),
    ...(rights.writers ? clusterStatements(stack, rights.writers) : []),
    ...(rights.redrives ? redriveStatements(stack, keys) : []),
    ...queueStatements(stack, definition, keys),
  ];
}

/**
 * What a function may do in search domains; none if it has no business there. It is much text, because paths are named,
 * and the policies inside a role have room for 10,240 characters.
 */
export function searchStatementsFor(stack: RegionStack, definition: FunctionDefinition): PolicyStatement[] {
  const { searches } = rightsOf(definition);
  return searches ? searchStatements(stack, definition, searches) : [];
}

function rightsOf({ handler }: FunctionDefinition): HandlerRights {
  const rights = RIGHTS[handler];
  if (rights === undefined) throw new Error(`lib/constructs/handler-rights.ts does not say what ${handler} may do`);
  return rights;
}

export function secretNames(stage: StageConfiguration, { handler }: FunctionDefinition): readonly string[] {
  const masters = handler === 'provision' ? clustersOf(stage).map(({ name }) => `master-${name}`) : [];
  return ['database', 'cache', 'keys', ...masters];
}

function secretStatements(stack: RegionStack, definition: FunctionDefinition, keys: KeyArns): PolicyStatement[] {
  const secrets = secretNames(stack.stage, definition).map((name) =>
    // Secrets Manager ends the ARN in a hyphen and six characters.
    stack.arn('secretsmanager', `secret:${stack.names.secret(name as 'keys')}-??????`),
  );
  return [
    allow(['secretsmanager:GetSecretValue'], secrets),
    // It names no resource; each secret of a batch needs the right above.
    allow(['secretsmanager:BatchGetSecretValue'], ['*']),
    allow(['kms:Decrypt'], [keys.own]),
  ];
}

function publishStatements(stack: RegionStack, keys: KeyArns): PolicyStatement[] {
  const topics = REGIONS.map((region) => stack.arn('sns', stack.names.of(TOPIC), region));
  return [allow(['sns:Publish'], topics), allow(['kms:GenerateDataKey', 'kms:Decrypt'], [keys.own, keys.away])];
}

function forwardStatement(stack: RegionStack, { name }: FunctionDefinition): PolicyStatement {
  const alias = `function:${stack.names.of(name)}:${ALIAS}`;
  return allow(['lambda:InvokeFunction'], [stack.arn('lambda', alias, stack.away)]);
}

/** Features are named together: one by one they would fill what a role's policies may hold. */
function switchStatement(stack: RegionStack): PolicyStatement {
  const names = new Set(SWITCHES.map(({ name }) => name.replace(/^degrade\/.*/, 'degrade/*')));
  const parameters = REGIONS.flatMap((region) =>
    [...names].map((name) => stack.arn('ssm', `parameter${stack.names.parameter(name)}`, region)),
  );
  return allow(['ssm:GetParameters', 'ssm:GetParameterHistory', 'ssm:PutParameter'], parameters);
}

/** An event source has no name but the one that Lambda gives it: which ones are meant is told by their functions. */
function consumerStatements(stack: RegionStack): PolicyStatement[] {
  const queues = SYNC_TARGETS.filter(({ region }) => region === stack.home).map(({ queue }) => queue);
  const consumers = FUNCTIONS.filter(({ trigger }) => trigger.kind === 'queue' && queues.includes(trigger.queue));
  const update = allow(['lambda:UpdateEventSourceMapping'], [stack.arn('lambda', 'event-source-mapping:*')]);
  // AWS does not say whether the key names the alias that a source calls: both mean the same function.
  const named = consumers.flatMap(({ name }) => [stack.names.of(name), `${stack.names.of(name)}:${ALIAS}`]);
  update.addCondition('ArnEquals', {
    'lambda:FunctionArn': named.map((one) => stack.arn('lambda', `function:${one}`)),
  });
  return [allow(['lambda:ListEventSourceMappings'], ['*']), update];
}

function wakeStatements(stack: RegionStack, whose: 'own' | 'all', keys: KeyArns): PolicyStatement[] {
  const regions = REGIONS.filter((region) => whose === 'all' || region === stack.home);
  return [
    allow(
      ['sqs:SendMessage'],
      regions.map((region) => stack.queueArn(`failover-${region}`, region)),
    ),
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], whose === 'all' ? [keys.own, keys.away] : [keys.own]),
  ];
}

/** Names of all clusters, those of a unit beyond its first as one: a policy has no room for many. */
export function clusterPatterns({ databases }: StageConfiguration): string[] {
  return unitsOf(databases.clustersPerUnit).flatMap(({ name, clusters }) =>
    clusters.length === 1 ? [name] : [name, `${name}-*`],
  );
}

/** A global cluster belongs to no region; a move needs the right to it and to the clusters that change their roles. */
function clusterStatements(stack: RegionStack, writers: 'sees' | 'moves'): PolicyStatement[] {
  const stage = stack.stage.name;
  const clusters = clusterPatterns(stack.stage);
  const globals = clusters.map((name) =>
    stack.globalArn('rds', `global-cluster:${globalClusterIdentifier(stage, name)}`),
  );
  const members = clusters.flatMap((name) =>
    REGIONS.map((region) => stack.arn('rds', `cluster:${clusterIdentifier(stage, region, name)}`, region)),
  );
  const sees = allow(['rds:DescribeGlobalClusters'], globals);
  if (writers === 'sees') return [sees];
  return [sees, allow(['rds:SwitchoverGlobalCluster', 'rds:FailoverGlobalCluster'], [...globals, ...members])];
}

function searchStatements(
  stack: RegionStack,
  definition: FunctionDefinition,
  { domains, paths }: NonNullable<HandlerRights['searches']>,
): PolicyStatement[] {
  const isMeant = (name: DomainName) => domains === 'all' || DOMAINS[name].queue === definition.name;
  const meant = DOMAIN_NAMES.filter(isMeant);
  return Object.entries(paths).map(([method, path]) => {
    const arns = meant.flatMap((name) =>
      path.map((one) => stack.arn('es', `domain/${stack.names.of(name)}/${one}`, DOMAINS[name].region)),
    );
    return allow([`es:ESHttp${method}`], arns);
  });
}

function redriveStatements(stack: RegionStack, keys: KeyArns): PolicyStatement[] {
  const queues = Object.values(DOMAINS);
  const living = queues.map(({ queue, region }) => stack.queueArn(queue, region));
  const dead = queues.map(({ queue, region }) => stack.queueArn(`${queue}-dead`, region));
  return [
    allow(['sqs:SendMessage', 'sqs:GetQueueAttributes'], living),
    allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'], dead),
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [keys.own, keys.away]),
  ];
}

function queueStatements(stack: RegionStack, { trigger }: FunctionDefinition, keys: KeyArns): PolicyStatement[] {
  if (trigger.kind !== 'queue') return [];
  return [
    allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      [stack.queueArn(trigger.queue, stack.home)],
    ),
    allow(['sqs:SendMessage'], [stack.queueArn(`${trigger.queue}-dead`, stack.home)]),
    allow(['kms:GenerateDataKey'], [keys.own]),
  ];
}

function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources] });
}

/** Every function is called by this alias, which a deployment moves by and by. */
export const ALIAS = 'live';
