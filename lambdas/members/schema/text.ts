import * as z from 'zod/mini';

/**
 * Control characters, the two separators that break lines without being controls, and code points that are no characters: queues
 * refuse two of those, and escaped they would make an event larger than a message may be.
 */
const NOT_TEXT = /[\p{Cc}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u;
/** With the `u` flag only a surrogate without its partner matches. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** Length as people count it: by code points, not by UTF-16 units. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/**
 * Why a text can't be kept: the rule for accounts, names and every other free text.
 *
 * @param text in NFC
 * @param max code points
 * @returns undefined if it can be kept
 */
export function reasonAgainstText(text: string, max: number): string | undefined {
  if (text === '') return 'must not be empty';
  if (!isWellFormed(text)) return 'must be well-formed Unicode';
  if (NOT_TEXT.test(text)) return 'must not contain control characters, or code points that are no characters';
  if (text.trim() !== text) return 'must not begin or end with whitespace';
  // A code point has one or two units, so most texts need not be counted.
  if (text.length > max && (text.length > 2 * max || codePoints(text) > max))
    return `must have at most ${max} characters`;
  return undefined;
}

/** A free text of 1 to `max` code points, kept in NFC. */
export function text(max: number, described: { description: string; examples: string[] }) {
  return z.string().check(
    z.normalize('NFC'),
    reasoned((value) => reasonAgainstText(value, max)),
    z.meta({ minLength: 1, maxLength: max, ...described }),
  );
}

/** A check that says why it refuses, without repeating the value. */
export function reasoned<T>(reasonAgainst: (value: T) => string | undefined) {
  return z.check<T>((payload) => {
    const message = reasonAgainst(payload.value);
    if (message !== undefined) payload.issues.push({ code: 'custom', input: payload.value, message });
  });
}
