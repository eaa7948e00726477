import { ConcurrencyExceeded, InvocationTimeout } from '../../../local/gateway/invoker';
import { apiFunction, gate, invokerOf } from './hosted';

test('as many as reserved run at once, and one that ends makes room', async () => {
  const first = gate<string>();
  const invoker = invokerOf(apiFunction('order', { reservedConcurrency: 1 }), () => first.opened);
  const running = invoker.invoke({});
  expect(invoker.full).toBe(true);
  await expect(invoker.invoke({})).rejects.toThrow(ConcurrencyExceeded);
  first.open('done');
  await expect(running).resolves.toBe('done');
  expect(invoker.full).toBe(false);
});

test('each invocation has its own time, counted from its own start', async () => {
  const invoker = invokerOf(
    apiFunction('order', { timeoutMs: 300, reservedConcurrency: 2 }),
    () => new Promise(() => {}),
  );
  const startedMs = performance.now();
  const endedMs = async (invocation: Promise<unknown>) => {
    await expect(invocation).rejects.toThrow(InvocationTimeout);
    return performance.now() - startedMs;
  };
  const first = endedMs(invoker.invoke({}));
  await new Promise((resolve) => setTimeout(resolve, 150));
  const second = endedMs(invoker.invoke({}));
  expect(await first).toBeGreaterThanOrEqual(299);
  expect(await second).toBeGreaterThanOrEqual(449);
  expect(invoker.full).toBe(false);
});

test('an answer after the deadline frees no place that another invocation has', async () => {
  const late = gate<string>();
  const held = gate<string>();
  const answers = [late.opened, held.opened];
  const definition = apiFunction('order', { timeoutMs: 50, reservedConcurrency: 1 });
  const invoker = invokerOf(definition, () => answers.shift());
  await expect(invoker.invoke({})).rejects.toThrow(InvocationTimeout);
  const second = invoker.invoke({});
  late.open('late');
  await new Promise(setImmediate);
  expect(invoker.full).toBe(true);
  held.open('held');
  await expect(second).resolves.toBe('held');
});

test('a handler that throws at once fails its invocation only', async () => {
  const invoker = invokerOf(apiFunction('order'), () => {
    throw new Error('boom');
  });
  await expect(invoker.invoke({})).rejects.toThrow('boom');
  await expect(invoker.idle()).resolves.toBeUndefined();
});

test('the context says what Lambda’s says', async () => {
  const invoker = invokerOf(apiFunction('other', { timeoutMs: 5000 }), (_event, context) => ({
    ...context,
    remainingMs: context.getRemainingTimeInMillis(),
  }));
  const context = (await invoker.invoke({}, 'id-1')) as Record<string, unknown>;
  expect(context).toMatchObject({
    functionName: 'members-other',
    awsRequestId: 'id-1',
    callbackWaitsForEmptyEventLoop: true,
  });
  expect(context.remainingMs).toBeGreaterThan(4000);
  expect(context.remainingMs).toBeLessThanOrEqual(5000);
});

test('idle resolves when the last invocation has ended', async () => {
  const both = gate();
  const invoker = invokerOf(apiFunction('order'), () => both.opened);
  const running = [invoker.invoke({}), invoker.invoke({})];
  let isIdle = false;
  const idle = invoker.idle().then(() => {
    isIdle = true;
  });
  await Promise.resolve();
  expect(isIdle).toBe(false);
  both.open();
  await Promise.all([...running, idle]);
  expect(isIdle).toBe(true);
});
