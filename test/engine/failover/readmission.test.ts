import type { Arbiter } from '../../../lambdas/arbiter';
import { type MemberDocument, systemClock } from '../../../lambdas/core';
import { CONTROLLER, type Difference, noteLeaving, readmissionOf, readmit } from '../../../lambdas/failover';
import { Keeper, type ParameterStore } from '../../../lambdas/switches';
import type { DomainName } from '../../../topology';
import { type ArbiterTables, startArbiterTables } from '../arbiter/tables';
import { ask, openDomain, silent, type TestDomain } from '../search/domains';
import { eventOf } from '../search/members';
import { type Compared, later, memberAt, startCompared } from './compared';

const ACTOR = `${CONTROLLER} of region A`;
const LATER_ACTOR = `${CONTROLLER} of region B`;
const MEMBERS = 300;

let compared: Compared;
let tables: ArbiterTables;
let arbiter: Arbiter;
let keeper: Keeper;
let rows: MemberDocument[];

beforeAll(async () => {
  rows = Array.from({ length: MEMBERS }, (_, index) => memberAt(index));
  [compared, tables] = await Promise.all([startCompared(rows), startArbiterTables()]);
  arbiter = tables.arbiter();
  const { decisions, audit } = arbiter;
  await decisions.seedSwitch('search/order', ['order', 'standby']);
  // No parameter is looked at here: what is decided stands in the arbiter.
  const store = { put: async () => 1, close: () => undefined } as unknown as ParameterStore;
  keeper = new Keeper({
    decisions,
    audit,
    stores: { A: store, B: store },
    requestUnit: async () => ({ accepted: true }),
    publish: async () => undefined,
    clock: systemClock,
    log: silent,
  });
}, 180_000);

afterAll(() => Promise.all([compared?.stop(), tables?.stop()]));

async function turn(name: string, value: unknown, actor = ACTOR): Promise<void> {
  expect(await keeper.order(name, value, { actor, because: 'A test wants it.' })).toMatchObject({ accepted: true });
}

async function acceptedValue(name: string): Promise<unknown> {
  return (await arbiter.decisions.acceptedSwitch(name))?.value;
}

/** A queue with a backlog that is being consumed. */
function backlog(...waiting: number[]) {
  let redriven = 0;
  return {
    redrive: async () => {
      redriven += 1;
      return { moved: 3, notDeleted: 0, notSent: 0, left: 0 };
    },
    countWaiting: async () => waiting.shift() ?? 0,
    redriven: () => redriven,
  };
}

interface Asked {
  readonly domain: TestDomain['domain'];
  readonly queue?: ReturnType<typeof backlog>;
  readonly decisions?: Arbiter['decisions'];
  readonly settle?: (differences: readonly Difference[]) => Promise<number>;
  readonly nowMs?: () => number;
  /** Small, and written down at once, so that there is much to be killed at. */
  readonly pieces?: { readonly rowsAtOnce: number; readonly writeDownEveryMs: number };
}

function bring({ domain, queue = backlog(), decisions, settle, nowMs = systemClock.nowMs, pieces }: Asked) {
  return readmit(
    {
      decisions: decisions ?? arbiter.decisions,
      audit: arbiter.audit,
      keeper,
      domain,
      queue,
      comparison: {
        ranges: compared.database.shards.ranges,
        region: 'A',
        writers: async () => () => 'A',
        settleMs: 300,
        ...(pieces === undefined ? {} : { rowsAtOnce: pieces.rowsAtOnce }),
      },
      settle: settle ?? (async () => 0),
      clock: { ...systemClock, nowMs },
      log: silent,
      ...pieces,
    },
    { actor: ACTOR, budgetMs: 600_000 },
  );
}

/** Its events wait, and a controller has taken it out of lists. */
async function leave(domain: DomainName, lists: Readonly<Record<string, DomainName[]>>): Promise<void> {
  await turn(`sync/${domain}`, 'paused');
  for (const [list, value] of Object.entries(lists)) {
    await noteLeaving(arbiter.decisions, { list, value });
    await turn(list, value);
  }
}

test('a domain that came back without its indices is filled, and put back into the lists that it left', async () => {
  await leave('order', { 'search/order': ['standby'] });
  const lost = await openDomain();
  await ask('DELETE', `/${lost.members},${lost.lookups}`);
  const queue = backlog(4000, 900, 20);
  const empty = lost.again();
  expect(await bring({ domain: empty, queue })).toBe('in');
  expect(queue.redriven()).toBe(1);
  expect(await acceptedValue('sync/order')).toBe('on');
  expect(await acceptedValue('search/order')).toEqual(['order', 'standby']);
  await empty.refresh();
  expect(await empty.ranges.misled(rows)).toEqual([]);
  expect((await empty.ranges.versionsNow(rows.map(({ memberId }) => memberId))).size).toBe(MEMBERS);
  const told = (await arbiter.audit.list('domain/order', { limit: 20 })).map(({ action }) => action).reverse();
  expect(told).toEqual([
    'lets the events of the domain be applied again',
    'applied what had waited, and 3 dead letters',
    `mended ${MEMBERS} members: ${MEMBERS} written`,
    `checked ${MEMBERS} members: 0 written`,
    'readmitted the domain',
  ]);
  // Asked again by a message that comes late, it does nothing.
  const { revision } = await arbiter.decisions.domain('order');
  expect(await bring({ domain: empty })).toBe('in');
  expect((await arbiter.decisions.domain('order')).revision).toBe(revision);
  await lost.remove();
});

