import fc from 'fast-check';
import { type Circumstances, NOTHING_ILL, readValue, reasonsAgainst } from '../../../lambdas/switches';
import { SWITCHES } from '../../../topology';

const QUIET: Circumstances = {
  accepted: {},
  units: [
    { unit: 'a1', writer: 'A', mode: 'database' },
    { unit: 'b1', writer: 'B', mode: 'database' },
  ],
  standsSinceMs: 1000,
  ill: NOTHING_ILL,
};

function refusals(name: string, value: unknown, known: Partial<Circumstances> = {}): readonly string[] {
  const read = readValue(name, JSON.stringify(value));
  return read.ok ? reasonsAgainst(name, read.value, { ...QUIET, ...known }) : read.reasons;
}

test.each(SWITCHES)(
  'the default of $name may be turned to, and is told of',
  ({ name, defaultValue, ...definition }) => {
    expect(refusals(name, defaultValue)).toEqual([]);
    for (const words of Object.values(definition)) expect(words).toMatch(/\S/);
  },
);

test.each<[string, unknown]>([
  ['failover/auto', 'dry-run'],
  ['search/order', ['standby']],
  ['search/marketing', ['marketing', 'standby']],
  ['units/a1', { writer: 'B', mode: 'database' }],
  ['cache/A', { mode: 'off', generation: 1 }],
  ['ids/open', [{ unit: 'b1', weight: 3 }]],
  ['regions/A', 'draining'],
  ['regions/B', 'fenced'],
  ['sync/order', 'paused'],
  ['traffic/deny', [{ match: { caller: 'shop' }, reason: 'leaked key' }]],
  [
    'traffic/rules',
    [
      {
        id: 'r1',
        match: { caller: 'shop', class: 'order', operation: 'getMember' },
        algorithm: 'token-bucket',
        ratePerS: 20,
        burst: 20,
        mode: 'on',
      },
    ],
  ],
])('%s may be turned to %j', (name, value) => {
  expect(refusals(name, value)).toEqual([]);
});

test.each<[string, unknown]>([
  ['failover/auto', true],
  ['failover/auto', 'On'],
  ['search/order', 'standby'],
  ['search/order', ['nowhere']],
  ['units/a1', { writer: 'C', mode: 'database' }],
  ['units/a1', { writer: 'A' }],
  ['units/a1', { writer: 'A', mode: 'database', epoch: 7 }],
  ['cache/A', { mode: 'on', generation: 0 }],
  ['cache/A', { mode: 'on', generation: 1.5 }],
  ['ids/open', [{ unit: 'c1', weight: 1 }]],
  ['ids/open', [{ unit: 'a1', weight: -1 }]],
  ['regions/A', 'closed'],
  ['sync/order', 'off'],
  ['traffic/rules', [{ id: 'r1', match: {}, algorithm: 'token-bucket', ratePerS: 0, mode: 'on' }]],
  ['traffic/rules', [{ id: 'r1', match: { who: 'shop' }, algorithm: 'counter', ratePerS: 1, mode: 'on' }]],
  ['traffic/deny', [{ match: { caller: 'shop' } }]],
  ['no/such', 'on'],
])('%s is not turned to %j: it is malformed', (name, value) => {
  expect(readValue(name, JSON.stringify(value)).ok).toBe(false);
});

test('what is malformed is told what it must be', () => {
  expect(refusals('failover/auto', 'On')).toEqual(['It must be one of off, dry-run, on.']);
  expect(refusals('search/order', 'standby')).toEqual(['It must be a list.']);
  expect(refusals('units/a1', { writer: 'A', epoch: 7 })).toEqual([
    'At mode: must be one of database, read-only, fallback.',
    'It does not know epoch.',
  ]);
  expect(refusals('cache/A', { mode: 'on', generation: 0 })).toEqual(['At generation: must be 1 at least.']);
  expect(refusals('cache/A', { mode: 'on' })).toEqual(['At generation: is missing.']);
  expect(refusals('traffic/deny', [{ match: { caller: 'shop' }, reason: 'x'.repeat(201) }])).toEqual([
    'At 0.reason: must have 200 characters at most.',
  ]);
});

test('a value that a standard parameter does not hold is refused', () => {
  const reason = 'x'.repeat(199);
  const denials = Array.from({ length: 20 }, () => ({ match: { caller: 'shop' }, reason }));
  expect(refusals('traffic/deny', denials)).toEqual(['It is longer than 4096 bytes.']);
});

test('no text of any kind gets past its schema by accident, nor ends the reading', () => {
  const names = fc.constantFrom(...SWITCHES.map(({ name }) => name));
  fc.assert(
    fc.property(names, fc.oneof(fc.string(), fc.json()), (name, text) => {
      const read = readValue(name, text);
      if (read.ok) expect(JSON.parse(text)).toEqual(read.value);
      else expect(read.reasons.join()).not.toBe('');
    }),
  );
});

