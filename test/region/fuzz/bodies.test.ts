import fc from 'fast-check';
import type { TrafficClass } from '../../../topology';
import { untilStoresAgree } from '../support/agreement';
import { register } from '../support/client';
import { readRows } from '../support/stores';
import { REGION_NAMES } from '../support/system';
import { hostileBody, LITERAL_BODIES } from './support/bodies';
import { conforming } from './support/conforming';
import type { FuzzAnswer } from './support/exchange';
import { headerValue } from './support/hostile';

const TIMEOUT_MS = 120_000;

const calls = (id: string) => [
  ['POST', '/members', 'application/json'],
  ['PATCH', `/members/${id}`, 'application/merge-patch+json'],
  ['POST', '/members/batch', 'application/json'],
  ['POST', '/members/search', 'application/json'],
];

async function countRows(): Promise<number> {
  const rows = await Promise.all([readRows('a1', 'A'), readRows('b1', 'B')]);
  return rows.reduce((sum, { size }) => sum + size, 0);
}

/** Members that were registered; what was not refused for good may be one. */
class Registered {
  #certain = 0;
  #open = 0;

  note(method: string, path: string, { status }: FuzzAnswer): void {
    if (method !== 'POST' || path !== '/members') return;
    if (status === 201) this.#certain += 1;
    if (status === 503) this.#open += 1;
  }

  expectRows(more: number): void {
    expect(more).toBeGreaterThanOrEqual(this.#certain);
    expect(more).toBeLessThanOrEqual(this.#certain + this.#open);
  }
}

test(
  'no body makes an answer that the document does not describe, and what is refused leaves no row',
  async () => {
    const { memberId } = await register();
    const before = await countRows();
    const registered = new Registered();
    const call = fc.constantFrom(...calls(memberId));
    const media = fc.oneof(
      { weight: 8, arbitrary: fc.constant(undefined) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'application/json;', 'x'),
      },
      { weight: 1, arbitrary: headerValue },
    );
    const coding = fc.oneof(
      { weight: 9, arbitrary: fc.constant('identity') },
      fc.constantFrom('gzip', 'br', 'zip, gzip', ''),
    );
    const where = fc.record({
      region: fc.constantFrom(...REGION_NAMES),
      trafficClass: fc.constantFrom<TrafficClass>('order', 'other'),
    });
    await fc.assert(
      fc.asyncProperty(
        call,
        hostileBody,
        media,
        coding,
        where,
        async ([method = '', path = '', type = ''], body, given, encoding, at) => {
          const headers = { 'content-type': given ?? type, 'content-encoding': encoding };
          registered.note(method, path, await conforming({ method, path, headers, body, ...at }));
        },
      ),
      { numRuns: 200 },
    );
    registered.expectRows((await countRows()) - before);
  },
  TIMEOUT_MS,
);

test(
  'nesting, long lists, odd numbers and repeated names are refused or read like any other body',
  async () => {
    const { memberId } = await register();
    const before = await countRows();
    const registered = new Registered();
    for (const [method = '', path = '', type = ''] of calls(memberId)) {
      await Promise.all(
        LITERAL_BODIES.map(async (body) => {
          const headers = { 'content-type': type };
          registered.note(method, path, await conforming({ method, path, headers, body, trafficClass: 'other' }));
        }),
      );
    }
    registered.expectRows((await countRows()) - before);
  },
  TIMEOUT_MS,
);

test('what was refused left no claim pending, and what was taken is the same in all stores', untilStoresAgree, 300_000);
