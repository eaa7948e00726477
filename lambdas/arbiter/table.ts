import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unavailable } from '../core';
import { pause } from './attempts';
import type { Item } from './item';
import {
  batchRequest,
  getRequest,
  type ItemQuery,
  type ItemUpdate,
  type ItemWrite,
  queryRequest,
  removalRequest,
  updateRequest,
  writeRequest,
} from './requests';

/** After the change the item as it is now; where the condition was lost, the item that stands (absent: undefined). */
export type UpdateOutcome =
  | { readonly applied: true; readonly item: Item }
  | { readonly applied: false; readonly present: Item | undefined };

/** Runs one call until it is answered; see `answered`. */
export type Call = <T>(run: () => Promise<T>) => Promise<T>;

interface Page {
  readonly Items?: Record<string, AttributeValue>[] | undefined;
  readonly LastEvaluatedKey?: Record<string, AttributeValue> | undefined;
}

const BATCH_SIZE = 100;
/** Answers hold 16 MB: a batch of the largest items comes in three. */
const MAX_BATCH_ROUNDS = 6;

/** One table: single-item conditional writes and reads, nothing else, because the arbiter's tables know no more. */
export class ItemTable {
  readonly #client: DynamoDBClient;
  readonly #name: string;
  readonly #call: Call;

  constructor(client: DynamoDBClient, name: string, call: Call) {
    this.#client = client;
    this.#name = name;
    this.#call = call;
  }

  async get(key: Item, consistent: boolean): Promise<Item | undefined> {
    const request = getRequest(this.#name, key, consistent);
    return (await this.#call(() => this.#client.send(new GetItemCommand(request)))).Item;
  }

  /** What there is of these items, in any order. */
  async getMany(keys: readonly Item[], consistent: boolean): Promise<Item[]> {
    const items: Item[] = [];
    for (let from = 0; from < keys.length; from += BATCH_SIZE) {
      items.push(...(await this.#getBatch(keys.slice(from, from + BATCH_SIZE), consistent)));
    }
    return items;
  }

  /** Returns the item as it is now. */
  async write(key: Item, change: ItemWrite): Promise<Item> {
    const request = writeRequest(this.#name, key, change);
    return (await this.#call(() => this.#client.send(new UpdateItemCommand(request)))).Attributes ?? {};
  }

  async update(key: Item, change: ItemUpdate): Promise<UpdateOutcome> {
    const request = updateRequest(this.#name, key, change);
    try {
      const answer = await this.#call(() => this.#client.send(new UpdateItemCommand(request)));
      return { applied: true, item: answer.Attributes ?? {} };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { applied: false, present: error.Item };
      throw error;
    }
  }

  /** Only where the condition holds for the item as it is then: what is not there is removed already. */
  async remove(key: Item, condition: Pick<ItemUpdate, 'condition' | 'values'>): Promise<void> {
    const request = removalRequest(this.#name, key, condition);
    try {
      await this.#call(() => this.#client.send(new DeleteItemCommand(request)));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  query(query: ItemQuery): Promise<Item[]> {
    const request = queryRequest(this.#name, query);
    return this.#pages(
      (ExclusiveStartKey) => this.#client.send(new QueryCommand({ ...request, ExclusiveStartKey })),
      query.limit,
    );
  }

  /** Every item, strongly consistent. */
  scan(): Promise<Item[]> {
    const request = { TableName: this.#name, ConsistentRead: true };
    return this.#pages((ExclusiveStartKey) => this.#client.send(new ScanCommand({ ...request, ExclusiveStartKey })));
  }

  async #getBatch(keys: readonly Item[], consistent: boolean): Promise<Item[]> {
    const items: Item[] = [];
    let wanted = keys;
    for (let round = 1; wanted.length > 0; round++) {
      if (round > MAX_BATCH_ROUNDS) throw unavailable('The arbiter answers too slowly');
      if (round > 1) await pause(round - 1);
      const request = batchRequest(this.#name, wanted, consistent);
      const answer = await this.#call(() => this.#client.send(new BatchGetItemCommand(request)));
      items.push(...(answer.Responses?.[this.#name] ?? []));
      wanted = answer.UnprocessedKeys?.[this.#name]?.Keys ?? [];
    }
    return items;
  }

  async #pages(
    read: (startKey: Page['LastEvaluatedKey']) => Promise<Page>,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<Item[]> {
    const items: Item[] = [];
    let startKey: Page['LastEvaluatedKey'];
    do {
      const page = await this.#call(() => read(startKey));
      items.push(...(page.Items ?? []));
      startKey = page.LastEvaluatedKey;
    } while (startKey !== undefined && items.length < limit);
    return items;
  }
}
