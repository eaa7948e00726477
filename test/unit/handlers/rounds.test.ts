import { Rounds } from '../../../lambdas/handlers/rounds';

function roundsUnderTest() {
  let nowMs = 0;
  const warnings: string[] = [];
  const log = { info: () => undefined, error: () => undefined, warn: (message: string) => void warnings.push(message) };
  const rounds = new Rounds({ clock: { nowMs: () => 0, monotonicMs: () => nowMs }, log });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { rounds, warnings, pass };
}

test('rounds follow one another until their time is over, and one that takes long is followed at once', async () => {
  const { rounds, pass } = roundsUnderTest();
  let count = 0;
  await rounds.run({ everyMs: 10, forMs: 1000 }, async () => {
    count += 1;
    pass(count === 2 ? 800 : 100);
  });
  expect(count).toBe(3);
});

test('a round that fails is told of and does not end the run', async () => {
  const { rounds, warnings, pass } = roundsUnderTest();
  let count = 0;
  await rounds.run({ everyMs: 0, forMs: 30 }, async () => {
    count += 1;
    pass(10);
    throw new Error('ill');
  });
  expect([count, warnings.length]).toEqual([3, 3]);
});

test('a stop ends the rest between two rounds, and every run that comes later', async () => {
  const { rounds } = roundsUnderTest();
  let count = 0;
  const running = rounds.run({ everyMs: 3_600_000, forMs: 7_200_000 }, async () => {
    count += 1;
    setImmediate(() => rounds.stop());
  });
  await running;
  await rounds.run({ everyMs: 0, forMs: 1000 }, async () => {
    count += 1;
  });
  expect(count).toBe(1);
});

test('what is left of a rhythm is rested', async () => {
  const { rounds, pass } = roundsUnderTest();
  const startedMs = performance.now();
  await rounds.run({ everyMs: 60, forMs: 20 }, async () => pass(20));
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(38);
});

test('runs that overlap share their rounds, and one that hangs holds up none but its own', async () => {
  const { rounds, pass } = roundsUnderTest();
  const begun: string[] = [];
  let release: () => void = () => undefined;
  const hanging = rounds.run({ everyMs: 5, forMs: 20 }, () => {
    begun.push('hanging');
    return new Promise((resolve) => {
      release = resolve;
    });
  });
  const other = rounds.run({ everyMs: 5, forMs: 20 }, async () => {
    begun.push('other');
    pass(10);
  });
  expect(begun).toEqual(['hanging']);
  pass(5);
  await other;
  expect(begun).toEqual(['hanging', 'other', 'other']);
  release();
  await hanging;
});
