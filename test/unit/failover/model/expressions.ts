import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../../lambdas/arbiter/item';
import type { ItemWrite } from '../../../../lambdas/arbiter/requests';

type Values = Readonly<Record<string, AttributeValue>>;

/** What the arbiter's tables do with the expressions that are sent to them, as far as decisions use them. */
export function applied(item: Item | undefined, key: Item, { update, values }: ItemWrite): Item {
  const next: Record<string, AttributeValue> = { ...key, ...item };
  for (const [, verb, list = ''] of update.matchAll(/\b(SET|ADD|REMOVE)\b(.*?)(?=\bSET\b|\bADD\b|\bREMOVE\b|$)/gs)) {
    for (const part of list.split(',')) change(next, verb ?? '', part.trim().split(/[\s=]+/), values);
  }
  return next;
}

function change(item: Record<string, AttributeValue>, verb: string, [path = '', value = '']: string[], values: Values) {
  const name = path.slice(1);
  if (verb === 'REMOVE') delete item[name];
  else if (verb === 'SET') item[name] = given(value, values);
  else item[name] = { N: String(Number(item[name]?.N ?? 0) + Number(given(value, values).N)) };
}

function given(name: string, values: Values): AttributeValue {
  const value = values[name];
  if (value === undefined) throw new Error(`the expression has no value ${name}`);
  return value;
}

/** Whether a condition holds for an item: comparisons, `attribute_not_exists`, AND, OR and parentheses. */
export function holds(item: Item | undefined, condition: string, values: Values): boolean {
  const words = condition.match(/attribute_not_exists\(#\w+\)|[()]|<=|=|#\w+|:\w+|AND|OR/g) ?? [];
  let at = 0;
  const take = () => words[at++] ?? '';

  function any(): boolean {
    let result = all();
    while (words[at] === 'OR') {
      at += 1;
      const other = all();
      result = result || other;
    }
    return result;
  }

  function all(): boolean {
    let result = one();
    while (words[at] === 'AND') {
      at += 1;
      const other = one();
      result = result && other;
    }
    return result;
  }

  function one(): boolean {
    const word = take();
    if (word === '(') {
      const inner = any();
      at += 1;
      return inner;
    }
    const absent = /attribute_not_exists\(#(\w+)\)/.exec(word);
    if (absent !== null) return item?.[absent[1] ?? ''] === undefined;
    const operator = take();
    const wanted = given(take(), values);
    const present = item?.[word.slice(1)];
    if (present === undefined) return false;
    return operator === '=' ? isSame(present, wanted) : Number(present.N) <= Number(wanted.N);
  }

  return any();
}

function isSame(one: AttributeValue, other: AttributeValue): boolean {
  return one.S === other.S && one.N === other.N;
}
