import type { JournaledCommand } from '../../../../lambdas/arbiter';
import { type MemberDocument, type MemberEvent, systemClock, unavailable, versionOf } from '../../../../lambdas/core';
import { MemberCopies } from '../../../../lambdas/members';
import { readBase } from '../../../../lambdas/members/fallback/copies';
import { Deadline } from '../../../../lambdas/resilience';
import { PreferredDomains } from '../../../../lambdas/search';
import { encodeMemberId, type Shards } from '../../../../lambdas/shards';
import type { Snapshot, UnitState } from '../../../../lambdas/switches';
import { DOMAIN_NAMES, type DomainName } from '../../../../topology';
import { keptLog } from '../../gateway/hosted';

const EPOCH = 5;
const memberId = encodeMemberId({ placement: 1, drawnAtMs: Date.UTC(2026, 0), region: 'A', layout: 0, random: 1 });
const FALLBACK: UnitState = { epoch: EPOCH, writer: 'A', mode: 'fallback' };
const LEAVING: UnitState = { epoch: EPOCH + 1, writer: 'A', mode: 'read-only', step: 'drain', drains: true };
const deadline = Deadline.after(5000, systemClock);

function documentAt(version: number): MemberDocument {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    memberId,
    version,
    status: 'active',
    profile: { name: 'Ada' },
    accounts: [],
    registeredAt: at,
    updatedAt: at,
  };
}

const commandAt = (version: number): JournaledCommand => ({
  memberId,
  version,
  operationId: 'operation',
  command: { kind: 'close' },
  document: documentAt(version),
  isConditional: false,
  claims: [],
  atMs: 0,
});

/** Domains that hold these versions, and a journal whose last command made this one. */
function storesOf(holds: Partial<Record<DomainName, number | 'silent'>>, journaled?: number | 'silent') {
  const held = new Map(Object.entries(holds));
  const domain = (name: DomainName) => ({
    getMember: async () => {
      const version = held.get(name);
      if (version === 'silent') throw unavailable('it does not answer');
      return version === undefined ? undefined : documentAt(version);
    },
    write: async ([event]: readonly MemberEvent[]) => {
      held.set(name, event?.version ?? 0);
      return [{ ok: true } as const];
    },
  });
  const domains = Object.fromEntries(DOMAIN_NAMES.map((name) => [name, domain(name)])) as never;
  const last = async () => {
    if (journaled === 'silent') throw unavailable('the arbiter does not answer');
    return journaled === undefined ? undefined : commandAt(journaled);
  };
  return { held, domains, commands: { last } };
}

/** A read of a unit whose databases answer, and have fallen behind. */
async function find(
  unit: UnitState,
  stores: ReturnType<typeof storesOf>,
  asked = { floor: 0, minVersion: 0 },
  reader: { preference: readonly DomainName[]; isMasked: boolean } = {
    preference: ['order', 'standby'],
    isMasked: false,
  },
) {
  const members = { read: async () => ({ row: { document: documentAt(1), forks: [] }, heartbeatAgeMs: 0 }) };
  const copies = new MemberCopies({
    shards: { members } as unknown as Shards,
    domains: new PreferredDomains({ domains: stores.domains, clock: systemClock, log: keptLog() }),
    region: 'A',
    preference: () => reader.preference,
    isMasked: reader.isMasked,
    commands: stores.commands,
  });
  const snapshot = { units: { a1: unit } } as unknown as Snapshot;
  const found = await copies.find({ memberId, ...asked, deadline }, snapshot).catch(({ code }) => code as string);
  return typeof found === 'string' ? found : { ...found.copy, fill: found.fill.kind };
}

const v = (counter: number, epoch = EPOCH) => versionOf(epoch, counter);

test('race 26: no row is believed, until the unit is open again', async () => {
  for (const unit of [FALLBACK, LEAVING]) {
    const stores = storesOf({ order: v(3, 4) });
    expect(await find(unit, stores)).toMatchObject({ version: v(3, 4), degraded: 'search', fill: 'uncacheable' });
    expect(await find(unit, storesOf({}))).toBe('UNAVAILABLE');
  }
  expect(await find({ ...FALLBACK, mode: 'database' }, storesOf({}))).toMatchObject({ version: 1 });
});

test('race 26: a domain that has missed a command is given it before it is believed', async () => {
  const stores = storesOf({ order: v(3, 4), standby: v(2) }, v(2));
  expect(await find(FALLBACK, stores)).toMatchObject({ version: v(2), source: { domain: 'order' } });
  expect(stores.held.get('order')).toBe(v(2));
  const empty = storesOf({}, v(1));
  expect(await find(FALLBACK, empty)).toMatchObject({ version: v(1) });
});

test('a masked domain answers who sees nothing else, and nobody else', async () => {
  const stores = () => storesOf({ marketing: v(3, 4) }, v(1));
  const asked = { floor: 0, minVersion: 0 };
  for (const isMasked of [true, false]) {
    const found = await find(FALLBACK, stores(), asked, { preference: ['marketing'], isMasked });
    if (isMasked) expect(found).toMatchObject({ version: v(1), source: { domain: 'marketing' } });
    else expect(found).toBe('UNAVAILABLE');
  }
});

test('without the arbiter a domain is believed, unless it is known to be behind', async () => {
  const stores = storesOf({ order: v(3, 4), standby: v(1) }, 'silent');
  expect(await find(FALLBACK, stores)).toMatchObject({ version: v(3, 4) });
  expect(await find(FALLBACK, stores, { floor: v(1), minVersion: 0 })).toMatchObject({ version: v(1) });
  expect(await find(FALLBACK, stores, { floor: 0, minVersion: v(2) })).toBe('UNAVAILABLE');
});

test('a command is applied to the last one of its member, else to the highest copy', async () => {
  const baseOf = (stores: ReturnType<typeof storesOf>) => readBase(stores, memberId, FALLBACK, deadline);
  expect(await baseOf(storesOf({ order: v(3, 4), standby: v(5, 4) }))).toMatchObject({
    document: { version: v(5, 4) },
    isCopy: true,
  });
  expect(await baseOf(storesOf({ order: v(3, 4) }, v(2)))).toMatchObject({
    document: { version: v(2) },
    isCopy: false,
  });
  // Left over from a fallback before: a domain may have been told more since.
  const leftOver = storesOf({ order: 'silent', standby: v(1, 4) }, v(2, 3));
  expect(await baseOf(leftOver)).toMatchObject({ document: { version: v(1, 4) }, isCopy: true });
  await expect(baseOf(storesOf({ order: 'silent' }))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(baseOf(storesOf({ order: v(1) }, 'silent'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
