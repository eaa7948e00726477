import type {
  AttributeValue,
  BatchGetItemCommandInput,
  DeleteItemCommandInput,
  GetItemCommandInput,
  QueryCommandInput,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './item';

type Values = Readonly<Record<string, AttributeValue>>;

/** A change of one item. Attributes stand as `#name` in the expressions, values as `:name`. */
export interface ItemWrite {
  readonly update: string;
  readonly values: Values;
}

/** A change that happens only where the condition holds for the item as it is then. */
export interface ItemUpdate extends ItemWrite {
  readonly condition: string;
}

export interface ItemQuery {
  readonly index?: string;
  readonly keys: string;
  readonly filter?: string;
  readonly values: Values;
  /** No further page is read once there are so many items; without it all are. */
  readonly limit?: number;
  /** From the end of the sort key; without it from its beginning. */
  readonly newestFirst?: true;
  readonly consistent: boolean;
}

/** `#name` always means the attribute `name`: so no word is reserved, and none is declared twice. */
export function namesIn(...expressions: (string | undefined)[]): Record<string, string> {
  const names = expressions.flatMap((expression) => expression?.match(/#\w+/g) ?? []);
  return Object.fromEntries(names.map((name) => [name, name.slice(1)]));
}

export function writeRequest(table: string, key: Item, change: ItemWrite): UpdateItemCommandInput {
  return {
    TableName: table,
    Key: { ...key },
    UpdateExpression: change.update,
    ExpressionAttributeNames: namesIn(change.update),
    ExpressionAttributeValues: { ...change.values },
    ReturnValues: 'ALL_NEW',
  };
}

export function updateRequest(table: string, key: Item, change: ItemUpdate): UpdateItemCommandInput {
  return {
    ...writeRequest(table, key, change),
    ConditionExpression: change.condition,
    ExpressionAttributeNames: namesIn(change.update, change.condition),
    // A loser learns what stands in the same trip.
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

export function removalRequest(
  table: string,
  key: Item,
  { condition, values }: Pick<ItemUpdate, 'condition' | 'values'>,
): DeleteItemCommandInput {
  return {
    TableName: table,
    Key: { ...key },
    ConditionExpression: condition,
    ExpressionAttributeNames: namesIn(condition),
    ExpressionAttributeValues: { ...values },
  };
}

export function getRequest(table: string, key: Item, consistent: boolean): GetItemCommandInput {
  return { TableName: table, Key: { ...key }, ConsistentRead: consistent };
}

export function batchRequest(table: string, keys: readonly Item[], consistent: boolean): BatchGetItemCommandInput {
  return { RequestItems: { [table]: { Keys: keys.map((key) => ({ ...key })), ConsistentRead: consistent } } };
}

export function queryRequest(table: string, query: ItemQuery): QueryCommandInput {
  return {
    TableName: table,
    ...(query.index === undefined ? {} : { IndexName: query.index }),
    KeyConditionExpression: query.keys,
    ...(query.filter === undefined ? {} : { FilterExpression: query.filter }),
    ExpressionAttributeNames: namesIn(query.keys, query.filter),
    ExpressionAttributeValues: { ...query.values },
    ...(query.limit === undefined ? {} : { Limit: query.limit }),
    ...(query.newestFirst === undefined ? {} : { ScanIndexForward: false }),
    ConsistentRead: query.consistent,
  };
}
