import { systemFunctions } from './facts';
import { list, object, ofType, type Properties, type Resource, type Synthesis, text } from './synthesis';

interface Grant {
  readonly by: string;
  readonly action: string;
  readonly resource: string;
}

function grantsIn(by: string, document: Properties): Grant[] {
  return list(document.Statement).flatMap((statement) => {
    const { Effect, Action, NotAction, Resource: resources, NotResource } = object(statement);
    expect([NotAction, NotResource]).toEqual([undefined, undefined]);
    if (Effect !== 'Allow') return [];
    return list(Action).flatMap((action) =>
      list(resources).map((resource) => ({ by, action: text(action), resource: text(resource) })),
    );
  });
}

export function policiesOf(resource: Resource): Grant[] {
  const { PolicyDocument, Policies } = resource.properties;
  const documents = [PolicyDocument, ...list(Policies).map((one) => object(one).PolicyDocument)];
  return documents
    .filter((one) => one !== undefined)
    .flatMap((one) => grantsIn(`${resource.stack} ${resource.id}`, object(one)));
}

export function grants(synthesis: Synthesis): Grant[] {
  return ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Role', 'AWS::IAM::RolePolicy'].flatMap((type) =>
    ofType(synthesis, type).flatMap(policiesOf),
  );
}

/** What the role of a function may do, as `<action> <resource>`. */
export function rightsOf(synthesis: Synthesis, home: string, functionName: string): string[] {
  const made = systemFunctions(synthesis).find(
    (one) => one.home === home && text(one.properties.FunctionName).endsWith(`-${functionName}`),
  );
  if (made === undefined) throw new Error(`there is no ${functionName} in ${home}`);
  const role = text(made.properties.Role).slice(1).split('.')[0];
  return ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => ofType(synthesis, type))
    .filter(
      ({ stack, properties }) =>
        stack === made.stack && list(properties.Roles).some((one) => text(one) === `<${role}>`),
    )
    .flatMap(policiesOf)
    .map(
      ({ action, resource }) =>
        `${action} ${resource.replaceAll('arn:<AWS.Partition>:', '').replaceAll(':<AWS.AccountId>:', ':')}`,
    )
    .sort();
}
