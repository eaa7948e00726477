import { once } from 'node:events';
import { within } from '../../../lambdas/search/deadline';

test.each([0, -5])('with %i ms left it is over before the work begins', async (timeoutMs) => {
  expect(await within(timeoutMs, async (signal) => signal.aborted)).toBe(true);
});

test('it is over when the time is', async () => {
  const isOver = await within(20, async (signal) => {
    expect(signal.aborted).toBe(false);
    await once(signal, 'abort');
    return signal.aborted;
  });
  expect(isOver).toBe(true);
});

test('work that ends in time keeps nothing running', async () => {
  const active = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = active();
  expect(await within(60_000, async () => 'done')).toBe('done');
  await expect(within(60_000, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(active()).toBe(before);
});
