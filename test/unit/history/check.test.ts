import { type Call, type CheckOptions, checkHistory, type Outcome } from '../../support/history';
import {
  APP_X,
  binding,
  documentOf,
  done,
  finding,
  getting,
  inTurn,
  patching,
  recorded,
  refused,
  registered,
  registering,
  shown,
  UNKNOWN,
  unbinding,
} from './histories';

const withX = (member: string, version: number) => documentOf(member, version, { accounts: [APP_X] });
const rules = (history: Parameters<typeof checkHistory>[0], options?: CheckOptions) => [
  ...new Set(checkHistory(history, options).map(({ rule }) => rule)),
];

describe('what can have happened is accepted', () => {
  test('one owner after another', () => {
    const history = inTurn(
      registered('1', APP_X),
      registered('2'),
      [binding('2'), refused('ACCOUNT_BOUND')],
      [unbinding('1'), done(2)],
      [finding(), refused('NOT_BOUND', 404)],
      [binding('2'), shown(withX('2', 2))],
      [finding(), shown(withX('2', 2))],
      [{ kind: 'close', member: '2' }, done(3)],
      [getting('2'), refused('MEMBER_CLOSED', 410)],
      [binding('1'), shown(withX('1', 3))],
    );
    expect(checkHistory(history)).toEqual([]);
  });

  test('two patches side by side, in the order of their versions', () => {
    const history = recorded([
      { call: registering('1'), outcome: shown(documentOf('1', 1), 201), from: 1, to: 2 },
      { call: patching('1', 'Bonn'), outcome: shown(documentOf('1', 3, { city: 'Bonn' })), from: 3, to: 6 },
      { call: patching('1', 'Rome'), outcome: shown(documentOf('1', 2, { city: 'Rome' })), from: 4, to: 5 },
    ]);
    expect(checkHistory(history)).toEqual([]);
  });

  test('an unknown write that takes effect after its caller has given up', () => {
    const history = inTurn(
      registered('1'),
      [patching('1', 'Bonn'), UNKNOWN],
      [getting('1'), shown(documentOf('1', 1))],
      [patching('1', 'Bonn'), shown(documentOf('1', 2, { city: 'Bonn' }))],
      [{ kind: 'patch', member: '1', patch: { city: null } }, shown(documentOf('1', 3))],
      [getting('1'), shown(documentOf('1', 4, { city: 'Bonn' }))],
    );
    expect(checkHistory(history)).toEqual([]);
  });

  test('an unknown write that never takes effect', () => {
    const history = inTurn(
      registered('1', APP_X),
      [{ kind: 'close', member: '1' }, UNKNOWN],
      [finding(), shown(withX('1', 1))],
    );
    expect(checkHistory(history)).toEqual([]);
  });

  test('a registration that was never answered, by whose member the account is held', () => {
    const history = inTurn(
      [registering('1', APP_X), UNKNOWN],
      registered('2'),
      [binding('2'), refused('ACCOUNT_BOUND')],
      [finding(), shown(withX('1', 1))],
    );
    expect(checkHistory(history)).toEqual([]);
  });

  test('one key, registered once, answered as the member is now', () => {
    const call = { ...registering('1', APP_X), idempotencyKey: 'k' } as const;
    const history = inTurn(
      [call, UNKNOWN],
      [call, shown(withX('1', 1), 201)],
      [unbinding('1'), done(2)],
      [call, shown(documentOf('1', 2), 201)],
      [finding(), refused('NOT_BOUND', 404)],
    );
    expect(checkHistory(history)).toEqual([]);
  });

  test('a new and an old answer while the write is still under way', () => {
    const history = recorded([
      { call: registering('1'), outcome: shown(documentOf('1', 1), 201), from: 1, to: 2 },
      { call: binding('1'), outcome: shown(withX('1', 2)), from: 3, to: 8 },
      { call: finding(), outcome: shown(withX('1', 2)), from: 4, to: 5 },
      { call: finding(), outcome: refused('NOT_BOUND', 404), from: 6, to: 7 },
    ]);
    expect(checkHistory(history)).toEqual([]);
  });
});

