import { setTimeout as sleep } from 'node:timers/promises';
import { judge, type Verdict } from './answer';
import { GaveUp, ImportRefused } from './errors';
import type { HttpClient } from './http-client';
import type { Registration } from './registration';

export interface Target {
  /** Base URLs of the API, the preferred one first; another is asked when one can't be reached. */
  readonly apis: readonly string[];
  readonly apiKey: string;
}

export type Outcome =
  | { readonly kind: 'registered' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  /** Told to stop before an outcome was known. */
  | { readonly kind: 'open' };

export interface RegistrarOptions {
  readonly client: HttpClient;
  readonly target: Target;
  readonly giveUpAfterMs: number;
  /** Longest pause before the second try; it doubles from try to try. */
  readonly firstPauseMs: number;
  /** Once aborted, no further attempt begins; the one under way may finish. */
  readonly stop: AbortSignal;
}

/** An API function ends after 10 s; a longer silence means that nobody is there. */
const ATTEMPT_TIMEOUT_MS = 15_000;
const LONGEST_PAUSE_MS = 5_000;

/** Registers one member at a time for as many callers as there are, and waits out what passes. */
export class Registrar {
  retries = 0;
  readonly #options: RegistrarOptions;
  readonly #urls: readonly URL[];
  /** When the API last decided about any line, on the monotonic clock. */
  #lastDecisionMs = performance.now();

  constructor(options: RegistrarOptions) {
    this.#options = options;
    this.#urls = options.target.apis.map((api) => new URL(`${api.replace(/\/+$/, '')}/v1/other/members`));
  }

  /**
   * Sends a line until it is decided.
   * @throws GaveUp if the API has decided nothing at all for `giveUpAfterMs`
   * @throws ImportRefused if it would refuse every line
   */
  async register(registration: Registration, key: string): Promise<Outcome> {
    const body = JSON.stringify(registration);
    const startedMs = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      if (this.#options.stop.aborted) return { kind: 'open' };
      const verdict = await this.#attempt(body, key, attempt);
      if (verdict.kind === 'refused') throw new ImportRefused(`The API refuses this import: ${verdict.message}`);
      if (verdict.kind !== 'again') {
        this.#lastDecisionMs = performance.now();
        return verdict;
      }
      if (attempt + 1 >= verdict.mostTries) return this.#setAside(verdict);
      const delayMs = Math.max(verdict.afterMs, backoffMs(this.#options.firstPauseMs, attempt));
      if (performance.now() + delayMs - startedMs > this.#options.giveUpAfterMs) {
        return this.#giveUp(verdict, startedMs);
      }
      this.retries += 1;
      await sleep(delayMs, undefined, { signal: this.#options.stop }).catch(() => undefined);
    }
  }

  async #attempt(body: string, key: string, attempt: number): Promise<Verdict> {
    const url = this.#urls[attempt % this.#urls.length];
    if (url === undefined) throw new ImportRefused('There is no API to send to');
    const headers = { 'x-api-key': this.#options.target.apiKey, 'idempotency-key': key };
    try {
      const answer = await this.#options.client.post(url, headers, body, ATTEMPT_TIMEOUT_MS);
      return judge(answer, Date.now());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return {
        kind: 'again',
        code: 'UNREACHABLE',
        message: `${url.origin}: ${reason}`,
        afterMs: 0,
        mostTries: Number.POSITIVE_INFINITY,
      };
    }
  }

  /** A line that alone can't be decided is set aside; if no line can, the import ends and can be resumed. */
  #giveUp(verdict: { code: string; message: string }, startedMs: number): Outcome {
    if (this.#lastDecisionMs <= startedMs) throw new GaveUp(`${verdict.code}: ${verdict.message}`);
    return this.#setAside(verdict);
  }

  #setAside(verdict: { code: string; message: string }): Outcome {
    return {
      kind: 'failed',
      code: verdict.code,
      message: `${verdict.message}; the outcome is open, and importing the line again registers nothing twice`,
    };
  }
}

/** Doubles from try to try, and is drawn at random so that lines which failed together don't return together. */
function backoffMs(firstPauseMs: number, attempt: number): number {
  const ceilingMs = Math.min(LONGEST_PAUSE_MS, firstPauseMs * 2 ** attempt);
  return ceilingMs / 2 + Math.random() * (ceilingMs / 2);
}
