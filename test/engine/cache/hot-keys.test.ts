import type { Cache } from '../../../lambdas/cache';
import { encodeEntry } from '../../../lambdas/cache/entry';
import { systemClock } from '../../../lambdas/core';
import { found, loader, versionIn } from './loaders';
import { freshKey, TwoRegions } from './two-regions';

let regions: TwoRegions;
beforeAll(async () => {
  regions = await TwoRegions.start();
});
afterAll(() => regions.stop());

describe('hot keys', () => {
  /** Reads until the cache answers from its own copy. */
  async function heat(environment: Cache, key: string, minVersion = 0) {
    for (let read = 0; read < 300; read++) await environment.read({ key, minVersion, load: loader(found(5)) });
  }
  const overwrite = (key: string, version: number) =>
    regions.A.inside.set(key, encodeEntry({ version, flag: 'v', body: '' }, 0));
  const read = async (environment: Cache, key: string, minVersion = 0) =>
    versionIn(await environment.read({ key, minVersion, load: loader(found(99)) }));

  it('race 18: are answered from a copy for at most a second; others are not', async () => {
    // A clock that stands still, so that a busy machine does not cool the key.
    const clock = { ms: 1000, nowMs: () => clock.ms, monotonicMs: () => clock.ms };
    const environment = await regions.environment('A', { clock });
    const [hot, cold] = [freshKey(), freshKey()];
    await heat(environment, hot);
    for (let reads = 0; reads < 150; reads++) await environment.read({ key: cold, load: loader(found(5)) });
    await Promise.all([overwrite(hot, 7), overwrite(cold, 7)]);
    expect(await read(environment, hot)).toBe(5);
    expect(await read(environment, cold)).toBe(7);
    clock.ms += 1000;
    expect(await read(environment, hot)).toBe(7);
  });

  it('are not answered from a copy below the version asked for', async () => {
    const environment = await regions.environment('A', { clock: { ...systemClock, monotonicMs: () => 1000 } });
    const key = freshKey();
    await heat(environment, key);
    await overwrite(key, 7);
    expect(await read(environment, key)).toBe(5);
    expect(await read(environment, key, 6)).toBe(7);
  });

  it.each([
    ['marked', (environment: Cache, key: string) => environment.mark([key], 'write')],
    ['fenced', (environment: Cache, key: string) => environment.fence([{ key, version: 7 }])],
    ['fenced here', (environment: Cache, key: string) => environment.fenceHere([{ key, version: 7 }])],
  ])('lose their copy at once when this environment has %s them', async (_, invalidate) => {
    const environment = await regions.environment('A', { clock: { ...systemClock, monotonicMs: () => 1000 } });
    const key = freshKey();
    await heat(environment, key);
    await invalidate(environment, key);
    await overwrite(key, 7);
    expect(await read(environment, key)).toBe(7);
  });

  it('lose their copy before the fence is on its way', async () => {
    const environment = await regions.environment('A', { clock: { ...systemClock, monotonicMs: () => 1000 } });
    const key = freshKey();
    await heat(environment, key);
    await overwrite(key, 7);
    const fencing = environment.fence([{ key, version: 7 }]);
    expect(await read(environment, key)).toBe(7);
    await fencing;
  });

  it('race 18: lose also the copy that was kept while the fence was on its way', async () => {
    const environment = await regions.environment('A', { clock: { ...systemClock, monotonicMs: () => 1000 } });
    const key = freshKey();
    await heat(environment, key);
    // A function that the server has forgotten since is sent once more: what is read meanwhile overtakes it.
    await environment.fence([{ key: freshKey(), version: 1 }]);
    await regions.A.inside.script('FLUSH');
    const fencing = environment.fence([{ key, version: 7 }]);
    expect(await read(environment, key)).toBe(5);
    await fencing;
    await overwrite(key, 7);
    expect(await read(environment, key)).toBe(7);
  });

  it('race 48: lose their copy when the generation rises', async () => {
    const environment = await regions.environment('A', { clock: { ...systemClock, monotonicMs: () => 1000 } });
    const key = freshKey();
    await heat(environment, key);
    environment.setGeneration(1);
    expect(await environment.peekMany([key])).toEqual([undefined]);
  });
});
