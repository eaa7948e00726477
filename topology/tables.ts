/**
 * A DynamoDB table of the arbiter: single-item conditional writes, no transactions, no local indexes, no TTL. All key
 * attributes are strings, and an index is global and holds whole items.
 */
export interface Table {
  readonly name: 'claims' | 'decisions' | 'journal' | 'callers';
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly indexes?: readonly { readonly name: string; readonly partitionKey: string; readonly sortKey: string }[];
}

/** Sparse index of the pending claims: only items that carry `pendingShard` and `pendingSince` are in it. */
export const PENDING_INDEX = 'pending';
export const PENDING_SHARDS = 4;

export const TABLES: readonly Table[] = [
  {
    name: 'claims',
    partitionKey: 'key',
    indexes: [{ name: PENDING_INDEX, partitionKey: 'pendingShard', sortKey: 'pendingSince' }],
  },
  { name: 'decisions', partitionKey: 'key' },
  { name: 'journal', partitionKey: 'partition', sortKey: 'sort' },
  { name: 'callers', partitionKey: 'id' },
];

/** Tables of a stage are named `<prefix>-<table>`. */
export function tableName(prefix: string, table: Table['name']): string {
  return `${prefix}-${table}`;
}
