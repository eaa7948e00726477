import type * as z from 'zod';
import { STAGES } from './stages';

/** Why a value is refused where the schema says nothing better: what to write instead. */
export function adviceFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `does not know ${issue.keys.map(quoted).join(', ')}; ${knownAt(issue.path ?? [])}`;
    case 'invalid_type':
      return issue.input === undefined
        ? `must be said: ${named(issue.expected)}`
        : `must be ${named(issue.expected)}, not ${named(kindOf(issue.input))}`;
    case 'invalid_value':
      return `must be ${issue.values.map(quoted).join(' or ')}`;
    case 'too_small':
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'invalid_format':
      return issue.format === 'email' ? 'must be an e-mail address' : `must be a valid ${issue.format}`;
    default:
      return undefined;
  }
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

const NAMES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  null: 'nothing',
  number: 'a number',
  object: 'an object of its own fields',
  string: 'text',
};

function named(kind: string): string {
  return NAMES[kind] ?? `a ${kind}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** What a stage that has this part says in it. */
function knownAt(path: readonly PropertyKey[]): string {
  const parts = Object.values(STAGES).map((stage) => path.reduce<unknown>((part, key) => partOf(part, key), stage));
  const names = new Set(parts.flatMap((part) => (isObject(part) ? Object.keys(part) : [])));
  return names.size === 0 ? 'see lib/configuration/schema.ts' : `there are: ${[...names].join(', ')}`;
}

function partOf(value: unknown, key: PropertyKey): unknown {
  return isObject(value) ? value[String(key)] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
