import type { Plan } from '.';

/** Stacks as people meet them, and the parts of a plan whose costs they are. */
const ROWS: readonly (readonly [stacks: string, parts: readonly string[]])[] = [
  ['database-*', ['databases']],
  ['cache', ['caches']],
  ['search', ['search domain order', 'search domain standby', 'search domain marketing']],
  ['network, peering', ['network']],
  ['functions, api', ['requests']],
  ['topics, queues', ['events']],
  ['arbiter', ['arbiter']],
  ['keys, secrets, operations, levels, backup, the firewalls of api', ['standing']],
];

/**
 * What stages cost, as the document of the deployment tells it: sums by stack, and what an internal entry would change.
 *
 * @throws Error if a part that costs something belongs to no stack
 */
export function costsText(plans: readonly Plan[]): string {
  const rows = ROWS.map(([stacks, parts]) => row(stacks, plans, (plan) => sumOf(plan, parts)));
  for (const plan of plans) assertNamed(plan);
  return [
    `| Stacks | ${plans.map(({ stage }) => `\`${stage}\`, USD a month`).join(' | ')} |`,
    `|${'---|'.repeat(plans.length + 1)}`,
    ...rows,
    row('together', plans, ({ totalUsd }) => totalUsd),
    ...plans.flatMap(withEntry),
  ].join('\n');
}

function row(name: string, plans: readonly Plan[], usdOf: (plan: Plan) => number): string {
  return `| ${name} | ${plans.map((plan) => usd(usdOf(plan))).join(' | ')} |`;
}

function sumOf({ costs }: Plan, parts: readonly string[]): number {
  return costs.reduce((sum, cost) => sum + (parts.includes(cost.part) ? (cost.usd ?? 0) : 0), 0);
}

function assertNamed({ costs }: Plan): void {
  const named = new Set(ROWS.flatMap(([, parts]) => parts));
  const unnamed = costs.filter(({ part }) => !named.has(part)).map(({ part }) => part);
  if (unnamed.length > 0) throw new Error(`no stack is named for what costs something: ${unnamed.join(', ')}`);
}

function withEntry({ stage, load, withInternalEntry }: Plan): string[] {
  if (withInternalEntry === undefined) return [];
  const { totalUsd, entryUsd } = withInternalEntry;
  return [
    '',
    `\`${stage}\` names ${load.internal * 100} % of its requests as [internal](#callers-inside-the-company), and has no entry for them yet;`,
    `with one it would be ${usd(totalUsd)} USD, ${usd(entryUsd)} of them for the entry.`,
  ];
}

function usd(amount: number): string {
  return amount.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

const BEGIN = '<!-- costs: written by npm run costs -->';
const END = '<!-- end of costs -->';

/** @throws Error if the document has no place for costs */
export function replaceCosts(document: string, text: string): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END, from);
  if (from === -1 || to === -1) throw new Error(`the document has no ${BEGIN} followed by ${END}`);
  return `${document.slice(0, from + BEGIN.length)}\n\n${text}\n\n${document.slice(to)}`;
}
