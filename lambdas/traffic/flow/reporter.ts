import { randomUUID } from 'node:crypto';
import type { TrafficClass } from '../../../topology';
import type { Clock } from '../../core';
import type { AppliedRules } from './applied-rules';
import type { CallStore } from './recent-calls';

const EVERY_MS = 1000;

/**
 * Tells the store once a second what calls have come, beside them, and learns how many environments do so. In a frozen
 * environment it waits.
 */
export class Reporter {
  readonly #environment = randomUUID();
  readonly #timer: NodeJS.Timeout;
  #isReporting = false;

  constructor(parts: { rules: AppliedRules; store: CallStore; trafficClass: TrafficClass; clock: Clock }) {
    let sinceMs = parts.clock.monotonicMs();
    this.#timer = setInterval(() => {
      const nowMs = parts.clock.monotonicMs();
      const ageMs = Math.max(0, nowMs - sinceMs - EVERY_MS);
      if (this.#isReporting) return;
      sinceMs = nowMs;
      void this.#report(parts, ageMs);
    }, EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #report(
    { rules, store, trafficClass }: ConstructorParameters<typeof Reporter>[0],
    ageMs: number,
  ): Promise<void> {
    const counts = rules.recent.drain();
    if (counts.length === 0) return;
    this.#isReporting = true;
    try {
      rules.countEnvironments(await store.report({ environment: this.#environment, trafficClass, ageMs, counts }));
    } catch {
      // What this second had is not told: it is for people, and nobody waits for it.
    } finally {
      this.#isReporting = false;
    }
  }
}