describe('what cannot have happened is refused', () => {
  test('two owners', () => {
    const history = inTurn(registered('1', APP_X), registered('2'), [binding('2'), shown(withX('2', 2))]);
    expect(rules(history)).toEqual(['linearizable']);
  });

  test('two owners, bound side by side', () => {
    const history = recorded([
      { call: registering('1'), outcome: shown(documentOf('1', 1), 201), from: 1, to: 2 },
      { call: registering('2'), outcome: shown(documentOf('2', 1), 201), from: 3, to: 4 },
      { call: binding('1'), outcome: shown(withX('1', 2)), from: 5, to: 8 },
      { call: binding('2'), outcome: shown(withX('2', 2)), from: 6, to: 7 },
    ]);
    expect(rules(history)).toEqual(['linearizable']);
  });

  test('a lost update: two patches made the same version', () => {
    const history = recorded([
      { call: registering('1'), outcome: shown(documentOf('1', 1), 201), from: 1, to: 2 },
      { call: patching('1', 'Bonn'), outcome: shown(documentOf('1', 2, { city: 'Bonn' })), from: 3, to: 6 },
      { call: patching('1', 'Rome'), outcome: shown(documentOf('1', 2, { city: 'Rome' })), from: 4, to: 5 },
    ]);
    expect(rules(history)).toEqual(expect.arrayContaining(['linearizable', 'one document per version']));
  });

  test('a lost update: an acknowledged patch is not in a later version', () => {
    const history = inTurn(
      registered('1'),
      [patching('1', 'Bonn'), shown(documentOf('1', 2, { city: 'Bonn' }))],
      [
        { kind: 'patch', member: '1', patch: { tier: 'gold' } },
        shown({ ...documentOf('1', 3), profile: { name: '1', tier: 'gold' } }),
      ],
    );
    expect(rules(history)).toEqual(['linearizable']);
  });

  test('a resurrected account', () => {
    const history = inTurn(
      registered('1', APP_X),
      [unbinding('1'), done(2)],
      [finding(), refused('NOT_BOUND', 404)],
      [finding(), shown(withX('1', 1))],
    );
    expect(rules(history)).toEqual(['linearizable', 'fresh']);
  });

  test('a refusal although nobody holds the account', () => {
    const history = inTurn(registered('1', APP_X), [unbinding('1'), done(2)], registered('2'), [
      binding('2'),
      refused('ACCOUNT_BOUND'),
    ]);
    expect(rules(history)).toEqual(['linearizable']);
  });

  test('a closed member that keeps its account', () => {
    const history = inTurn(registered('1', APP_X), [{ kind: 'close', member: '1' }, done(2)], registered('2'), [
      binding('2'),
      refused('ACCOUNT_BOUND'),
    ]);
    expect(rules(history)).toEqual(['linearizable']);
  });

  test('If-Match that is ignored, and one that is refused although it matched', () => {
    const stale = inTurn(
      registered('1'),
      [patching('1', 'Bonn'), shown(documentOf('1', 2, { city: 'Bonn' }))],
      [patching('1', 'Rome', '1'), shown(documentOf('1', 3, { city: 'Rome' }))],
    );
    expect(rules(stale)).toEqual(['linearizable']);
    const right = inTurn(registered('1'), [patching('1', 'Bonn', '1'), refused('VERSION_MISMATCH', 412)]);
    expect(rules(right)).toEqual(['linearizable']);
  });

  test('a stale read', () => {
    const history = inTurn(
      registered('1'),
      [patching('1', 'Bonn'), shown(documentOf('1', 2, { city: 'Bonn' }))],
      [getting('1'), shown(documentOf('1', 1))],
    );
    expect(rules(history)).toEqual(['fresh']);
    expect(rules(history, { freshness: 'settled' })).toEqual([]);
    expect(rules({ ...history, settledAt: 4.5 }, { freshness: 'settled' })).toEqual(['fresh']);
  });

  test('a read below its token', () => {
    const history = inTurn(
      registered('1'),
      [patching('1', 'Bonn'), shown(documentOf('1', 2, { city: 'Bonn' }))],
      [getting('1', '2'), shown(documentOf('1', 1))],
    );
    expect(rules(history, { freshness: 'settled' })).toEqual(['token']);
    const gone = inTurn(registered('1'), [getting('1', '1'), refused('MEMBER_NOT_FOUND', 404)]);
    expect(rules(gone, { freshness: 'settled' })).toEqual(['token']);
  });

  test('"not bound" to whoever shows a token', () => {
    const history = inTurn(registered('1', APP_X), [finding('1'), refused('NOT_BOUND', 404)]);
    expect(rules(history, { freshness: 'settled' })).toEqual(['linearizable']);
    const without = inTurn(registered('1', APP_X), [finding(), refused('NOT_BOUND', 404)]);
    expect(rules(without, { freshness: 'settled' })).toEqual([]);
  });

  test('a version that nobody wrote, and a document that nobody wrote', () => {
    const version = inTurn(registered('1'), [getting('1'), shown(documentOf('1', 2))]);
    expect(rules(version)).toEqual(['linearizable']);
    const document = inTurn(registered('1'), [getting('1'), shown(documentOf('1', 1, { city: 'Bonn' }))]);
    expect(rules(document)).toEqual(expect.arrayContaining(['linearizable', 'one document per version']));
  });

  test('an acknowledged write that is lost', () => {
    const history = inTurn(
      registered('1'),
      [patching('1', 'Bonn'), shown(documentOf('1', 2, { city: 'Bonn' }))],
      [patching('1', 'Rome'), shown(documentOf('1', 2, { city: 'Rome' }))],
    );
    expect(rules(history, { freshness: 'settled' })).toContain('linearizable');
  });

  test('one key, two members', () => {
    const call = { ...registering('1'), idempotencyKey: 'k' } as const;
    const history = inTurn([call, shown(documentOf('1', 1), 201)], [call, shown(documentOf('2', 1), 201)]);
    expect(rules(history)).toContain('one member per key');
  });

  test('an error that nobody expects', () => {
    const internal = { kind: 'unknown', status: 500, reason: 'INTERNAL' } as const;
    expect(rules(inTurn(registered('1'), [getting('1'), internal]))).toEqual(['expected answers']);
    expect(rules(inTurn(registered('1'), [getting('1'), refused('NO_SUCH_ROUTE', 404)]))).toEqual(['expected answers']);
  });
});

