import { DEGRADABLE_FEATURES, type DegradableFeature } from '../../topology';
import { type Log, type Metrics, Problem } from '../core';
import type { FeatureMode, Snapshot } from '../switches';

/** An operator gives something up for minutes. */
const RETRY_MS = 10_000;

/** What is given up now by the switches `degrade/<feature>`; mode `dry-run` only counts what `on` would do. */
export class Features {
  readonly #log: Log;
  readonly #metrics: Metrics;
  #modes: Snapshot['degrade'] | undefined;

  constructor({ log, metrics }: { log: Log; metrics: Metrics }) {
    this.#log = log;
    this.#metrics = metrics;
  }

  follow(modes: Snapshot['degrade']): void {
    for (const feature of DEGRADABLE_FEATURES) {
      const before = this.#modes?.[feature] ?? 'off';
      if (modes[feature] !== before) this.#log.warn('a feature is switched', { feature, before, mode: modes[feature] });
    }
    this.#modes = modes;
  }

  /** Whether this request goes without it. */
  isGivenUp(feature: DegradableFeature): boolean {
    const mode = this.#modes?.[feature];
    return mode !== undefined && mode !== 'off' && this.#tell(feature, mode);
  }

  /** @throws Problem SHED while it is given up */
  require(feature: DegradableFeature): void {
    if (this.isGivenUp(feature)) throw givenUp(feature);
  }

  #tell(feature: DegradableFeature, mode: FeatureMode): boolean {
    this.#metrics.count('GivenUp', { rule: ruleOf(feature), state: mode });
    return mode === 'on';
  }
}

function ruleOf(feature: DegradableFeature): string {
  return `degrade/${feature}`;
}

/** What is given up is refused. */
export function givenUp(feature: DegradableFeature): Problem {
  return new Problem('SHED', { detail: 'this is given up for a while', rule: ruleOf(feature), retryAfterMs: RETRY_MS });
}
