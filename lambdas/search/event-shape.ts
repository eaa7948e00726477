import * as z from 'zod/mini';
import type { MemberEvent } from '../core';

const text = z.string().check(z.minLength(1));
const optionalText = z.optional(z.string());
const memberId = z.string().check(z.regex(/^[0-9]{1,19}$/));
const version = z.int().check(z.minimum(1));
const time = z.string().check(z.refine(isCanonicalTime));

/** What the writing of an event rests on. Everything else of a document is the engine's to refuse, by its strict mapping. */
const eventShape = z.object({
  memberId,
  version,
  document: z.object({
    memberId,
    version,
    status: z.enum(['active', 'closed']),
    profile: z.object({
      name: text,
      phone: optionalText,
      email: optionalText,
      unionId: optionalText,
      idCard: optionalText,
    }),
    accounts: z.array(z.object({ platform: text, account: text })),
    registeredAt: time,
    updatedAt: time,
  }),
  removedKeys: z.array(z.object({ kind: text, value: text })),
});

/** Why an event can never be written: paths, no values. Undefined if it can. */
export function reasonAgainstEvent(event: MemberEvent): string | undefined {
  const parsed = eventShape.safeParse(event);
  if (!parsed.success) {
    const paths = parsed.error.issues.map((issue) => issue.path.join('.') || 'event');
    return `not a member event: ${[...new Set(paths)].join(', ')}`;
  }
  const { document } = parsed.data;
  if (document.memberId !== event.memberId) return 'not a member event: its document is of another member';
  if (document.version !== event.version) return 'not a member event: its document has another version';
  return undefined;
}

function isCanonicalTime(time: string): boolean {
  const ms = Date.parse(time);
  // Years beyond 9999 have another form, whose order is not that of the times.
  return time.length === 24 && !Number.isNaN(ms) && new Date(ms).toISOString() === time;
}
