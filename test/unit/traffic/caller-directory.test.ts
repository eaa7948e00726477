import { CallerDirectory } from '../../../lambdas/traffic/caller-directory';
import { CountingRegistry, callerNamed, SetClock } from './registry';

const SHOP = callerNamed('shop');

function setUp(...callers: ReturnType<typeof callerNamed>[]) {
  const registry = new CountingRegistry(...callers);
  const clock = new SetClock();
  const directory = new CallerDirectory({ registry, clock });
  const find = async (id: string) => (await directory.find(id))?.caller;
  /** Lets what runs in the background come to its end. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { registry, clock, directory, find, settle };
}

test('a known caller is asked for once in 30 seconds, and once more soon after it was first met', async () => {
  const { registry, clock, directory, find, settle } = setUp(SHOP);
  expect(await find('shop')).toEqual(SHOP);
  clock.ms += 1_999;
  expect(directory.find('shop')).toMatchObject({ caller: SHOP });
  expect(registry.asked).toHaveLength(1);
  clock.ms += 1;
  expect(directory.find('shop')).toMatchObject({ caller: SHOP });
  await settle();
  clock.ms += 24_999;
  expect(directory.find('shop')).toMatchObject({ caller: SHOP });
  expect(registry.asked).toHaveLength(2);
});

test('a record is read again in the last seconds of its life, without anyone waiting', async () => {
  const { registry, clock, directory, find, settle } = setUp(SHOP);
  await find('shop');
  registry.callers.set('shop', { ...SHOP, status: 'suspended' });
  clock.ms += 25_000;
  expect(directory.find('shop')).toMatchObject({ caller: SHOP });
  await settle();
  expect(directory.find('shop')).toMatchObject({ caller: { status: 'suspended' } });
  expect(registry.asked).toHaveLength(2);
});

test('a record counts until 30 seconds have passed, and no longer', async () => {
  const { registry, clock, directory, find } = setUp(SHOP);
  await find('shop');
  registry.callers.delete('shop');
  registry.gate = new Promise(() => undefined);
  clock.ms += 29_999;
  expect(directory.find('shop')).toMatchObject({ caller: SHOP });
  clock.ms += 1;
  expect(directory.find('shop')).toBeInstanceOf(Promise);
});

test('an unknown caller is asked for once in 5 seconds', async () => {
  const { registry, clock, directory, find } = setUp();
  expect(await find('shop')).toBeUndefined();
  registry.callers.set('shop', SHOP);
  clock.ms += 4_999;
  expect(directory.find('shop')).toBeUndefined();
  clock.ms += 1;
  expect(await find('shop')).toEqual(SHOP);
  expect(registry.asked).toHaveLength(2);
});

test('a caller that was removed is unknown once its record has aged', async () => {
  const { registry, clock, find } = setUp(SHOP);
  await find('shop');
  registry.callers.delete('shop');
  clock.ms += 30_000;
  expect(await find('shop')).toBeUndefined();
});

test('all who ask at one moment share one look-up', async () => {
  const { registry, find } = setUp(SHOP);
  const found = await Promise.all([find('shop'), find('shop'), find('shop'), find('stall')]);
  expect(found).toEqual([SHOP, SHOP, SHOP, undefined]);
  expect(registry.asked).toEqual(['shop', 'stall']);
});

describe('once the registry was changed', () => {
  const suspended = callerNamed('shop', { status: 'suspended', revision: 2 });

  test('no request is let in by what was known before', async () => {
    const { registry, directory, find } = setUp(SHOP);
    directory.hear(7);
    await find('shop');
    registry.callers.set('shop', suspended);
    directory.hear(7);
    expect(directory.find('shop')).toMatchObject({ caller: SHOP });
    directory.hear(8);
    expect(directory.find('shop')).toBeInstanceOf(Promise);
    expect(await find('shop')).toEqual(suspended);
    expect(registry.consistencies).toEqual(['near', 'strong']);
    expect(directory.find('shop')).toMatchObject({ caller: suspended });
  });

  test('what was asked for before the change is no answer to who asks after it', async () => {
    const { registry, directory, find } = setUp(SHOP);
    let open = (): void => undefined;
    registry.gate = new Promise((resolve) => {
      open = resolve;
    });
    const before = find('shop');
    await Promise.resolve();
    registry.callers.set('shop', suspended);
    directory.hear(1);
    registry.gate = undefined;
    expect(await find('shop')).toEqual(suspended);
    registry.callers.set('shop', SHOP);
    open();
    await before;
    expect(directory.find('shop')).toMatchObject({ caller: suspended });
  });

  test('who is new gets in at once', async () => {
    const { registry, directory, find } = setUp();
    expect(await find('shop')).toBeUndefined();
    registry.callers.set('shop', SHOP);
    directory.hear(1);
    expect(await find('shop')).toEqual(SHOP);
  });

  test('a registry that is away is asked by one request, then beside them', async () => {
    const { registry, clock, directory, find, settle } = setUp(SHOP);
    await find('shop');
    registry.callers.set('shop', suspended);
    registry.away = true;
    directory.hear(1);
    expect(await find('shop')).toEqual(SHOP);
    expect(directory.find('shop')).toMatchObject({ caller: SHOP });
    registry.away = false;
    clock.ms += 1_000;
    directory.find('shop');
    await settle();
    // A copy that did not hear of the change, either, would bring the former record back.
    expect(registry.consistencies).toEqual(['near', 'strong', 'strong']);
    expect(directory.find('shop')).toMatchObject({ caller: suspended });
    clock.ms += 30_000;
    await find('shop');
    expect(registry.consistencies.at(-1)).toBe('near');
  });
});

describe('while the registry is away', () => {
  test('what was known goes on for 10 minutes, and not longer', async () => {
    const { registry, clock, find, directory, settle } = setUp(SHOP);
    await find('shop');
    registry.away = true;
    clock.ms += 30_000;
    expect(await find('shop')).toEqual(SHOP);
    clock.ms += 569_999;
    expect(directory.find('shop')).toMatchObject({ caller: SHOP });
    await settle();
    clock.ms += 1;
    await expect(find('shop')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('only the first request waits for it; then it is asked once a second', async () => {
    const { registry, clock, directory, find, settle } = setUp(SHOP);
    await find('shop');
    registry.away = true;
    clock.ms += 30_000;
    await find('shop');
    for (let request = 0; request < 5; request++) {
      clock.ms += 499;
      expect(directory.find('shop')).toMatchObject({ caller: SHOP });
      await settle();
    }
    // At the start, at its age of 30 s, and 1497 ms after that.
    expect(registry.asked).toHaveLength(3);
  });

  test('nobody new gets in, and is told to come again', async () => {
    const { registry, find } = setUp(SHOP);
    registry.away = true;
    await expect(find('shop')).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { retryAfterMs: 1000 } });
    registry.away = false;
    expect(await find('shop')).toEqual(SHOP);
  });

  test('it is believed again as soon as it is back', async () => {
    const { registry, clock, find, settle } = setUp(SHOP);
    await find('shop');
    registry.away = true;
    clock.ms += 30_000;
    await find('shop');
    registry.away = false;
    registry.callers.delete('shop');
    clock.ms += 1_000;
    await find('shop');
    await settle();
    expect(await find('shop')).toBeUndefined();
  });
});

test('invented names push no known caller out', async () => {
  const { registry, directory, find } = setUp(SHOP);
  await find('shop');
  for (let index = 0; index < 11_000; index++) await find(`nobody-${index}`);
  expect(directory.find('shop')).toMatchObject({ caller: SHOP });
  const asked = registry.asked.length;
  await find('nobody-10999');
  expect(registry.asked).toHaveLength(asked);
  // The oldest was forgotten, so that memory stays bounded.
  await find('nobody-0');
  expect(registry.asked).toHaveLength(asked + 1);
});

test('of many known callers those asked for lately stay', async () => {
  const callers = Array.from({ length: 1_001 }, (_, index) => callerNamed(`c${index}`));
  const { registry, directory, find } = setUp(...callers);
  for (const { id } of callers.slice(0, 1_000)) await find(id);
  await find('c0');
  await find('c1000');
  expect(directory.find('c0')).not.toBeInstanceOf(Promise);
  expect(directory.find('c1')).toBeInstanceOf(Promise);
  expect(registry.asked.filter((id) => id === 'c0')).toHaveLength(1);
});

test('of names that nobody has met few are asked for at a time, and who is known waits for none of them', async () => {
  const { registry, clock, directory, find } = setUp(SHOP);
  await find('shop');
  registry.gate = new Promise(() => undefined);
  const strangers = Array.from({ length: 100 }, (_, at) => find(`stranger-${at}`).catch((error: unknown) => error));
  expect(registry.asked).toHaveLength(1 + 8);
  directory.hear(1);
  void find('shop');
  expect(registry.asked).toHaveLength(1 + 8 + 1);
  clock.ms += 150;
  expect(await strangers.at(-1)).toMatchObject({
    code: 'SHED',
    details: { rule: 'limit/callers', retryAfterMs: expect.any(Number) },
  });
  expect(registry.asked).toHaveLength(1 + 8 + 1);
});
