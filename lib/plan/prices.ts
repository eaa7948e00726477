import PRICES from './prices.json';

interface Price {
  readonly usd: number;
  readonly per: string;
  readonly source: string;
}

const BY_NAME: Readonly<Record<string, Price>> = PRICES.prices;

/** When the prices were written down, and what to keep in mind. */
export const PRICES_AS_OF = `${PRICES.asOf}, ${PRICES.awsRegion}`;
export const PRICES_NOTE = PRICES.note;

/** Undefined where the data file names no price: other instance types, for example. */
export function priceOf(name: string): Price | undefined {
  return BY_NAME[name];
}

/** What so many million requests to REST APIs cost, by the tiers of one account and region. */
export function restApiUsd(millions: number): number {
  let from = 0;
  let usd = 0;
  for (const { upToMillions, usd: price } of PRICES.restApiMillion.tiers) {
    const to = Math.min(millions, upToMillions ?? Number.POSITIVE_INFINITY);
    usd += Math.max(0, to - from) * price;
    from = to;
  }
  return usd;
}
