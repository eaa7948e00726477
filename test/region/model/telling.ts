import { type Call, isRead } from '../../support/history';
import type { SequentialModel } from './sequential-model';

/** A cache that does not take a fence within 100 ms is left out of the write's answer (docs/consistency.md). */
const TOLD_WITHIN_MS = 100;
const CALM_MS = 3000;
/** The shortest time that some part of the system is given to answer another, caches apart. */
const SHORTEST_TIMEOUT_MS = 400;

/**
 * What a machine that is too slow makes of answers. Where both caches were not certainly told of every write, reads are
 * made with `Min-Version`, which needs no cache to be told; where parts may have given up on each other, an answer may
 * say so.
 */
export class Telling {
  #isTold = true;
  #slowAtMs = Number.NEGATIVE_INFINITY;
  #strainedAtMs = Number.NEGATIVE_INFINITY;

  /** Whether some part may have given up on another lately. */
  get isStrained(): boolean {
    return performance.now() - this.#strainedAtMs < CALM_MS;
  }

  async timed<T>(call: Call, send: () => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    const answer = await send();
    const endedMs = performance.now();
    const isSlow = endedMs - startedMs >= TOLD_WITHIN_MS;
    // A breaker that opened because of a slow call tells nothing for a while.
    if (!isRead(call) && (isSlow || startedMs - this.#slowAtMs < CALM_MS)) this.#isTold = false;
    if (isSlow) this.#slowAtMs = endedMs;
    if (endedMs - startedMs >= SHORTEST_TIMEOUT_MS) this.#strainedAtMs = endedMs;
    return answer;
  }

  /** @returns the call that can be answered in one way only; undefined where no token makes it so */
  certain(call: Call, model: SequentialModel): Call | undefined {
    if (this.#isTold || (call.kind !== 'get' && call.kind !== 'find')) {
      return this.#isTold || call.kind !== 'batch' ? call : undefined;
    }
    const member = call.kind === 'get' ? call.member : model.lastHolder(call);
    const version = member === undefined ? 0 : model.state(member).version;
    return version === 0 || call.minVersion !== undefined ? call : { ...call, minVersion: String(version) };
  }
}
