import { commands } from '../../../cli/commands';
import { run } from '../../../cli/run';
import { follow } from '../../../cli/switches';
import { SWITCHES } from '../../../topology';
import { seeded, type TwoStores } from '../switches/two-stores';

const NAME = 'search/order';
const DEFAULT = '["order","standby"]';
const STANDBY = '["standby"]';

describe('what has become of a value', () => {
  async function followed(text: string, meanwhile: (world: TwoStores) => Promise<void> = async () => undefined) {
    const world = await seeded(NAME, DEFAULT);
    const before = world.record;
    world.turn('A', text);
    const version = world.stores.A.held?.version ?? 0;
    const given = { region: 'A' as const, text, version };
    expect(follow(before, world.record, given)).toEqual({ kind: 'waiting' });
    await meanwhile(world);
    await world.keepers.A.look(NAME, 'A');
    return follow(before, world.record, given);
  }

  test('it was accepted, as a revision that a step of the snapshots has', async () => {
    expect(await followed(STANDBY)).toEqual({ kind: 'accepted', revision: 2, step: expect.any(Number) });
  });

  test('it was refused, for reasons', async () => {
    const reasons = ['A class needs one search domain at least.'];
    expect(await followed('[]')).toEqual({ kind: 'refused', reasons });
  });

  test('something else was accepted in the other region, whose copy came over it', async () => {
    const other = '["order"]';
    const meanwhile = async (world: TwoStores) => {
      world.turn('B', other);
      await world.keepers.B.look(NAME, 'B');
    };
    expect(await followed(STANDBY, meanwhile)).toEqual({ kind: 'overtaken', revision: 2, standing: other });
  });
});

async function call(words: readonly string[], isTerminal = false) {
  let [out, error] = ['', ''];
  const code = await run(commands, words, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    environment: {},
    isTerminal,
  });
  return { code, out, error };
}

test.each(SWITCHES)('$name is explained, to people and to programs', async ({ name, effect, blastRadius }) => {
  const { code, out } = await call(['switch', 'explain', name]);
  expect([code, out]).toEqual([0, expect.stringContaining(effect)]);
  expect(out).toContain(blastRadius);
  expect(JSON.parse((await call(['switch', 'explain', name, '--json'])).out)).toMatchObject({ name, effect });
});

test.each([
  [['switch', 'explain'], 'Name a switch: failover/auto, '],
  [['switch', 'get', 'search/nobody'], 'There is no switch search/nobody; there are '],
  [['switch', 'set', NAME], 'Name a switch and one value'],
  [['switch', 'set', NAME, '[]', '--region', 'C'], '--region must be A or B, not C'],
  [['switch', 'set', NAME, '[]', '--wait', '0'], '--wait must be a whole number from 1 to 3600'],
  [['switch', 'history', NAME, '--limit', 'all'], '--limit must be'],
  [['switch', 'get', NAME, '--directory', 'nowhere'], 'No local system runs from nowhere'],
])('%j says what would be right', async (words, message) => {
  expect(await call(words)).toMatchObject({ code: 2, out: '', error: expect.stringContaining(message) });
});
