import { isProblem } from '../../../lambdas/core';
import { ConcurrencyLimit } from '../../../lambdas/resilience';

const SETTINGS = { floor: 2, ceiling: 2, targetMs: 100 };

/** A limit of two calls at a time, in front of calls that end when the test says so. */
function limited(waitMs: number) {
  const time = { monotonicMs: 0 };
  const counted: object[] = [];
  const limit = new ConcurrencyLimit({
    name: 'it',
    settings: SETTINGS,
    waitMs,
    clock: { nowMs: () => 0, monotonicMs: () => time.monotonicMs },
    metrics: {
      count: (name: string, of?: object) => void counted.push({ name, ...of }),
      time: () => undefined,
    } as never,
  });
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const call = (number: number) =>
    limit.execute(
      () => {
        begun.push(number);
        return new Promise<number>((resolve) => ends.push(() => resolve(number)));
      },
      () => true,
    );
  return { limit, time, call, ends, begun, counted };
}

const refusal = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

test('no more calls are under way than may be, and the others take their turns in order', async () => {
  const { limit, call, ends, begun } = limited(1000);
  const calls = [1, 2, 3, 4].map(call);
  await Promise.resolve();
  expect([begun, limit.inFlight]).toEqual([[1, 2], 2]);
  ends[0]?.();
  await calls[0];
  expect([begun, limit.inFlight]).toEqual([[1, 2, 3], 2]);
  ends[1]?.();
  ends[2]?.();
  await Promise.all([calls[1], calls[2]]);
  ends[3]?.();
  await calls[3];
  expect([begun, limit.inFlight]).toEqual([[1, 2, 3, 4], 0]);
});

test('what would wait longer than it may is refused at once, and told when to come again', async () => {
  const { time, call, ends, begun, counted } = limited(150);
  for (const number of [1, 2]) {
    const done = call(number);
    time.monotonicMs += 300;
    ends.shift()?.();
    await done;
  }
  // A call has taken so long on average that the next but one would not get its turn in time.
  const calls = [3, 4, 5].map(call);
  const refused = await refusal(call(6));
  expect(isProblem(refused, 'SHED') && refused.details).toMatchObject({ rule: 'limit/it', retryAfterMs: 500 });
  expect(counted).toEqual([{ name: 'Shed', dependency: 'it' }]);
  expect(begun).not.toContain(6);
  for (let turn = 0; turn < 3; turn += 1) {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(calls);
});

test('who has waited as long as it may is refused, and its turn is not lost to the others', async () => {
  const { limit, time, call, ends } = limited(20);
  const under = [1, 2].map(call);
  const late = refusal(call(3));
  time.monotonicMs = 20;
  expect(isProblem(await late, 'SHED')).toBe(true);
  const next = call(4);
  ends[0]?.();
  ends[1]?.();
  await Promise.all(under);
  await Promise.resolve();
  ends[2]?.();
  await expect(next).resolves.toBe(4);
  expect(limit.inFlight).toBe(0);
});

test('a call that fails gives its place back', async () => {
  const { limit } = limited(1000);
  for (let call = 0; call < 5; call += 1) {
    await expect(
      limit.execute(
        () => Promise.reject(new Error('down')),
        () => true,
      ),
    ).rejects.toThrow('down');
  }
  expect(limit.inFlight).toBe(0);
});
