const PRE_BACKOFF = { attempts: 2, delayMs: 1000 } as const;
const IMMEDIATE_ATTEMPTS = 3;
const BACKOFF = { attempts: 10, fromMs: 1000, toMs: 20_000 } as const;

/**
 * The pause before the next attempt after `failures` in a row, as SNS tries its queues: 3 at once, 2 after 1 s,
 * 10 from 1 s to 20 s apart, then every 20 s.
 */
export function retryDelayMs(failures: number): number {
  if (failures <= IMMEDIATE_ATTEMPTS) return 0;
  const afterImmediate = failures - IMMEDIATE_ATTEMPTS;
  if (afterImmediate <= PRE_BACKOFF.attempts) return PRE_BACKOFF.delayMs;
  const step = afterImmediate - PRE_BACKOFF.attempts - 1;
  if (step >= BACKOFF.attempts) return BACKOFF.toMs;
  return Math.round(BACKOFF.fromMs * (BACKOFF.toMs / BACKOFF.fromMs) ** (step / (BACKOFF.attempts - 1)));
}
