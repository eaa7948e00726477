import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { WrongConfiguration } from '../configuration';
import ASSUMED_PRICES from './prices.json';

const usd = z.number().min(0);

/** Of each unit, or by the tiers into which the units of one account, region and month fall; the last has no end. */
const amount = z.union([
  z.strictObject({ usd, per: z.string().optional(), source: z.string().optional() }),
  z.strictObject({
    tiers: z.array(z.strictObject({ upTo: z.number().positive().optional(), usd })).min(1),
    per: z.string().optional(),
    source: z.string().optional(),
  }),
]);

/** What a user knows better: prices by the names of `prices.json`, or of types that are not in it. */
const ownPrices = z.strictObject({
  asOf: z.string().min(1),
  awsRegion: z.string().min(1),
  prices: z.record(z.string(), amount),
});

type Amount = z.infer<typeof amount>;
export type Price = Amount & { readonly per: string; readonly source: string };

export interface Prices {
  readonly byName: Readonly<Record<string, Price>>;
  /** When and where the prices hold, and what to keep in mind. */
  readonly asOf: string;
  readonly awsRegion: string;
  readonly note: string;
  /** Those that a file of the user's puts in the place of the assumed ones. */
  readonly own?: { readonly file: string; readonly asOf: string; readonly awsRegion: string; readonly names: string[] };
}

/**
 * The prices that are assumed, but for those that a file says.
 *
 * @param file JSON: `asOf`, `awsRegion` and, by name, `prices`
 * @throws WrongConfiguration if the file holds something else
 */
export function readPrices(file?: string): Prices {
  const { asOf, awsRegion, note } = ASSUMED_PRICES;
  const assumed: Prices = { byName: ASSUMED_PRICES.prices, asOf, awsRegion, note };
  return file === undefined ? assumed : corrected(assumed, file);
}

function corrected(assumed: Prices, file: string): Prices {
  const { prices, ...when } = readOwn(file);
  const own = Object.entries(prices).map(([name, { per, source, ...price }]): [string, Price] => [
    name,
    { ...price, per: per ?? assumed.byName[name]?.per ?? 'unit', source: source ?? file },
  ]);
  return {
    ...assumed,
    byName: { ...assumed.byName, ...Object.fromEntries(own) },
    own: { file, ...when, names: Object.keys(prices) },
  };
}

function readOwn(file: string): z.infer<typeof ownPrices> {
  const parsed = ownPrices.safeParse(parse(file));
  if (parsed.success) return parsed.data;
  throw wrongPrices(
    file,
    parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`),
  );
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrongPrices(file, [(error as Error).message]);
  }
}

function wrongPrices(file: string, reasons: readonly string[]): WrongConfiguration {
  return new WrongConfiguration(`The prices of ${file} can't be used`, reasons);
}

/** What so many units cost. */
export function usdOf(price: Amount, quantity: number): number {
  if ('usd' in price) return quantity * price.usd;
  let from = 0;
  let total = 0;
  for (const { upTo, usd: each } of price.tiers) {
    const to = Math.min(quantity, upTo ?? Number.POSITIVE_INFINITY);
    total += Math.max(0, to - from) * each;
    from = to;
  }
  return total;
}