test('a history that is too hard is not called right', () => {
  const history = inTurn(registered('1', APP_X), registered('2'), [binding('2'), refused('ACCOUNT_BOUND')]);
  expect(rules(history, { budget: 0 })).toContain('undecided');
});

test('many unknown outcomes on one account are searched in time', () => {
  const members = Array.from({ length: 30 }, (_, i) => String(i + 1));
  const unknown = members.flatMap((member) => [
    [binding(member), UNKNOWN] as const,
    [unbinding(member), UNKNOWN] as const,
  ]);
  const found = members.map((member) => [finding(), shown(withX(member, 2))] as const);
  const history = inTurn(...members.map((member) => registered(member)), ...unknown, ...found);
  expect(checkHistory(history, { freshness: 'settled' })).toEqual([]);
});

describe('a member whose unit was written without its databases', () => {
  const LATER = 2 ** 32 + 1;
  const written: readonly (readonly [Call, Outcome])[] = [
    registered('1'),
    [patching('1', 'Bonn'), shown(documentOf('1', 2, { city: 'Bonn' }))],
  ];
  const options: CheckOptions = { renumbered: (member) => member === '1' };

  test('has become one version of a later epoch, and goes on from there', () => {
    const history = inTurn(
      ...written,
      [getting('1'), shown(documentOf('1', LATER, { city: 'Bonn' }))],
      [patching('1', 'Rome'), shown(documentOf('1', LATER + 1, { city: 'Rome' }))],
    );
    expect(rules(history)).toEqual(['linearizable']);
    expect(rules(history, options)).toEqual([]);
  });

  test('is the same in it, also where nobody was shown that version', () => {
    const lost = inTurn(...written, [getting('1'), shown(documentOf('1', LATER))]);
    expect(rules(lost, options)).toContain('linearizable');
    const unseen = inTurn(...written, [patching('1', 'Rome'), shown(documentOf('1', LATER + 1, { city: 'Rome' }))]);
    expect(rules(unseen, options)).toEqual([]);
  });

  test('is judged in a moment, however many of its writes nobody knows about', () => {
    const unknown = Array.from({ length: 40 }, (_, index) => [patching('1', `City ${index}`), UNKNOWN] as const);
    const history = inTurn(...written, ...unknown, [getting('1'), shown(documentOf('1', LATER, { city: 'Bonn' }))]);
    expect(rules(history, options)).toEqual([]);
  });
});
