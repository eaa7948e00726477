import fc from 'fast-check';
import { slidingWindow } from '../../../../lambdas/traffic/flow/algorithms';
import { Scene } from './scene';

/** What calls give back that a limit behind this one refused is not held beyond what is fetched ahead. */
test.each(['sliding-window', 'token-bucket'] as const)(
  'of a %s whatever is given back, no window has more than its limit, what came back, and a twentieth',
  async (algorithm) => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: 400 }),
      environment: fc.nat({ max: 1 }),
      calls: fc.integer({ min: 1, max: 60 }),
      isRefused: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: 60 }), fc.array(step, { maxLength: 40 }), async (calls, steps) => {
        const scene = new Scene({ algorithm, ratePerS: calls * 2, burst: calls });
        const environments = Array.from({ length: 2 }, () => scene.environment({ of: 2 }));
        const times: number[] = [];
        for (const { afterMs, environment, calls: count, isRefused } of steps) {
          scene.clock.ms += afterMs;
          const one = environments[environment];
          const outcomes = await Promise.all(Array.from({ length: count }, () => one?.call()));
          for (const outcome of outcomes) {
            if (outcome === undefined) continue;
            if (isRefused) one?.giveBack();
            else times.push(scene.clock.ms);
          }
          await new Promise((resolve) => setImmediate(resolve));
        }
        const heldAtMost = 2 * Math.max(1, Math.floor((calls * 0.05) / 2));
        for (const fromMs of times) {
          for (const toMs of times) {
            const isWithin = (ms: number) => ms >= fromMs && ms <= toMs;
            if (toMs < fromMs || (algorithm === 'sliding-window' && toMs >= fromMs + 500)) continue;
            const cameBack = algorithm === 'sliding-window' ? 0 : Math.floor(((toMs - fromMs) * calls * 2) / 1000);
            expect(times.filter(isWithin).length).toBeLessThanOrEqual(calls + cameBack + heldAtMost);
          }
        }
      }),
      { numRuns: 40 },
    );
  },
);

test.each(['sliding-window', 'token-bucket'] as const)(
  'of a %s others can have at once what many calls gave back that were refused together',
  async (algorithm) => {
    const scene = new Scene({ algorithm, ratePerS: 100, burst: 100 });
    const environment = scene.environment();
    const asked = await Promise.all(Array.from({ length: 120 }, () => environment.call()));
    for (const outcome of asked) if (outcome !== undefined) environment.giveBack();
    await new Promise((resolve) => setImmediate(resolve));
    const passed = environment.passed;
    for (let call = 0; call < 120; call += 1) await environment.call();
    expect(environment.passed - passed).toBe(100);
  },
);

test('what passed in a sliding window stays in it, though calls of before it are given back after it', () => {
  const limit = { calls: 100, windowUs: 1_000_000, warmUpUs: 0 };
  let state: Parameters<typeof slidingWindow>[1];
  const ask = (nowUs: number, wanted: number) => {
    const decided = slidingWindow(limit, state, { nowUs, wanted, mostWaitUs: 0 });
    state = decided.state;
    return decided.granted;
  };
  expect([ask(0, 50), ask(500_000, 50), ask(500_000, -50)]).toEqual([50, 50, -50]);
  // Of the first fifty, which are gone, none has passed; the others have, and leave the window half a second later.
  expect([ask(1_100_000, 100), ask(1_600_000, 100)]).toEqual([50, 50]);
});
