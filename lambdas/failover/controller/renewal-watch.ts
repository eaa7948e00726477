import type { UnitDecision } from '../../arbiter';
import type { Suspicion } from '../request';

/**
 * Since when this environment knows how far the renewals of each unit have come. Whoever then takes an epoch need not wait
 * anew for what has passed since: nobody has renewed meanwhile, or the epoch is not taken.
 */
export class RenewalWatch {
  readonly #seen = new Map<string, Suspicion>();

  /** @param nowMs by the monotonic clock of this environment, read after the decisions were */
  note(units: readonly UnitDecision[], nowMs: number): void {
    for (const { unit, epoch, renewals } of units) {
      const known = this.#seen.get(unit);
      if (known?.epoch === epoch && known.renewals === renewals) continue;
      this.#seen.set(unit, { epoch, renewals, sinceMs: nowMs });
    }
  }

  of(unit: string): Suspicion | undefined {
    return this.#seen.get(unit);
  }
}
