import type { Arbiter } from '../../../lambdas/arbiter';
import { systemClock } from '../../../lambdas/core';
import { Keeper, openParameterStore, type ParameterStore } from '../../../lambdas/switches';
import { parameterName, REGIONS, type Region, SWITCHES } from '../../../topology';
import { type ArbiterTables, startArbiterTables } from '../arbiter/tables';
import { type Stores, startStores } from '../configuration/stores';

/** That of the parameters which the engine begins with. */
const STAGE = 'switches';
const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

let tables: ArbiterTables;
let parameters: Stores;
let arbiter: Arbiter;
let stores: Readonly<Record<Region, ParameterStore>>;
let keepers: Readonly<Record<Region, Keeper>>;
let published = 0;

beforeAll(async () => {
  [tables, parameters] = await Promise.all([startArbiterTables(), startStores()]);
  const { AWS_ENDPOINT_URL: endpoint = '' } = parameters.environment;
  const defaults = SWITCHES.map(({ name, defaultValue }) => [parameterName(STAGE, name), JSON.stringify(defaultValue)]);
  await parameters.put('B', Object.fromEntries(defaults) as Record<string, string>);
  const store = (region: Region) => openParameterStore({ region, stage: STAGE, endpoint });
  stores = { A: store('A'), B: store('B') };
  arbiter = tables.arbiter();
  await arbiter.decisions.foundUnit('a1', 'A');
  const keeper = () => {
    const { decisions, audit } = tables.arbiter();
    const publish = async () => {
      published += 1;
    };
    const requestUnit = async () => ({ accepted: false, reason: 'Nothing moves units here.' }) as const;
    return new Keeper({ decisions, audit, stores, requestUnit, publish, clock: systemClock, log: LOG });
  };
  keepers = { A: keeper(), B: keeper() };
  for (const region of REGIONS) await keepers[region].check(region);
});

afterAll(async () => {
  for (const region of REGIONS) stores?.[region].close();
  await Promise.all([tables?.stop(), parameters?.stop()]);
});

async function turn(region: Region, name: string, text: string): Promise<void> {
  await parameters.put(region, { [parameterName(STAGE, name)]: text });
}

async function held(name: string): Promise<(string | undefined)[]> {
  return Promise.all(REGIONS.map(async (region) => (await stores[region].read([name])).get(name)?.text));
}

async function story(name: string) {
  return (await arbiter.audit.list(`switch/${name}`, { limit: 50 })).map(({ outcome, reason }) => [outcome, reason]);
}

test('more switches than one answer holds are read with their versions', async () => {
  const found = await stores.A.read(SWITCHES.map(({ name }) => name));
  expect([...found.keys()].sort()).toEqual(SWITCHES.map(({ name }) => name).sort());
  expect(found.get('failover/auto')).toEqual({ text: '"off"', version: 1, modifiedAtMs: expect.any(Number) });
  expect(found.get('failover/auto')?.modifiedAtMs).toBeGreaterThan(Date.parse('2020-01-01'));
});

test('a turned switch stands in decisions, in both stores and in the audit; its copy is no order', async () => {
  const before = published;
  await turn('B', 'search/order', '["standby"]');
  await keepers.B.look('search/order', 'B');
  await keepers.A.look('search/order', 'A');
  expect(await arbiter.decisions.acceptedSwitch('search/order')).toMatchObject({ value: ['standby'], revision: 2 });
  expect(await held('search/order')).toEqual(['["standby"]', '["standby"]']);
  expect(published).toBe(before + 1);
  expect(await story('search/order')).toEqual([['accepted', expect.stringContaining('It is revision 2')]]);
});

test('a value that is unsafe is put back, and the audit says why', async () => {
  await turn('A', 'search/marketing', '[]');
  await keepers.A.look('search/marketing', 'A');
  expect(await held('search/marketing')).toEqual(['["marketing"]', '["marketing"]']);
  const reason = expect.stringMatching(/^A class needs one search domain at least\..* revision 1, stands\.$/);
  expect(await story('search/marketing')).toEqual([['refused', reason]]);
  await keepers.A.look('search/marketing', 'A');
  expect(await story('search/marketing')).toHaveLength(1);
});

