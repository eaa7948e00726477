import fc from 'fast-check';
import { Scene } from './scene';

test('the common call asks nobody and waits for nothing', async () => {
  const scene = new Scene();
  const environment = scene.environment();
  for (let call = 0; call < 2000; call += 1) {
    scene.clock.ms += 2;
    expect(await environment.call()).toBe(0);
  }
  expect(environment.atOnce).toBeGreaterThan(1950);
  // One question for a twentieth of what a second allows.
  expect(scene.store.asked.length).toBeLessThan(2000 / 20);
});

test('who calls seldom asks each time, and holds nothing that others could use', async () => {
  const scene = new Scene({ ratePerS: 1, burst: 4 });
  const [seldom, other] = [scene.environment({ of: 2 }), scene.environment({ of: 2 })];
  for (let call = 0; call < 4; call += 1) {
    expect(await (call % 2 === 0 ? seldom : other).call()).toBe(0);
    scene.clock.ms += 1;
  }
  expect(await seldom.call()).toBeUndefined();
  expect(seldom.retryMs).toBeLessThanOrEqual(1000);
});

test.each([
  [1000, 50],
  [60, 4],
])('of %i calls a second four environments hold %i ahead at most, however much they use', async (calls, most) => {
  const scene = new Scene({ ratePerS: calls, burst: calls });
  const environments = Array.from({ length: 4 }, () => scene.environment({ of: 4 }));
  for (let call = 0; call < calls / 5; call += 1) {
    scene.clock.ms += 1;
    await environments[call % 4]?.call();
  }
  const held = scene.store.granted - environments.reduce((sum, { passed }) => sum + passed, 0);
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThanOrEqual(most);
});

test('who is refused is told when to come again, and until then nobody is asked', async () => {
  const scene = new Scene({ ratePerS: 20, burst: 1 });
  const environment = scene.environment();
  expect(await environment.call()).toBe(0);
  expect(await environment.call()).toBeUndefined();
  expect(environment.retryMs).toBe(50);
  const asked = scene.store.asked.length;
  for (let call = 0; call < 100; call += 1) await environment.call();
  expect(scene.store.asked).toHaveLength(asked);
  scene.clock.ms += environment.retryMs;
  expect(await environment.call()).toBe(0);
});

test('what was fetched ahead and not used within a second is not used any more', async () => {
  const scene = new Scene({ algorithm: 'sliding-window' });
  const environment = scene.environment();
  for (let call = 0; call < 200; call += 1) {
    scene.clock.ms += 1;
    await environment.call();
  }
  const asked = scene.store.asked.length;
  scene.clock.ms += 1000;
  await environment.call();
  expect(scene.store.asked.length).toBe(asked + 1);
});

test('what was fetched in one window of a counter is not used in the next', async () => {
  const scene = new Scene({ algorithm: 'counter', ratePerS: 1000, burst: 100 });
  scene.clock.ms = 1_000_050;
  const environment = scene.environment();
  for (let call = 0; call < 40; call += 1) {
    scene.clock.ms += 1;
    await environment.call();
  }
  scene.clock.ms = 1_000_100;
  let passed = 0;
  for (let call = 0; call < 150; call += 1) passed += (await environment.call()) === undefined ? 0 : 1;
  expect(passed).toBe(100);
});

test('a call that another limit refused is given back', async () => {
  const scene = new Scene({ ratePerS: 10, burst: 10 });
  const environment = scene.environment();
  // So fast that some are held ahead.
  for (let call = 0; call < 5; call += 1) await environment.call();
  for (let call = 0; call < 100; call += 1) {
    if ((await environment.call()) === undefined) continue;
    environment.giveBack();
  }
  expect(await environment.call()).toBe(0);
});

test('what passed in a window that is over is not given back into the next one', async () => {
  const scene = new Scene({ algorithm: 'counter', ratePerS: 20, burst: 20 });
  const environment = scene.environment();
  const passedAtMs = scene.clock.monotonicMs();
  for (let call = 0; call < 20; call += 1) await environment.call();
  scene.clock.ms += 1000;
  // Guards behind this limit have taken so long to refuse them all.
  expect(await environment.call()).toBe(0);
  for (let call = 0; call < 20; call += 1) environment.giveBack(passedAtMs);
  const passedBefore = environment.passed;
  for (let call = 0; call < 40; call += 1) await environment.call();
  expect(1 + environment.passed - passedBefore).toBe(20);
});

describe('two regions', () => {
  test('each counts its half, and uses what the other has not: together the limit', async () => {
    const scene = new Scene({ ratePerS: 20, burst: 20 });
    const A = scene.environment({ isAlone: false });
    for (let call = 0; call < 40; call += 1) await A.call();
    expect(A.passed).toBe(20);
    expect(new Set(scene.store.asked.map(({ region }) => region))).toEqual(new Set(['A', 'B']));
    const B = scene.environment({ region: 'B', isAlone: false });
    for (let call = 0; call < 40; call += 1) await B.call();
    expect(B.passed).toBe(0);
  });

  test('while regions do not reach each other, they let no more pass together than the limit', async () => {
    const scene = new Scene({ ratePerS: 21, burst: 21 });
    const A = scene.environment({ isAlone: false });
    const B = scene.environment({ region: 'B', isAlone: false });
    for (const [environment, lost] of [
      [A, 'B'],
      [B, 'A'],
    ] as const) {
      scene.store.away.clear();
      scene.store.away.add(lost);
      for (let call = 0; call < 40; call += 1) await environment.call();
    }
    expect([A.passed, B.passed]).toEqual([11, 10]);
  });

  test('a region whose other one is fenced has the whole limit', async () => {
    const scene = new Scene({ ratePerS: 20, burst: 20 });
    const B = scene.environment({ region: 'B' });
    for (let call = 0; call < 40; call += 1) await B.call();
    expect(B.passed).toBe(20);
    expect(new Set(scene.store.asked.map(({ region }) => region))).toEqual(new Set(['B']));
  });
});

