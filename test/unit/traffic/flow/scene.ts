import type { FlowRule } from '../../../../lambdas/core';
import { AppliedRules } from '../../../../lambdas/traffic';
import type { Applied } from '../../../../lambdas/traffic/flow';
import type { Region } from '../../../../topology';
import { callerNamed, SetClock } from '../registry';
import { AlgorithmStore, settle } from './algorithm-store';

const RULE: FlowRule = { id: 'r1', match: {}, algorithm: 'token-bucket', ratePerS: 1000, burst: 1000, mode: 'on' };
const shop = callerNamed('shop');

/** Environments of one region or two, with one rule, before stores that count as the algorithms do. */
export class Scene {
  readonly clock = new SetClock();
  readonly store = new AlgorithmStore(this.clock);
  readonly #rule: FlowRule;
  readonly #rules: AppliedRules[] = [];

  constructor(rule: Partial<FlowRule> = {}) {
    this.#rule = { ...RULE, ...rule };
  }

  environment({ region = 'A', isAlone = true, of = 1 }: { region?: Region; isAlone?: boolean; of?: number } = {}) {
    const rules = new AppliedRules({ region, trafficClass: 'order', store: this.store, clock: this.clock });
    rules.countEnvironments({ ofClass: of, ofAll: of });
    rules.follow({ rules: [this.#rule], deny: [] }, isAlone);
    this.#rules.push(rules);
    const { global, turn } = rules.passesOf(shop, 'getMember');
    const [applied] = [...global, ...turn];
    return new Environment(applied as Applied, this.clock);
  }
}

/** One of them, as its calls see it. */
class Environment {
  /** Verdicts that did not have to be waited for. */
  atOnce = 0;
  passed = 0;
  /** When to come again, as the last refusal said. */
  retryMs = 0;
  readonly #limit: Applied['limit'];
  readonly #clock: SetClock;

  constructor({ limit }: Applied, clock: SetClock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Whether a call passed, and how long it waits. */
  async call(mostWaitMs = 0): Promise<number | undefined> {
    const verdict = this.#limit.take(this.#clock.monotonicMs(), mostWaitMs);
    if (typeof verdict === 'number') this.atOnce += 1;
    const decided = await verdict;
    await settle();
    if (decided > 0) this.retryMs = decided;
    if (decided > 0) return undefined;
    this.passed += 1;
    return Math.abs(decided);
  }

  giveBack(passedAtMs = this.#clock.monotonicMs()): void {
    this.#limit.giveBack(passedAtMs);
  }
}
