import fc from 'fast-check';

/** What texts are broken by: ends of strings and lines, halves of characters, marks, directions, other spaces, escapes. */
const FRAGMENTS = [
  ...[
    '\u0000',
    '\u0001',
    '\u007f',
    '\u0085',
    '\ud800',
    '\udc00',
    '\udfff\ud800',
    '\ufeff',
    '\u202e',
    '\u2028',
    '\uffff',
  ],
  ...[
    'é',
    'e\u0301',
    'ß',
    'İ',
    'ı',
    'ﬁ',
    '\u0344',
    '\u1e9b\u0323',
    '𝒳',
    '😀',
    '👩‍👩‍👧',
    '\u00a0',
    '\u3000',
    '\t',
    '\r\n',
  ],
  ...[
    '"',
    "'",
    '\\',
    '/',
    '%',
    '%00',
    '%2f',
    '..',
    ';',
    '--',
    '$',
    '{',
    '}',
    '`',
    '<',
    '&',
    '|',
    ' ',
    '+',
    '*',
    '?',
    '#',
  ],
  ...['a', 'Z', '0', '__proto__', 'constructor', 'null', 'undefined', 'NaN', '1e999', '-0'],
];

const fragments = fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 8 }).map((parts) => parts.join(''));

export const hostileText = fc.oneof(
  { weight: 4, arbitrary: fragments },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.tuple(fragments, fc.constantFrom(40, 100, 101, 128, 129, 255, 256, 5000)).map(repeated) },
);

function repeated([text, length]: [string, number]): string {
  return (text === '' ? 'a' : text).repeat(length).slice(0, length);
}

/** A value that JSON has, where another was expected. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 2, [], {}, [[]], [null], { a: 1 }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.array(hostileText, { maxLength: 40 }),
);

const TOKENS = [
  ...[
    '"',
    '"0"',
    '"1"',
    '"4294967297"',
    'W/"1"',
    '*',
    '0',
    '1',
    '-1',
    '4294967297',
    '9007199254740991',
    '9007199254740992',
  ],
  ...[
    '99999999999999999999',
    '0x10',
    '1e3',
    ' ',
    '\t',
    ',',
    ';',
    '=',
    'one',
    'both',
    'require-both',
    'ONE',
    'é',
    '\xff',
  ],
  ...['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '00-', 'ff-', '0'.repeat(32), 'application/json'],
  ...[
    'application/merge-patch+json',
    'charset=utf-8',
    'charset="utf-16"',
    'text/plain',
    'gzip',
    'identity',
    'shop.',
    '.',
  ],
];

/** A header's value of characters that HTTP allows. */
export const headerValue = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...TOKENS), { maxLength: 6 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,300}$/) },
  { weight: 1, arbitrary: fc.constantFrom(','.repeat(4000), '"'.repeat(4001), '"1",'.repeat(1500), 'x'.repeat(8000)) },
);

const HEADER_NAMES = [
  ...['Idempotency-Key', 'If-Match', 'If-None-Match', 'Min-Version', 'Acknowledge', 'traceparent', 'Content-Type'],
  ...[
    'Content-Encoding',
    'x-api-key',
    'Accept',
    'Accept-Encoding',
    'X-HTTP-Method-Override',
    'X-Forwarded-For',
    'Range',
  ],
  ...['__proto__', 'constructor', 'Forwarded', 'Cookie', 'If-Modified-Since', 'TE', 'x-amzn-trace-id'],
];

/** Headers under names that mean something, some of them several times. */
export const hostileHeaders = fc.dictionary(
  fc.constantFrom(...HEADER_NAMES),
  fc.oneof(
    { weight: 5, arbitrary: headerValue },
    { weight: 1, arbitrary: fc.array(headerValue, { minLength: 2, maxLength: 3 }) },
  ),
  { minKeys: 1, maxKeys: 4 },
);