describe('what is well formed and unsafe is refused', () => {
  const ill = (domains: Circumstances['ill']['domains'], regions: Circumstances['ill']['regions'] = []) => ({
    ill: { ...NOTHING_ILL, domains, regions },
  });

  test.each<[string, string, unknown, Partial<Circumstances>, RegExp]>([
    ['no domain', 'search/order', [], {}, /one search domain at least/],
    ['a domain twice', 'search/order', ['order', 'order'], {}, /twice/],
    ['masked documents for orders', 'search/order', ['order', 'marketing'], {}, /masked/],
    ['only what is ill', 'search/order', ['standby'], ill(['standby']), /standby is known to be ill/],
    ['only what is ill, of two', 'search/other', ['standby', 'marketing'], ill(['standby', 'marketing']), /are known/],
    ['no region that is well', 'regions/A', 'fenced', ill([], ['B']), /region B is known to be ill/],
    ['no unit for new members', 'ids/open', [{ unit: 'a1', weight: 0 }], {}, /nowhere to go/],
    [
      'only units that cannot be written',
      'ids/open',
      [{ unit: 'a1', weight: 1 }],
      { units: [{ unit: 'a1', writer: 'A', mode: 'read-only' }] },
      /a1 cannot be written/,
    ],
    [
      'a unit twice',
      'ids/open',
      [
        { unit: 'a1', weight: 1 },
        { unit: 'a1', weight: 2 },
      ],
      {},
      /twice/,
    ],
    ['untidied claims', 'sync/invalidate-A', 'paused', {}, /Region A writes a1/],
    ['a denial of everything', 'traffic/deny', [{ match: {}, reason: 'all' }], {}, /deny every call/],
  ])('%s: %s', (_, name, value, known, reason) => {
    expect(refusals(name, value, known).join(' ')).toMatch(reason);
  });

  test('the last region that serves is not stopped', () => {
    for (const [name, value, accepted] of [
      ['regions/A', 'draining', { 'regions/B': 'fenced' }],
      ['regions/B', 'fenced', { 'regions/A': 'draining' }],
    ] as const) {
      expect(refusals(name, value, { accepted })).toEqual([expect.stringMatching(/^No region would serve/)]);
    }
  });

  test('a region that was lost since it was fenced is not opened unchecked, unless somebody insists', () => {
    const fenced = { accepted: { 'regions/A': 'fenced' }, standsSinceMs: 1000 };
    const lostAt = (atMs: number) => ({ ill: { ...NOTHING_ILL, lostAtMs: { A: atMs } } });
    expect(refusals('regions/A', 'active', { ...fenced, ...lostAt(1000) })).toEqual([
      expect.stringMatching(/may be behind: npx twinkeep region readmit A .* "draining" first, then to "active"/),
    ]);
    expect(refusals('regions/A', 'draining', { ...fenced, ...lostAt(1000) })).toEqual([]);
    const draining = { accepted: { 'regions/A': 'draining' } };
    expect(refusals('regions/A', 'active', { ...draining, ...lostAt(2000) })).toEqual([]);
    // Who has fenced a region that is well takes that back at once.
    expect(refusals('regions/A', 'active', { ...fenced, ...lostAt(999) })).toEqual([]);
    expect(refusals('regions/A', 'active', { ...fenced, ill: { ...NOTHING_ILL, lostAtMs: { B: 2000 } } })).toEqual([]);
    // Where nothing serves, what is fenced may be let drain.
    expect(refusals('regions/A', 'draining', { ...fenced, ...ill([], ['B']) })).toEqual([]);
  });

  test('a cache is not taken back to what it held before it was emptied', () => {
    const accepted = { 'cache/A': { mode: 'on', generation: 3 } };
    expect(refusals('cache/A', { mode: 'on', generation: 2 }, { accepted })[0]).toMatch(/^The generation is 3/);
  });

  test('and what is only near to it is not', () => {
    expect(refusals('search/order', ['order', 'standby'], ill(['standby']))).toEqual([]);
    expect(refusals('regions/A', 'active', { accepted: { 'regions/B': 'fenced' }, ...ill([], ['B']) })).toEqual([]);
    const moved = [{ unit: 'a1', writer: 'B', mode: 'database' }] as const;
    expect(refusals('sync/invalidate-A', 'paused', { units: moved })).toEqual([]);
    expect(refusals('sync/invalidate-A', 'on')).toEqual([]);
    const units = [{ unit: 'a1', writer: 'A', mode: 'read-only' }] as const;
    const open = [
      { unit: 'a1', weight: 1 },
      { unit: 'b1', weight: 1 },
    ];
    expect(refusals('ids/open', open, { units })).toEqual([]);
    expect(refusals('cache/A', { mode: 'off', generation: 3 }, { accepted: { 'cache/A': { generation: 3 } } })).toEqual(
      [],
    );
  });
});

describe('giving up a search domain', () => {
  const known = (accepted: Circumstances['accepted']) => ({ accepted });

  test('is refused where class order would have none left', () => {
    expect(refusals('degrade/domain-order', 'on')).toEqual([]);
    const standbyIsGivenUp = known({ 'degrade/domain-standby': 'on' });
    expect(refusals('degrade/domain-order', 'on', standbyIsGivenUp)).toEqual([
      'Class order would have no search domain: it asks order and standby.',
    ]);
    expect(refusals('degrade/domain-order', 'dry-run', standbyIsGivenUp)).toEqual([]);
    expect(refusals('degrade/domain-order', 'on', known({ 'search/order': ['order'] }))).toHaveLength(1);
    expect(refusals('degrade/domain-marketing', 'on', standbyIsGivenUp)).toEqual([]);
  });

  test('leaves class order no list of domains that are given up', () => {
    const orderIsGivenUp = known({ 'degrade/domain-order': 'on' });
    expect(refusals('search/order', ['order'], orderIsGivenUp)).toEqual([
      'Class order would have no search domain: order is given up.',
    ]);
    expect(refusals('search/order', ['order', 'standby'], orderIsGivenUp)).toEqual([]);
    expect(refusals('search/other', ['order'], orderIsGivenUp)).toEqual([]);
  });
});
