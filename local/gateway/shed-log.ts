import type { Log } from '../../lambdas/core';
import type { Route } from './routes';

const EVERY_MS = 1000;

/** Says that requests are shed, once a second for each class: a line for each would cost what shedding saves. */
export class ShedLog {
  readonly #log: Log;
  readonly #counts = new Map<Route, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param rule what refused it */
  note(route: Route, rule: string | undefined): void {
    route.metrics.count('Refusals', { outcome: 'SHED', rule });
    const count = this.#counts.get(route);
    this.#counts.set(route, (count ?? 0) + 1);
    if (count === undefined) setTimeout(() => this.#say(route), EVERY_MS).unref();
  }

  /** Says at once what was not said yet. */
  flush(): void {
    for (const route of this.#counts.keys()) this.#say(route);
  }

  #say(route: Route): void {
    const requests = this.#counts.get(route);
    if (requests === undefined) return;
    this.#counts.delete(route);
    this.#log.error('requests shed', {
      function: route.invoker.name,
      class: route.trafficClass,
      status: 503,
      code: 'SHED',
      requests,
    });
  }
}
