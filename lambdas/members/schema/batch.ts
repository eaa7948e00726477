import * as z from 'zod/mini';
import { isMemberId, MEMBER_ID_RULE } from './member-id';
import { parse } from './parse';
import { reasoned } from './text';

const MAX_IDS = 100;

export const memberIdSchema = z.string().check(
  reasoned((value) => (isMemberId(value) ? undefined : MEMBER_ID_RULE)),
  z.meta({
    description: 'A decimal number of 63 bits, as text because it does not fit every JSON number.',
    pattern: '^(0|[1-9][0-9]{0,18})$',
    examples: ['1153202979583557643'],
  }),
);

export const batchSchema = z.strictObject({ ids: z.array(memberIdSchema).check(z.maxLength(MAX_IDS)) });

/**
 * Ids in the order asked; an id may be asked twice.
 *
 * @throws Problem INVALID_REQUEST
 */
export function parseBatch(body: unknown): readonly string[] {
  return parse(batchSchema, body).ids;
}
