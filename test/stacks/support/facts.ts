import type { Region } from '../../../topology';
import { list, object, ofType, type Properties, type Resource, type Synthesis, text } from './synthesis';

type Facts = (synthesis: Synthesis) => { readonly fact: string; readonly resource: Resource }[];

function fact(resource: Resource, ...parts: readonly unknown[]) {
  return { fact: parts.join(' '), resource };
}

function named({ stage }: Synthesis, name: string): string {
  return name.replace(`twinkeep-${stage.name}-`, '');
}

function environmentOf(resource: Resource): Properties {
  return object(object(resource.properties.Environment).Variables);
}

/** Those of the topology; the CDK's own have no name of ours in their environment. */
export function systemFunctions(synthesis: Synthesis): Resource[] {
  return ofType(synthesis, 'AWS::Lambda::Function').filter(
    (resource) => environmentOf(resource).TWINKEEP_FUNCTION !== undefined,
  );
}

function lastPart(arn: string): string {
  return arn.split(':').at(-1) ?? '';
}

function find(synthesis: Synthesis, stack: string, id: string): Resource | undefined {
  return synthesis.resources.find((resource) => resource.stack === stack && resource.id === id);
}

function idIn(reference: string): string {
  return /"Ref":"(\w+)"|^<(\w+)/.exec(reference)?.slice(1).find(Boolean) ?? '';
}

/** The name of the function whose alias is referred to, whole or by a part of its ARN. */
function functionBehind(synthesis: Synthesis, stack: string, reference: string): string {
  const alias = find(synthesis, stack, idIn(reference));
  const target = alias === undefined ? undefined : find(synthesis, stack, idIn(text(alias.properties.FunctionName)));
  return target === undefined ? `unknown: ${reference}` : named(synthesis, text(target.properties.FunctionName));
}

const functions: Facts = (synthesis) =>
  systemFunctions(synthesis).map((resource) => {
    const { FunctionName, Handler, Timeout, ReservedConcurrentExecutions } = resource.properties;
    const { TWINKEEP_REGION, TWINKEEP_CLASS } = environmentOf(resource);
    const name = named(synthesis, text(FunctionName));
    return fact(
      resource,
      resource.home,
      TWINKEEP_REGION,
      name,
      Handler,
      `${Timeout}s`,
      ReservedConcurrentExecutions,
      TWINKEEP_CLASS,
    );
  });

const schedules: Facts = (synthesis) =>
  ofType(synthesis, 'AWS::Events::Rule')
    .filter(({ properties }) => properties.ScheduleExpression !== undefined)
    .map((resource) => {
      const [target] = list(resource.properties.Targets);
      const name = functionBehind(synthesis, resource.stack, text(object(target).Arn));
      return fact(resource, resource.home, name, resource.properties.ScheduleExpression);
    });

const sources: Facts = (synthesis) =>
  ofType(synthesis, 'AWS::Lambda::EventSourceMapping').map((resource) => {
    const { EventSourceArn, FunctionName, BatchSize, ScalingConfig, FunctionResponseTypes } = resource.properties;
    return fact(
      resource,
      resource.home,
      named(synthesis, lastPart(text(EventSourceArn))),
      functionBehind(synthesis, resource.stack, text(FunctionName)),
      BatchSize,
      object(ScalingConfig).MaximumConcurrency,
      text(list(FunctionResponseTypes)[0]),
    );
  });

/** A queue of the topology names its dead letters; a queue of dead letters names none. */
const queues: Facts = (synthesis) =>
  ofType(synthesis, 'AWS::SQS::Queue').map((resource) => {
    const { QueueName, VisibilityTimeout, RedrivePolicy } = resource.properties;
    const { deadLetterTargetArn, maxReceiveCount } = object(RedrivePolicy);
    const dead =
      deadLetterTargetArn === undefined ? undefined : find(synthesis, resource.stack, idIn(text(deadLetterTargetArn)));
    return fact(
      resource,
      resource.home,
      named(synthesis, text(QueueName)),
      VisibilityTimeout,
      dead === undefined ? undefined : named(synthesis, text(dead.properties.QueueName)),
      maxReceiveCount,
    );
  });

const subscriptions: Facts = (synthesis) =>
  ofType(synthesis, 'AWS::SNS::Subscription')
    .filter(({ properties }) => properties.Protocol === 'sqs')
    .map((resource) => {
      const endpoint = text(resource.properties.Endpoint);
      return fact(
        resource,
        resource.home,
        endpoint.split(':')[3],
        named(synthesis, lastPart(endpoint)),
        resource.properties.RawMessageDelivery,
      );
    });

