import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { hostileText, hostileValue } from './hostile';

const PROFILE_FIELDS = ['name', 'phone', 'email', 'unionId', 'idCard', 'birthDate', 'locale', 'city', 'tier', 'tags'];
const FIELDS = [
  ...PROFILE_FIELDS,
  'marketingConsent',
  '__proto__',
  'constructor',
  'toString',
  'memberId',
  'version',
  '',
];

const fields = fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), hostileText), hostileValue, { maxKeys: 4 });

const account = fc.oneof(
  fc.record({ platform: fc.constantFrom('app', 'web', 'card', 'APP', '__proto__', ''), account: hostileText }),
  hostileValue,
);

/** A registration of which any part may be something else. */
const registration = fc
  .oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        name: fc.oneof(fc.constant('Fuzz'), hostileText),
        city: hostileText,
        tags: fc.array(hostileText),
      }),
    },
    { weight: 2, arbitrary: fields.map((given) => ({ name: 'Fuzz', ...given })) },
  )
  .chain((profile) =>
    fc.oneof(
      fc.constant({ profile }),
      fc.record({ profile: fc.constant(profile), accounts: fc.array(account, { maxLength: 3 }) }),
      fc.record({ profile: hostileValue, accounts: hostileValue }),
      fields.map((given) => ({ profile, ...given })),
    ),
  );

/** What happens to a body on its way: cut, flipped, doubled, in another encoding, packed. */
const spoiled = (text: string) => {
  const whole = Buffer.from(text, 'utf8');
  const at = fc.nat({ max: Math.max(0, whole.length - 1) });
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(whole) },
    { weight: 1, arbitrary: at.map((end) => whole.subarray(0, end)) },
    { weight: 1, arbitrary: fc.tuple(at, fc.nat({ max: 255 })).map(([index, byte]) => withByte(whole, index, byte)) },
    { weight: 1, arbitrary: fc.constant(Buffer.concat([Buffer.from('\ufeff'), whole])) },
    { weight: 1, arbitrary: fc.constantFrom<BufferEncoding>('latin1', 'utf16le').map((as) => Buffer.from(text, as)) },
    { weight: 1, arbitrary: fc.constant(gzipSync(whole)) },
    { weight: 1, arbitrary: fc.constant(Buffer.concat([whole, whole])) },
  );
};

function withByte(whole: Buffer, index: number, byte: number): Buffer {
  const copy = Buffer.from(whole);
  if (index < copy.length) copy[index] = byte;
  return copy;
}

/** Lone surrogates stay escapes, as a caller's library would write them; a key may be there twice. */
const written = (value: unknown) =>
  fc.constantFrom(JSON.stringify(value) ?? '', (JSON.stringify(value) ?? '').replace('{', '{"profile":{"name":1},'));

const NUMBERS = ['1e400', '-1e400', '9'.repeat(400), '0.'.padEnd(400, '1'), '-0', '01', '+1', '0x1', 'NaN', 'Infinity'];
const NESTED = [100, 5_000, 60_000].flatMap((depth) => ['['.repeat(depth), `${'['.repeat(depth)}${']'.repeat(depth)}`]);
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

const LITERALS = [
  ...[
    '',
    ' ',
    '\n',
    'null',
    'true',
    '[]',
    '{}',
    '""',
    '0',
    '{',
    '}',
    '"',
    '\\',
    '\u0000',
    '{}{}',
    '{},',
    '[1,]',
    "{'a':1}",
  ],
  ...[
    '{"profile":null}',
    '{"profile":[]}',
    '{"profile":{"name":"\\ud800"}}',
    '{"profile":{"name":"\\u0000"}}',
    '/**/{}',
  ],
  ...['{"__proto__":{"name":"a"}}', '{"profile":{"__proto__":{"name":"a"}}}', '{"profile":{"name":"a","name":2}}'],
  ...['{"constructor":{"prototype":{"name":"a"}}}', '{"ids":[1]}', '{"ids":["1"],"ids":null}', '{"ids":["-0"]}'],
  ...NUMBERS.flatMap((number) => [
    number,
    `{"limit":${number}}`,
    `{"ids":[${number}]}`,
    `{"profile":{"name":${number}}}`,
  ]),
  ...NESTED,
  ...[2_000, 20_000].flatMap((depth) => [
    objects(depth),
    `{"profile":${objects(depth)}}`,
    `{"filter":${objects(depth)}}`,
  ]),
  `{"ids":[${'"1",'.repeat(20_000)}"1"]}`,
  `{"profile":{"name":"${'a'.repeat(255 * 1024)}"}}`,
  `{"profile":{"name":"${'a'.repeat(300 * 1024)}"}}`,
  `{"profile":{"name":"a","tags":[${'"a",'.repeat(30_000)}"a"]}}`,
  `{${Array.from({ length: 5_000 }, (_, index) => `"field${index}":1`).join()}}`,
];

export const hostileBody: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: registration.chain(written).chain(spoiled) },
  { weight: 2, arbitrary: fc.constantFrom(...LITERALS).chain(spoiled) },
  { weight: 1, arbitrary: hostileValue.chain(written).chain(spoiled) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
);

/** Every literal, each as it is. */
export const LITERAL_BODIES: readonly Buffer[] = LITERALS.map((text) => Buffer.from(text));
