import { setTimeout as pause } from 'node:timers/promises';
import type { ParameterStore } from '../../lambdas/switches';
import type { Region } from '../../topology';

const AGAIN_AFTER_MS = 300;
const TOO_MANY_REQUESTS = 429;

/** A value for the store of a region, and how long to try while the store does not answer. */
export interface Giving {
  readonly name: string;
  readonly text: string;
  readonly region: Region;
  readonly waitMs: number;
  /** Tells a person that the store does not answer, once. */
  readonly tell: (line: string) => void;
}

/**
 * Puts a value into a region's store. A put without an answer may have landed all the same, so that the store is asked for its
 * version before the value is put again: whatever was turned after it is not turned back.
 *
 * @returns the version of the parameter since then; the value's own, or a later one
 * @throws Error that says what to do if the store does not answer in time; the client's error if it refuses
 */
export async function give(store: ParameterStore, { name, text, region, waitMs, tell }: Giving): Promise<number> {
  const endsAtMs = performance.now() + waitMs;
  let before: number | undefined;
  let isTold = false;
  for (;;) {
    try {
      const version = (await store.read([name])).get(name)?.version ?? 0;
      if (before !== undefined && version > before) return version;
      before ??= version;
      return await store.put(name, text);
    } catch (error) {
      if (isAnswer(error)) throw error;
      if (performance.now() > endsAtMs) {
        const advice = 'If the region is away, name the other one with --region.';
        throw new Error(`the store of region ${region} does not answer. ${advice}`, { cause: error });
      }
    }
    if (!isTold)
      tell(`The store of region ${region} does not answer; trying again for ${Math.ceil(waitMs / 1000)} s at most.`);
    isTold = true;
    await pause(AGAIN_AFTER_MS);
  }
}

/** Whether a service has answered, and would answer the same again. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof Error) || !('$metadata' in error)) return false;
  const { httpStatusCode: status = 0 } = error.$metadata as { readonly httpStatusCode?: number };
  return status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS;
}
