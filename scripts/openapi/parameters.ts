import { ACKNOWLEDGEMENTS, LOOKUP_SCHEMAS, memberIdSchema, PLATFORM_NAMES } from '../../lambdas/members/schema';
import { IDEMPOTENCY_KEY } from '../../lambdas/members/schema/headers';
import { PROFILE_KEYS, TRAFFIC_CLASSES } from '../../topology';
import { SOURCE_EXAMPLES } from './answers';
import { inlineSchema, type JsonSchema } from './schemas';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'header' | 'query';
  readonly required?: true;
  readonly description?: string;
  readonly schema: JsonSchema;
}

const header = (name: string, description: string, schema: JsonSchema): Parameter => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string', ...schema },
});
const path = (name: string, description: string, schema: JsonSchema): Parameter => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', ...schema },
});

const VERSION = '(0|[1-9][0-9]{0,15})';
const VERSION_TAG = `^"${VERSION}"$`;

/** What a request can carry besides its body, by its name in the document. */
export const PARAMETERS = {
  id: path('id', 'Id of the member.', inlineSchema(memberIdSchema)),
  platform: path('platform', 'Where the account lives.', { enum: PLATFORM_NAMES }),
  account: path('account', 'The account, percent-encoded UTF-8.', { minLength: 1, maxLength: 128, examples: ['ada'] }),
  IfMatch: header(
    'If-Match',
    'The version that the member must have, as `ETag` gave it; or `*`. Weak tags are refused.',
    {
      pattern: `^("${VERSION}"|\\*)$`,
      examples: ['"4294967297"'],
    },
  ),
  IfNoneMatch: header(
    'If-None-Match',
    'Versions that the caller holds: an answer of one of them is 304, without a body.',
    {
      examples: ['"4294967297"'],
    },
  ),
  MinVersion: header(
    'Min-Version',
    'The least version that the answer may have, from an `ETag`: the caller reads its own writes.',
    {
      pattern: `^(${VERSION}|"${VERSION}")$`,
      examples: ['4294967297'],
    },
  ),
  Acknowledge: header(
    'Acknowledge',
    'Which regions must have the write before it is answered. `both` makes do with one while the other region is away, and says so; `require-both` answers 503 then.',
    { enum: ACKNOWLEDGEMENTS, default: 'one' },
  ),
  IdempotencyKey: header(
    'Idempotency-Key',
    'Makes a retry safe: the same key and body give the same member, in either region. The key is the caller’s own.',
    { pattern: IDEMPOTENCY_KEY.source, examples: ['8e03978e-40d5-43dd-bc93-6894a57f9324'] },
  ),
  traceparent: header('traceparent', 'W3C Trace Context: the trace goes on here.', {
    examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
  }),
  deep: {
    name: 'deep',
    in: 'query',
    description: '`1` asks each dependency too; that needs a key. Anything else is ignored.',
    schema: { type: 'string', examples: ['1'] },
  },
  ...Object.fromEntries(
    PROFILE_KEYS.map((key): [string, Parameter] => [
      key,
      { name: key, in: 'query', description: 'Exactly one key is named.', schema: inlineSchema(LOOKUP_SCHEMAS[key]) },
    ]),
  ),
} as const satisfies Readonly<Record<string, Parameter>>;

export type ParameterName = keyof typeof PARAMETERS | (typeof PROFILE_KEYS)[number];

const answered = (description: string, schema: JsonSchema) => ({ description, schema: { type: 'string', ...schema } });

/** A header of which an answer that lists it is never without. */
const always = (description: string, schema: JsonSchema) => ({ ...answered(description, schema), required: true });

/** Headers of answers, by their names. */
export const HEADERS = {
  ETag: always('The version of the member.', { pattern: VERSION_TAG, examples: ['"4294967297"'] }),
  Location: always('Path of the new member.', { examples: ['/v1/order/members/1153202979583557643'] }),
  Source: always('The store that answered.', { examples: SOURCE_EXAMPLES }),
  Degraded: answered('Present if the answer may be behind or in doubt.', {
    enum: ['replica', 'search', 'cache-only', 'default', 'lost-write'],
  }),
  Acknowledged: always('How far the write had got when it was answered.', { enum: ['one', 'both'] }),
  Allow: answered('The methods that the path takes.', { examples: ['GET, POST'] }),
  traceparent: answered('The trace of this request.', {
    examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01'],
  }),
  'Retry-After': { description: 'Seconds to wait before coming again.', schema: { type: 'integer', minimum: 1 } },
  'WWW-Authenticate': always('How to authenticate.', { const: 'ApiKey' }),
} as const;

export type HeaderName = keyof typeof HEADERS;

export const SERVERS = [
  {
    url: '/v1/{class}',
    description: 'Each traffic class has its own prefix.',
    variables: {
      class: { enum: [...TRAFFIC_CLASSES], default: TRAFFIC_CLASSES[0], description: 'What the calls are made for.' },
    },
  },
];
