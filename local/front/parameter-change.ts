import { randomUUID } from 'node:crypto';

export interface ParameterChange {
  readonly name: string;
  readonly operation: 'Create' | 'Update' | 'Delete';
  readonly type?: string;
}

export interface ParameterCall {
  /** `X-Amz-Target` of the request. */
  readonly target: string;
  readonly request: string;
  readonly answer: string;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : {};
  } catch {
    return {};
  }
}

/** The changes that a successful call to the Parameter Store made. */
export function parameterChanges({ target, request, answer }: ParameterCall): ParameterChange[] {
  const asked = fieldsOf(request);
  const told = fieldsOf(answer);
  const { Name: name, Type: type } = asked;
  if (target === 'AmazonSSM.PutParameter' && typeof name === 'string') {
    const operation = told.Version === 1 ? 'Create' : 'Update';
    return [{ name, operation, ...(typeof type === 'string' ? { type } : {}) }];
  }
  if (target === 'AmazonSSM.DeleteParameter' && typeof name === 'string') return [{ name, operation: 'Delete' }];
  if (target === 'AmazonSSM.DeleteParameters' && Array.isArray(told.DeletedParameters)) {
    return told.DeletedParameters.map((deleted) => ({ name: String(deleted), operation: 'Delete' }));
  }
  return [];
}

/** The event that EventBridge sends for a change. */
export function parameterChangeEvent(change: ParameterChange, awsRegion: string, accountId: string, time: Date) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Parameter Store Change',
    source: 'aws.ssm',
    account: accountId,
    time: time.toISOString(),
    region: awsRegion,
    resources: [`arn:aws:ssm:${awsRegion}:${accountId}:parameter/${change.name.replace(/^\//, '')}`],
    detail: change,
  };
}
