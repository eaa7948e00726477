/** What a stage would create, whether its sizes fit its load, and what a month of it would cost. */
import type { LoadBalancerConfiguration, StageConfiguration } from '../configuration';
import { ASSUMED } from './assumptions';
import { type Cost, costsOf, ENTRY, unusedPrices } from './costs';
import { type Created, countsOf, createdBy } from './created';
import type { Prices } from './prices';
import { type Sizing, searchShards, sizesOf } from './sizing';

export interface Plan {
  readonly stage: string;
  readonly load: StageConfiguration['load'];
  readonly created: readonly Created[];
  readonly sizes: readonly Sizing[];
  /** Primary shards that each search index should have at this load. */
  readonly searchShards: number;
  readonly costs: readonly Cost[];
  /** A month; without what has no price. */
  readonly totalUsd: number;
  /** What an internal entry would change, in a stage that has none and names callers for it. */
  readonly withInternalEntry?: { readonly entryUsd: number; readonly totalUsd: number };
  readonly prices: Omit<Prices, 'byName'>;
  /** Prices of the user's by which nothing is charged: of another stage's types, or misspelled. */
  readonly unusedPrices: readonly string[];
  readonly assumed: typeof ASSUMED;
}

/** @param context of `cdk.json`: the stacks are built as they would be deployed */
export function planOf(stage: StageConfiguration, context: Readonly<Record<string, unknown>>, prices: Prices): Plan {
  const created = createdBy(stage, context);
  const costsWith = (internalEntry: StageConfiguration['internalEntry']) =>
    costsOf({ ...stage, internalEntry }, countsOf(created), prices);
  const costs = costsWith(stage.internalEntry);
  const { byName: _forReckoning, ...about } = prices;
  return {
    stage: stage.name,
    load: stage.load,
    created,
    sizes: sizesOf(stage),
    searchShards: searchShards(stage),
    costs,
    totalUsd: totalOf(costs),
    ...(hasNoEntryYet(stage) ? { withInternalEntry: entryOf(costsWith(SOME_ENTRY)) } : {}),
    prices: about,
    unusedPrices: unusedPrices(prices, costs),
    assumed: ASSUMED,
  };
}

function hasNoEntryYet({ internalEntry, load }: StageConfiguration): boolean {
  return internalEntry.kind === 'none' && load.internal > 0;
}

/** What it costs does not depend on whom it lets in. */
const SOME_ENTRY: LoadBalancerConfiguration = {
  kind: 'alb',
  certificateArns: { A: '', B: '' },
  cidrs: [],
  accessLogDays: 0,
};

function entryOf(costs: readonly Cost[]): NonNullable<Plan['withInternalEntry']> {
  return { entryUsd: totalOf(costs.filter(({ part }) => part === ENTRY)), totalUsd: totalOf(costs) };
}

function totalOf(costs: readonly Cost[]): number {
  return costs.reduce((sum, { usd }) => sum + (usd ?? 0), 0);
}

export { costsText, replaceCosts } from './document';
export { type Prices, readPrices } from './prices';
export { printPlan } from './print';
