import { type Clock, isProblem } from '../../../lambdas/core';
import { Deadline } from '../../../lambdas/resilience';

/** A monotonic clock that the test moves, whatever the wall clock does. */
function manualClock(): Clock & { advance(ms: number): void } {
  let ms = 1000;
  return { nowMs: () => 0, monotonicMs: () => ms, advance: (by) => (ms += by) };
}

describe('Deadline', () => {
  it('counts down and stops at nothing left', () => {
    const clock = manualClock();
    const deadline = Deadline.after(100, clock);
    expect(deadline.remainingMs).toBe(100);
    clock.advance(99);
    expect(deadline.remainingMs).toBe(1);
    clock.advance(500);
    expect(deadline.remainingMs).toBe(0);
  });

  it('gives children that end earlier, whatever they ask for', () => {
    const clock = manualClock();
    const parent = Deadline.after(100, clock);
    expect(parent.child(40).remainingMs).toBe(40);
    expect(parent.child(100).remainingMs).toBeLessThan(parent.remainingMs);
    expect(parent.child().remainingMs).toBeLessThan(parent.remainingMs);
    expect(parent.child().child().remainingMs).toBeLessThan(parent.child().remainingMs);
    clock.advance(95);
    expect(parent.remainingMs).toBe(5);
    expect(parent.child().remainingMs).toBe(0);
  });

  it('passes on what comes in time, and failures as they are', async () => {
    const deadline = Deadline.after(1000, manualClock());
    await expect(deadline.with(Promise.resolve(7), 'it')).resolves.toBe(7);
    const failure = new TypeError('broken');
    await expect(deadline.with(Promise.reject(failure), 'it')).rejects.toBe(failure);
  });

  it('gives up on what never comes, and a failure after that harms nobody', async () => {
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const outcome = await Deadline.after(20, manualClock())
      .with(work, 'the thing')
      .catch((error: unknown) => error);
    expect(isProblem(outcome, 'UNAVAILABLE')).toBe(true);
    expect(String(outcome)).toContain('the thing did not answer in time');
    // Were nobody listening any more, this would fail the test as an unhandled rejection.
    fail(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('leaves no timer behind when the work is over', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    await Deadline.after(60_000, manualClock()).with(Promise.resolve(1), 'it');
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout')).toHaveLength(before);
  });
});
