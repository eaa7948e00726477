import type * as z from 'zod/mini';
import { type FieldError, Problem } from '../../core';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** An answer that lists everything wrong with a hostile body would be larger than the body. */
const MAX_ERRORS = 32;
/** Names of unknown fields are repeated only where they look like names: anything else could be personal. */
const FIELD_NAME = /^[A-Za-z_][A-Za-z_-]{0,39}$/;

/** @throws Problem INVALID_REQUEST */
export function refuse(path: string, message: string): never {
  throw invalid([{ path, message }]);
}

export function invalid(errors: readonly FieldError[]): Problem {
  return new Problem('INVALID_REQUEST', { errors: errors.slice(0, MAX_ERRORS) });
}

/**
 * Reads what a caller sent by its schema. The messages name fields and rules, never values.
 *
 * @param at path of `value` in the request
 * @throws Problem INVALID_REQUEST
 */
export function parse<T extends z.ZodMiniType>(schema: T, value: unknown, at: Path = []): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(result.error.issues.flatMap((issue) => fieldErrors(issue, value, at)));
}

function fieldErrors(issue: Issue, root: unknown, at: Path): FieldError[] {
  const path = [...at, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.slice(0, MAX_ERRORS).map((key) => unknownField(path, key));
  if (issue.code === 'invalid_union') return unionErrors(issue, root, at);
  return [{ path: path.join('.'), message: messageOf(issue, root) }];
}

function unknownField(path: Path, key: string): FieldError {
  if (FIELD_NAME.test(key)) return { path: [...path, key].join('.'), message: 'is not a known field' };
  return { path: path.join('.'), message: 'has a field that is not known' };
}

/** Our unions are `value or list of values`, in this order: only the branch that the caller meant is explained. */
function unionErrors(issue: Extract<Issue, { code: 'invalid_union' }>, root: unknown, at: Path): FieldError[] {
  const given = valueAt(root, issue.path);
  const branch = issue.errors[Array.isArray(given) ? 1 : 0] ?? [];
  return branch.flatMap((inner) => fieldErrors(inner, given, [...at, ...issue.path]));
}

function messageOf(issue: Issue, root: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return valueAt(root, issue.path) === undefined
        ? 'is required'
        : `must be ${TYPE_NAMES[issue.expected] ?? 'another type'}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must ${SIZE_VERBS[issue.origin] ?? 'be'} at least ${issue.minimum}${SIZE_NOUNS[issue.origin] ?? ''}`;
    case 'too_big':
      return `must ${SIZE_VERBS[issue.origin] ?? 'be'} at most ${issue.maximum}${SIZE_NOUNS[issue.origin] ?? ''}`;
    case 'custom':
      return issue.message;
    default:
      return 'is not valid';
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  number: 'a number',
  int: 'a whole number',
};
const SIZE_VERBS: Readonly<Record<string, string>> = { string: 'have', array: 'have' };
const SIZE_NOUNS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
