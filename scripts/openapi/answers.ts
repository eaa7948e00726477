import * as z from 'zod/mini';
import type { PublicMember } from '../../lambdas/members';
import { memberIdSchema, PROFILE_FIELDS, profileSchema } from '../../lambdas/members/schema';
import { DOMAIN_NAMES } from '../../topology';

/**
 * Schemas of what is answered. They stand here because nothing is read by them: they describe, and the tests hold what
 * is answered against them. Fields may be added to answers, so their objects are open.
 */

const described = <T extends z.ZodMiniType>(schema: T, description: string) => schema.check(z.meta({ description }));
const time = z.string().check(z.meta({ format: 'date-time', description: 'ISO 8601 in UTC.' }));
const version = z.string().check(
  z.meta({
    description: 'Decimal, as text. A higher version is newer, wherever it was read.',
    pattern: '^(0|[1-9][0-9]{0,15})$',
    examples: ['4294967297'],
  }),
);

const FIELD_TYPES = { tags: z.array(z.string()), marketingConsent: z.boolean() } as const;

/** A profile as it is answered: some classes see contact data masked, so its fields keep no format. */
export const memberProfile = described(
  z.looseObject({
    ...Object.fromEntries(
      PROFILE_FIELDS.map((field) => [field, z.exactOptional(FIELD_TYPES[field as 'tags'] ?? z.string())]),
    ),
    name: profileSchema.shape.name,
    tier: profileSchema.shape.tier,
  }),
  'Class `marketing` sees `phone`, `email`, `unionId`, `idCard` and accounts masked.',
);

export const boundAccount = z.looseObject({ platform: z.string(), account: z.string(), boundAt: time });

export const member = z.looseObject({
  memberId: memberIdSchema,
  version,
  status: z.enum(['active', 'closed']),
  profile: memberProfile,
  accounts: z.array(boundAccount),
  registeredAt: time,
  updatedAt: time,
} satisfies Record<keyof PublicMember, z.ZodMiniType>);

export const memberList = z.looseObject({ items: z.array(member) });

export const batchAnswer = z.looseObject({
  items: z.array(
    z.looseObject({
      id: memberIdSchema,
      status: described(z.int(), 'The status that `GET /members/{id}` would have.'),
      member: z.exactOptional(member),
      code: z.exactOptional(described(z.string(), 'Why there is no member: one of our error codes.')),
    }),
  ),
});

export const searchAnswer = z.looseObject({
  items: z.array(member),
  cursor: z.exactOptional(described(z.string(), 'Asks for what follows; absent at the end.')),
});

export const health = z.looseObject({
  status: described(z.string(), '`ok`, or `degraded` if a dependency does not answer.'),
  dependencies: z.exactOptional(z.array(z.looseObject({ name: z.string(), ok: z.boolean(), latencyMs: z.number() }))),
});

export const problem = z.looseObject({
  type: described(z.string(), '`urn:twinkeep:error:<code>`'),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  traceId: described(z.string(), 'Finds this request in our logs.'),
  detail: z.exactOptional(z.string()),
  errors: z.exactOptional(
    described(
      z.array(z.looseObject({ path: z.string(), message: z.string() })),
      'What is wrong, by its place in the request.',
    ),
  ),
  rule: z.exactOptional(described(z.string(), 'The rule that refused; `traffic/deny` for the deny list.')),
  retryAfterMs: z.exactOptional(
    described(z.number(), 'When it may be worth coming again; `Retry-After` is the same in whole seconds, rounded up.'),
  ),
});

export const SOURCE_EXAMPLES = ['cache', 'database;unit=a1;role=replica', `search;domain=${DOMAIN_NAMES[1]}`];
