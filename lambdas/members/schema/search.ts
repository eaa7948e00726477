import * as z from 'zod/mini';
import type { Tier } from '../../core';
import { canonicalTime } from './calendar';
import * as fields from './fields';
import { parse, refuse } from './parse';
import { reasoned } from './text';

export const SORTS = ['registeredAt', '-registeredAt', 'name'] as const;
export type Sort = (typeof SORTS)[number];

/** Every field that is named must match; of a list, one entry must. */
export interface SearchFilter {
  readonly tier?: readonly Tier[];
  readonly city?: readonly string[];
  readonly tags?: readonly string[];
  readonly marketingConsent?: readonly boolean[];
  /** ISO 8601 in UTC with milliseconds. */
  readonly registeredAt?: { readonly from?: string; readonly to?: string };
}

export interface SearchRequest {
  readonly filter: SearchFilter;
  readonly sort: Sort;
  readonly limit: number;
  readonly cursor?: string;
}

const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;
const MAX_VALUES = 100;
const CURSOR = /^[A-Za-z0-9_.~-]{1,4096}$/;

const oneOrMore = <T extends z.ZodMiniType>(value: T) =>
  z.union([value, z.array(value).check(z.minLength(1), z.maxLength(MAX_VALUES))]);

const time = z.string().check(
  reasoned((value) =>
    canonicalTime(value) === undefined ? 'must be a day or a time of ISO 8601 with its zone' : undefined,
  ),
  z.overwrite((value) => canonicalTime(value) ?? value),
  z.meta({ description: 'A day (from its start in UTC) or a time with its zone.', examples: ['2025-03-01T00:00:00Z'] }),
);

export const searchSchema = z.strictObject({
  filter: z._default(
    z.strictObject({
      tier: z.exactOptional(oneOrMore(fields.tier)),
      city: z.exactOptional(oneOrMore(fields.city)),
      tags: z.exactOptional(oneOrMore(fields.tag)),
      marketingConsent: z.exactOptional(oneOrMore(fields.marketingConsent)),
      registeredAt: z.exactOptional(z.strictObject({ from: z.exactOptional(time), to: z.exactOptional(time) })),
    }),
    {},
  ),
  sort: z._default(z.enum(SORTS), 'registeredAt'),
  limit: z._default(z.int().check(z.minimum(1), z.maximum(MAX_LIMIT)), DEFAULT_LIMIT),
  cursor: z.exactOptional(
    z.string().check(
      reasoned((value) => (CURSOR.test(value) ? undefined : 'is not a cursor of ours')),
      z.meta({ description: 'From the answer before, with the same filter and sort.', pattern: CURSOR.source }),
    ),
  ),
});

/** @throws Problem INVALID_REQUEST */
export function parseSearch(body: unknown): SearchRequest {
  const { filter, ...request } = parse(searchSchema, body);
  const { from, to } = filter.registeredAt ?? {};
  if (from !== undefined && to !== undefined && from > to)
    refuse('filter.registeredAt', 'must not end before it begins');
  return { ...request, filter: withLists(filter) };
}

function withLists({ registeredAt, ...filter }: z.output<typeof searchSchema>['filter']): SearchFilter {
  const lists = Object.fromEntries(Object.entries(filter).map(([field, value]) => [field, [value].flat()]));
  return { ...lists, ...(registeredAt === undefined ? {} : { registeredAt }) };
}
