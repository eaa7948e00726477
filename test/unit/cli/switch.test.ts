import { commands } from '../../../cli/commands';
import { run } from '../../../cli/run';
import { follow, type SwitchSystem, turn } from '../../../cli/switches';
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

describe('an operator is told', () => {
  type Put = (name: string, text: string) => Promise<number>;

  /** The keeper looks whenever something is put. */
  function putInto(world: TwoStores): Put {
    return async (name, text) => {
      const version = world.stores.A.write({ text, by: 'operator' }, world.nowMs);
      await world.keepers.A.look(name, 'A');
      return version;
    };
  }

  /** A system of one switch. */
  function systemOf(world: TwoStores, put: Put): SwitchSystem {
    const read = async () => new Map([[world.name, world.stores.A.held]]);
    const decisions = { switchBook: async () => world.book, units: async () => world.units };
    const stores = { A: { put, read } };
    return { arbiter: { decisions }, stores, snapshotStep: async () => 1e6 } as unknown as SwitchSystem;
  }

  async function turned(world: TwoStores, text: string, put = putInto(world), waitMs = 1000) {
    const lines: string[] = [];
    const terminal = { out: () => undefined, error: () => undefined, environment: {} };
    const tell = (line: string) => void lines.push(line);
    const asked = { name: world.name, text, region: 'A', regions: ['A'], waitMs, tell, terminal } as const;
    return { ...(await turn(systemOf(world, put), asked)), lines };
  }

  const silence = () => Object.assign(new Error('socket hang up'), { name: 'TimeoutError', $metadata: {} });

  test('that the store does not answer, and what became of the value once it does', async () => {
    const world = await seeded(NAME, DEFAULT);
    const put = jest.fn(putInto(world)).mockRejectedValueOnce(silence());
    const { outcome, lines } = await turned(world, STANDBY, put);
    expect([outcome, put.mock.calls.length]).toEqual(['accepted', 2]);
    expect(lines).toContain('The store of region A does not answer; trying again for 1 s at most.');
  });

  test('that a store stays silent, and to name the other one', async () => {
    const world = await seeded(NAME, DEFAULT);
    const put = jest.fn(putInto(world)).mockRejectedValue(silence());
    await expect(turned(world, STANDBY, put, 1)).rejects.toThrow(
      'the store of region A does not answer. If the region is away, name the other one with --region.',
    );
    expect(world.record.revision).toBe(1);
  });

  test('at once what a store refuses', async () => {
    const refusal = Object.assign(new Error('not yours'), { $metadata: { httpStatusCode: 400 } });
    const put = jest.fn().mockRejectedValue(refusal);
    await expect(turned(await seeded(NAME, DEFAULT), STANDBY, put)).rejects.toBe(refusal);
    expect(put).toHaveBeenCalledTimes(1);
  });

  test('of a value that landed without an answer, and does not come over what was turned after it', async () => {
    const world = await seeded(NAME, DEFAULT);
    const newer = '["order"]';
    const put = jest.fn(putInto(world)).mockImplementationOnce(async (...given) => {
      await putInto(world)(...given);
      await putInto(world)(NAME, newer);
      throw silence();
    });
    expect(await turned(world, STANDBY, put)).toMatchObject({ outcome: 'overtaken', revision: 3 });
    expect([world.record.text, put.mock.calls.length]).toEqual([newer, 1]);
  });

  test('that nobody has looked at what he gave, where the store had lost the switch', async () => {
    const world = await seeded(NAME, DEFAULT);
    world.stores.A.held = undefined;
    world.stores.A.history = [];
    const { outcome, lines } = await turned(world, STANDBY);
    expect(outcome).toBe('overtaken');
    expect(lines.at(-1)).toContain('stands as before, revision 1');
    expect(lines.at(-1)).toContain('Turn it again');
    expect((await turned(world, STANDBY)).outcome).toBe('accepted');
  });

  test('that a unit is only on its way, and how long its old writer may be waited for', async () => {
    const world = await seeded('units/a1', '{"writer":"A","mode":"database"}');
    world.requestUnit = async () => {
      const transition = { step: 'silence', to: 'B', mode: 'database', grantedMs: 3_600_000, waitedMs: 0 } as never;
      const stands = { epoch: 3, writer: 'A', mode: 'read-only', renewals: 0, grantedMs: 0 } as const;
      world.units = [{ unit: 'a1', ...stands, transition }];
      return { accepted: true };
    };
    const { lines } = await turned(world, '{"writer":"B","mode":"database"}');
    expect(lines.at(-1)).toBe(
      'not there yet: unit a1 is on its way to region B in mode database, at step silence, for 3600 s more if its old writer ' +
        'does not answer. See: twinkeep audit unit/a1',
    );
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
