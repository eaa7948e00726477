/** The network between callers and engines, where a system was started with it: each way can be cut, slowed and healed. */
import type { PortPlan } from '../engines/ports';
import { Link, type LinkState } from './link';
import { planLinks } from './plan';
import { selectLinks } from './select';

export type { LinkState } from './link';
export { otherAwsPort, planLinks, replicationPort, seenFrom } from './plan';

export interface LinkReport {
  readonly name: string;
  readonly engine: string;
  readonly port: number;
  readonly state: LinkState;
}

/** Every link of a running system. */
export class Links {
  readonly #links: readonly Link[];

  constructor(ports: PortPlan) {
    this.#links = planLinks(ports).map((plan) => new Link(plan));
  }

  get report(): readonly LinkReport[] {
    return this.#links.map(({ plan: { name, engine, port }, state }) => ({ name, engine, port, state }));
  }

  /** @throws Error if a port is taken */
  async open(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.open()));
  }

  /**
   * @param selectors names of links, names of engines, or `regions`; all links where there are none
   * @returns the links that were set
   * @throws NotPossible
   */
  set(selectors: readonly string[], state: LinkState): readonly LinkReport[] {
    const plans = this.#links.map(({ plan }) => plan);
    const selected = selectors.length === 0 ? plans : selectLinks(plans, selectors);
    const names = new Set(selected.map(({ name }) => name));
    for (const link of this.#links) if (names.has(link.plan.name)) link.set(state);
    return this.report.filter(({ name }) => names.has(name));
  }

  close(): void {
    for (const link of this.#links) link.close();
  }
}