describe('without the store', () => {
  test('environments have together no more than the limit allows in that time, and not nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 5, max: 200 }),
        fc.integer({ min: 500, max: 2000 }),
        fc.constantFrom('counter', 'sliding-window', 'token-bucket', 'leaky-bucket' as const),
        async (of, ratePerS, durationMs, algorithm) => {
          const scene = new Scene({ ratePerS, burst: ratePerS, algorithm });
          scene.store.away.add('A');
          const environments = Array.from({ length: of }, () => scene.environment({ of }));
          const endsAtMs = scene.clock.ms + durationMs;
          while (scene.clock.ms + 20 <= endsAtMs) {
            scene.clock.ms += 20;
            for (const environment of environments) for (let call = 0; call < 3; call += 1) await environment.call();
          }
          const passed = environments.reduce((sum, one) => sum + one.passed, 0);
          expect(passed).toBeLessThanOrEqual((ratePerS * durationMs) / 1000);
          const offered = environments.length * 3 * Math.floor(durationMs / 20);
          const least = Math.min(offered, (ratePerS * durationMs) / 1000) * 0.4 - of;
          expect(passed).toBeGreaterThanOrEqual(least);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('one answer that did not come closes nothing: it is asked again soon, in either region', async () => {
    const scene = new Scene({ ratePerS: 20, burst: 20 });
    const environment = scene.environment({ of: 448, isAlone: false });
    scene.store.away.add('A').add('B');
    expect(await environment.call()).toBeUndefined();
    expect(environment.retryMs).toBeLessThanOrEqual(250);
    scene.store.away.clear();
    scene.clock.ms += environment.retryMs;
    for (let call = 0; call < 40; call += 1) await environment.call();
    expect(environment.passed).toBe(20);
  });

  test('an environment that was just answered does not begin with a burst', async () => {
    const scene = new Scene({ ratePerS: 100, burst: 100 });
    const environment = scene.environment();
    for (let call = 0; call < 150; call += 1) await environment.call();
    expect(environment.passed).toBe(100);
    scene.store.away.add('A');
    scene.clock.ms += 100;
    for (let call = 0; call < 150; call += 1) await environment.call();
    expect(environment.passed).toBeLessThanOrEqual(110);
  });
});

/** The promise: of all that pass in a window, no more than the limit and what was held when it began. */
test('however calls of several environments fall, no window has more than the limit and a twentieth, or one for each', async () => {
  const step = fc.record({
    afterMs: fc.integer({ min: 0, max: 40 }),
    environment: fc.nat({ max: 3 }),
    calls: fc.integer({ min: 1, max: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 4, max: 120 }), fc.array(step, { maxLength: 150 }), async (calls, steps) => {
      const scene = new Scene({ algorithm: 'sliding-window', ratePerS: calls * 2, burst: calls });
      const environments = Array.from({ length: 4 }, () => scene.environment({ of: 4 }));
      const times: number[] = [];
      for (const { afterMs, environment, calls: count } of steps) {
        scene.clock.ms += afterMs;
        for (let call = 0; call < count; call += 1) {
          if ((await environments[environment]?.call()) !== undefined) times.push(scene.clock.ms);
        }
      }
      const heldAtMost = 4 * Math.max(1, Math.floor((calls * 0.05) / 4));
      for (const fromMs of times) {
        const within = times.filter((ms) => ms >= fromMs && ms < fromMs + 500).length;
        expect(within).toBeLessThanOrEqual(calls + heldAtMost);
      }
    }),
    { numRuns: 40 },
  );
});

describe('a queue', () => {
  test('gives turns at an even pace, and refuses who cannot wait so long', async () => {
    const scene = new Scene({ algorithm: 'leaky-bucket', ratePerS: 10, burst: 5 });
    const environment = scene.environment();
    expect([await environment.call(1000), await environment.call(1000), await environment.call(1000)]).toEqual([
      0, 100, 200,
    ]);
    expect(await environment.call(150)).toBeUndefined();
    expect(environment.retryMs).toBe(150);
    expect(await environment.call(1000)).toBe(300);
    expect(await environment.call(1000)).toBe(400);
    expect(await environment.call(1000)).toBeUndefined();
    expect(environment.retryMs).toBe(100);
  });

  test('asks nobody while it is full', async () => {
    const scene = new Scene({ algorithm: 'leaky-bucket', ratePerS: 10, burst: 1 });
    const environment = scene.environment();
    await environment.call(1000);
    await environment.call(1000);
    const asked = scene.store.asked.length;
    for (let call = 0; call < 50; call += 1) expect(await environment.call(1000)).toBeUndefined();
    expect(scene.store.asked).toHaveLength(asked);
  });
});
