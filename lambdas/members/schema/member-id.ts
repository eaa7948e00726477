import { refuse } from './parse';

const DECIMAL = /^(0|[1-9][0-9]{0,18})$/;
/** The largest number of 63 bits, and the longest. */
const LARGEST = '9223372036854775807';

/** Whether a text is an id as we write it. Whether a member has it is another question. */
export function isMemberId(text: string): boolean {
  return DECIMAL.test(text) && (text.length < LARGEST.length || text <= LARGEST);
}

export const MEMBER_ID_RULE = 'must be a member id: a decimal number of 63 bits';

/** @throws Problem INVALID_REQUEST */
export function parseMemberId(text: string): string {
  return isMemberId(text) ? text : refuse('id', MEMBER_ID_RULE);
}
