import type { Plan } from '.';

type Row = readonly string[];

/** The plan as tables for people. */
export function printPlan(plan: Plan): string {
  const { load, prices } = plan;
  const total = plan.created.reduce((sum, { count }) => sum + count, 0);
  const stacks = new Set(plan.created.map(({ stack }) => stack)).size;
  const unknown = plan.costs.filter(({ usd }) => usd === undefined);
  return [
    `Stage ${plan.stage}: ${number(load.members)} members, ${number(load.peakTps)} requests a second at the peak, ` +
      `${load.averageLoad * 100} % of that on average, ${load.writes * 100} % of them writes`,
    `\nCreated: ${total} resources in ${stacks} stacks`,
    table(['stack', 'resources', 'most of them'], byStack(plan)),
    '\nSizes',
    table(
      ['what', 'needed', 'given', 'unit', '', 'reckoned by'],
      plan.sizes.map((size) => [
        size.what,
        number(size.needed),
        typeof size.given === 'number' ? number(size.given) : (size.given ?? '?'),
        size.unit,
        size.verdict,
        size.reckoning,
      ]),
    ),
    `Each index of a search domain should have ${plan.searchShards} primary shards at this load (lambdas/search/indices.ts).`,
    `\nA month, in USD, at ${pricesOf(plan)}`,
    table(
      ['part', 'what', 'quantity', 'unit', 'USD'],
      plan.costs.map(({ part, what, quantity, unit, usd }) => [
        part,
        what,
        number(quantity),
        unit,
        usd === undefined ? '?' : number(usd),
      ]),
    ),
    `Together about ${number(plan.totalUsd)} USD a month${unknown.length > 0 ? ', without what stands as ?' : ''}.`,
    ...withEntry(plan),
    prices.note,
    ...plan.unusedPrices.map((name) => `Nothing is charged by your price ${name}.`),
    'Yours take their place by --prices <file> (docs/deploy.md#what-it-costs); the names stand in lib/plan/prices.json.',
    'What else is assumed, such as sizes and shares, stands in lib/plan/assumptions.ts.',
  ].join('\n');
}

function withEntry({ withInternalEntry, load }: Plan): string[] {
  if (withInternalEntry === undefined) return [];
  const { entryUsd, totalUsd } = withInternalEntry;
  return [
    `With an internal entry (internalEntry) for ${load.internal * 100} % of the requests about ${number(totalUsd)} USD, ${number(entryUsd)} of them for the entry.`,
  ];
}

function pricesOf({ prices }: Plan): string {
  const { asOf, awsRegion, own } = prices;
  const assumed = `prices that are assumed, as of ${asOf} in ${awsRegion}`;
  if (own === undefined) return assumed;
  return `${assumed}, and ${own.names.length} of ${own.file}, as of ${own.asOf} in ${own.awsRegion}`;
}

const MOST_TYPES = 4;

function byStack({ created }: Plan): Row[] {
  const stacks = [...new Set(created.map(({ stack }) => stack))];
  return stacks.map((stack) => {
    const own = created.filter((one) => one.stack === stack).sort((a, b) => b.count - a.count);
    const most = own.slice(0, MOST_TYPES).map(({ type, count }) => `${count} ${type.replace('AWS::', '')}`);
    return [stack, String(own.reduce((sum, { count }) => sum + count, 0)), most.join(', ')];
  });
}

function number(value: number): string {
  const digits = value >= 100 || Number.isInteger(value) ? 0 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

function table(head: Row, rows: readonly Row[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const isNumber = (text: string) => /^[\d,.?-]+$/.test(text);
  const line = (row: Row) =>
    row
      .map((cell, column) => (isNumber(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
