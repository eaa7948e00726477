import { AppliedRules, type LimitStore, type Take, type Taken } from '../../../../lambdas/traffic';
import { type AlgorithmName, algorithmNamed, type Decision } from '../../../../lambdas/traffic/flow/algorithms';
import type { Region } from '../../../../topology';
import type { SetClock } from '../registry';

/** Runs the algorithms themselves, in memory, on the clock of the test; can be away. */
export class AlgorithmStore implements LimitStore {
  readonly asked: { readonly region: Region; readonly take: Take }[] = [];
  readonly away = new Set<Region>();
  /** Calls in all. */
  granted = 0;
  readonly #states = new Map<string, unknown>();
  readonly #clock: SetClock;

  constructor(clock: SetClock) {
    this.#clock = clock;
  }

  async take(region: Region, take: Take): Promise<Taken> {
    this.asked.push({ region, take });
    if (this.away.has(region)) throw new Error('unreachable');
    const name = `${region} ${take.algorithm} ${take.key}`;
    const decided = this.#decide(name, take.algorithm, take);
    this.#states.set(name, decided.state);
    this.granted += decided.granted;
    const { state: _, ...rest } = decided;
    return { ...rest, bornUs: 0, nowUs: this.#nowUs };
  }

  get #nowUs(): number {
    return Math.floor(this.#clock.monotonicMs() * 1000);
  }

  #decide(name: string, algorithm: AlgorithmName, { limit, wanted, mostWaitUs }: Take): Decision<unknown> {
    return algorithmNamed(algorithm)(limit, this.#states.get(name), { nowUs: this.#nowUs, wanted, mostWaitUs });
  }
}

/** Lets everything that is ready go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** For guards whose limits are not looked at. */
export function noRules(clock: SetClock): AppliedRules {
  return new AppliedRules({ region: 'A', trafficClass: 'order', store: new AlgorithmStore(clock), clock });
}