test('race 22: two who turn one switch in two regions at once end in one order, the same in both stores', async () => {
  for (let round = 1; round <= 5; round += 1) {
    const values = [`{"mode":"on","generation":${round * 2}}`, `{"mode":"off","generation":${round * 2}}`] as const;
    await Promise.all([turn('A', 'cache/A', values[0]), turn('B', 'cache/A', values[1])]);
    await Promise.all([keepers.A.look('cache/A', 'A'), keepers.B.look('cache/A', 'B')]);
    // Each copy is told of as a change, too.
    await Promise.all([keepers.A.look('cache/A', 'A'), keepers.B.look('cache/A', 'B')]);
    const [inA, inB] = await held('cache/A');
    const accepted = await arbiter.decisions.acceptedSwitch('cache/A');
    expect([inA, inB]).toEqual([inB, JSON.stringify(accepted?.value)]);
    expect(values).toContain(inA);
  }
});

test('rules that look at two switches hold, though each is turned in a region of its own at once', async () => {
  await Promise.all([turn('A', 'regions/A', '"fenced"'), turn('B', 'regions/B', '"fenced"')]);
  await Promise.all([keepers.A.look('regions/A', 'A'), keepers.B.look('regions/B', 'B')]);
  const modes = await Promise.all(
    ['regions/A', 'regions/B'].map(async (name) => (await arbiter.decisions.acceptedSwitch(name))?.value ?? 'active'),
  );
  expect(modes.sort()).toEqual(['active', 'fenced']);
});

test('race 45: a copy that arrives long after it was given up is put right; an order of the same value is obeyed', async () => {
  const name = 'search/other';
  // The last copy into B, as if it had been on its way until now.
  const copies: Parameters<ParameterStore['put']>[] = [];
  const put: ParameterStore['put'] = async (...copy) => {
    copies.push(copy);
    throw new Error('given up');
  };
  const { decisions, audit } = arbiter;
  const keeper = new Keeper({
    decisions,
    audit,
    stores: { ...stores, B: { ...stores.B, put } },
    requestUnit: async () => ({ accepted: true }),
    publish: async () => undefined,
    clock: systemClock,
    log: LOG,
  });
  await turn('A', name, '["standby"]');
  await keeper.look(name, 'A');
  await turn('A', name, '["marketing"]');
  await keepers.A.look(name, 'A');
  for (const copy of copies) await stores.B.put(...copy);
  expect(await held(name)).toEqual(['["marketing"]', '["standby"]']);
  await keepers.B.look(name, 'B');
  expect(await held(name)).toEqual(['["marketing"]', '["marketing"]']);
  // Whoever overwrites it leaves the description as it is.
  await turn('B', name, '["standby"]');
  await keepers.B.look(name, 'B');
  expect(await held(name)).toEqual(['["standby"]', '["standby"]']);
  expect((await story(name)).map(([outcome]) => outcome)).toEqual(['accepted', 'noted', 'accepted', 'accepted']);
  const [made] = (await stores.B.history(name)).filter(({ version }) => version === 3);
  expect(made?.description).toMatch(/\(put by Twinkeep, .*\)$/);
});

test('race 23: what a store has lost is put back by a check, once', async () => {
  await turn('A', 'ids/open', '[{"unit":"b1","weight":2}]');
  await keepers.A.look('ids/open', 'A');
  await parameters.remove('B', parameterName(STAGE, 'ids/open'));
  await keepers.B.check('B');
  await keepers.B.check('B');
  expect(await held('ids/open')).toEqual(['[{"unit":"b1","weight":2}]', '[{"unit":"b1","weight":2}]']);
  expect((await story('ids/open')).map(([outcome]) => outcome)).toEqual(['noted', 'accepted']);
});

test('a store that does not answer keeps nobody from turning a switch in the other one', async () => {
  const away = openParameterStore({ region: 'B', stage: STAGE, endpoint: 'http://127.0.0.1:9' });
  const { decisions, audit } = arbiter;
  const lonely = new Keeper({
    decisions,
    audit,
    stores: { ...stores, B: away },
    requestUnit: async () => ({ accepted: true }),
    publish: async () => undefined,
    clock: systemClock,
    log: LOG,
  });
  await turn('A', 'failover/auto', '"dry-run"');
  await lonely.look('failover/auto', 'A');
  away.close();
  expect(await arbiter.decisions.acceptedSwitch('failover/auto')).toMatchObject({ value: 'dry-run', revision: 2 });
  expect(await held('failover/auto')).toEqual(['"dry-run"', '"off"']);
  await expect(lonely.look('failover/auto', 'B')).rejects.toThrow();
});
