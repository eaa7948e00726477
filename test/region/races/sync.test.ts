import { createCache, memberKey } from '../../../lambdas/cache';
import { decodeEntry } from '../../../lambdas/cache/entry';
import { type MemberEvent, systemClock } from '../../../lambdas/core';
import { Publisher } from '../../../lambdas/sync';
import { otherRegion, REGIONS, type Region } from '../../../topology';
import { call, unique } from '../support/client';
import { SILENT } from '../support/parts';
import { eventually } from '../support/system';
import {
  type Consumer,
  deliver,
  endpoints,
  execute,
  holdRelay,
  NOBODY,
  openInvalidate,
  openPatientParts,
  owed,
  settledMember,
  toCity,
  topicArn,
  type Withholding,
  withholding,
} from './environment';

// Nothing here is quick on a busy machine.
const parts = { A: openPatientParts('A'), B: openPatientParts('B') };
const lostCache = { ...NOBODY, tls: false };
/** What a writer has of the caches that is cut off from both. */
const noCache = createCache({
  region: 'A',
  endpoints: { A: lostCache, B: lostCache },
  clock: systemClock,
  log: SILENT,
});
/** The functions of both regions that hear of events, and the same with their own cache lost. */
const consumers: Consumer[] = [];
let invalidate: Readonly<Record<Region, Consumer>>;
let cacheless: Readonly<Record<Region, Consumer>>;
beforeAll(async () => {
  invalidate = { A: await openInvalidate('A'), B: await openInvalidate('B') };
  const caches = { A: lostCache, B: lostCache };
  cacheless = { A: await openInvalidate('A', { caches }), B: await openInvalidate('B', { caches }) };
  consumers.push(...Object.values(invalidate), ...Object.values(cacheless));
});
/** Writes that no store but a test's own consumers has heard of. */
const untold: Withholding[] = [];
afterAll(async () => {
  for (const lost of untold) await lost.deliver();
  await Promise.all([...consumers, ...Object.values(parts), noCache].map((one) => one.close()));
});

/** What a region's cache holds of a member. */
const cachedIn = async (region: Region, memberId: string) =>
  decodeEntry((await parts[region].cache.getText(memberKey(memberId))) ?? null, 0)?.version;

/** Read in both regions until both caches hold this version. */
async function cachedInBoth(memberId: string, version: number): Promise<void> {
  for (const region of REGIONS) {
    await eventually(async () => {
      await call('GET', `/members/${memberId}`, { region });
      return (await cachedIn(region, memberId)) === version;
    });
  }
}

/** A write that was committed, and then its writer was lost: neither cache was told, and no event has arrived. */
async function writtenUntold(memberId: string, home: Region, city: string): Promise<MemberEvent> {
  const lost = withholding(parts[home], noCache);
  untold.push(lost);
  await execute(lost.parts, memberId, toCity(city));
  const [event] = lost.events;
  if (event === undefined) throw new Error('the write has no event');
  await holdRelay(memberId);
  return event;
}

/** Delivers events until none of them comes back any more. */
async function arrive(consumer: Consumer, ...events: readonly MemberEvent[]): Promise<void> {
  await eventually(async () => (await deliver(consumer, ...events)).length === 0, 15_000);
}

const cityIn = async (region: Region, memberId: string) =>
  (await call('GET', `/members/${memberId}`, { region })).body.profile.city;

test.each(REGIONS)(
  'race 3: what a writer in %s told neither cache is told by its event, in each region',
  async (home) => {
    const memberId = await settledMember(home);
    const first = await execute(parts[home], memberId, toCity('Lisbon'));
    await eventually(async () => (await owed(memberId)).length === 0);
    await cachedInBoth(memberId, first.document.version);
    const event = await writtenUntold(memberId, home, 'Porto');
    for (const region of REGIONS) {
      expect(await cachedIn(region, memberId)).toBe(first.document.version);
      // A cache that does not answer is told when it does: the message comes back.
      expect(await deliver(cacheless[region], event)).toEqual([0]);
      await arrive(invalidate[region], event);
      expect(await cachedIn(region, memberId)).toBeUndefined();
      await eventually(async () => (await cityIn(region, memberId)) === 'Porto');
    }
  },
);

