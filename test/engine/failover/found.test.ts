import { type MemberDocument, systemClock, type Version, versionOf } from '../../../lambdas/core';
import { compare, countSettled, type Settled, settleFound } from '../../../lambdas/failover';
import { together } from '../../support/together';
import { ask, openDomain, type TestDomain } from '../search/domains';
import { EPOCH } from '../shards/database';
import { documentAt, newMemberId } from '../sync/one-unit';
import { eventAfter, inCity, lostAfter, NEXT, Promoted } from './promoted';

// Nothing here is quick on a busy machine.
let promoted: Promoted;
let whole: TestDomain;
let other: TestDomain;
let masked: TestDomain;
beforeAll(async () => {
  [promoted, whole, other, masked] = await together([
    Promoted.start(),
    openDomain(),
    openDomain({ name: 'standby' }),
    openDomain({ name: 'marketing', holds: 'masked' }),
  ]);
}, 180_000);
beforeEach(() => promoted.unit.reset());
afterAll(() => Promise.all([promoted?.stop(), ...[whole, other, masked].map((domain) => domain?.remove())]));

function settling(options: { mode?: 'read-only'; mostUnordered?: number } = {}) {
  const { decisions } = promoted.arbiter;
  return settleFound({
    ...promoted.parts,
    ...options,
    units: async () => (await decisions.units()).map((unit) => ({ ...unit, mode: options.mode ?? unit.mode })),
    domains: { order: whole.domain, standby: other.domain, marketing: masked.domain },
  });
}

type Known = Pick<MemberDocument, 'memberId' | 'version'>;

/** What becomes of what a domain has of members. */
function settle(name: 'order' | 'marketing', ...found: Known[]): Promise<Settled[]> {
  return settling()(name, found.map(ahead));
}

const ahead = ({ memberId, version }: Known) => ({ memberId, kind: 'ahead', domain: version }) as const;

const row = (memberId: string) => promoted.row(memberId).then((found) => found?.document);

const versionIn = async ({ domain }: TestDomain, memberId: string): Promise<Version | undefined> =>
  (await domain.ranges.versionsNow([memberId])).get(memberId)?.version;

describe('of an epoch that is over', () => {
  test('races 25, 42: a version that only a domain has becomes the next one of its row', async () => {
    const { document } = await promoted.registered();
    await promoted.unit.failOver();
    const lost = lostAfter(document, inCity(document, 'indexed'));
    const unknown = documentAt(newMemberId(), EPOCH, 1, 'never replicated');
    await whole.domain.write([lost, unknown].map((one) => eventAfter(undefined, one)));
    expect(await settle('order', lost, unknown)).toEqual(['adopt', 'adopt']);
    expect(await row(lost.memberId)).toMatchObject({ version: versionOf(NEXT, 1), profile: { city: 'indexed' } });
    expect(await row(unknown.memberId)).toMatchObject({ version: versionOf(NEXT, 1) });
  });

  test('race 50: a row that has moved on takes what it has not changed, whatever a comparison would write over it', async () => {
    const before = await promoted.registered();
    const { document } = before;
    await promoted.unit.failOver();
    const lost = lostAfter(document, { profile: { name: 'Ada', city: 'lost', locale: 'lost' } });
    await promoted.write(before, { ...inCity(document, 'later'), version: versionOf(NEXT, 1) });
    await whole.domain.write([eventAfter(document, lost)]);
    const settle = settling();
    const { tally } = await compare(
      {
        ranges: promoted.unit.database.shards.ranges,
        domain: whole.domain,
        region: 'A',
        writers: async () => () => 'A',
        clock: systemClock,
        settleMs: 100,
      },
      { mode: 'mend', settle: async (found) => countSettled(await settle('order', found)) },
    );
    expect(tally).toMatchObject({ found: { forked: 1 }, settled: 1 });
    expect(await row(document.memberId)).toMatchObject({
      version: versionOf(NEXT, 2),
      profile: { city: 'later', locale: 'lost' },
    });
    expect(await promoted.listed(document.memberId)).toMatchObject([{ field: 'profile.city', value: 'lost' }]);
  });

  test('of what only a masked domain has nothing is taken; it is listed, and its row leads', async () => {
    const { document } = await promoted.registered();
    await promoted.unit.failOver();
    const lost = lostAfter(document, inCity(document, 'masked'));
    await masked.domain.write([eventAfter(document, lost)]);
    expect(await settle('marketing', lost)).toEqual(['led']);
    expect(await row(lost.memberId)).toMatchObject({ version: versionOf(NEXT, 1), profile: { city: 'replicated' } });
    expect(await promoted.listed(lost.memberId)).toMatchObject([
      { field: '*', version: lost.version, reason: 'only a masked copy is left', kept: { version: document.version } },
    ]);
    // A whole domain that has it is asked before.
    const [again] = [lostAfter(lost, inCity(lost, 'whole'))];
    await Promise.all([masked, other].map(({ domain }) => domain.write([eventAfter(lost, again)])));
    expect(await settle('marketing', again)).toEqual(['adopt']);
    expect(await row(lost.memberId)).toMatchObject({ profile: { city: 'whole' } });
  });
});

