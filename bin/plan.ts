/** `npm run plan -- [stage or file] [--prices <file>] [--json]`: what a stage would create, whether it fits its load, what it would cost. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readStage, WrongConfiguration } from '../lib/configuration';
import { planOf, printPlan, readPrices } from '../lib/plan';

const USAGE = 'Usage: npm run plan -- [small | large | <file>] [--prices <file>] [--json]';
const WRONG_USAGE = 2;

function main(): void {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, prices: { type: 'string' } },
  });
  if (positionals.length > 1) throw new TypeError(`One stage at a time: ${positionals.join(', ')}`);
  const { context } = JSON.parse(readFileSync(join(__dirname, '..', 'cdk.json'), 'utf8'));
  const plan = planOf(readStage(positionals[0]), context, readPrices(values.prices));
  console.log(values.json ? JSON.stringify(plan, undefined, 2) : printPlan(plan));
}

try {
  main();
} catch (error) {
  process.exitCode = WRONG_USAGE;
  if (error instanceof WrongConfiguration) console.error(error.message);
  else if (error instanceof TypeError) console.error(`${error.message}\n${USAGE}`);
  else throw error;
}
