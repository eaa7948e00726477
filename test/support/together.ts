/** Whatever a test has started, and ends. */
type Started = { stop(): Promise<unknown> } | { remove(): Promise<unknown> };

/**
 * Waits for what a test starts side by side. If one of them cannot be started, those that were are ended before that is
 * told: a set-up that fails half-way is followed by no clean-up, because nobody was given what it had started.
 *
 * @throws the error of the first that could not be started
 */
export async function together<T extends readonly Started[]>(
  starting: {
    readonly [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  const settled = await Promise.allSettled<Started>(starting);
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed === undefined) return settled.map((one) => one.status === 'fulfilled' && one.value) as unknown as T;
  await Promise.allSettled(settled.map((one) => (one.status === 'fulfilled' ? end(one.value) : undefined)));
  throw failed.reason;
}

/** Goes on with what was started; if that fails, it is ended. */
export async function withStarted<T extends Started, R>(started: T, goOn: (started: T) => Promise<R>): Promise<R> {
  try {
    return await goOn(started);
  } catch (error) {
    await Promise.allSettled([end(started)]);
    throw error;
  }
}

function end(started: Started): Promise<unknown> {
  return 'stop' in started ? started.stop() : started.remove();
}
