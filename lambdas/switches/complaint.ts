import type * as z from 'zod/mini';

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  string: 'text',
};

/** Why a part of a value is refused where its schema says nothing better, in words that follow the part's name. */
export function complaintOf(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `does not know ${issue.keys.join(', ')}`;
    case 'too_small':
      return `must ${sized(issue.origin, issue.minimum)} at least`;
    case 'too_big':
      return `must ${sized(issue.origin, issue.maximum)} at most`;
    default:
      return 'is not understood';
  }
}

function sized(what: string, size: number | bigint): string {
  if (what === 'string') return `have ${size} characters`;
  return what === 'array' ? `have ${size} entries` : `be ${size}`;
}
