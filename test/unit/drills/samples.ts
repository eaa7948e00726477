import type { Sample } from '../../../test/drills/recorder';

/** A call that was served by the cache, at a second of the drill's clock, in ten milliseconds. */
export function sampleAt(atS: number, said: Partial<Sample> & { tookMs?: number } = {}): Sample {
  const { tookMs = 10, ...rest } = said;
  const startedMs = atS * 1000;
  const endedMs = startedMs + tookMs;
  return { call: 'get', region: 'A', startedMs, endedMs, isWrite: false, isDone: true, source: 'cache', ...rest };
}

export function failedAt(atS: number, said: Partial<Sample> & { tookMs?: number } = {}): Sample {
  const { source: _none, ...sample } = sampleAt(atS, { isDone: false, failure: 'UNAVAILABLE', ...said });
  return sample;
}