describe('what nobody can order', () => {
  test('is listed whole, and led by its row', async () => {
    const { document } = await promoted.registered();
    const invented = { ...lostAfter(document, inCity(document, 'invented')), version: document.version + 7 };
    await whole.domain.write([eventAfter(document, invented)]);
    expect(await settle('order', invented)).toEqual(['led']);
    expect(await row(document.memberId)).toMatchObject({
      version: invented.version + 1,
      profile: { city: 'replicated' },
    });
    expect(await promoted.listed(document.memberId)).toMatchObject([
      {
        field: '*',
        reason: 'unknown to its writer',
        value: { profile: { city: 'invented' } },
        kept: { memberId: document.memberId },
      },
    ]);
    expect(await settle('order', invented)).toEqual(['contained']);
  });

  test('leaves the domain, with its look-ups, where no row can lead it', async () => {
    const { document } = await promoted.registered();
    const future = { ...document, version: versionOf(NEXT + 40, 1) };
    const stranger = {
      ...documentAt(newMemberId(), EPOCH, 3, 'nowhere'),
      profile: { name: 'Nobody', phone: '+4915112345678' },
    };
    await whole.domain.write([future, stranger].map((one) => eventAfter(undefined, one)));
    expect(await settle('order', future, stranger)).toEqual(['removed', 'removed']);
    expect(await Promise.all([future, stranger].map(({ memberId }) => versionIn(whole, memberId)))).toEqual([
      undefined,
      undefined,
    ]);
    await whole.domain.refresh();
    expect(await whole.domain.lookup({ kind: 'phone', value: '+4915112345678' }, 5000)).toEqual([]);
    expect(await row(document.memberId)).toMatchObject({ version: document.version });
    expect(await promoted.listed(stranger.memberId)).toMatchObject([
      { field: '*', value: { profile: { name: 'Nobody' } } },
    ]);
  });

  test('stays where it is if there is too much of it: then the rows may be the ones that are wrong', async () => {
    const strangers = Array.from({ length: 5 }, () => documentAt(newMemberId(), EPOCH, 1, 'everywhere'));
    await whole.domain.write(strangers.map((one) => eventAfter(undefined, one)));
    const outcomes = await settling({ mostUnordered: 2 })('order', strangers.map(ahead));
    expect(outcomes.sort()).toEqual(['left', 'left', 'left', 'removed', 'removed']);
    expect(countSettled(outcomes)).toBe(2);
  });

  test('waits while its unit takes no writes', async () => {
    const { document } = await promoted.registered();
    expect(await settling({ mode: 'read-only' })('order', [ahead(document)])).toEqual(['left']);
  });
});

test('an entry that lies above its own document makes the row lead it, and nothing is listed', async () => {
  const { document } = await promoted.registered();
  const { memberId, version } = document;
  await whole.domain.write([eventAfter(undefined, document)]);
  const { body } = await ask('GET', `/${whole.members}/_doc/${memberId}`);
  await ask('PUT', `/${whole.members}/_doc/${memberId}?version=${version + 3}&version_type=external`, body._source);
  expect(await settle('order', { memberId, version: version + 3 })).toEqual(['led']);
  expect(await row(memberId)).toMatchObject({ version: version + 4 });
  expect(await promoted.listed(memberId)).toEqual([]);
});
