import { isProblem } from '../../../lambdas/core';
import { Breaker } from '../../../lambdas/resilience';

/** Wall and monotonic time apart, because the wall clock may step. */
function manualTime() {
  const time = { wallMs: Date.parse('2025-06-01'), monotonicMs: 0 };
  return { time, clock: { nowMs: () => time.wallMs, monotonicMs: () => time.monotonicMs } };
}

function breakerUnderTest() {
  const { time, clock } = manualTime();
  const changes: string[] = [];
  const breaker = new Breaker({
    name: 'the dependency',
    clock,
    rules: [{ kind: 'failures-in-a-row', failures: 3 }],
    openMs: 500,
    isFailure: (error) => !(error instanceof RangeError),
    onChange: ({ state }) => changes.push(state),
  });
  const fail = (error: Error = new Error('down')) =>
    breaker.execute(() => Promise.reject(error)).catch((thrown) => thrown);
  return { breaker, time, changes, fail };
}

async function opened() {
  const under = breakerUnderTest();
  for (let failure = 0; failure < 3; failure++) await under.fail();
  return under;
}

describe('Breaker', () => {
  afterEach(() => jest.restoreAllMocks());

  it('opens after failures in a row and then refuses without calling', async () => {
    const { breaker, changes, fail } = breakerUnderTest();
    await fail();
    await fail();
    await breaker.execute(async () => 'fine');
    await fail();
    await fail();
    expect(breaker.admits).toBe(true);
    await fail();
    expect(breaker.admits).toBe(false);
    const call = jest.fn(async () => 'x');
    const refusal = await breaker.execute(call).catch((error: unknown) => error);
    expect(isProblem(refusal, 'UNAVAILABLE')).toBe(true);
    expect(isProblem(refusal) && refusal.details.retryAfterMs).toBe(500);
    expect(call).not.toHaveBeenCalled();
    expect(changes).toEqual(['open']);
  });

  it('stays open twice as long after each try that fails, up to its limit, and as at first once it was closed', async () => {
    const { time, clock } = manualTime();
    const breaker = new Breaker({
      name: 'it',
      clock,
      rules: [{ kind: 'failures-in-a-row', failures: 1 }],
      openMs: 500,
      mostOpenMs: 1500,
    });
    const fail = () => breaker.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
    const admitsAfter = (ms: number) => {
      time.monotonicMs += ms - 1;
      const before = breaker.admits;
      time.monotonicMs += 1;
      return [before, breaker.admits];
    };
    for (const openMs of [500, 1000, 1500, 1500]) {
      await fail();
      expect(admitsAfter(openMs)).toEqual([false, true]);
    }
    await breaker.execute(async () => 'fine');
    await fail();
    expect(admitsAfter(500)).toEqual([false, true]);
  });

  it('does not open for one stall that fails many calls at once', async () => {
    const { time, clock } = manualTime();
    const breaker = new Breaker({
      name: 'it',
      clock,
      rules: [{ kind: 'failures-in-a-row', failures: 3, failingForMs: 250 }],
      openMs: 500,
    });
    const failAt = async (ms: number) => {
      time.monotonicMs = ms;
      await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
    };
    for (let call = 0; call < 50; call++) await failAt(1000);
    await failAt(1249);
    expect(breaker.admits).toBe(true);
    await breaker.execute(async () => 'fine');
    await failAt(1250);
    await failAt(1300);
    await failAt(1499);
    expect(breaker.admits).toBe(true);
    await failAt(1500);
    expect(breaker.admits).toBe(false);
  });

  it('does not count errors that say nothing about the dependency', async () => {
    const { breaker, fail } = breakerUnderTest();
    for (let attempt = 0; attempt < 10; attempt++) await fail(new RangeError('our own'));
    expect(breaker.admits).toBe(true);
  });

  it('race 39: lets one probe through after the pause, and refuses the others meanwhile', async () => {
    const { breaker, time, changes } = await opened();
    time.monotonicMs = 499;
    expect(breaker.admits).toBe(false);
    time.monotonicMs = 500;
    let answer: (value: string) => void = () => undefined;
    const probe = breaker.execute(() => new Promise<string>((resolve) => (answer = resolve)));
    const others = await Promise.allSettled(
      Array.from({ length: 20 }, () => breaker.execute(async () => 'should not be called')),
    );
    expect(others.every((other) => other.status === 'rejected')).toBe(true);
    answer('back');
    await expect(probe).resolves.toBe('back');
    await expect(breaker.execute(async () => 'open to all')).resolves.toBe('open to all');
    expect(changes).toEqual(['open', 'closed']);
  });

  it('waits a whole pause again when the probe fails', async () => {
    const { breaker, time, fail } = await opened();
    time.monotonicMs = 600;
    await fail();
    expect(breaker.admits).toBe(false);
    time.monotonicMs = 1099;
    expect(breaker.admits).toBe(false);
    time.monotonicMs = 1100;
    expect(breaker.admits).toBe(true);
  });

  it.each([
    ['back', -24 * 3600_000],
    ['forward', 24 * 3600_000],
  ])('race 39: keeps its pause when the wall clock steps %s', async (_, stepMs) => {
    const { breaker, time } = await opened();
    const wallMs = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(wallMs + stepMs);
    time.wallMs += stepMs;
    time.monotonicMs = 499;
    expect(breaker.admits).toBe(false);
    time.monotonicMs = 500;
    await expect(breaker.execute(async () => 'back')).resolves.toBe('back');
  });

  it('ends a call that began before it opened without counting it', async () => {
    const { breaker, time, fail } = breakerUnderTest();
    const own = new Error('its own');
    let failLate: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (failLate = resolve));
    const late = [1, 2].map(() => breaker.execute(() => gate.then(() => Promise.reject(own))));
    for (let failure = 0; failure < 3; failure++) await fail();
    time.monotonicMs = 500;
    await breaker.execute(async () => 'back');
    failLate();
    for (const one of late) await expect(one).rejects.toBe(own);
    await fail();
    expect(breaker.admits).toBe(true);
  });

  describe('held open by an operator', () => {
    it('refuses whatever the rules say, until it is let go', async () => {
      const { breaker, time, changes } = breakerUnderTest();
      breaker.isolate(true);
      breaker.isolate(true);
      time.monotonicMs = 3600_000;
      expect(breaker.admits).toBe(false);
      const call = jest.fn(async () => 'x');
      expect(isProblem(await breaker.execute(call).catch((error: unknown) => error), 'UNAVAILABLE')).toBe(true);
      expect(call).not.toHaveBeenCalled();
      breaker.isolate(false);
      breaker.isolate(false);
      await expect(breaker.execute(call)).resolves.toBe('x');
      expect(changes).toEqual(['isolated', 'closed']);
    });

    it('is not closed by a probe that was under way', async () => {
      const { breaker, time } = await opened();
      time.monotonicMs = 500;
      let answer: (value: string) => void = () => undefined;
      const probe = breaker.execute(() => new Promise<string>((resolve) => (answer = resolve)));
      breaker.isolate(true);
      answer('back');
      await expect(probe).resolves.toBe('back');
      expect(breaker.admits).toBe(false);
    });
  });
});
