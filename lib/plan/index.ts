/** What a stage would create, whether its sizes fit its load, and what a month of it would cost. */
import type { StageConfiguration } from '../configuration';
import { ASSUMED } from './assumptions';
import { type Cost, costsOf, unusedPrices } from './costs';
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
  readonly prices: Omit<Prices, 'byName'>;
  /** Prices of the user's by which nothing is charged: of another stage's types, or misspelled. */
  readonly unusedPrices: readonly string[];
  readonly assumed: typeof ASSUMED;
}

/** @param context of `cdk.json`: the stacks are built as they would be deployed */
export function planOf(stage: StageConfiguration, context: Readonly<Record<string, unknown>>, prices: Prices): Plan {
  const created = createdBy(stage, context);
  const costs = costsOf(stage, countsOf(created), prices);
  const { byName: _forReckoning, ...about } = prices;
  return {
    stage: stage.name,
    load: stage.load,
    created,
    sizes: sizesOf(stage),
    searchShards: searchShards(stage),
    costs,
    totalUsd: costs.reduce((sum, { usd }) => sum + (usd ?? 0), 0),
    prices: about,
    unusedPrices: unusedPrices(prices, costs),
    assumed: ASSUMED,
  };
}

export { type Prices, readPrices } from './prices';
export { printPlan } from './print';