test('races 4, 6: events that come twice and in any order leave the floor of the highest', async () => {
  const memberId = await settledMember('A');
  const events: MemberEvent[] = [];
  for (const city of ['Lisbon', 'Porto', 'Faro']) events.push(await writtenUntold(memberId, 'A', city));
  const [first, second, third] = events;
  if (first === undefined || second === undefined || third === undefined) throw new Error('each write has an event');
  for (const region of REGIONS) {
    await arrive(invalidate[region], third, first);
    await cachedInBoth(memberId, third.version);
    await arrive(invalidate[region], second, second, first);
    expect(await cachedIn(region, memberId)).toBe(third.version);
  }
});

describe('the outbox owes an event', () => {
  test.each(REGIONS)(
    'race 44: until it has arrived where its unit is written, in %s, and not only at a topic',
    async (home) => {
      const memberId = await settledMember(home);
      const event = await writtenUntold(memberId, home, unique('city'));
      expect(await owed(memberId)).toEqual([event.version]);
      await arrive(invalidate[otherRegion(home)], event);
      expect(await owed(memberId)).toEqual([event.version]);
      await arrive(invalidate[home], event);
      expect(await owed(memberId)).toEqual([]);
    },
  );

  test('race 44: while what it has to tell could not be told', async () => {
    const memberId = await settledMember('A');
    const event = await writtenUntold(memberId, 'A', unique('city'));
    expect(await deliver(cacheless.A, event)).toEqual([0]);
    expect(await owed(memberId)).toEqual([event.version]);
    await arrive(invalidate.A, event);
    expect(await owed(memberId)).toEqual([]);
  });

  test('race 44: until the event of its own operation arrives: an announcement once more is not the one that is owed', async () => {
    const memberId = await settledMember('A');
    const event = await writtenUntold(memberId, 'A', unique('city'));
    await arrive(invalidate.A, { ...event, operationId: 'another' });
    expect(await owed(memberId)).toEqual([event.version]);
    await arrive(invalidate.A, event);
    expect(await owed(memberId)).toEqual([]);
  });
});

describe('class `both`', () => {
  const publishers: Publisher[] = [];
  afterAll(() => {
    for (const publisher of publishers) publisher.close();
  });

  /** A writer at home to whom the topics of some regions are lost. */
  function writerWithout(home: Region, lost: readonly Region[]) {
    const topics = { A: topicArn('A'), B: topicArn('B') };
    for (const region of lost) topics[region] = topicArn(region, 'lost');
    const publisher = new Publisher({ endpoints: { ...endpoints(), topics }, clock: systemClock, log: SILENT });
    publishers.push(publisher);
    return { ...parts[home], publisher };
  }

  test.each(REGIONS)(
    'race 43: is acknowledged by the region that does not write it: the topic of %s may be lost',
    async (home) => {
      const memberId = await settledMember(home);
      const city = unique('city');
      const written = await execute(writerWithout(home, [home]), memberId, toCity(city), 'both');
      expect(written.acknowledged).toBe('both');
      // Nothing but the other region's topic has it, and it arrives everywhere.
      for (const url of Object.values(endpoints().domains)) {
        await eventually(async () => {
          const found = (await (await fetch(`${url}/members/_doc/${memberId}`)).json()) as { _version?: number };
          return found._version === written.document.version;
        });
      }
      await eventually(async () => (await owed(memberId)).length === 0);
    },
  );

  test.each(REGIONS)(
    'race 43: is not claimed by a writer in %s whose own topic alone has taken the event',
    async (home) => {
      const memberId = await settledMember(home);
      const alone = writerWithout(home, [otherRegion(home)]);
      expect((await execute(alone, memberId, toCity(unique('city')), 'both')).acknowledged).toBe('one');
      await expect(execute(alone, memberId, toCity(unique('city')), 'require-both')).rejects.toMatchObject({
        code: 'NOT_ACKNOWLEDGED',
      });
      await eventually(async () => (await owed(memberId)).length === 0);
    },
  );
});