function pathOf(synthesis: Synthesis, stack: string, id: string): string {
  const resource = find(synthesis, stack, id);
  if (resource === undefined || resource.type !== 'AWS::ApiGateway::Resource') return '';
  const parent = idIn(text(resource.properties.ParentId));
  return `${pathOf(synthesis, stack, parent)}/${resource.properties.PathPart}`;
}

/** The function that a method invokes. */
function invoked(synthesis: Synthesis, { properties }: Resource): string {
  const { Type, Uri } = object(properties.Integration);
  const [, name = text(Uri)] = /:function:([^:]+):live\/invocations$/.exec(text(Uri)) ?? [];
  return `${Type} ${named(synthesis, name)}`;
}

const routes: Facts = (synthesis) =>
  ofType(synthesis, 'AWS::ApiGateway::Method')
    .filter(({ properties }) => properties.HttpMethod !== 'ANY')
    .map((resource) => {
      const { HttpMethod, ResourceId, RestApiId, RequestModels } = resource.properties;
      const api = find(synthesis, resource.stack, idIn(text(RestApiId)));
      const path = pathOf(synthesis, resource.stack, idIn(text(ResourceId)));
      const takes = Object.keys(object(RequestModels)).sort().join(',');
      const trafficClass = named(synthesis, text(api?.properties.Name));
      return fact(resource, resource.home, trafficClass, HttpMethod, path, invoked(synthesis, resource), takes);
    });

function isEndpoint({ stage }: Synthesis, { properties }: Resource): boolean {
  return text(properties.Name).startsWith(`/twinkeep/${stage.name}/endpoints/`);
}

/** Who is asked by other methods of a path. */
const refusals: Facts = (synthesis) =>
  ofType(synthesis, 'AWS::ApiGateway::Method')
    .filter(({ properties }) => properties.HttpMethod === 'ANY')
    .map((resource) => {
      const { ResourceId, RestApiId } = resource.properties;
      const api = find(synthesis, resource.stack, idIn(text(RestApiId)));
      const path = pathOf(synthesis, resource.stack, idIn(text(ResourceId)));
      const trafficClass = named(synthesis, text(api?.properties.Name));
      return fact(resource, resource.home, trafficClass, path, invoked(synthesis, resource));
    });

const switches: Facts = (synthesis) =>
  ofType(synthesis, 'AWS::SSM::Parameter')
    .filter((resource) => !isEndpoint(synthesis, resource))
    .map((resource) => fact(resource, resource.home, resource.properties.Name, resource.properties.Value));

const tables: Facts = (synthesis) =>
  ofType(synthesis, 'AWS::DynamoDB::GlobalTable').map((resource) => {
    const { TableName, KeySchema, GlobalSecondaryIndexes, MultiRegionConsistency, Replicas, GlobalTableWitnesses } =
      resource.properties;
    const keys = (schema: typeof KeySchema) =>
      list(schema)
        .map((one) => `${object(one).KeyType}:${object(one).AttributeName}`)
        .join(',');
    const indexes = list(GlobalSecondaryIndexes).map(
      (one) => `${object(one).IndexName}(${keys(object(one).KeySchema)})`,
    );
    const replicas = list(Replicas)
      .map((one) => object(one).Region)
      .sort();
    const witnesses = list(GlobalTableWitnesses).map((one) => object(one).Region);
    return fact(
      resource,
      named(synthesis, text(TableName)),
      keys(KeySchema),
      indexes,
      MultiRegionConsistency,
      replicas,
      witnesses,
    );
  });

/** What stands in the templates of what the topology names, by kind. */
export const FACTS = {
  functions,
  schedules,
  sources,
  queues,
  subscriptions,
  routes,
  refusals,
  switches,
  tables,
} as const;
export type Kind = keyof typeof FACTS;

/** Where the switches' values and the parameters of endpoints are read as functions would. */
export function endpointsOf(synthesis: Synthesis, home: Region): Record<string, unknown> {
  const prefix = `/twinkeep/${synthesis.stage.name}/endpoints/`;
  const endpoints: Record<string, unknown> = {};
  for (const { properties } of ofType(synthesis, 'AWS::SSM::Parameter').filter(
    (one) => one.home === home && isEndpoint(synthesis, one),
  )) {
    const [name = '', child] = text(properties.Name).slice(prefix.length).split('/');
    // What only a deployment knows is part of a host's name.
    const value = JSON.parse(text(properties.Value).replaceAll(/<[^>]*>/g, 'deployed'));
    endpoints[name] = child === undefined ? value : { ...(endpoints[name] as object), [child]: value };
  }
  return endpoints;
}