test('killed before or after whatever it writes down, it is followed by the next one, who goes on from there', async () => {
  await leave('standby', {});
  const opened = await openDomain({ name: 'standby' });
  const { decisions } = arbiter;
  const passes: string[] = [];
  let nowMs = systemClock.nowMs();
  let isIn = false;
  for (let life = 0; !isIn && life < 200; life += 1) {
    let changes = 0;
    let kill: (how: string) => void = () => undefined;
    const killed = new Promise<string>((resolve) => {
      kill = resolve;
    });
    const changeDomain: typeof decisions.changeDomain = async (...change) => {
      changes += 1;
      const isWritten = changes === 4 && life % 2 === 0 ? false : await decisions.changeDomain(...change);
      if (changes !== 4) return isWritten;
      kill('killed');
      return new Promise(() => undefined);
    };
    // Whoever was killed holds it for a while.
    nowMs += 61_000;
    const pieces = { rowsAtOnce: 40, writeDownEveryMs: 0 };
    const asked = { domain: opened.domain, decisions: { ...decisions, changeDomain }, nowMs: () => nowMs, pieces };
    const outcome = await Promise.race([bring(asked), killed]);
    isIn = outcome === 'in';
    const { pass } = await readmissionOf(decisions, 'standby');
    if (pass !== undefined) passes.push(`${pass.number} ${pass.cursor.padStart(20)}`);
  }
  expect(isIn).toBe(true);
  expect(new Set(passes).size).toBeGreaterThan(4);
  expect(passes).toEqual([...passes].sort());
  expect(await readmissionOf(decisions, 'standby')).toMatchObject({ step: 'in', run: 1 });
  expect((await opened.domain.ranges.versionsNow(rows.map(({ memberId }) => memberId))).size).toBe(MEMBERS);
  await opened.remove();
});

test('of two at once one works, and the other stops', async () => {
  await leave('marketing', {});
  const both = await Promise.all([1, 2].map(() => bring({ domain: compared.masked.domain, queue: backlog(99, 99) })));
  expect(both.sort()).toEqual(['elsewhere', 'in']);
});

test('what is ahead of the rows is handed on, and the domain is not asked before somebody has decided', async () => {
  await leave('order', { 'search/order': ['standby'] });
  const ahead = later(rows[5] as MemberDocument);
  await compared.whole.domain.write([eventOf(ahead)]);
  const told: unknown[] = [];
  const decide = async (differences: readonly Difference[]) => {
    told.push(...differences, await acceptedValue('search/order'));
    await compared.putRows([later(ahead)]);
    await compared.whole.domain.write([eventOf(later(ahead))]);
    return differences.length;
  };
  expect(await bring({ domain: compared.whole.domain, settle: decide })).toBe('in');
  const difference = { memberId: ahead.memberId, kind: 'ahead', row: ahead.version - 1, domain: ahead.version };
  expect(told).toEqual([difference, ['standby']]);
  expect(await acceptedValue('search/order')).toEqual(['order', 'standby']);
});

describe('it is out again', () => {
  test('when a controller pauses it meanwhile', async () => {
    await leave('order', {});
    const pausing = async () => {
      await turn('sync/order', 'paused', LATER_ACTOR);
      return 99;
    };
    const queue = { ...backlog(), countWaiting: pausing };
    expect(await bring({ domain: compared.whole.domain, queue })).toBe('out');
    expect(await readmissionOf(arbiter.decisions, 'order')).toMatchObject({
      step: 'out',
      because: expect.stringContaining('paused by the controller of region B'),
    });
  });

  test('where an operator has paused it, who is not overruled', async () => {
    await turn('sync/order', 'on');
    await turn('sync/order', 'paused', 'somebody of the night shift');
    expect(await bring({ domain: compared.whole.domain })).toBe('out');
    expect(await acceptedValue('sync/order')).toBe('paused');
  });
});

test('a list that an operator has turned meanwhile stays as he wants it', async () => {
  await turn('sync/order', 'on');
  await leave('order', { 'search/order': ['standby'] });
  await turn('search/order', ['standby', 'order'], 'somebody of the night shift');
  await turn('search/order', ['standby'], 'somebody of the night shift');
  expect(await bring({ domain: compared.whole.domain })).toBe('in');
  expect(await acceptedValue('search/order')).toEqual(['standby']);
});
