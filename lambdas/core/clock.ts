/** Time, injected: wall-clock milliseconds for what is stored, monotonic ones for what is measured. */
export interface Clock {
  /** Milliseconds since 1970 in UTC; may step. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start; never steps back. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
