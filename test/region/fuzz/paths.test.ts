import fc from 'fast-check';
import type { TrafficClass } from '../../../topology';
import { register, unique } from '../support/client';
import { REGION_NAMES } from '../support/system';
import { conforming } from './support/conforming';
import { hostileText } from './support/hostile';

const TIMEOUT_MS = 120_000;
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PURGE', 'PROPFIND', 'LINK'];

/** Percent-encodes what a path can't hold, and sometimes more or worse than that. */
const encoded = (text: string) =>
  fc.constantFrom(
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    text.replace(/[^\x21-\x7e]|[%?#/]/gu, (found) =>
      [...Buffer.from(found)].map((byte) => `%${byte.toString(16)}`).join(''),
    ),
    text.replace(/[^\x21-\x7e]/g, ''),
  );

const BROKEN = [
  '%',
  '%2',
  '%zz',
  '%ff',
  '%c0%af',
  '%ed%a0%80',
  '%00',
  '%2e%2e',
  '..',
  '.',
  '%2F',
  '%252F',
  '\xff',
  '',
  ';a=b',
  '*',
];

test(
  'no path, query or method makes an answer that the document does not describe',
  async () => {
    const account = unique('fuzzed');
    const { memberId } = await register([`app:${account}`]);
    const LITERALS = [
      'members',
      'accounts',
      'app',
      'web',
      'APP',
      'batch',
      'search',
      'health',
      'openapi.json',
      memberId,
      account,
    ];
    const segment = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...LITERALS) },
      { weight: 3, arbitrary: hostileText.chain(encoded) },
      { weight: 2, arbitrary: fc.constantFrom(...BROKEN) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '0',
          '-1',
          '00',
          '1.0',
          '9223372036854775807',
          '9223372036854775808',
          '9'.repeat(40),
        ),
      },
    );
    const pattern = fc.constantFrom<string[]>(
      ['members', memberId, 'accounts', 'app'],
      ['members', memberId, 'accounts'],
      ['accounts', 'app'],
      ['accounts', 'web'],
      ['members'],
      [],
    );
    const path = fc
      .tuple(pattern, fc.array(segment, { maxLength: 3 }))
      .map(([begin, end]) => `/${[...begin, ...end].join('/')}`)
      .map((text) => text.slice(0, 9000));
    const name = fc.constantFrom(
      'phone',
      'email',
      'unionId',
      'idCard',
      'deep',
      '__proto__',
      'constructor',
      'limit',
      '',
      '%',
    );
    const value = fc.oneof(
      hostileText.chain(encoded),
      fc.constantFrom('1', '%2B491511234567', '+491511234567', ...BROKEN),
    );
    const query = fc
      .array(fc.tuple(name, value), { maxLength: 3 })
      .map((pairs) => pairs.map(([left, right]) => `${left}=${right}`).join('&'))
      .map((text) => (text === '' ? '' : `?${text.slice(0, 4000)}`));
    const where = fc.record({
      region: fc.constantFrom(...REGION_NAMES),
      trafficClass: fc.constantFrom<TrafficClass>('order', 'marketing', 'other'),
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...METHODS), path, query, where, async (method, at, asked, place) => {
        const answer = await conforming({ method, path: at + asked, ...place });
        if (method === 'HEAD') expect(answer.text).toBe('');
      }),
      { numRuns: 300 },
    );
  },
  TIMEOUT_MS,
);
