import { stat } from 'node:fs';
import { CallTimeouts } from '../../../lambdas/cache/call-timeouts';
import { isProblem, systemClock } from '../../../lambdas/core';

const TIMEOUT_MS = 40;

function begin(timeouts: CallTimeouts) {
  const began = performance.now();
  let end: (how: { error?: Error; afterMs: number }) => void = () => undefined;
  const ended = new Promise<{ error?: Error; afterMs: number }>((resolve) => {
    end = resolve;
  });
  const call = timeouts.begin((error) => end({ error, afterMs: performance.now() - began }));
  return { ended, call };
}

describe('CallTimeouts', () => {
  const timeouts = new CallTimeouts('the cache', TIMEOUT_MS, systemClock);
  // The timer keeps no process alive; what is awaited here must.
  const alive = setInterval(() => undefined, 1000);
  afterAll(() => clearInterval(alive));

  it('end each call in its own time', async () => {
    const first = begin(timeouts);
    await new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS / 2));
    const second = begin(timeouts);
    for (const { ended } of [first, second]) {
      const { error, afterMs } = await ended;
      expect(isProblem(error, 'UNAVAILABLE')).toBe(true);
      expect(String(error)).toContain('the cache did not answer in time');
      expect(afterMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 1);
    }
  });

  it('leave alone what is over', async () => {
    const expired = jest.fn();
    timeouts.over(timeouts.begin(expired));
    await begin(timeouts).ended;
    expect(expired).not.toHaveBeenCalled();
  });

  it('give what has been answered meanwhile its chance when this process stood still', async () => {
    const { call, ended } = begin(timeouts);
    const expired = jest.fn();
    void ended.then(expired);
    // After this come the timers, and only then what has been answered.
    setImmediate(() => {
      stat(__filename, () => timeouts.over(call));
      const standsUntilMs = performance.now() + 2 * TIMEOUT_MS;
      while (performance.now() < standsUntilMs);
    });
    await begin(timeouts).ended;
    expect(expired).not.toHaveBeenCalled();
  });
});
