import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface FuzzOptions {
  /** For all requests of the fuzzer together; starting and stopping the system comes on top. */
  readonly budgetMs: number;
  readonly seed: number;
}

const DEFAULT_BUDGET_MIN = 6;
const MS_PER_MIN = 60_000;
const SEEDS = 2 ** 31;

export const USAGE = `npm run test:fuzz -- [options]

Starts a whole system of its own, and lets schemathesis call the API of both regions, in each traffic class, by what
/openapi.json says of it. Fails on any answer that the document does not describe.

  --budget MINUTES   for how long requests are made (default ${DEFAULT_BUDGET_MIN})
  --seed N           makes the requests of an earlier run again; without it, one is drawn and printed
`;

/** The options are not as they should be; its message says how they should. */
export class UsageError extends Error {}

/** @throws UsageError */
export function readOptions(words: readonly string[]): FuzzOptions | 'help' {
  const { values } = parsed(words);
  if (values.help) return 'help';
  const budgetMin = numberOf('budget', values.budget ?? String(DEFAULT_BUDGET_MIN));
  if (budgetMin <= 0) throw new UsageError('--budget must be more than 0 minutes.');
  const seed = values.seed === undefined ? randomInt(SEEDS) : numberOf('seed', values.seed);
  if (!Number.isInteger(seed)) throw new UsageError('--seed must be a whole number.');
  return { budgetMs: budgetMin * MS_PER_MIN, seed };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: { budget: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(name: string, text: string): number {
  if (/^\d{1,10}(\.\d{1,3})?$/.test(text)) return Number(text);
  throw new UsageError(`--${name} must be a number, not ${text}.`);
}
