import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** An item as the table holds it. Only this room sees one; the others see claims, decisions, moves and callers. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** An item lacks an attribute, or has it in another type than this code writes. */
export class MalformedItem extends Error {
  constructor(attribute: string) {
    super(`An item of the arbiter has no usable ${attribute}`);
    this.name = 'MalformedItem';
  }
}

export function text(value: string): AttributeValue {
  return { S: value };
}

export function number(value: number): AttributeValue {
  return { N: String(value) };
}

export function texts(values: readonly string[]): AttributeValue {
  return { L: values.map(text) };
}

export function readText(item: Item, attribute: string): string {
  return readOptionalText(item, attribute) ?? malformed(attribute);
}

export function readOptionalText(item: Item, attribute: string): string | undefined {
  return item[attribute]?.S;
}

export function readNumber(item: Item, attribute: string): number {
  const value = Number(item[attribute]?.N);
  return Number.isSafeInteger(value) ? value : malformed(attribute);
}

export function readTexts(item: Item, attribute: string): string[] {
  const list = item[attribute]?.L ?? malformed(attribute);
  return list.map((entry) => entry.S ?? malformed(attribute));
}

/** One of the values that this code knows. */
export function readOneOf<T extends string>(item: Item, attribute: string, known: readonly T[]): T {
  const value = readText(item, attribute);
  return known.find((candidate) => candidate === value) ?? malformed(attribute);
}

function malformed(attribute: string): never {
  throw new MalformedItem(attribute);
}
