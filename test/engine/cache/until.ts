import { setTimeout as pause } from 'node:timers/promises';

/** Waits for a condition; one that throws does not hold yet. */
export async function until(holds: () => Promise<boolean> | boolean, timeoutMs = 15_000): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const outcome = await Promise.resolve()
      .then(holds)
      .catch((error: unknown) => error);
    if (outcome === true) return;
    if (performance.now() > endsAt) throw new Error('the condition does not come to hold', { cause: outcome });
    await pause(10);
  }
}
