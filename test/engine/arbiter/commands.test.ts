import { type Arbiter, COMMAND_SLICES, type JournaledCommand } from '../../../lambdas/arbiter';
import { type MemberDocument, versionOf } from '../../../lambdas/core';
import { type ArbiterTables, startArbiterTables } from './tables';

let tables: ArbiterTables;
let arbiter: Arbiter;

beforeAll(async () => {
  tables = await startArbiterTables();
  arbiter = tables.arbiter();
});
afterAll(() => tables.stop());

const AT = '2026-01-01T00:00:00.000Z';

function commandOf(memberId: string, counter: number, more: Partial<JournaledCommand> = {}): JournaledCommand {
  const version = versionOf(7, counter);
  const profile = { name: 'Ada' };
  const document: MemberDocument = {
    memberId,
    version,
    status: 'active',
    profile,
    accounts: [],
    registeredAt: AT,
    updatedAt: AT,
  };
  const operationId = `${memberId}-${counter}`;
  const command = { kind: 'patch', patch: { city: null } };
  return { memberId, version, operationId, command, document, isConditional: false, claims: [], atMs: 5, ...more };
}

test('of many that put the same place one has it, and knows so when it asks again', async () => {
  const racers = Array.from({ length: 16 }, (_, racer) => commandOf('1601', 1, { operationId: `racer ${racer}` }));
  const outcomes = await Promise.all(racers.map((racer) => arbiter.commands.put('a1', racer)));
  expect(outcomes.filter(Boolean)).toHaveLength(1);
  const winner = racers[outcomes.indexOf(true)] as JournaledCommand;
  expect(await arbiter.commands.put('a1', winner)).toBe(true);
  expect(await arbiter.commands.ofMember('a1', '1601')).toEqual([winner]);
});

test("a member's commands come in their order, whatever the number of digits, and apart from those of others", async () => {
  const { commands } = arbiter;
  const own = [9, 10, 2 ** 31, 1].map((counter) => commandOf('17', counter));
  for (const command of [...own, commandOf('171', 1), commandOf('1', 5)]) await commands.put('a1', command);
  await commands.put('b1', commandOf('17', 3));
  const counters = (await commands.ofMember('a1', '17')).map(({ version }) => version - versionOf(7, 0));
  expect(counters).toEqual([1, 9, 10, 2 ** 31]);
  expect(await commands.last('a1', '17')).toEqual(commandOf('17', 2 ** 31));
  expect(await commands.last('a1', '18')).toBeUndefined();
  await commands.remove('a1', own);
  await commands.remove('a1', own);
  expect(await commands.ofMember('a1', '17')).toEqual([]);
  expect(await commands.ofMember('b1', '17')).toHaveLength(1);
});

test('the slices of a unit hold all commands, each once, also where one fills several pages', async () => {
  const { commands } = arbiter;
  const ids = Array.from({ length: 40 }, (_, index) => String(1000 + index));
  for (const memberId of ids) await commands.put('c1', commandOf(memberId, 1));
  const large = { command: { kind: 'patch', patch: { name: 'x'.repeat(300_000) } } };
  for (let counter = 2; counter < 8; counter += 1) await commands.put('c1', commandOf('1000', counter, large));
  const slices = await Promise.all(Array.from({ length: COMMAND_SLICES }, (_, slice) => commands.ofSlice('c1', slice)));
  const found = slices.flat().map(({ operationId }) => operationId);
  expect(found).toHaveLength(46);
  expect(new Set(found).size).toBe(46);
});
